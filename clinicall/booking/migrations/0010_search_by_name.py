from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0009_who_looked_at_a_nic"),
        ("core", "0001_clock_and_extensions"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="appointment",
            index=GinIndex(
                OpClass(Upper("first_name"), name="gin_trgm_ops"), name="appointments_by_first_name"
            ),
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=GinIndex(
                OpClass(Upper("last_name"), name="gin_trgm_ops"), name="appointments_by_last_name"
            ),
        ),
    ]
