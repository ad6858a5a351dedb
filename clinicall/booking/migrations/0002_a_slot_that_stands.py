from django.db import migrations

# Django's own foreign keys wait for the commit; this one answers at once, so that a hold meets a
# withdrawal of its slot where it can still be refused by name.
ADD = """
alter table booking_appointment add constraint an_appointment_is_for_a_slot_that_stands
foreign key (slot_id) references schedule_slot (id) not deferrable
"""
DROP = "alter table booking_appointment drop constraint an_appointment_is_for_a_slot_that_stands"


class Migration(migrations.Migration):
    dependencies = [("booking", "0001_tables")]
    operations = [migrations.RunSQL(ADD, DROP)]
