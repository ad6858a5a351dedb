"""A doctor's day: who comes when and why, the way into the call, and how each visit went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from clinicall.booking import ending
from clinicall.booking.ending import MARK_WITHIN, UNDO_WITHIN
from clinicall.booking.models import Appointment, ended, room_closed
from clinicall.booking.noting import note_on
from clinicall.booking.openings import day_bounds
from clinicall.booking.states import Outcome, Status
from clinicall.consultation import running_late
from clinicall.consultation.attending import agenda_ticket_for
from clinicall.consultation.device_check import checks_with_troubles, troubles_in
from clinicall.consultation.models import DeviceCheck, Side
from clinicall.consultation.who_came import who_came
from clinicall.core import clock
from clinicall.core.refusals import Refusal
from clinicall.people.models import Doctor, User
from clinicall.people.sessions import name_in
from clinicall.records.models import Action
from clinicall.web.doctor.doctors_only import day_in, doctors_only
from clinicall.web.signed_in import SignedInRequest
from clinicall.web.standing import Standing
from clinicall.web.templatetags.times import time_element
from clinicall.web.templatetags.words import minutes_in_words

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Visit(Standing):
    """An appointment as its doctor sees it."""

    # The patient's last device check, if something was not right in it.
    device_check: DeviceCheck | None = None

    @property
    def chip(self) -> str:
        stayed_away = self.appointment.outcome == Outcome.NO_SHOW_PATIENT
        return _("Patient did not come") if stayed_away else super().chip

    @property
    def is_on(self) -> bool:
        """Its time has come, and it is not over."""
        return self.may_join and self.now < self.appointment.expected_end_at

    @property
    def may_be_marked(self) -> bool:
        a = self.appointment
        return self.status == Status.CONFIRMED and a.starts_at <= self.now < a.ends_at + MARK_WITHIN

    @property
    def is_asked_about(self) -> bool:
        """Its room has closed, and nobody has marked it."""
        return self.may_be_marked and self.is_over

    @property
    def mark_until(self) -> datetime:
        return self.appointment.ends_at + MARK_WITHIN

    @property
    def doctor_seen(self) -> SafeString:
        return self._seen(Side.DOCTOR)

    @property
    def patient_seen(self) -> SafeString:
        return self._seen(Side.PATIENT)

    def _seen(self, side: Side) -> SafeString:
        """`from 10:00am to 10:05am and from 10:07am to 10:15am`, in the doctor's zone; empty if never."""
        told = [
            format_html(
                _("from {since} to {until}"),
                since=time_element(span.since, "time", self.doctor_zone),
                until=time_element(span.until, "time", self.doctor_zone),
            )
            for span in (self.came.spans(side) if self.came else [])
        ]
        if len(told) < 2:
            return told[0] if told else SafeString()
        listed = format_html_join(", ", "{}", ((one,) for one in told[:-1]))
        return format_html(_("{times} and {last}"), times=listed, last=told[-1])

    @property
    def device_troubles(self) -> list[str]:
        """What the patient's devices lack for a visit that is still to come or is on."""
        is_to_come = self.status == Status.CONFIRMED and not self.is_over
        return troubles_in(self.device_check) if self.device_check and is_to_come else []

    @property
    def undo_until(self) -> datetime | None:
        """Until when the marking can be taken back; None once it cannot."""
        a = self.appointment
        if self.status != Status.COMPLETED or a.ended_at is None:
            return None
        until = min(a.ended_at + UNDO_WITHIN, a.closes_at)
        return until if self.now < until else None


@dataclass(frozen=True)
class Lateness:
    """What the doctor may say of the visits of today that they have not begun, and has said."""

    doctor: Doctor
    now: datetime

    @cached_property
    def visits(self) -> list[Appointment]:
        return list(running_late.still_to_begin(self.doctor, now=self.now))

    @property
    def said(self) -> int:
        """In minutes; 0 is on time."""
        return max((visit.delay_minutes for visit in self.visits), default=0)

    @property
    def choices(self) -> tuple[int, ...]:
        return running_late.CHOICES


