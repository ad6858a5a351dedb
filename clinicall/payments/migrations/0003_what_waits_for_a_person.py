from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0002_what_providers_say"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(
                condition=models.Q(("trouble", ""), _negated=True),
                fields=["created_at"],
                name="payments_in_trouble",
            ),
        ),
        migrations.AddIndex(
            model_name="payment",
            index=models.Index(
                condition=models.Q(("alerted_at__isnull", False)),
                fields=["created_at"],
                name="payments_told_to_a_person",
            ),
        ),
        migrations.AddIndex(
            model_name="refund",
            index=models.Index(
                condition=models.Q(("state", "needs_human")),
                fields=["created_at"],
                name="refunds_for_a_person",
            ),
        ),
    ]
