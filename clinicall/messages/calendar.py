"""A visit as calendars read it (RFC 5545, RFC 5546): what a mail brings, what a patient takes along, and
what a doctor's feed lists. docs/calendars.md tells which program asks for what of it.

Nothing here says why somebody sees a doctor, or what kind of doctor. Words are in the present language.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import TYPE_CHECKING, TypedDict, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Max, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event, vCalAddress, vDuration, vUri

from clinicall.booking.models import Appointment
from clinicall.booking.particulars import ONE_NAME
from clinicall.booking.states import Status
from clinicall.messages.sender import Invite
from clinicall.people.models import CalendarFeed

REMIND_BEFORE = timedelta(minutes=15)
READ_AGAIN_AFTER = timedelta(minutes=15)
FEED_BACK, FEED_AHEAD = timedelta(days=7), timedelta(days=90)

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class Steps(TypedDict):
        sequence: int
        changed_at: datetime

    Visit = WithAnnotations[Appointment, Steps]


def visits(wanted: Q) -> "QuerySet[Visit]":
    """Those that `wanted` says, soonest first, with `sequence`, how often each has changed since it was first
    confirmed, and `changed_at`, when it last did.

    Each step of a visit adds one transition in its own commit, and none is ever taken away: so their number
    rises with each change and never falls. One statement reads it together with the times, so no calendar
    is told of old ones under a new number.
    """
    since = Q(transitions__from_status=Status.CONFIRMED) | Q(
        transitions__to_status=Status.CONFIRMED
    )
    counted = Appointment.objects.filter(wanted, confirmed_at__isnull=False).annotate(
        sequence=Count("transitions", filter=since) - 1, changed_at=Max("transitions__at")
    )
    return cast("QuerySet[Visit]", counted.select_related("doctor").order_by("starts_at"))


def invite(appointment: Appointment, *, to: str, now: datetime) -> Invite:
    """For the mailbox `to`: the visit as it stands, or that it is off."""
    visit = visits(Q(pk=appointment.pk)).get()
    is_off = visit.status == Status.CANCELLED
    method = "CANCEL" if is_off else "REQUEST"
    event = _of_patient(visit, stamp=now)
    event.add("status", "CANCELLED" if is_off else "CONFIRMED")
    event.add("attendee", _attendee(to))
    if not is_off:
        event.add_component(_alarm(event))
    return Invite(method, _written(_calendar(method, [event])))


def to_take_along(appointment: Appointment, *, now: datetime) -> bytes:
    """A file for the patient's own calendar. A mail about the same visit changes the same entry there."""
    visit = visits(Q(pk=appointment.pk)).get()
    event = _of_patient(visit, stamp=now)
    event.add("status", "CONFIRMED")
    event.add_component(_alarm(event))
    return _written(_calendar("PUBLISH", [event]))


def feed(of: CalendarFeed, *, now: datetime) -> bytes:
    """The doctor's visits of the last 7 days and the next 90, the same bytes while nothing has changed."""
    taking_place = Q(status__in=(Status.CONFIRMED, Status.COMPLETED))
    around = Q(starts_at__gte=now - FEED_BACK, starts_at__lt=now + FEED_AHEAD)
    found = visits(Q(doctor=of.doctor_id) & taking_place & around)
    calendar = _calendar("PUBLISH", [_of_doctor(visit, of) for visit in found])
    calendar.add("x-wr-calname", of.doctor.clinic.name)
    calendar.add("refresh-interval", READ_AGAIN_AFTER, {"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(READ_AGAIN_AFTER))  # the same to Outlook
    return _written(calendar)


def _of_patient(visit: "Visit", *, stamp: datetime) -> Event:
    address = settings.SITE_URL + reverse("appointment", args=[visit.pk])
    event = _event(visit, address, stamp=stamp)
    event.add("summary", _("Video appointment with %(doctor)s") % {"doctor": visit.doctor.name})
    # Some calendars show no URL.
    event.add("description", _("You join from the page of your appointment:") + f"\n{address}")
    return event


def _of_doctor(visit: "Visit", feed: CalendarFeed) -> Event:
    day = visit.starts_at.astimezone(ZoneInfo(visit.doctor.timezone)).date()
    address = f"{settings.SITE_URL}{reverse('agenda')}?date={day}"
    # Not the instant of reading, by which each answer would differ from the one before.
    event = _event(visit, address, stamp=visit.changed_at)
    summary = _("Video appointment")
    if feed.shows_initials:
        summary = _("Video appointment: %(initials)s") % {"initials": _initials(visit)}
    event.add("summary", summary)
    event.add("description", address)
    event.add("status", "CONFIRMED")
    return event


def _initials(a: Appointment) -> str:
    """`A. P.`"""
    return " ".join(f"{name[0]}." for name in (a.first_name, a.last_name) if name != ONE_NAME)


def _event(visit: "Visit", address: str, *, stamp: datetime) -> Event:
    event = Event()
    # For ever: by this a calendar knows which entry a later word is about.
    event.add("uid", f"appt-{visit.pk}@{urlsplit(settings.SITE_URL).hostname}")
    event.add("sequence", visit.sequence)
    event.add("dtstamp", stamp)
    event.add("dtstart", visit.starts_at)
    event.add("dtend", visit.ends_at)
    event.add("url", vUri(address))
    event.add("class", "PRIVATE")
    event.add("organizer", _organizer())
    return event


def _organizer() -> vCalAddress:
    """The mailbox that our mails come from; programs believe no other."""
    name, mailbox = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return vCalAddress(f"mailto:{mailbox}", params={"CN": name})


def _attendee(mailbox: str) -> vCalAddress:
    """Nobody is asked to answer: they have booked it themselves."""
    return vCalAddress(f"mailto:{mailbox}", params={"PARTSTAT": "ACCEPTED", "RSVP": "FALSE"})


def _alarm(event: Event) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", event["summary"])
    alarm.add("trigger", -REMIND_BEFORE)
    return alarm


def _calendar(method: str, events: Iterable[Event]) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Clinicall//Clinicall//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    for event in events:
        calendar.add_component(event)
    return calendar


def _written(calendar: Calendar) -> bytes:
    written = calendar.to_ical()
    assert isinstance(written, bytes)  # the library does not say so
    return written
