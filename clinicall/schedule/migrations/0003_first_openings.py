import django.db.models.deletion
from django.db import migrations, models

# Each doctor's first slot is before all their open ones; a job finds the nearest bound.
OF_ALL = """
insert into schedule_firstopening (doctor_id, not_before)
select doctor_id, min(starts_at) from schedule_slot group by doctor_id
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0005_search_by_name"), ("schedule", "0002_usual_week")]
    operations = [
        migrations.CreateModel(
            name="FirstOpening",
            fields=[
                (
                    "doctor",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        serialize=False,
                        to="people.doctor",
                    ),
                ),
                ("not_before", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["not_before"], name="doctors_by_first_opening")],
            },
        ),
        migrations.RunSQL(OF_ALL, migrations.RunSQL.noop),
    ]
