"""Doctors, staff and admins see nothing before they have a second factor."""

import json
import re
import time

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import URLResolver, get_resolver
from pytest_django import Settings

from clinicall.people.models import Clinic, Doctor, Patient, Role, User
from clinicall.people.second_factor import may_lose
from tests.cast import PASSWORD
from tests.people.account import code_for, signed_in, with_app
from tests.web.visitor import links, visitor, words


@pytest.fixture(autouse=True)
def demanded(settings: Settings) -> None:
    settings.REQUIRE_SECOND_FACTOR = True


@pytest.mark.parametrize(
    "path", ["/agenda/", "/schedule/", "/", "/account/email/", "/device-check/"]
)
def test_a_doctor_is_led_to_the_second_step_from_every_page(dr_osei: Doctor, path: str) -> None:
    answer = visitor(dr_osei).get(path, follow=True)
    assert answer.redirect_chain == [("/account/second-step/", 302)]
    assert "a password alone is not enough" in words(answer)


def test_the_back_office_asks_for_it_too(clinic: Clinic) -> None:
    admin = User.objects.create_user(
        "root@clinic.example", PASSWORD, role=Role.ADMIN, is_superuser=True
    )
    client = Client()
    client.force_login(admin)
    assert client.get("/admin/")["Location"] == "/account/second-step/"
    assert client.post("/admin/people/user/add/")["Location"] == "/account/second-step/"


def test_patients_and_the_accounts_of_the_demo_are_not_asked(ana: Patient, dr_osei: Doctor) -> None:
    assert visitor(ana).get("/appointments/").status_code == 200
    User.objects.filter(pk=dr_osei.pk).update(email="doctor1@demo.example")
    dr_osei.user.refresh_from_db()
    assert visitor(dr_osei).get("/agenda/").status_code == 200


def test_programs_are_refused_by_cookie_and_by_token(dr_osei: Doctor) -> None:
    by_cookie = visitor(dr_osei)
    by_token = Client(headers={"X-Session-Token": str(by_cookie.session.session_key)})
    for client in (by_cookie, by_token):
        answer = client.get("/api/v1/availability")
        assert answer.status_code == 403
        assert json.loads(answer.content)["code"] == "second_factor_required"


def test_a_program_can_enrol_and_go_on(dr_osei: Doctor) -> None:
    client = program_of(dr_osei)
    path = "/_allauth/app/v1/account/authenticators/totp"
    secret = client.get(path).json()["meta"]["secret"]
    enrolled = client.post(path, {"code": code_for(secret)}, content_type="application/json")
    assert enrolled.status_code == 200
    assert client.get("/api/v1/availability").status_code == 200


def program_of(doctor: Doctor) -> Client:
    """It has signed in just now."""
    answer = Client().post(
        "/_allauth/app/v1/auth/login",
        {"email": doctor.user.email, "password": PASSWORD},
        content_type="application/json",
    )
    return Client(headers={"X-Session-Token": answer.json()["meta"]["session_token"]})


def addresses_for_programs() -> set[str]:
    found, waiting = set(), [("/", get_resolver())]
    while waiting:
        before, list_of_addresses = waiting.pop()
        for one in list_of_addresses.url_patterns:
            address = f"{before}{one.pattern}"
            if isinstance(one, URLResolver):
                waiting.append((address, one))
            else:
                found.add(address)
    return {address for address in found if address.startswith("/_allauth/")}


def test_a_program_reaches_nothing_but_the_way_to_a_second_factor(dr_osei: Doctor) -> None:
    program = program_of(dr_osei)
    refused = set()
    for address in addresses_for_programs():
        answer = program.get(address)
        if answer.status_code == 403:
            assert answer["Content-Type"] == "application/problem+json"
            assert answer.json()["code"] == "second_factor_required"
            refused.add(address.removeprefix("/_allauth/app/v1/"))
    assert refused == {
        "account/email",
        "account/password/change",
        "account/phone",
        "auth/password/request",
        "auth/password/reset",
        "auth/phone/verify",
        "auth/phone/verify/resend",
        "auth/sessions",
        "tokens/refresh",
    }


def test_a_patients_program_is_refused_nothing_of_that(ana: Patient) -> None:
    program = Client(headers={"X-Session-Token": str(visitor(ana).session.session_key)})
    statuses = {program.get(address).status_code for address in addresses_for_programs()}
    assert not statuses & {403, 500}


