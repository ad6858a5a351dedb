from django.apps.registry import Apps
from django.contrib.postgres.indexes import GinIndex
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

import clinicall.people.models


def fold(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    doctors = apps.get_model("people", "Doctor").objects
    doctors.bulk_update(doctors.only("name"), ["name_folded"], batch_size=1000)


class Migration(migrations.Migration):
    dependencies = [("people", "0004_calendar_feed")]
    operations = [
        migrations.AddField(
            model_name="doctor",
            name="name_folded",
            field=clinicall.people.models.FoldedName(default="", editable=False),
            preserve_default=False,
        ),
        migrations.RunPython(fold, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="doctor",
            index=GinIndex(
                fields=["name_folded"], name="doctors_by_name", opclasses=["gin_trgm_ops"]
            ),
        ),
    ]
