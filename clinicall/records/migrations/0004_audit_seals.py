from django.db import migrations, models

REFUSE = """
create trigger the_seals_are_only_added_to before update or delete on records_auditseal
  for each row execute function records_audit_is_only_added();
"""
REFUSE_NO_MORE = "drop trigger the_seals_are_only_added_to on records_auditseal"


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0003_one_look"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditSeal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("first_entry", models.BigIntegerField()),
                ("last_entry", models.BigIntegerField(unique=True)),
                ("count", models.PositiveIntegerField()),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("previous", models.CharField(blank=True, max_length=64, unique=True)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.RunSQL(REFUSE, REFUSE_NO_MORE),
    ]
