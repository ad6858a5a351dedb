"""Paying by card on another company's page, as patients live it: paid, declined, turned back, too late."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import (
    PHONE,
    RunningClinic,
    Visitor,
    VisitorMaker,
    a_running_clinic,
)
from tests.journeys.test_from_hours_to_a_finished_visit import (
    COLOMBO,
    in_words,
    publishes_tomorrow_from_nine_to_ten,
)
from tests.server.serving import wait_for
from tests.stripe_standin.running import KEY, SECRET, Standin, standing_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.fixture
def standin() -> Iterator[Standin]:
    with standing_in() as running:
        yield running


@pytest.fixture
def running_clinic(clinic_folder: Path, standin: Standin) -> Iterator[RunningClinic]:
    """One that takes cards, and is told by the company how it went."""
    with a_running_clinic(
        clinic_folder,
        (standin.url,),
        PAYMENT_PROVIDER="stripe",
        STRIPE_SECRET_KEY=KEY,
        STRIPE_WEBHOOK_SECRET=SECRET,
        STRIPE_API_BASE=standin.url,
    ) as clinic:
        standin.say("/webhooks", url=f"{clinic.url}/webhooks/stripe", secret=SECRET)
        yield clinic


@pytest.fixture
def nine(visitor: VisitorMaker) -> datetime:
    """When the doctor's first time begins."""
    doctor = visitor("doctor", timezone="Asia/Colombo")
    doctor.sign_in("doctor1@demo.example")
    return publishes_tomorrow_from_nine_to_ten(doctor)


def patient(visitor: VisitorMaker, number: int) -> Visitor:
    someone = visitor(f"patient{number}", timezone="Asia/Colombo", viewport=PHONE)
    someone.sign_in(f"patient{number}@demo.example")
    return someone


def chooses(person: Visitor, clinic: RunningClinic, starts_at: datetime) -> None:
    """Finds the doctor and fills in the form for that time."""
    page = person.page
    name = clinic.name_of_doctor("doctor1@demo.example")
    page.goto("/")
    page.get_by_label("Name").fill(name.split()[-1])
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name=name, exact=True).click()
    page.wait_for_url(re.compile("/doctors/"))
    if starts_at.month != datetime.now(COLOMBO).month:
        page.get_by_role("link", name=re.compile("^Next month")).click()
    day = f"{starts_at:%A} {starts_at.day} {starts_at:%B %Y}"
    page.get_by_role("link", name=re.compile(day)).click()
    page.wait_for_url(re.compile(f"date={starts_at:%Y-%m-%d}"))  # another date has the same times
    page.get_by_role("link", name=re.compile(f"^{in_words(starts_at)}")).click()
    form = page.get_by_role("dialog")
    form.get_by_label("First name").fill("Nimal")
    form.get_by_label("Last name").fill("Perera")
    form.get_by_label("Phone").fill("011 234 5678")
    form.get_by_label("NIC").fill("199012345678")
    form.get_by_label("Email").fill("nimal@patient.example")
    form.get_by_label("Why do you want to see the doctor?").fill("Cough for two weeks")


def goes_to_pay(person: Visitor, standin: Standin) -> None:
    person.page.get_by_role("button", name="Continue to payment").click()
    is_asked_to_pay(person, standin)


def is_asked_to_pay(person: Visitor, standin: Standin) -> None:
    person.page.wait_for_url(f"{standin.url}/pay/*")
    expect(person.page.get_by_role("heading", name="LKR 2,500.00")).to_be_visible()


def sees(person: Visitor, heading: str) -> None:
    expect(person.page.get_by_role("heading", name=heading)).to_be_visible()


def tries_again(person: Visitor, standin: Standin) -> None:
    """One press holds the time again; who wants to look at the form first finds it filled in."""
    page = person.page
    expect(page.get_by_text("Nothing was charged")).to_be_visible()
    page.get_by_role("button", name="Hold this time again").click()
    is_asked_to_pay(person, standin)


def changes_details_first(person: Visitor, standin: Standin) -> None:
    page = person.page
    page.get_by_role("link", name="Change my details first").click()
    expect(page.get_by_label("First name")).to_have_value("Nimal")
    reason = page.get_by_label("Why do you want to see the doctor?")
    expect(reason).to_have_value("Cough for two weeks")
    person.look("finds the form filled in")
    goes_to_pay(person, standin)


