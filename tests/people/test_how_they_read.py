"""Where and in which language somebody reads is kept when we are about to write to them, and not before."""

from django.core.mail import EmailMessage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinicall.people.models import Patient, User
from clinicall.schedule.models import Slot
from tests.cast import PASSWORD
from tests.people.account import mailed_code
from tests.web.visitor import DETAILS, visitor

LONDON = ("Europe/London", "en")


def kept_of(patient: Patient) -> tuple[str, str]:
    user = User.objects.get(pk=patient.pk)
    return user.timezone, user.language


def test_signing_in_keeps_what_the_browser_says(ana: Patient) -> None:
    browser = visitor(zone="Europe/London")
    form = {"login": ana.user.email, "password": PASSWORD}
    browser.post("/account/login/", form, headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert kept_of(ana) == LONDON


def test_a_program_that_says_neither_changes_nothing(ana: Patient) -> None:
    User.objects.filter(pk=ana.pk).update(timezone="Asia/Tokyo", language="ja")
    visitor(ana, zone="").get("/appointments/")
    assert kept_of(ana) == ("Asia/Tokyo", "ja")


def test_asking_for_a_time_keeps_it_and_looking_at_pages_does_not(
    ana: Patient, free_slots: list[Slot]
) -> None:
    browser = visitor(ana)
    browser.cookies["timezone"] = "Europe/London"
    slot = f"/doctors/{free_slots[0].doctor_id}/slots/{free_slots[0].pk}/"
    for page in ("/", "/appointments/", "/account/", slot):
        browser.get(page, headers={"Accept-Language": "en"})
    assert kept_of(ana) == ("", "")
    browser.post(slot, DETAILS, headers={"Accept-Language": "en"})
    assert kept_of(ana) == LONDON


def test_who_claims_what_they_held_as_a_guest_is_written_to_in_their_own_zone(
    ana: Patient, free_slots: list[Slot], mailoutbox: list[EmailMessage]
) -> None:
    browser = visitor(zone="Europe/London")
    slot = f"/doctors/{free_slots[0].doctor_id}/slots/{free_slots[0].pk}/"
    browser.post(slot, DETAILS, headers={"Accept-Language": "en"})
    assert kept_of(ana) == ("", "")  # anybody may write anybody's address into a form
    code = {"code": mailed_code()}
    browser.post("/account/login/code/confirm/", code, headers={"Accept-Language": "en"})
    assert kept_of(ana) == LONDON


def test_choosing_a_zone_or_a_language_keeps_it(ana: Patient) -> None:
    browser = visitor(ana)
    browser.post("/time-zone/", {"timezone": "Asia/Tokyo"})
    browser.post("/language/chosen/", {"language": "en"})
    assert kept_of(ana) == ("Asia/Tokyo", "en")
    browser.post("/time-zone/", {"timezone": "Mars/Olympus"})
    browser.post("/language/chosen/", {"language": "xx"})
    assert kept_of(ana) == ("Asia/Tokyo", "en")


def test_what_is_known_already_is_not_written_again(ana: Patient) -> None:
    browser = visitor(ana)
    browser.post("/time-zone/", {"timezone": "Asia/Tokyo"})
    with CaptureQueriesContext(connection) as asked:
        browser.post("/time-zone/", {"timezone": "Asia/Tokyo"})
    assert not [query for query in asked if "UPDATE" in query["sql"]]
