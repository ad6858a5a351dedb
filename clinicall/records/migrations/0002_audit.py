import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

# Whoever can write to the database through us cannot rewrite what was done.
REFUSE = """
create function records_audit_is_only_added() returns trigger language plpgsql as $$
begin
  raise exception 'the audit is only ever added to';
end $$;
create trigger the_audit_is_only_added_to before update or delete on records_auditentry
  for each row execute function records_audit_is_only_added();
"""
REFUSE_NO_MORE = """
drop trigger the_audit_is_only_added_to on records_auditentry;
drop function records_audit_is_only_added();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("actor_id", models.UUIDField(null=True)),
                ("actor_role", models.CharField(max_length=10)),
                (
                    "action",
                    models.CharField(
                        choices=[
                            ("viewed", "Viewed"),
                            ("listed", "Listed"),
                            ("revealed", "Revealed"),
                            ("changed", "Changed"),
                            ("exported", "Exported"),
                            ("erased", "Erased"),
                        ],
                        max_length=8,
                    ),
                ),
                ("what", models.CharField(max_length=40)),
                (
                    "subjects",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), size=None
                    ),
                ),
                (
                    "objects_seen",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), default=list, size=None
                    ),
                ),
                ("request_id", models.CharField(blank=True, max_length=36)),
            ],
            options={
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["subjects"], name="audit_of_a_person"
                    ),
                    models.Index(fields=["at"], name="audit_by_time"),
                ],
            },
        ),
        migrations.RunSQL(REFUSE, REFUSE_NO_MORE),
    ]