def mailed_code(person: Visitor) -> str:
    mail = person.newest_code()
    code = re.search(r"^\s*([A-Z0-9]{4}-[A-Z0-9]{4})\s*$", mail, re.MULTILINE)
    assert code, mail
    return code[1]


def charged(standin: Standin) -> int:
    return sum(entry["amount"] for entry in standin.entries("charged"))


def given_back(standin: Standin) -> int:
    return sum(entry["amount"] for entry in standin.entries("refund succeeded"))


def test_a_card_is_declined_a_page_left_a_code_mistyped_and_the_visit_paid(
    visitor: VisitorMaker,
    running_clinic: RunningClinic,
    clinic_folder: Path,
    standin: Standin,
    nine: datetime,
) -> None:
    person = patient(visitor, 1)
    page = person.page
    chooses(person, running_clinic, nine)
    goes_to_pay(person, standin)
    person.look("is asked to pay")

    page.get_by_role("button", name="Decline").click()
    expect(page.get_by_text("Your card was declined.")).to_be_visible()
    person.look("is declined")
    page.get_by_role("link", name="Back").click()
    sees(person, "The payment did not go through")
    person.look("reads that nothing was charged")
    tries_again(person, standin)

    page.get_by_role("link", name="Back").click()
    sees(person, "The payment was cancelled")
    person.look("has turned back")
    changes_details_first(person, standin)

    page.get_by_role("button", name="Mistype the security code").click()
    expect(page.get_by_text("Nothing was charged; try again.")).to_be_visible()
    page.get_by_role("button", name="Pay").click()
    sees(person, "Appointment confirmed")
    person.look("is confirmed")
    assert (charged(standin), given_back(standin)) == (250_000, 0)
    assert running_clinic.commands_say_all_is_well(clinic_folder)


def test_a_guest_is_led_from_the_code_to_the_card(
    visitor: VisitorMaker, running_clinic: RunningClinic, standin: Standin, nine: datetime
) -> None:
    person = visitor("guest", timezone="Asia/Colombo", viewport=PHONE)
    page = person.page
    chooses(person, running_clinic, nine)
    page.get_by_role("button", name="Hold this time").click()
    sees(person, "Enter the code from your email")
    page.get_by_label("Code").fill(mailed_code(person))
    page.get_by_role("button", name="Continue").click()
    is_asked_to_pay(person, standin)
    page.get_by_role("button", name="Pay").click()
    sees(person, "Appointment confirmed")


def lapses(clinic: RunningClinic, standin: Standin, minutes: int) -> None:
    """Every clock goes on, and the company is too busy to close the page, which can still be paid."""
    for _ in range(20):
        standin.script("close", "busy")
    later = datetime.now(UTC) + timedelta(minutes=minutes)
    clinic.clock_at(later)
    standin.clock_at(later)


def has_the_money_back(person: Visitor) -> bool:
    person.page.reload()
    return person.page.get_by_text("LKR 2,500.00 was paid back").is_visible()


def test_money_that_comes_after_the_hold_has_lapsed(
    visitor: VisitorMaker,
    running_clinic: RunningClinic,
    clinic_folder: Path,
    standin: Standin,
    nine: datetime,
) -> None:
    person = patient(visitor, 1)
    chooses(person, running_clinic, nine)
    goes_to_pay(person, standin)
    lapses(running_clinic, standin, 11)
    person.page.get_by_role("button", name="Pay").click()
    sees(person, "Appointment confirmed")
    person.look("is confirmed after all as the time is free")

    quarter_past = nine + timedelta(minutes=15)
    chooses(person, running_clinic, quarter_past)
    goes_to_pay(person, standin)
    lapses(running_clinic, standin, 22)
    other = patient(visitor, 2)
    chooses(other, running_clinic, quarter_past)
    goes_to_pay(other, standin)
    other.page.get_by_role("button", name="Pay").click()
    sees(other, "Appointment confirmed")
    person.page.get_by_role("button", name="Pay").click()
    sees(person, "Your payment came too late: someone else has this time now")
    expect(
        person.page.get_by_text(re.compile("on its way back to you|was paid back\\."))
    ).to_be_visible()
    person.look("is told that the money comes back as the time is taken")
    wait_for(lambda: has_the_money_back(person))
    person.look("has the money back")
    assert (charged(standin), given_back(standin)) == (750_000, 250_000)
    assert running_clinic.commands_say_all_is_well(clinic_folder)
