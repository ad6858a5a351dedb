"""A form that is refused answers 422 with what is wrong, on allauth's pages too."""

import re

import pytest
from django.test import Client

from clinicall.people.models import Doctor, Patient
from tests.cast import PASSWORD
from tests.people.account import code_for, secret_on, signed_in, with_app
from tests.web.visitor import Answer, words

pytestmark = pytest.mark.django_db


def is_refused(answer: Answer) -> bool:
    """As a page that says so above the form, where the focus goes."""
    page = answer.content.decode()
    assert answer.status_code == 422
    assert re.search(r'id="error-summary" role="alert" tabindex="-1"', page)
    return "There is a problem" in words(answer)


STRANGERS = {
    "/account/login/": {"login": "ana@clinic.example", "password": "not her password"},
    "/account/signup/": {"email": "new@clinic.example", "password1": "short"},
    "/account/password/reset/": {"email": "nobody"},
    "/account/login/code/": {"email": "nobody"},
}


@pytest.mark.parametrize("path", STRANGERS)
def test_a_stranger_is_told(ana: Patient, path: str) -> None:
    client = Client()
    assert client.get(path).status_code == 200
    answer = client.post(path, STRANGERS[path])
    assert is_refused(answer)
    assert STRANGERS[path].get("password", "no password was sent") not in answer.content.decode()


SIGNED_IN = {
    "/account/password/change/": {"oldpassword": "not hers", "password1": "x", "password2": "y"},
    "/account/email/": {"action_add": "", "email": "nobody"},
    "/account/second-step/totp/activate/": {"code": "000000"},
}


@pytest.mark.parametrize("path", SIGNED_IN)
def test_who_is_signed_in_is_told(ana: Patient, path: str) -> None:
    assert is_refused(signed_in(ana.user.email).post(path, SIGNED_IN[path]))


def test_setting_a_first_password(ana: Patient) -> None:
    client = signed_in(ana.user.email)
    ana.user.refresh_from_db()
    ana.user.set_unusable_password()
    ana.user.save()
    session = client.session
    session["_auth_user_hash"] = ana.user.get_session_auth_hash()
    session.save()
    sent = {"password1": "short", "password2": "short"}
    assert is_refused(client.post("/account/password/set/", sent))


def test_a_wrong_code_by_mail(ana: Patient) -> None:
    client = Client()
    client.post("/account/login/code/", {"email": ana.user.email})
    assert is_refused(client.post("/account/login/code/confirm/", {"code": "WRONG1"}))


def test_a_wrong_code_of_a_new_address() -> None:
    client = Client()
    sent = {"email": "new@clinic.example", "password1": "fifteen  letters"}
    where = client.post("/account/signup/", sent)["Location"]
    assert is_refused(client.post(where, {"code": "WRONG1"}))


def test_a_wrong_code_of_the_app(dr_osei: Doctor) -> None:
    with_app(signed_in(dr_osei.user.email))
    newcomer = signed_in(dr_osei.user.email)
    assert is_refused(newcomer.post("/account/second-step/authenticate/", {"code": "000000"}))


def test_a_wrong_password_when_asked_again(ana: Patient) -> None:
    client = signed_in(ana.user.email)
    assert is_refused(client.post("/account/reauthenticate/", {"password": "not her password"}))


def test_what_is_right_goes_on_as_before(ana: Patient) -> None:
    sent = {"login": ana.user.email, "password": PASSWORD}
    client = Client()
    assert client.post("/account/login/", sent).status_code == 302
    page = client.get("/account/second-step/totp/activate/")
    code = code_for(secret_on(page))
    answer = client.post("/account/second-step/totp/activate/", {"code": code})
    assert answer.status_code == 302


def test_a_script_that_asks_for_json_gets_what_allauth_says(ana: Patient) -> None:
    answer = Client().post(
        "/account/login/",
        {"login": ana.user.email, "password": "not her password"},
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 400
    assert answer.json()["form"]["errors"]
