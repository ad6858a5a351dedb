from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from clinicall.records.sealed import blind_index, unseal


def index(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    appointments = apps.get_model("booking", "Appointment")
    for appointment in appointments.objects.only("phone_sealed").iterator():
        place = f"booking_appointment:{appointment.pk}:phone"
        phone = unseal(appointment.phone_sealed, place=place)
        found = appointments.objects.filter(pk=appointment.pk)
        found.update(phone_index=blind_index(phone, field="phone"))


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0006_media_secret"),
        ("payments", "0004_ended_by_hand"),
        ("people", "0002_doctors_states_and_guests"),
        ("schedule", "0002_usual_week"),
    ]

    operations = [
        migrations.AddField(
            model_name="appointment",
            name="phone_index",
            field=models.CharField(blank=True, db_default="", default="", max_length=32),
        ),
        migrations.RunPython(index, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(
                condition=models.Q(("phone_index", ""), _negated=True),
                fields=["phone_index"],
                name="appointments_by_phone",
            ),
        ),
    ]
