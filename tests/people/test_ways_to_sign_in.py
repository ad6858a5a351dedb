"""By password, by a mailed code, and being asked again."""

import time

import pytest
from django.core import mail
from django.test import Client
from pytest_django.fixtures import Settings

from clinicall.people.inviting import one_time_link
from clinicall.people.models import Doctor, Patient, User
from tests.people.account import mailed_code, signed_in
from tests.web.visitor import visitor, words


def test_a_mailed_code_signs_in_and_leads_to_where_one_was_going(ana: Patient) -> None:
    client = Client()
    client.post("/account/login/code/?next=/appointments/", {"email": ana.user.email})
    assert mail.outbox[-1].subject == "Your code to sign in"
    answer = client.post(
        "/account/login/code/confirm/", {"code": mailed_code(), "next": "/appointments/"}
    )
    assert answer["Location"] == "/appointments/"
    assert client.get("/appointments/").status_code == 200


def test_a_wrong_code_does_not(ana: Patient) -> None:
    client = Client()
    client.post("/account/login/code/", {"email": ana.user.email})
    for _ in range(3):
        client.post("/account/login/code/confirm/", {"code": "WRONG1"})
    client.post("/account/login/code/confirm/", {"code": mailed_code()})
    assert client.get("/appointments/").status_code == 302


@pytest.mark.parametrize("path", ["/account/login/code/", "/account/password/reset/"])
def test_a_page_says_the_same_whether_there_is_an_account(ana: Patient, path: str) -> None:
    def told(email: str) -> str:
        answer = Client().post(path, {"email": email}, follow=True)
        return words(answer).replace(email, "")

    assert told(ana.user.email) == told("nobody@clinic.example")
    assert "There is no account" in mail.outbox[-1].subject


def test_signing_up_with_a_known_address_looks_like_any_other(ana: Patient) -> None:
    def told(email: str) -> str:
        form = {"email": email, "password1": "fifteen  letters"}
        return words(Client().post("/account/signup/", form, follow=True)).replace(email, "")

    assert told(ana.user.email) == told("new@clinic.example")
    subjects = [one.subject for one in mail.outbox]
    assert "You have an account already" in subjects


def long_signed_in(person: User) -> Client:
    """Signed in eleven minutes ago."""
    client = Client()
    client.force_login(person)
    session = client.session
    session["account_authentication_methods"] = [{"method": "code", "at": time.time() - 660}]
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()
    return client


WHAT_MATTERS = [
    "/account/email/",
    "/account/second-step/totp/activate/",
    "/account/second-step/webauthn/add/",
]


@pytest.mark.parametrize("path", WHAT_MATTERS)
def test_what_matters_asks_again_after_ten_minutes(ana: Patient, path: str) -> None:
    form = {"email": "other@clinic.example", "action_add": ""}
    asked = long_signed_in(ana.user).post(path, form)
    assert asked.status_code == 302
    assert asked["Location"].startswith("/account/reauthenticate/")
    assert not mail.outbox
    assert signed_in(ana.user.email).get(path).status_code == 200


@pytest.mark.parametrize("path", [*WHAT_MATTERS, "/account/password/set/"])
def test_who_has_no_password_is_asked_by_mail(ana: Patient, path: str) -> None:
    ana.user.set_unusable_password()
    ana.user.save()
    form = {"email": "other@clinic.example", "action_add": ""}
    asked = long_signed_in(ana.user).post(path, form)
    assert asked["Location"].startswith("/account/reauthenticate/code/")


def test_a_mailed_code_answers(ana: Patient) -> None:
    ana.user.set_unusable_password()
    ana.user.save()
    client = long_signed_in(ana.user)
    where = client.get("/account/second-step/totp/activate/")["Location"]
    client.post(where)
    wrong = client.post(where, {"code": "WRONG1", "next": "/account/second-step/totp/activate/"})
    assert wrong.status_code == 422
    right = client.post(
        where, {"code": mailed_code(), "next": "/account/second-step/totp/activate/"}
    )
    assert right["Location"] == "/account/second-step/totp/activate/"
    assert client.get(right["Location"]).status_code == 200


def test_too_many_wrong_codes_make_it_worthless(ana: Patient) -> None:
    ana.user.set_unusable_password()
    ana.user.save()
    client = long_signed_in(ana.user)
    where = "/account/reauthenticate/code/"
    client.post(where)
    code = mailed_code()
    for _ in range(3):
        client.post(where, {"code": "WRONG1"})
    client.post(where, {"code": code})
    assert client.get("/account/second-step/totp/activate/").status_code == 302


def test_the_page_to_sign_in_offers_every_way(ana: Patient) -> None:
    page = visitor().get("/account/login/")
    assert "Send me a code by email" in words(page)
    assert "Use a passkey" in words(page)


def test_an_address_that_only_looks_like_hers_gets_no_way_in(dr_silva: Doctor) -> None:
    """As upper case, ı becomes the I of ASCII."""
    for address in ("sılva@clinic.example", "silva@clınic.example"):
        visitor().post("/account/password/reset/", {"email": address})
    assert not [one for one in mail.outbox if one.to == ["silva@clinic.example"]]
    assert not [one for one in mail.outbox if "/reset/key/" in one.body]


def test_a_way_back_in_works_once_and_not_for_long(ana: Patient, settings: Settings) -> None:
    settings.PASSWORD_RESET_TIMEOUT = 3600
    link = one_time_link(ana.user).removeprefix(settings.SITE_URL)
    chosen = dict.fromkeys(("password1", "password2"), "a meadow full of clover")
    form = visitor().get(link)["Location"]
    stranger, browser = visitor(), visitor()
    assert browser.get(link)["Location"] == form
    assert browser.post(form, chosen).status_code == 302
    ana.user.refresh_from_db()
    assert ana.user.check_password(chosen["password1"])
    again = stranger.get(link)
    assert again.status_code == 200
    assert "password1" not in again.content.decode()
    late = one_time_link(ana.user).removeprefix(settings.SITE_URL)
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert "password1" not in visitor().get(late).content.decode()