@require_safe
@doctors_only
def agenda(request: SignedInRequest, doctor: Doctor) -> HttpResponse:
    """One day of the doctor's, `?date=2026-11-25`, else today; all in the doctor's own zone."""
    now = clock.now()
    zone = ZoneInfo(doctor.timezone)
    today = now.astimezone(zone).date()
    day = day_in(request.GET.get("date", "")) or today
    start, end = day_bounds(day, day, zone)
    mine = Appointment.objects.visible_to(request.user).select_related("doctor__specialization")
    of_the_day = list(mine.filter(starts_at__gte=start, starts_at__lt=end).order_by("starts_at"))
    confirmed = mine.filter(status=Status.CONFIRMED).order_by("starts_at")
    coming = confirmed.exclude(ended(now)).first()
    asked_about = confirmed.filter(room_closed(now), ends_at__gt=now - MARK_WITHIN)
    unmarked = list(asked_about) if day == today else []
    shown = [*of_the_day, *unmarked, *([coming] if coming else [])]
    note_on(Action.LISTED, "agenda", *shown, by=request.user)
    visit = _visits_of(request.user, shown, now=now)
    context = {
        "doctor": doctor,
        "doctor_zone": zone,
        "day": day,
        "today": today,
        "yesterday": day - A_DAY,
        "tomorrow": day + A_DAY,
        "start": start,
        "visits": [visit[one.pk] for one in of_the_day],
        "next_visit": visit[coming.pk] if coming and day == today else None,
        "next_is_today": coming is not None and coming.starts_at < end,
        "unmarked": [visit[one.pk] for one in unmarked],
        "lateness": Lateness(doctor, now) if day == today else None,
        "now": now,
        "ticket": agenda_ticket_for(doctor.pk, name_in(request)),
    }
    return render(request, "doctor/agenda.html", context)


def _visits_of(doctor: User, shown: Sequence[Appointment], *, now: datetime) -> dict[UUID, Visit]:
    """By appointment, with who came to each and whose devices are in trouble."""
    came = who_came([one.pk for one in shown], now=now)
    checks = checks_with_troubles({one.patient_id for one in shown}, now=now)
    return {
        one.pk: Visit(one, doctor, now, came[one.pk], checks.get(one.patient_id)) for one in shown
    }


@require_POST
@doctors_only
def say_late(request: SignedInRequest, doctor: Doctor) -> HttpResponse:
    """By how many minutes the doctor is late, `minutes=20`; 0 is on time after all."""
    said = {str(minutes): minutes for minutes in (0, *running_late.CHOICES)}
    minutes = said.get(request.POST.get("minutes", ""))
    if minutes is None:
        raise BadRequest
    told = len(running_late.say(doctor, minutes))
    facts = {"late": minutes_in_words(minutes), "count": told} if minutes else {"count": told}
    if not told:
        messages.info(request, _("Nothing was changed: whoever is still to come knows it already."))
    elif minutes:
        messages.success(
            request,
            ngettext(
                "You are about %(late)s late. %(count)d patient is told in a minute.",
                "You are about %(late)s late. %(count)d patients are told in a minute.",
                told,
            )
            % facts,
        )
    else:
        messages.success(
            request, _("You are on time after all. Who had been told otherwise is told so.")
        )
    return redirect("agenda")


@require_POST
@doctors_only
def complete(request: SignedInRequest, doctor: Doctor, appointment_id: UUID) -> HttpResponse:
    """How the visit went, in the doctor's word: `outcome=attended` or `outcome=no_show_patient`."""
    found = get_object_or_404(Appointment.objects.visible_to(request.user), pk=appointment_id)
    try:
        outcome = Outcome(request.POST.get("outcome", ""))
    except ValueError as error:
        raise BadRequest from error
    try:
        ending.complete(appointment_id, outcome, by=request.user)
    except Refusal as refusal:
        messages.error(request, _nothing_changed(refusal))
    else:
        attended = outcome is Outcome.ATTENDED
        messages.success(
            request,
            _("The visit is completed.") if attended else _("Noted that the patient did not come."),
        )
    return _back_to_the_day_of(found, doctor)


@require_POST
@doctors_only
def reopen(request: SignedInRequest, doctor: Doctor, appointment_id: UUID) -> HttpResponse:
    """Take the marking back."""
    found = get_object_or_404(Appointment.objects.visible_to(request.user), pk=appointment_id)
    try:
        ending.reopen(appointment_id, by=request.user)
    except Refusal as refusal:
        messages.error(request, _nothing_changed(refusal))
    else:
        messages.success(request, _("Undone: the visit is confirmed again."))
    return _back_to_the_day_of(found, doctor)


def _nothing_changed(refusal: Refusal) -> str:
    return _("%(why)s. Nothing was changed.") % {"why": refusal.detail.rstrip(".")}


def _back_to_the_day_of(appointment: Appointment, doctor: Doctor) -> HttpResponse:
    day = appointment.starts_at.astimezone(ZoneInfo(doctor.timezone)).date()
    return redirect(f"{reverse('agenda')}?date={day}")
