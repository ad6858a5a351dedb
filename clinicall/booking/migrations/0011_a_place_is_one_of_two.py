from django.db import migrations, models

import clinicall.booking.states


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0010_search_by_name"),
        ("payments", "0004_ended_by_hand"),
        ("people", "0002_doctors_states_and_guests"),
        ("schedule", "0002_usual_week"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="appointment",
            name="a_hold_takes_one_of_two_places",
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("hold_place__in", (1, 2)),
                        ("hold_place__isnull", False),
                        ("status", clinicall.booking.states.Status["PENDING"]),
                    ),
                    models.Q(
                        models.Q(
                            ("status", clinicall.booking.states.Status["PENDING"]), _negated=True
                        ),
                        ("hold_place", None),
                    ),
                    _connector="OR",
                ),
                name="a_hold_takes_one_of_two_places",
            ),
        ),
    ]
