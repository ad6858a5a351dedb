"""Pages in two languages that nobody speaks: a word that is still English was forgotten."""

import re
from calendar import day_abbr, day_name, month_abbr, month_name
from datetime import time, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from clinicall.booking.models import Appointment
from clinicall.config import languages
from clinicall.people.models import Clinic, Doctor, Patient
from clinicall.schedule.models import Slot
from clinicall.schedule.slotting import Window
from clinicall.schedule.usual import SOME_MONDAY, write_usual_week
from clinicall.web.time_zone import REGIONS, zone_choices
from tests import pseudo_locales
from tests.booking.test_ending import cancel, paid
from tests.booking.test_unsettled import an_admin
from tests.clinic_clock import ClinicClock
from tests.conftest import WEDNESDAY, booked
from tests.web.test_money_page import signed_in
from tests.web.test_rights_pages import just_known
from tests.web.visitor import DETAILS, Answer, visitor

pytestmark = pytest.mark.django_db

SAID = ("aria-label", "title", "alt", "placeholder", "label", "data-label", "data-announce")
# What machines read; the page on privacy names cookies so.
UNSAID = ("script", "style", "code")
# The longer language has an accent on each of these letters.
ENGLISH = re.compile("[aeiounyc]", re.IGNORECASE)
NAMES = [
    *("Dr Kofi Osei", "KO", "Osei", "Cardiology", "Lakeside", "Clinicall", "English", "Sinhala"),
    *("Ana", "Perera", "Cough for two weeks", "Asia/Colombo", "Colombo"),
    *(*day_name, *day_abbr, *month_name[1:], *month_abbr[1:]),
]
# Names, times of day, references, addresses.
FACTS = re.compile(
    rf"\b({'|'.join(map(re.escape, NAMES))})\b|\b\d+(:\d\d)?[ap]m\b|\b[0-9A-Z]{{8}}\b|\S+@\S+"
)

TOWNS = {town for _, towns in zone_choices() for _, town in towns} | REGIONS


class Said(HTMLParser):
    """What a page says to those who see it and to those who hear it."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.is_unsaid = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.is_unsaid = tag in UNSAID
        self.texts += [text for name, text in attrs if name in SAID and text]

    def handle_endtag(self, tag: str) -> None:
        self.is_unsaid = False

    def handle_data(self, data: str) -> None:
        if not self.is_unsaid:
            self.texts.append(" ".join(data.split()))


def forgotten(answer: Answer) -> list[str]:
    """The texts of a page in which something is English and no fact, in ⟦brackets⟧ or not."""
    page = answer.content.decode()
    assert "<h1" in page, answer
    said = Said()
    said.feed(page)
    words = [text for text in said.texts if text not in TOWNS]
    return [text for text in words if ENGLISH.search(FACTS.sub("", text))]


def forgotten_on(client: Client, *addresses: str) -> dict[str, list[str]]:
    """By the address of each page."""
    found = {address: forgotten(client.get(address)) for address in addresses}
    return {address: texts for address, texts in found.items() if texts}


@pytest.fixture(scope="module")
def catalogues(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("locale")
    pseudo_locales.write(folder)
    return folder


@pytest.fixture(autouse=True)
def made_up(catalogues: Path, settings: Settings) -> None:
    """Whenever these settings change, also back, Django's tests forget what was read of languages."""
    settings.LOCALE_PATHS = [catalogues]
    settings.LANGUAGES = languages.found_in([catalogues])


def reads(client: Client, language: str = "en-xa") -> Client:
    client.cookies["django_language"] = language
    return client


@pytest.fixture
def visit(slots: list[Slot], ana: Patient) -> Appointment:
    return paid(slots[0], ana)


def pages_of(appointment: Appointment, *names: str) -> list[str]:
    return [reverse(name, args=[appointment.pk]) for name in names]


