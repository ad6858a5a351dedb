"""Closing: a visit whose room has closed without a word from its doctor, by the evidence of who was there."""

from collections import defaultdict
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from clinicall.booking import steps
from clinicall.booking.ending import MARK_WITHIN
from clinicall.booking.models import Appointment, room_closed
from clinicall.booking.states import CancelReason, Outcome, Status
from clinicall.consultation.evidence import Span, Told, Verdict, judge, spans_told
from clinicall.consultation.models import Side
from clinicall.core.clock import now as clinic_now

# Word of the last minutes may come late: a socket that was cut, a provider that tells in batches.
LATE_WORD = timedelta(minutes=2)


def close_visits() -> None:
    """Every visit that is over for good. Safe to run in any number of workers at once."""
    now = clinic_now()
    over = Appointment.objects.filter(room_closed(now - LATE_WORD), status=Status.CONFIRMED)
    for appointment in over.order_by("ends_at").prefetch_related("presence", "notices"):
        unclear = verdict_on(appointment) is Verdict.UNCLEAR
        if not unclear or now >= appointment.ends_at + MARK_WITHIN:
            close(appointment.pk)


@transaction.atomic
def close(appointment_id: UUID) -> None:
    """End this visit as the evidence says; where it says nothing, its doctor has until 24 hours after
    the end, and then it was not held. Changes nothing before its room has closed."""
    # The slot stays: it is in the past, and nobody asks for it.
    appointment = Appointment.objects.select_for_update().get(pk=appointment_id)
    now = clinic_now()
    if appointment.status != Status.CONFIRMED or now < appointment.closes_at + LATE_WORD:
        return
    match verdict_on(appointment):
        case Verdict.ATTENDED:
            _complete(appointment, Outcome.ATTENDED, now)
        case Verdict.NO_SHOW_PATIENT:
            _complete(appointment, Outcome.NO_SHOW_PATIENT, now)
        case Verdict.NO_SHOW_DOCTOR:
            _not_held(appointment, CancelReason.DOCTOR_NO_SHOW, now)
        case Verdict.UNCLEAR if now >= appointment.ends_at + MARK_WITHIN:
            _not_held(appointment, CancelReason.NOT_HELD, now)


def verdict_on(appointment: Appointment) -> Verdict:
    spans: dict[str, list[Span]] = defaultdict(list)
    for presence in appointment.presence.all():
        spans[presence.side].append(Span(presence.since, presence.until))
    words: dict[str, list[Told]] = defaultdict(list)
    for notice in appointment.notices.all():
        word = Told(notice.sequence, notice.at, notice.came, notice.stayed)
        words[notice.side].append(word)
    for side in Side:
        spans[side] += spans_told(words[side])
    # Nobody is missed before the time at which the doctor said to be there.
    return judge(
        spans[Side.DOCTOR],
        spans[Side.PATIENT],
        starts_at=appointment.expected_at,
        ends_at=appointment.expected_end_at,
    )


def _complete(appointment: Appointment, outcome: Outcome, now: datetime) -> None:
    steps.complete(appointment, outcome, actor="clock", now=now)


def _not_held(appointment: Appointment, reason: CancelReason, now: datetime) -> None:
    steps.cancel(appointment, reason, actor="clock", now=now)
    if appointment.payment_id:
        steps.owe_back(appointment.payment_id, appointment.price_amount, now=now)
