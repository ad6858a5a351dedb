from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0002_audit"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["actor_id", "at"], name="audit_of_an_actor"),
        ),
    ]
