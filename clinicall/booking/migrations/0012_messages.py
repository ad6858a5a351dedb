import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import clinicall.booking.states


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0011_a_place_is_one_of_two"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="appointment",
            name="delay_minutes",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            (
                                clinicall.booking.states.Kind["CONFIRMED"],
                                clinicall.booking.states.Kind["CONFIRMED"],
                            ),
                            (
                                clinicall.booking.states.Kind["MOVED"],
                                clinicall.booking.states.Kind["MOVED"],
                            ),
                            (
                                clinicall.booking.states.Kind["CANCELLED"],
                                clinicall.booking.states.Kind["CANCELLED"],
                            ),
                            (
                                clinicall.booking.states.Kind["MONEY_BACK"],
                                clinicall.booking.states.Kind["MONEY_BACK"],
                            ),
                            (
                                clinicall.booking.states.Kind["REMINDER_DAY"],
                                clinicall.booking.states.Kind["REMINDER_DAY"],
                            ),
                            (
                                clinicall.booking.states.Kind["REMINDER_HOUR"],
                                clinicall.booking.states.Kind["REMINDER_HOUR"],
                            ),
                            (
                                clinicall.booking.states.Kind["DEVICE_CHECK"],
                                clinicall.booking.states.Kind["DEVICE_CHECK"],
                            ),
                            (
                                clinicall.booking.states.Kind["RUNNING_LATE"],
                                clinicall.booking.states.Kind["RUNNING_LATE"],
                            ),
                            (
                                clinicall.booking.states.Kind["PATIENT_WAITING"],
                                clinicall.booking.states.Kind["PATIENT_WAITING"],
                            ),
                            (
                                clinicall.booking.states.Kind["DAY_LIST"],
                                clinicall.booking.states.Kind["DAY_LIST"],
                            ),
                            (
                                clinicall.booking.states.Kind["EARLIER_TIME"],
                                clinicall.booking.states.Kind["EARLIER_TIME"],
                            ),
                        ],
                        max_length=15,
                    ),
                ),
                (
                    "channel",
                    models.CharField(choices=[("mail", "Mail"), ("sms", "Sms")], max_length=4),
                ),
                ("about", models.DateTimeField()),
                ("facts", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("sent", "Sent"),
                            ("dropped", "Dropped"),
                            ("failed", "Failed"),
                        ],
                        default="waiting",
                        max_length=7,
                    ),
                ),
                ("written_at", models.DateTimeField()),
                ("next_try_at", models.DateTimeField(null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("trouble", models.CharField(blank=True, max_length=60)),
                ("sent_at", models.DateTimeField(null=True)),
                (
                    "appointment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to="booking.appointment",
                    ),
                ),
                (
                    "to",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["next_try_at"],
                        name="messages_to_send",
                    ),
                    models.Index(
                        condition=models.Q(("state", "failed")),
                        fields=["written_at"],
                        name="messages_that_failed",
                    ),
                    models.Index(fields=["written_at"], name="messages_by_age"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                (
                                    clinicall.booking.states.Kind["REMINDER_DAY"],
                                    clinicall.booking.states.Kind["REMINDER_HOUR"],
                                    clinicall.booking.states.Kind["DEVICE_CHECK"],
                                    clinicall.booking.states.Kind["PATIENT_WAITING"],
                                    clinicall.booking.states.Kind["DAY_LIST"],
                                ),
                            )
                        ),
                        fields=("appointment", "kind", "channel", "to", "about"),
                        name="the_clock_tells_a_thing_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    clinicall.booking.states.Kind["CONFIRMED"],
                                    clinicall.booking.states.Kind["MOVED"],
                                    clinicall.booking.states.Kind["CANCELLED"],
                                    clinicall.booking.states.Kind["MONEY_BACK"],
                                    clinicall.booking.states.Kind["REMINDER_DAY"],
                                    clinicall.booking.states.Kind["REMINDER_HOUR"],
                                    clinicall.booking.states.Kind["DEVICE_CHECK"],
                                    clinicall.booking.states.Kind["RUNNING_LATE"],
                                    clinicall.booking.states.Kind["PATIENT_WAITING"],
                                    clinicall.booking.states.Kind["DAY_LIST"],
                                    clinicall.booking.states.Kind["EARLIER_TIME"],
                                ],
                            ),
                            ("channel__in", ["mail", "sms"]),
                            ("state__in", ["waiting", "sent", "dropped", "failed"]),
                        ),
                        name="a_message_says_what_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("next_try_at__isnull", False),
                                ("sent_at", None),
                                ("state", "waiting"),
                            ),
                            models.Q(
                                ("next_try_at", None), ("sent_at__isnull", False), ("state", "sent")
                            ),
                            models.Q(
                                ("next_try_at", None),
                                ("sent_at", None),
                                ("state__in", ("dropped", "failed")),
                            ),
                            _connector="OR",
                        ),
                        name="a_message_waits_until_it_is_sent_or_given_up",
                    ),
                ],
            },
        ),
    ]
