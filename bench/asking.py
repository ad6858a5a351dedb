"""What is asked of a grown clinic. Each path prepares its parameters, and answers the act to be measured."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.test import Client

from bench.grown_clinic import FULL_TIME, PHONES
from clinicall import wiring
from clinicall.booking import as_json, settling
from clinicall.booking.checkout import open_payment
from clinicall.booking.holds import ANYWHERE, Wish, hold_slot, lapse
from clinicall.booking.models import Appointment
from clinicall.booking.openings import open_slots
from clinicall.booking.searching import Search, raise_first_openings
from clinicall.booking.waitlist import offer_times
from clinicall.consultation.closing import close_visits
from clinicall.core.clock import now as clinic_now
from clinicall.jobs.alerts import alert, alert_of_kept_money
from clinicall.messages.for_doctors import list_days, tell_who_waits
from clinicall.messages.reminding import remind
from clinicall.messages.sending import send_due
from clinicall.payments import refunds
from clinicall.payments.gateway import Outcome
from clinicall.payments.models import Payment
from clinicall.people.models import Doctor, Patient, Specialization, User
from clinicall.records.sealed import seal

COLOMBO = ZoneInfo("Asia/Colombo")
Act = Callable[[], Any]
Path = Callable[[Random], Act]


def of_everybody() -> dict[str, Path]:
    """Of each name what is asked, with parameters from this clinic."""
    doctors = list(
        Doctor.objects.filter(
            user__email__in=[f"doctor{n}@bench.example" for n in range(FULL_TIME)]
        )
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    patients = list(Patient.objects.order_by("pk").values_list("pk", flat=True)[:FULL_TIME])
    fields = list(Specialization.objects.order_by("pk").values_list("pk", flat=True))
    today = clinic_now().astimezone(COLOMBO).date()

    def days(statement: Callable[..., as_json.Statement], length: int) -> Path:
        def path(dice: Random) -> Act:
            first = today + timedelta(days=dice.randrange(1, 15))
            last = first + timedelta(days=length - 1)
            return lambda: _run(statement(dice.choice(doctors), first, last, COLOMBO))

        return path

    def searched(name: str = "", *, among: bool = False, page: int = 1) -> Path:
        def path(dice: Random) -> Act:
            wanted = Search(name, dice.choice(fields) if among else None)
            return lambda: _run(as_json.doctors(wanted, page=page, size=20))

        return path

    def page(address: Callable[[Random], str], reader: str | None = None) -> Path:
        client = Client(SERVER_NAME="localhost")
        if reader:
            client.force_login(User.objects.get(email=reader))
        return lambda dice: lambda: _opened(client, address(dice))

    def doctors_page(dice: Random) -> str:
        return f"/doctors/{dice.choice(doctors)}/"

    def visit_of(dice: Random) -> Act:
        hold = _hold(dice, doctors, patients)()
        gateway = wiring.payment_gateway()
        assert gateway
        open_payment(hold, gateway=gateway)
        payment = Payment.objects.get(appointment=hold)
        return lambda: settling.record(payment.pk, Outcome.PAID, line=wiring.video_line())

    return {
        "a day's open slots": days(as_json.open_slots, 1),
        "a month's free days": days(as_json.free_days, 31),
        "search: everybody": searched(),
        "search: everybody, page 40": searched(page=40),
        "search: a common name": searched("Perera"),
        "search: a rare name": searched("Ó Briain"),
        "search: two letters": searched("li"),
        "search: in Sinhala": searched("සුනිල්"),
        "search: with accents": searched("Gonçalves"),
        "search: two names": searched("maria perera"),
        "search: specialization": searched(among=True),
        "search: both": searched("Perera", among=True),
        "search: both, two letters": searched("li", among=True),
        "specializations": lambda _: lambda: _run(as_json.specializations()),
        "hold": lambda dice: _hold(dice, doctors, patients),
        "confirm": visit_of,
        "page: search": page(lambda _: "/"),
        "page: search, both": page(lambda d: f"/?name=perera&specialization={d.choice(fields)}"),
        "page: search, signed in": page(lambda _: "/", "patient1@bench.example"),
        "page: a doctor": page(doctors_page),
        "page: a doctor, signed in": page(doctors_page, "patient1@bench.example"),
        "page: own appointments": page(lambda _: "/appointments/", "patient1@bench.example"),
        "page: own, past": page(lambda _: "/appointments/?when=past", "patient1@bench.example"),
        "page: agenda": page(
            lambda d: f"/agenda/?date={today + timedelta(days=d.randrange(-30, 15))}",
            "doctor1@bench.example",
        ),
        "page: agenda, today": page(lambda _: "/agenda/", "doctor1@bench.example"),
        **{f"staff: {what}": page(a, "staff@bench.example") for what, a in of_staff().items()},
    }


def of_staff() -> dict[str, Callable[[Random], str]]:
    """The addresses of their pages, which are of the clinic of the first doctors."""
    reader = User.objects.get(email="staff@bench.example")

    def said(what: Callable[[Random], str], **more: str) -> Callable[[Random], str]:
        def address(dice: Random) -> str:
            sealed = seal(what(dice), place=f"search:{reader.pk}:said")
            return f"/staff/appointments/?{urlencode({'said': sealed, **more})}"

        return address

    return {
        "home": lambda _: "/staff/",
        "appointments": lambda _: "/staff/appointments/",
        "appointments, cancelled": lambda _: "/staff/appointments/?status=cancelled",
        "appointments, not marked": lambda _: "/staff/appointments/?status=unmarked",
        "by phone": said(lambda d: PHONES.format(d.randrange(FULL_TIME))),
        "by a common name": said(lambda _: "Perera"),
        "by a rare name": said(lambda _: "Ó Briain"),
        "by two letters": said(lambda _: "Li"),
        "by two names": said(lambda _: "Nimal Perera"),
        "doctors": lambda _: "/staff/doctors/",
        "book": lambda _: "/staff/book/",
    }


# What the clock does, and how often.
OF_THE_CLOCK: dict[str, Path] = {
    "lapse (5 s)": lambda _: lambda: lapse(ANYWHERE),
    "payments due (5 s)": lambda _: lambda: settling.take_due(1),
    "refunds due (5 s)": lambda _: lambda: refunds.take_due(1),
    "messages due (5 s)": lambda _: lambda: send_due(None),
    "offer times (5 s)": lambda _: offer_times,
    "remind (1 min)": lambda _: remind,
    "close visits (1 min)": lambda _: close_visits,
    "who waits (1 min)": lambda _: tell_who_waits,
    "lists of the day (1 min)": lambda _: list_days,
    "alert (1 min)": lambda _: alert,
    "alert of kept money (1 h)": lambda _: alert_of_kept_money,
    "raise first openings (1 min)": lambda _: raise_first_openings,
}


def _run(statement: as_json.Statement) -> None:
    with connection.cursor() as cursor:
        cursor.execute(*statement)
        cursor.fetchall()


def _opened(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200, (address, response.status_code)


def _hold(dice: Random, doctors: list[UUID], patients: list[UUID]) -> Callable[[], UUID]:
    paid = Doctor.objects.filter(pk__in=dice.sample(doctors, 20), fee_amount__gt=0)
    slot = open_slots().filter(doctor__in=paid).order_by("doctor", "starts_at")[dice.randrange(200)]
    busy = Appointment.objects.filter(starts_at=slot.starts_at).values("patient")
    held = Appointment.objects.filter(status="pending").values("patient")
    patient = (
        Patient.objects.filter(pk__in=patients)
        .exclude(pk__in=busy)
        .exclude(pk__in=held)[dice.randrange(100)]
    )
    wish = Wish(slot.pk, "Ana", "Perera", "+94112345678", "199012345678", "a@b.example", "Cough")
    return lambda: hold_slot(wish, patient, provider="sandbox")
