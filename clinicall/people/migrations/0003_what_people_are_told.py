from datetime import time

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_doctors_states_and_guests"),
    ]

    operations = [
        migrations.AddField(
            model_name="clinic",
            name="quiet_from",
            field=models.TimeField(db_default=time(21, 0), default=time(21, 0)),
        ),
        migrations.AddField(
            model_name="clinic",
            name="quiet_until",
            field=models.TimeField(db_default=time(8, 0), default=time(8, 0)),
        ),
        migrations.AddField(
            model_name="clinic",
            name="remind_day_before",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            model_name="clinic",
            name="remind_hour_before",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            model_name="patient",
            name="remind_day_before",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            model_name="patient",
            name="remind_hour_before",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            model_name="patient",
            name="texts",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            model_name="user",
            name="language",
            field=models.CharField(blank=True, db_default="", default="", max_length=10),
        ),
    ]
