import django.db.models.deletion
from django.db import migrations, models

THE_DOCTORS = """
update schedule_firstopening f set specialization_id = d.specialization_id, active = d.active
from people_doctor d where d.user_id = f.doctor_id;
set constraints all immediate;
alter table schedule_firstopening alter column specialization_id set not null,
  alter column active set not null
"""
# Whatever a doctor becomes, their opening has it too.
FOLLOWS = """
alter table schedule_firstopening add constraint an_opening_is_of_its_doctor_as_they_are
foreign key (doctor_id, specialization_id, active)
references people_doctor (user_id, specialization_id, active)
on update cascade deferrable initially deferred
"""
NO_MORE = """
alter table schedule_firstopening drop constraint an_opening_is_of_its_doctor_as_they_are
"""
TO_BE_FOUND = models.Q(active=True, not_before__isnull=False)


def specialization(*, null: bool) -> "models.ForeignKey[object, object]":
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        null=null,
        on_delete=django.db.models.deletion.DO_NOTHING,
        to="people.specialization",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0006_as_they_are_searched"),
        ("schedule", "0003_first_openings"),
    ]
    operations = [
        migrations.RemoveIndex(model_name="firstopening", name="doctors_by_first_opening"),
        migrations.AddField("firstopening", "specialization", specialization(null=True)),
        migrations.AddField("firstopening", "active", models.BooleanField(null=True)),
        migrations.RunSQL(
            THE_DOCTORS,
            migrations.RunSQL.noop,
            [
                migrations.AlterField("firstopening", "specialization", specialization(null=False)),
                migrations.AlterField("firstopening", "active", models.BooleanField()),
            ],
        ),
        migrations.RunSQL(FOLLOWS, NO_MORE),
        migrations.AddIndex(
            model_name="firstopening",
            index=models.Index(
                fields=["not_before", "doctor"], condition=TO_BE_FOUND, name="doctors_by_opening"
            ),
        ),
        migrations.AddIndex(
            model_name="firstopening",
            index=models.Index(
                fields=["specialization", "not_before", "doctor"],
                condition=TO_BE_FOUND,
                name="specialists_by_opening",
            ),
        ),
    ]
