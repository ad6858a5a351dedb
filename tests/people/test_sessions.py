"""A session ends by itself, and when its person says so."""

import re
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from clinicall.people.models import Doctor, Patient
from clinicall.people.sessions import LIMITS
from tests.cast import PASSWORD
from tests.web.visitor import visitor, words

HOUR = timedelta(hours=1)


def row_of(client: Client) -> Session:
    return Session.objects.get(pk=client.session.session_key)


def left(client: Client) -> timedelta:
    return row_of(client).expire_date - datetime.now(UTC)


def used(client: Client, *, ago: timedelta) -> None:
    """As if it had last been used then."""
    row = row_of(client)
    row.expire_date -= ago
    row.save()


def program_of(client: Client) -> Client:
    return Client(headers={"X-Session-Token": str(client.session.session_key)})


def statuses(client: Client) -> tuple[int, int]:
    """By its cookie, and by the same session as a program's token."""
    page = "/api/v1/appointments"
    return client.get(page).status_code, program_of(client).get(page).status_code


def test_a_patient_is_signed_out_after_a_day_without_a_word(ana: Patient) -> None:
    browser = visitor(ana)
    used(browser, ago=23 * HOUR)
    assert statuses(browser) == (200, 200)
    assert left(browser) > 23 * HOUR
    used(browser, ago=25 * HOUR)
    assert statuses(browser) == (401, 401)


def test_a_doctor_is_signed_out_after_two_hours_without_a_word(dr_osei: Doctor) -> None:
    browser = visitor(dr_osei)
    used(browser, ago=1.9 * HOUR)
    assert statuses(browser) == (200, 200)
    assert left(browser) > 1.9 * HOUR
    used(browser, ago=2.1 * HOUR)
    assert statuses(browser) == (401, 401)


@pytest.mark.parametrize(("role", "whole"), [("doctor", 12 * HOUR), ("patient", 168 * HOUR)])
def test_no_use_prolongs_a_session_beyond_its_whole_length(
    dr_osei: Doctor, ana: Patient, role: str, whole: timedelta
) -> None:
    browser = visitor(dr_osei if role == "doctor" else ana)
    session = browser.session
    assert session[LIMITS]["until"] - time.time() == pytest.approx(whole.total_seconds(), abs=60)
    session[LIMITS] |= {"until": time.time() + 600}
    session.save()
    assert statuses(browser) == (200, 200)
    assert left(browser) <= timedelta(seconds=600)
    session[LIMITS] |= {"until": time.time() - 1}
    session.save()
    assert statuses(browser) == (401, 401)


def test_asking_for_a_pass_keeps_the_doctor_in(dr_osei: Doctor) -> None:
    browser = visitor(dr_osei)
    used(browser, ago=HOUR)
    browser.post("/api/v1/appointments/00000000-0000-4000-8000-000000000000/call")
    assert left(browser) > 1.9 * HOUR


def signed_in(person: Patient) -> Client:
    client = Client(headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"})
    client.post("/account/login/", {"login": person.user.email, "password": PASSWORD})
    return client


def test_signing_out_ends_cookie_and_token_and_empties_the_browser(ana: Patient) -> None:
    browser = signed_in(ana)
    cookie, program = browser.cookies["sessionid"].value, program_of(browser)
    answer = browser.post("/account/logout/")
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    thief = Client()
    thief.cookies["sessionid"] = cookie
    assert thief.get("/api/v1/appointments").status_code == 401
    assert program.get("/api/v1/appointments").status_code == 401


def test_a_new_password_signs_out_everywhere_else(ana: Patient) -> None:
    here, elsewhere = signed_in(ana), signed_in(ana)
    new = "a quite different long secret"
    here.post(
        "/account/password/change/",
        {"oldpassword": PASSWORD, "password1": new, "password2": new},
    )
    assert statuses(here) == (200, 200)
    assert statuses(elsewhere) == (401, 401)


def test_one_device_is_signed_out_and_then_all_others(ana: Patient, ben: Patient) -> None:
    here, phone, tablet, stranger = (signed_in(who) for who in (ana, ana, ana, ben))
    page = here.get("/account/devices/")
    assert words(page).count("Firefox on Linux") == 5  # three headings, two buttons
    ends = re.findall(r'action="(/account/devices/\d+/end/)"', page.content.decode())
    assert stranger.post(ends[0]).status_code == 404
    here.post(ends[0])
    assert sorted(statuses(one)[0] for one in (here, phone, tablet)) == [200, 200, 401]
    here.post("/account/devices/")
    assert [statuses(one)[0] for one in (here, phone, tablet)] == [200, 401, 401]
    assert statuses(stranger) == (200, 200)


def test_signing_in_gives_a_new_session(ana: Patient) -> None:
    client = Client()
    planted = client.session
    planted["planted"] = True
    planted.save()
    client.cookies["sessionid"] = str(planted.session_key)
    client.post("/account/login/", {"login": ana.user.email, "password": PASSWORD})
    assert statuses(client) == (200, 200)
    assert client.session.session_key != planted.session_key
    assert not Session.objects.filter(pk=planted.session_key).exists()
