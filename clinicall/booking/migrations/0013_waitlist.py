import django.db.models.deletion
from django.db import migrations, models

import clinicall.booking.states


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0012_messages"),
        ("payments", "0004_ended_by_hand"),
        ("people", "0003_what_people_are_told"),
        ("schedule", "0002_usual_week"),
    ]

    operations = [
        migrations.CreateModel(
            name="WaitlistEntry",
            fields=[
                (
                    "appointment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="waitlist_entry",
                        serialize=False,
                        to="booking.appointment",
                    ),
                ),
                ("since", models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="appointment",
            name="a_hold_takes_one_of_two_places",
        ),
        migrations.AddField(
            model_name="appointment",
            name="offer_for",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="offers",
                to="booking.appointment",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("hold_place__in", (1, 2)),
                        ("hold_place__isnull", False),
                        ("offer_for", None),
                        ("status", clinicall.booking.states.Status["PENDING"]),
                    ),
                    models.Q(
                        models.Q(
                            models.Q(
                                ("status", clinicall.booking.states.Status["PENDING"]),
                                _negated=True,
                            ),
                            ("offer_for__isnull", False),
                            _connector="OR",
                        ),
                        ("hold_place", None),
                    ),
                    _connector="OR",
                ),
                name="a_hold_takes_one_of_two_places",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", clinicall.booking.states.Status["PENDING"])),
                fields=("offer_for",),
                name="a_visit_has_one_offer_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("offer_for", None),
                    models.Q(
                        ("payment", None),
                        (
                            "status__in",
                            (
                                clinicall.booking.states.Status["PENDING"],
                                clinicall.booking.states.Status["CANCELLED"],
                            ),
                        ),
                    ),
                    _connector="OR",
                ),
                name="an_offer_is_never_a_visit",
            ),
        ),
    ]
