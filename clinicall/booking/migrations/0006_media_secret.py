from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0005_visits_to_be_closed"),
    ]

    operations = [
        migrations.AddField(
            model_name="appointment",
            name="media_secret_sealed",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
    ]
