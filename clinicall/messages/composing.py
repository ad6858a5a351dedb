"""How a message reads: by how things stand when it is sent, not when it was written.

So a reminder of a visit that was cancelled or moved meanwhile is no message at all.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Sum
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from clinicall.booking.ending import cancel_until
from clinicall.booking.models import Appointment, Channel, Message
from clinicall.booking.openings import day_bounds
from clinicall.booking.states import Kind, Status
from clinicall.consultation.waiting import kept_waiting
from clinicall.core.money import Money
from clinicall.messages.calendar import invite
from clinicall.messages.gsm7 import parts, typewritten
from clinicall.messages.sender import Invite, Letter
from clinicall.payments.models import Payment, Refund
from clinicall.people.models import Clinic, Doctor, Role, User

CHANGES_CALENDARS = (Kind.CONFIRMED, Kind.MOVED, Kind.CANCELLED)
SHORTEST_NAME = 10  # characters of a clinic's name that it is still known by


@dataclass(frozen=True)
class Telling:
    """A message at the instant in which it is sent: what the templates say it with."""

    message: Message
    now: datetime

    @property
    def person(self) -> User:
        return self.message.to

    @property
    def for_doctor(self) -> bool:
        return self.person.role == Role.DOCTOR

    @property
    def appointment(self) -> Appointment:
        assert self.message.appointment is not None  # but of a day's list
        return self.message.appointment

    @property
    def doctor(self) -> Doctor:
        return self.appointment.doctor if self.message.appointment else self.person.doctor

    @property
    def clinic(self) -> Clinic:
        return self.doctor.clinic

    @property
    def status(self) -> Status:
        return self.appointment.status_at(self.now)[0]

    @cached_property
    def zone(self) -> ZoneInfo:
        """The recipient's; until we know it, the doctor's."""
        if self.for_doctor or not self.person.timezone:
            return self.doctor_zone
        return ZoneInfo(self.person.timezone)

    @property
    def doctor_zone(self) -> ZoneInfo:
        return ZoneInfo(self.doctor.timezone)

    @cached_property
    def day(self) -> list[Appointment]:
        """The visits of a day's list, as they stand."""
        visits = Appointment.objects.filter(doctor=self.doctor, status=Status.CONFIRMED)
        of_the_day = visits.filter(starts_at__gte=self.message.about, starts_at__lt=self.day_ends)
        return list(of_the_day.order_by("starts_at"))

    @property
    def day_ends(self) -> datetime:
        day = self.message.about.astimezone(self.doctor_zone).date()
        return day_bounds(day, day, self.doctor_zone)[1]

    @property
    def other_zone(self) -> ZoneInfo | None:
        """The doctor's, where a clock there shows another time than the recipient's."""
        at = self.appointment.starts_at
        same = at.astimezone(self.zone).utcoffset() == at.astimezone(self.doctor_zone).utcoffset()
        return None if same else self.doctor_zone

    @property
    def there(self) -> datetime:
        """The start by the doctor's clock."""
        return self.appointment.starts_at.astimezone(self.doctor_zone)

    @property
    def address(self) -> str:
        """The page behind sign-in; the room is a press away from there."""
        return settings.SITE_URL + reverse("appointment", args=[self.appointment.pk])

    @property
    def short_address(self) -> str:
        """Leads to the same page, for a text to the phone."""
        return settings.SITE_URL + reverse("by_reference", args=[self.appointment.reference])

    @property
    def agenda_address(self) -> str:
        return settings.SITE_URL + reverse("agenda")

    @property
    def other_times(self) -> str:
        return settings.SITE_URL + reverse("doctor", args=[self.doctor.pk])

    @property
    def device_check_address(self) -> str:
        return settings.SITE_URL + reverse("device_check")

    @property
    def cancel_until(self) -> datetime:
        return cancel_until(self.appointment, self.person)

    @property
    def moved_from(self) -> datetime:
        return datetime.fromisoformat(self.message.facts["moved_from"])

    @cached_property
    def offer(self) -> Appointment:
        """The earlier time, held for the patient."""
        return Appointment.objects.get(pk=self.message.facts["offer"])

    @property
    def delay(self) -> int:
        """In minutes, as the doctor said it; 0 is on time after all."""
        return int(self.message.facts["delay"])

    @property
    def expected_at(self) -> datetime | None:
        """When a late doctor is expected; None once that has passed too."""
        a = self.appointment
        stands = self.status == Status.CONFIRMED and a.delay_minutes
        return a.expected_at if stands and self.now < a.expected_at else None

    @property
    def paid_in_vain(self) -> Money:
        return Payment.objects.get(pk=self.message.facts["payment"]).money

    @property
    def given_back(self) -> Money | None:
        """What is or was given back of the price; None where nothing had been paid."""
        if not self.appointment.payment_id:
            return None
        refunds = Refund.objects.filter(payment_id=self.appointment.payment_id)
        amount = refunds.aggregate(amount=Sum("amount"))["amount"] or 0
        return Money(amount, self.appointment.currency)


