from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_tables"),
    ]

    operations = [
        migrations.AddField(
            model_name="doctor",
            name="licence",
            field=models.CharField(blank=True, db_default="", default="", max_length=60),
        ),
        migrations.AddField(
            model_name="doctor",
            name="state",
            field=models.CharField(
                choices=[
                    ("applied", "Applied"),
                    ("active", "Active"),
                    ("suspended", "Suspended"),
                    ("leaving", "Leaving"),
                    ("left", "Left"),
                ],
                db_default="active",
                default="active",
                max_length=9,
            ),
        ),
        migrations.AddField(
            model_name="patient",
            name="guest",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunSQL(
            "update people_doctor set state = 'suspended' where not active", migrations.RunSQL.noop
        ),
        migrations.RemoveField(model_name="doctor", name="active"),
        migrations.AddField(
            model_name="doctor",
            name="active",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.ExpressionWrapper(
                    models.Q(("state", "active")), output_field=models.BooleanField()
                ),
                output_field=models.BooleanField(),
            ),
        ),
        migrations.AddConstraint(
            model_name="doctor",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["applied", "active", "suspended", "leaving", "left"])
                ),
                name="a_doctor_has_one_of_the_states",
            ),
        ),
    ]
