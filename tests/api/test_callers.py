"""Who may call what, and in which order things are checked."""

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from clinicall.people.models import Doctor, Patient, Role, User
from clinicall.schedule.models import Availability, Slot
from tests import cast
from tests.api.conftest import Caller, Calling, faults, form, problem_of, refusal
from tests.conftest import booked

SOME_ID = "00000000-0000-4000-8000-000000000000"
SIGNED_IN = [
    ("GET", "/availability"),
    ("POST", "/availability"),
    ("PUT", "/availability/2026-11-25"),
    ("DELETE", "/availability/2026-11-25"),
    ("POST", "/appointments"),
    ("GET", "/appointments"),
    ("GET", f"/appointments/{SOME_ID}"),
    ("POST", f"/appointments/{SOME_ID}/cancel"),
    ("POST", f"/appointments/{SOME_ID}/complete"),
    ("POST", f"/appointments/{SOME_ID}/reopen"),
    ("POST", f"/appointments/{SOME_ID}/call"),
    ("POST", f"/appointments/{SOME_ID}/call/leave"),
]
FOR_DOCTORS = {*SIGNED_IN[:4], *SIGNED_IN[8:10]}
FOR_PATIENTS = {SIGNED_IN[4]}


@pytest.mark.parametrize(("method", "path"), SIGNED_IN)
def test_strangers_are_asked_to_sign_in_before_anything_else(
    calling: Calling, db: None, method: str, path: str
) -> None:
    answer = calling(None).send(method, f"{path}?nonsense=1", [], **{"Content-Encoding": "gzip"})
    assert refusal(answer) == (401, "not_signed_in")


@pytest.mark.parametrize(("method", "path"), SIGNED_IN)
def test_the_wrong_role_is_told_so_before_anything_is_read(
    calling: Calling, ana: Patient, dr_osei: Doctor, method: str, path: str
) -> None:
    for person, refused in ((ana, FOR_DOCTORS), (dr_osei, FOR_PATIENTS)):
        answer = calling(person).send(method, path, [])
        assert (answer.status_code == 403) == ((method, path) in refused)
        if answer.status_code == 403:
            assert refusal(answer) == (403, "wrong_role")


def test_staff_and_admins_have_no_appointments_here(
    calling: Calling, free_slots: list[Slot], ana: Patient, dr_silva: Doctor
) -> None:
    appointment = booked(free_slots[0], ana)
    for role, clinic in ((Role.STAFF, dr_silva.clinic), (Role.ADMIN, None)):
        user = User.objects.create_user(f"{role}@clinic.example", role=role, clinic=clinic)
        client = Client()
        client.force_login(user)
        for verb in ("", "/call", "/cancel"):
            method = "POST" if verb else "GET"
            answer = Caller(client).send(method, f"/appointments/{appointment.pk}{verb}")
            assert refusal(answer) == (404, "not_found")


def test_checks_come_in_the_contracts_order(
    calling: Calling, slots: list[Slot], free_slots: list[Slot], dr_osei: Doctor, ana: Patient, ben: Patient
) -> None:  # fmt: skip
    program = calling(ana)

    def sent(path: str, body: Any, **headers: str) -> tuple[int, str]:
        return refusal(program.post(path, body, **headers))

    # 404 of the path's object, before 415 and 400
    gzip = {"Content-Encoding": "gzip"}
    assert sent(f"/appointments/{uuid4()}/cancel", [], **gzip) == (404, "not_found")
    # 415 before 400, and 400 before 422
    booked(free_slots[3], ben)
    own = f"/appointments/{booked(slots[3], ana).pk}/cancel"
    assert sent(f"{own}?x=1", [], **gzip) == (415, "wrong_type")
    assert sent(f"{own}?x=1", []) == (400, "bad_request")
    assert sent(f"{own}?x=1", {"reason": 1}) == (422, "invalid")
    # 422 before slot_gone, and that before 409
    key = {"Idempotency-Key": "k"}
    wish = form(slots[3])  # held by Ana herself: patient_busy
    assert sent("/appointments", wish | {"slotId": "0", "nic": "1"}, **key) == (422, "invalid")
    assert sent("/appointments", wish | {"slotId": "0"}, **key) == (404, "slot_gone")
    assert sent("/appointments", wish, **key) == (409, "patient_busy")


# --- Browsers ---


def browser(person: Patient | Doctor) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person.user)
    return client


def test_a_browser_must_prove_that_a_page_of_ours_sent_it(dr_osei: Doctor) -> None:
    client = browser(dr_osei)
    sent = {"windows": [{"nonsense": 1}]}
    without = Caller(client).post("/availability", sent)
    assert refusal(without) == (403, "csrf_failed")
    client.cookies["csrftoken"] = "a" * 32
    wrong = Caller(client).post("/availability", sent, **{"X-CSRFToken": "b" * 32})
    assert refusal(wrong) == (403, "csrf_failed")
    proven = Caller(client).post("/availability", sent, **{"X-CSRFToken": "a" * 32})
    assert proven.status_code == 422
    assert Caller(client).get("/availability").status_code == 200


def test_a_form_of_another_site_books_nothing(slots: list[Slot], ana: Patient) -> None:
    client = browser(ana)
    client.cookies["csrftoken"] = "a" * 32
    answer = client.post(
        "/api/v1/appointments",
        form(slots[0]) | {"csrfmiddlewaretoken": "a" * 32},
        headers={"Idempotency-Key": "k", "Origin": "https://evil.example"},
    )
    assert refusal(answer) == (403, "csrf_failed")