def test_nobody_who_looks_for_a_doctor_reads_english(
    visit: Appointment, slots: list[Slot], dr_osei: Doctor
) -> None:
    doctor = reverse("doctor", args=[dr_osei.pk])
    taken, form = (reverse("book", args=[dr_osei.pk, slot.pk]) for slot in slots[:2])
    stranger = reads(visitor())
    found = forgotten_on(
        stranger,
        *("/", "/?name=Ana", "/?name=Osei", f"/?specialization={dr_osei.specialization_id}"),
        *(doctor, f"{doctor}?view=list", f"{doctor}?month=2027-11", taken, form),
        *map(reverse, ("account_login", "account_signup", "account_request_login_code")),
        *map(reverse, ("accessibility", "privacy", "language", "erased", "offline", "time_zone")),
    )
    assert found == {}
    wrong = {"first_name": "1" * 200, "phone": "1", "nic": "1", "email": "1", "reason": "1" * 3000}
    assert forgotten(stranger.post(form, dict.fromkeys(DETAILS, ""))) == []
    assert forgotten(stranger.post(form, DETAILS | wrong)) == []
    assert forgotten(stranger.post(taken, DETAILS)) == []
    assert forgotten(stranger.post(form, DETAILS, follow=True)) == []


def test_no_patient_reads_english(
    visit: Appointment, slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    cancelled, held = cancel(paid(slots[1], ana), ana.user), booked(slots[2], ana)
    patient = reads(just_known(ana))
    assert held.payment
    found = forgotten_on(
        patient,
        *map(reverse, ("appointments", "record", "account", "export_record", "erase_record")),
        f"{reverse('appointments')}?when=past",
        *pages_of(visit, "appointment", "cancel", "move", "room"),
        *pages_of(held, "appointment", "cancel", "move", "room"),
        *pages_of(cancelled, "appointment", "move", "room"),
        *(reverse("move_to", args=[visit.pk, slots[3].pk]), held.payment.checkout_url),
        *map(reverse, ("device_check", "agenda")),
    )
    assert found == {}
    for before in (timedelta(minutes=30), timedelta(0)):
        clock.set(visit.starts_at - before)
        pages = ("/appointments/", *pages_of(visit, "appointment", "room"))
        assert forgotten_on(reads(visitor(ana)), *pages) == {}


def test_no_doctor_reads_english(
    visit: Appointment, slots: list[Slot], dr_osei: Doctor, clock: ClinicClock
) -> None:
    weekly = map(reverse, ("schedule", "add_hours", "upload_hours", "usual_week", "repeat_week"))
    day = f"/schedule/{WEDNESDAY}/"
    doctor = reads(visitor(dr_osei))
    found = forgotten_on(
        doctor,
        *(reverse("agenda"), f"{reverse('agenda')}?date={WEDNESDAY}", *weekly),
        *(day, f"{day}copy/", f"{day}delete/"),
        *pages_of(visit, "appointment", "cancel", "room", "nic"),
        reverse("book", args=[dr_osei.pk, slots[1].pk]),
    )
    assert found == {}
    write_usual_week(dr_osei, [Window(SOME_MONDAY, time(9), time(12), 15)])
    assert forgotten_on(doctor, *map(reverse, ("usual_week", "use_usual_week"))) == {}
    clock.set(visit.starts_at)
    assert forgotten_on(reads(visitor(dr_osei)), reverse("agenda")) == {}


def test_no_staff_read_english(
    visit: Appointment, slots: list[Slot], clinic: Clinic, dr_osei: Doctor
) -> None:
    lists = ("home", "appointments", "book", "doctors", "people", "clinic")
    of_a_doctor = ("staff_doctor", "staff_times", "doctor_leaves", "explain")
    found = forgotten_on(
        reads(signed_in(an_admin())),
        *(reverse(f"staff_{name}") for name in lists),
        *(reverse(name, args=[visit.pk]) for name in ("staff_appointment", "staff_cancel")),
        *(reverse(name, args=[dr_osei.pk]) for name in of_a_doctor),
        reverse("staff_book_for", args=[dr_osei.pk, slots[1].pk]),
        *(reverse("change_clinic", args=[clinic.pk]), *map(reverse, ("invite_doctor", "money"))),
    )
    assert found == {}


def test_pages_of_a_language_from_right_to_left_say_so(slots: list[Slot]) -> None:
    page = reads(visitor(), "ar-xb").get(reverse("search")).content.decode()
    assert '<html lang="ar-xb" dir="rtl"' in page