def test_an_account_has_no_phone(ana: Patient) -> None:
    program = Client(headers={"X-Session-Token": str(visitor(ana).session.session_key)})
    path = "/_allauth/app/v1/account/phone"
    answers = (
        program.get(path),
        program.post(path, {"phone": "+94112345678"}, content_type="application/json"),
        program.delete(path),
    )
    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_a_program_cannot_remove_the_last_factor_either(dr_osei: Doctor) -> None:
    program = program_of(dr_osei)
    totp = "/_allauth/app/v1/account/authenticators/totp"
    secret = program.get(totp).json()["meta"]["secret"]
    program.post(totp, {"code": code_for(secret)}, content_type="application/json")
    answer = program.delete(totp)
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["code"] == "cannot_delete_authenticator"

    first, second = (a_passkey(dr_osei, name) for name in ("Phone", "Laptop"))
    assert program.delete(totp).status_code == 200
    webauthn = "/_allauth/app/v1/account/authenticators/webauthn"

    def remove(*keys: Authenticator) -> int:
        sent = {"authenticators": [key.pk for key in keys]}
        return program.delete(webauthn, sent, content_type="application/json").status_code

    assert remove(first, second) == 409
    assert remove(first) == 200
    assert remove(second) == 409
    assert list(Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN)) == [second]


def a_passkey(doctor: Doctor, name: str) -> Authenticator:
    return Authenticator.objects.create(
        user=doctor.user,
        type=Authenticator.Type.WEBAUTHN,
        data={"name": name, "credential": {}},
    )


def test_a_doctor_enrols_and_goes_on_to_where_they_were_going(dr_osei: Doctor) -> None:
    client = signed_in(dr_osei.user.email)
    client.get("/schedule/?week=2026-11-23", follow=True)
    with_app(client)
    codes = client.get("/account/second-step/recovery-codes/")
    assert "I have kept them: go on" in words(codes)
    assert "/schedule/?week=2026-11-23" in links(codes)
    assert client.get("/schedule/?week=2026-11-23").status_code == 200


def test_signing_in_then_asks_for_the_code_and_a_recovery_code_works_once(dr_osei: Doctor) -> None:
    client = signed_in(dr_osei.user.email)
    with_app(client)
    codes = re.findall(
        r"<li><code>(\d+)</code>",
        client.get("/account/second-step/recovery-codes/").content.decode(),
    )
    assert len(codes) == 10

    def enter(code: str) -> int:
        newcomer = signed_in(dr_osei.user.email)
        newcomer.post("/account/second-step/authenticate/", {"code": code})
        return newcomer.get("/agenda/").status_code

    assert [enter("000000"), enter(codes[0]), enter(codes[0])] == [302, 200, 302]


def test_a_code_of_the_app_signs_in_once(dr_osei: Doctor) -> None:
    secret = with_app(signed_in(dr_osei.user.email))
    factor = Authenticator.objects.get(type=Authenticator.Type.TOTP)
    code = code_for(secret)
    assert factor.wrap().validate_code(code)
    newcomer = signed_in(dr_osei.user.email)
    again = newcomer.post("/account/second-step/authenticate/", {"code": code})
    assert "used before" in words(again)


def test_the_last_factor_stays_where_one_must_be(dr_osei: Doctor) -> None:
    client = signed_in(dr_osei.user.email)
    with_app(client)
    page = client.get("/account/second-step/totp/deactivate/")
    assert "must have a second step" in words(page)
    client.post("/account/second-step/totp/deactivate/")
    assert Authenticator.objects.filter(type=Authenticator.Type.TOTP).exists()


def test_the_last_passkey_stays_too_and_one_of_two_may_go(dr_osei: Doctor) -> None:
    first, second = (a_passkey(dr_osei, name) for name in ("Phone", "Laptop"))
    client = visitor(dr_osei)
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time(), "reauthenticated": True}
    ]
    session["account_authentication_methods_user"] = str(dr_osei.pk)
    session.save()
    assert may_lose(first)
    client.post(f"/account/second-step/webauthn/keys/{first.pk}/remove/")
    answer = client.post(f"/account/second-step/webauthn/keys/{second.pk}/remove/", follow=True)
    assert "must have a second step" in words(answer)
    assert list(Authenticator.objects.filter(type=Authenticator.Type.WEBAUTHN)) == [second]


def test_a_patient_may_take_it_away_again(ana: Patient) -> None:
    client = signed_in(ana.user.email)
    with_app(client)
    client.post("/account/second-step/totp/deactivate/")
    assert not Authenticator.objects.exists()


def test_the_secret_lies_sealed_in_the_database(ana: Patient) -> None:
    secret = with_app(signed_in(ana.user.email))
    data = Authenticator.objects.get(type=Authenticator.Type.TOTP).data
    assert secret not in json.dumps(data)
