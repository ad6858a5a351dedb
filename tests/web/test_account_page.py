"""The page of one's own account."""

import pytest
from pytest_django import Settings

from clinicall.people.models import Doctor, Patient
from tests.people.account import mailed_code, signed_in
from tests.web.visitor import links, visitor, words


def test_every_page_leads_to_it_and_it_leads_to_the_rest(ana: Patient) -> None:
    browser = visitor(ana)
    assert "/account/" in links(browser.get("/appointments/"))
    for link in (
        "/account/email/",
        "/account/password/change/",
        "/account/second-step/",
        "/account/devices/",
        "/record/",
        "/account/told/",
    ):
        assert link in links(browser.get("/account/"))
        assert browser.get(link).status_code == 200


def test_a_patient_finds_the_copy_and_the_erasure_of_their_record(
    ana: Patient, dr_osei: Doctor
) -> None:
    theirs = {"/record/export/", "/record/erase/"}
    assert theirs <= set(links(visitor(ana).get("/account/")))
    assert not theirs & set(links(visitor(dr_osei).get("/account/")))


def test_name_and_time_zone_are_saved(ana: Patient) -> None:
    form = {"first_name": "Ana", "last_name": "Perera", "timezone": "Europe/London"}
    answer = visitor(ana).post("/account/", form, follow=True)
    assert "Saved." in words(answer)
    ana.user.refresh_from_db()
    assert (ana.user.last_name, ana.user.timezone) == ("Perera", "Europe/London")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first_name", "A" * 101),
        ("timezone", "../../etc/passwd"),
        ("last_name", "a\x00b"),
        ("first_name", "\u202egnp"),
    ],
)
def test_what_cannot_be_used_is_said_and_nothing_is_lost(
    ana: Patient, field: str, value: str
) -> None:
    form = {"first_name": "Ana", "last_name": "Perera", "timezone": ""} | {field: value}
    answer = visitor(ana).post("/account/", form)
    assert answer.status_code == 422
    assert "There is a problem" in words(answer)
    ana.user.refresh_from_db()
    assert not ana.user.last_name


def test_a_patient_chooses_their_reminders_and_texts_where_there_are_any(
    ana: Patient, settings: Settings
) -> None:
    browser = visitor(ana)
    assert "texts" not in words(browser.get("/account/told/"))
    browser.post("/account/told/", {"remind_hour_before": "on"})
    ana.refresh_from_db()
    assert (ana.remind_day_before, ana.remind_hour_before, ana.texts) == (False, True, True)
    settings.SMS_CONFIGURED = True
    assert "Send me texts to the phone too" in words(browser.get("/account/told/"))
    assert "Saved." in words(browser.post("/account/told/", {}, follow=True))
    ana.refresh_from_db()
    assert (ana.remind_hour_before, ana.texts) == (False, False)


def test_role_and_email_cannot_be_slipped_in(ana: Patient) -> None:
    form = {
        "first_name": "Ana",
        "last_name": "",
        "timezone": "",
        "role": "admin",
        "email": "x@y.lk",
    }
    visitor(ana).post("/account/", form)
    ana.user.refresh_from_db()
    assert (ana.user.role, ana.user.email) == ("patient", "ana@clinic.example")


def test_a_new_email_counts_once_its_code_is_entered(ana: Patient) -> None:
    browser = signed_in(ana.user.email)
    browser.post("/account/email/", {"email": "ana.perera@clinic.example", "action_add": ""})
    ana.user.refresh_from_db()
    assert ana.user.email == "ana@clinic.example"
    browser.post("/account/confirm-email/", {"code": mailed_code()})
    ana.user.refresh_from_db()
    assert ana.user.email == "ana.perera@clinic.example"
    assert signed_in("ana.perera@clinic.example").get("/appointments/").status_code == 200
