from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0005_search_by_name")]
    operations = [
        migrations.AddConstraint(
            model_name="doctor",
            constraint=models.UniqueConstraint(
                fields=["user", "specialization", "active"], name="a_doctor_as_they_are_searched"
            ),
        ),
    ]
