"""The whole way of a patient's program, over HTTP alone: sign up, verify, find, book, pay, enter."""

import json
import re
from datetime import timedelta
from typing import Any

from django.core.mail import EmailMessage
from django.test import Client

from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Slot
from tests.api.conftest import Answer, Caller, Calling, refusal
from tests.cast import PASSWORD
from tests.clinic_clock import ClinicClock

SITE = "http://127.0.0.1:8000"


def accounts(client: Client, path: str, sent: dict[str, str], token: str = "") -> Any:
    """What the accounts' part answers to a program: its status and its JSON."""
    answer = client.post(
        f"/_allauth/app/v1/{path}",
        sent,
        content_type="application/json",
        headers={"X-Session-Token": token} if token else None,
    )
    return answer.status_code, json.loads(answer.content)


def told(answer: Answer) -> Any:
    assert answer.status_code in (200, 201), answer.content
    return json.loads(answer.content)


def test_a_program_signs_up_books_pays_and_enters_the_room(
    slots: list[Slot], clock: ClinicClock, mailoutbox: list[EmailMessage]
) -> None:
    program = Caller(Client(enforce_csrf_checks=True))

    status, told_so_far = accounts(
        program.client, "auth/signup", {"email": "dora@clinic.example", "password": PASSWORD}
    )
    assert status == 401  # not signed in until the address is proven
    pending = told_so_far["meta"]["session_token"]
    early = program.get("/appointments", **{"X-Session-Token": pending})
    assert refusal(early) == (401, "not_signed_in")

    (mail,) = mailoutbox
    assert mail.to == ["dora@clinic.example"]
    code = re.search(r"^\s+([A-Z0-9-]{6,})$", str(mail.body), re.MULTILINE)
    assert code
    status, told_so_far = accounts(
        program.client, "auth/email/verify", {"key": code.group(1)}, pending
    )
    assert status == 200
    token = {"X-Session-Token": told_so_far["meta"].get("session_token", pending)}
    assert Patient.objects.filter(user__email="dora@clinic.example").exists()

    (doctor,) = told(program.get("/doctors?name=osei"))["items"]
    (day,) = told(program.get(f"/doctors/{doctor['id']}/slots"))["days"]
    wish = {
        "slotId": day["slots"][0]["id"],
        "firstName": "Dora",
        "lastName": "–",
        "phone": "+94 71 234 5678",
        "nic": "901234567v",
        "email": "dora@clinic.example",
        "reason": "Palpitations",
    }
    made = told(program.post("/appointments", wish, **token, **{"Idempotency-Key": "1"}))
    assert made["status"] == "pending"

    page = made["payment"]["checkoutUrl"].removeprefix(SITE)
    paid = Client(enforce_csrf_checks=True).post(page, {"outcome": "succeed"})
    assert paid.status_code == 303
    confirmed = told(program.get(f"/appointments/{made['id']}", **token))
    assert confirmed["status"] == "confirmed"
    assert confirmed["nic"] == "901234567V"

    clock.set(slots[0].starts_at - timedelta(minutes=10))
    room_pass = told(program.post(f"/appointments/{made['id']}/call", **token))
    assert room_pass["channelName"] == confirmed["channelName"] == f"appt_{made['id']}"
    assert room_pass["uid"] == 2


def test_a_program_signs_in_and_out(ana: Patient) -> None:
    program = Caller(Client(enforce_csrf_checks=True))
    wrong, _ = accounts(
        program.client, "auth/login", {"email": ana.user.email, "password": "not this one"}
    )
    assert wrong == 400
    status, signed_in = accounts(
        program.client, "auth/login", {"email": ana.user.email, "password": PASSWORD}
    )
    assert status == 200
    token = {"X-Session-Token": signed_in["meta"]["session_token"]}
    assert told(program.get("/appointments", **token))["total"] == 0
    program.client.delete("/_allauth/app/v1/auth/session", headers=token)
    assert refusal(program.get("/appointments", **token)) == (401, "not_signed_in")


def test_a_doctor_publishes_and_sees_who_comes(
    calling: Calling, dr_silva: Doctor, ana: Patient
) -> None:
    doctor = calling(dr_silva)
    hours = {"date": "2026-11-30", "startTime": "09:00", "endTime": "10:00", "durationMinutes": 30}
    published = told(doctor.post("/availability", {"windows": [hours]}))
    first, _ = published["days"][0]["slots"]
    wish = {
        "slotId": first["id"],
        "firstName": "Ana",
        "lastName": "Perera",
        "phone": "0712345678",
        "nic": "199012342937",
        "email": "ana@clinic.example",
        "reason": "Cough",
    }
    told(calling(ana).post("/appointments", wish, **{"Idempotency-Key": "1"}))
    (seen,) = told(doctor.get("/appointments?status=confirmed"))["items"]
    assert (seen["firstName"], seen["reason"], seen["nic"]) == ("Ana", "Cough", "••••••2937")