def letter_for(message: Message, *, now: datetime) -> Letter | None:
    """The mail, in the recipient's language and zone; None where it is no longer true or not wanted."""
    telling = Telling(message, now)
    if not _is_to_be_told(telling):
        return None
    with translation.override(language_of(message.to)), timezone.override(telling.zone):
        whose = "doctor/" if telling.for_doctor else ""
        name = f"messages/{whose}{message.kind}"
        return Letter(
            subject=_rendered(f"{name}_subject.txt", telling),
            body=_rendered(f"{name}.txt", telling) + "\n",
            slip=_rendered(f"messages/{'slip' if message.appointment else 'day'}.txt", telling),
            invite=_invite(telling),
        )


def _invite(telling: Telling) -> Invite | None:
    """For patients, where their calendar has to change. A doctor has a feed."""
    if telling.for_doctor or telling.message.kind not in CHANGES_CALENDARS:
        return None
    return invite(telling.appointment, to=telling.person.email, now=telling.now)


def text_for(message: Message, *, now: datetime) -> str | None:
    """The text to the phone, as `letter_for` composes a mail."""
    telling = Telling(message, now)
    if not _is_to_be_told(telling):
        return None
    with translation.override(language_of(message.to)), timezone.override(telling.zone):
        return _signed(telling.clinic.name, _rendered(f"messages/sms/{message.kind}.txt", telling))


def _signed(clinic: str, words: str) -> str:
    """With the clinic's name in front: whole, or as much of it as lets the text travel in fewer parts.
    The words, and the link at their end, are never cut."""
    lengths = range(len(clinic) - 2, SHORTEST_NAME - 1, -1)
    names = [clinic, *(f"{clinic[:length].rstrip()}." for length in lengths)]
    return min((typewritten(f"{name}: {words}") for name in names), key=parts)  # the first of them


def language_of(person: User) -> str:
    return person.language or settings.LANGUAGE_CODE


def _rendered(template: str, telling: Telling) -> str:
    return render_to_string(template, {"t": telling, "a": telling.message.appointment}).strip()


def _is_to_be_told(telling: Telling) -> bool:
    return _wanted(telling) and TRUE_WHILE[Kind(telling.message.kind)](telling)


def _wanted(telling: Telling) -> bool:
    if not telling.person.is_active:
        return False
    if telling.for_doctor:
        return True
    patient = telling.appointment.patient
    match telling.message.kind:
        case Kind.REMINDER_DAY:
            told = patient.remind_day_before and telling.clinic.remind_day_before
        case Kind.REMINDER_HOUR:
            told = patient.remind_hour_before and telling.clinic.remind_hour_before
        case _:
            told = True
    return told and (patient.texts or telling.message.channel == Channel.MAIL)


def _stands(telling: Telling) -> bool:
    """The visit is still to be, and at the time of which this tells."""
    return (
        telling.status == Status.CONFIRMED
        and telling.appointment.starts_at == telling.message.about
        and telling.now < telling.appointment.expected_end_at
    )


def _is_ahead(telling: Telling) -> bool:
    return _stands(telling) and telling.now < telling.appointment.starts_at


def _is_so_late(telling: Telling) -> bool:
    """It is what the doctor said last."""
    return _stands(telling) and telling.appointment.delay_minutes == telling.delay


def _is_offered(telling: Telling) -> bool:
    return _is_ahead(telling) and telling.offer.status_at(telling.now)[0] == Status.PENDING


def _is_off(telling: Telling) -> bool:
    return telling.status == Status.CANCELLED


def _is_missed(telling: Telling) -> bool:
    """The patient still waits, and the doctor is still not there."""
    this = Appointment.objects.filter(pk=telling.appointment.pk)
    return bool(kept_waiting(this, now=telling.now))


def _is_day_of_visits(telling: Telling) -> bool:
    return telling.now < telling.day_ends and bool(telling.day)


def _always(_telling: Telling) -> bool:
    return True


TRUE_WHILE: Mapping[Kind, Callable[[Telling], bool]] = {
    Kind.CONFIRMED: _stands,
    Kind.MOVED: _stands,
    Kind.CANCELLED: _is_off,
    Kind.MONEY_BACK: _always,
    Kind.REMINDER_DAY: _is_ahead,
    Kind.REMINDER_HOUR: _is_ahead,
    Kind.DEVICE_CHECK: _is_ahead,
    Kind.RUNNING_LATE: _is_so_late,
    Kind.PATIENT_WAITING: _is_missed,
    Kind.DAY_LIST: _is_day_of_visits,
    Kind.EARLIER_TIME: _is_offered,
}