@pytest.mark.parametrize("cookie", ["", "nonsense", "x" * 5000, "' or 1=1"])
def test_a_session_that_is_none_is_nobodys(db: None, cookie: str) -> None:
    client = Client()
    client.cookies["sessionid"] = cookie
    assert refusal(Caller(client).get("/appointments")) == (401, "not_signed_in")


# --- Programs ---


def token_of(person: Patient | Doctor) -> str:
    """A session like the one that signing in as a program makes."""
    client = Client()
    client.force_login(person.user)
    token: str = client.cookies["sessionid"].value
    return token


def test_a_program_needs_its_token_and_no_csrf(dr_osei: Doctor) -> None:
    program = Caller(Client(enforce_csrf_checks=True))
    token = {"X-Session-Token": token_of(dr_osei)}
    sent = {
        "windows": [
            {"date": "2026-11-25", "startTime": "09:00", "endTime": "10:00", "durationMinutes": 15}
        ]
    }
    assert program.post("/availability", sent, **token).status_code == 201
    assert Availability.objects.count() == 1
    assert program.get("/availability", **token).status_code == 200


@pytest.mark.parametrize("token", ["nonsense", "x" * 5000, "'", "\xe9"])
def test_a_token_that_is_none_is_nobodys_even_beside_a_good_cookie(
    ana: Patient, token: str
) -> None:
    answer = Caller(browser(ana)).get("/appointments", **{"X-Session-Token": token})
    assert refusal(answer) == (401, "not_signed_in")


def test_a_cookie_of_any_bytes_is_nobodys(client: Client, db: None) -> None:
    cookie = {"Cookie": r'sessionid="\000aaaaaaaaaaaaaaa"'}  # a NUL, as cookies may write it
    assert refusal(Caller(client).get("/appointments", **cookie)) == (401, "not_signed_in")
    assert client.get("/", headers=cookie).status_code == 200


def test_an_ended_session_is_nobodys(ana: Patient) -> None:
    token = token_of(ana)
    SessionStore(token).delete()
    answer = Caller(Client()).get("/appointments", **{"X-Session-Token": token})
    assert refusal(answer) == (401, "not_signed_in")


def test_a_closed_account_is_signed_out(calling: Calling, ana: Patient) -> None:
    signed_in, token = calling(ana), token_of(ana)
    ana.user.is_active = False
    ana.user.save()
    assert refusal(signed_in.get("/appointments")) == (401, "not_signed_in")
    by_token = Caller(Client()).get("/appointments", **{"X-Session-Token": token})
    assert refusal(by_token) == (401, "not_signed_in")


def test_a_new_password_ends_the_sessions_before_it(calling: Calling, ana: Patient) -> None:
    token = token_of(ana)
    ana.user.set_password(cast.PASSWORD + " 2")
    ana.user.save()
    answer = Caller(Client()).get("/appointments", **{"X-Session-Token": token})
    assert refusal(answer) == (401, "not_signed_in")


# --- What every answer has ---


def test_no_cache_keeps_what_is_somebodys(
    calling: Calling, ana: Patient, slots: list[Slot]
) -> None:
    program = calling(ana)
    for answer in (
        program.get("/appointments"),
        program.book(slots[0]),
        program.get(f"/appointments/{SOME_ID}"),
    ):
        assert answer["Cache-Control"] == "no-store"


def test_every_answer_has_an_id_that_the_client_cannot_choose(calling: Calling, db: None) -> None:
    first = calling(None).get("/doctors", **{"X-Request-Id": "mine"})
    second = calling(None).get("/doctors")
    assert len({"mine", first["X-Request-Id"], second["X-Request-Id"]}) == 3


@pytest.mark.parametrize("path", ["/api/", "/api/v2/doctors", "/api/v1/", "/api/v1//doctors"])
def test_an_address_that_is_none_is_a_problem_too(db: None, path: str) -> None:
    answer = Client().get(path, headers={"Accept": "text/html"}, follow=True)
    assert refusal(answer) == (404, "not_found")


def test_a_method_that_is_not_taken_is_told_which_are(db: None) -> None:
    answer = Client().patch("/api/v1/appointments")
    assert refusal(answer) == (405, "method_not_allowed")
    assert {m.strip() for m in answer["Allow"].split(",")} == {"GET", "POST"}
    override = Client().post("/api/v1/doctors", headers={"X-HTTP-Method-Override": "GET"})
    assert override.status_code == 405


def test_a_foreign_host_name_is_refused(db: None) -> None:
    answer = Client().get("/api/v1/doctors", headers={"Host": "evil.example"})
    assert refusal(answer) == (400, "bad_request")
    assert b"evil" not in answer.content


def test_a_mistake_of_ours_says_its_id_and_nothing_else(
    calling: Calling,
    ana: Patient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("select secret from people_user")

    monkeypatch.setattr("clinicall.api.appointments.clinic_now", broken)
    program = calling(ana)
    program.client.raise_request_exception = False
    answer = program.get("/appointments")
    assert refusal(answer) == (500, "fault")
    assert b"secret" not in answer.content
    assert "secret" in caplog.text  # the log is where to look


def test_a_fault_names_members_and_never_values(calling: Calling, dr_osei: Doctor) -> None:
    answer = calling(dr_osei).post("/availability", {"windows": ["a secret"]})
    assert faults(answer) == {("#/windows/0", "wrong_type")}
    assert "secret" not in str(problem_of(answer))
