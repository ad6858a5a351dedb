"""A patient's program asks for a slot."""

import json
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from clinicall.booking.models import Appointment
from clinicall.booking.states import Status
from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Slot
from tests.api.conftest import Caller, Calling, faults, form, problem_of, refusal
from tests.clinic_clock import ClinicClock

MEMBERS = [
    *("id", "reference", "doctorId", "patientId", "slotId", "reason", "firstName", "lastName"),
    *("phone", "nic", "email", "status", "createdAt", "channelName", "agoraToken", "startsAt"),
    *(
        "endsAt",
        "holdExpiresAt",
        "cancelReason",
        "cancelNote",
        "outcome",
        "joinOpensAt",
        "joinClosesAt",
    ),
    *("delayMinutes", "payment"),
]


def test_the_form_holds_the_slot_while_its_patient_pays(
    calling: Calling, slots: list[Slot], ana: Patient
) -> None:
    answer = calling(ana).book(slots[0])
    assert answer.status_code == 201
    made = json.loads(answer.content)
    assert sorted(made) == sorted(MEMBERS)
    assert made["status"] == "pending"
    assert made["slotId"] == str(slots[0].pk)
    assert made["phone"] == "+94712345678"
    assert made["holdExpiresAt"] == "2026-11-23T06:40:00Z"
    assert (made["joinOpensAt"], made["joinClosesAt"]) == (
        "2026-11-25T03:20:00Z",
        "2026-11-25T04:00:00Z",
    )
    assert (made["channelName"], made["agoraToken"], made["cancelReason"]) == (None, None, None)
    payment = made["payment"]
    assert payment["checkoutUrl"].startswith("http://127.0.0.1:8000/sandbox/")
    assert payment | {"id": "", "checkoutUrl": ""} == {
        "id": "",
        "provider": "sandbox",
        "status": "pending",
        "amount": 250_000,
        "currency": "LKR",
        "checkoutUrl": "",
        "refund": None,
    }


def test_a_visit_free_of_charge_is_confirmed_at_once(
    calling: Calling, free_slots: list[Slot], ana: Patient
) -> None:
    made = json.loads(calling(ana).book(free_slots[0]).content)
    assert made["status"] == "confirmed"
    assert made["payment"] is None
    assert made["channelName"] == f"appt_{made['id']}"
    assert made["agoraToken"] is None  # the room is not open yet


def test_the_same_request_again_answers_the_same_appointment_as_it_is_then(
    calling: Calling, slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    first = calling(ana).book(slots[0], key="k")
    again = calling(ana).book(slots[0], key="k")
    assert (again.status_code, again.content) == (201, first.content)
    clock.move(timedelta(minutes=10))
    lapsed = calling(ana).book(slots[0], key="k")
    assert lapsed.status_code == 201
    assert json.loads(lapsed.content)["id"] == json.loads(first.content)["id"]
    assert json.loads(lapsed.content)["cancelReason"] == "hold_expired"
    assert Appointment.objects.count() == 1


def test_a_key_is_forgotten_after_a_day(
    calling: Calling, slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    calling(ana).book(slots[0], key="k")
    clock.move(timedelta(hours=24, seconds=1))
    assert json.loads(calling(ana).book(slots[0], key="k").content)["status"] == "pending"
    assert Appointment.objects.count() == 2


def test_a_key_is_for_one_request_of_one_patient(
    calling: Calling, slots: list[Slot], ana: Patient, ben: Patient
) -> None:
    calling(ana).book(slots[0], key="k")
    other = calling(ana).book(slots[1], key="k")
    assert refusal(other) == (422, "idempotency_key_reused")
    assert calling(ben).book(slots[1], key="k").status_code == 201


@pytest.mark.parametrize("key", [" ", "x" * 256, "tab\there", "ключ", "a b"])
def test_a_key_that_is_none_is_refused(
    calling: Calling, slots: list[Slot], ana: Patient, key: str
) -> None:
    assert calling(ana).book(slots[0], key=key).status_code == 400
    assert not Appointment.objects.exists()


def test_without_a_key_nothing_is_booked_whatever_else_is_wrong(
    calling: Calling, slots: list[Slot], ana: Patient
) -> None:
    missing = (400, "idempotency_key_missing")
    assert refusal(calling(ana).post("/appointments", form(slots[0]))) == missing
    assert refusal(calling(ana).post("/appointments", {"nonsense": True})) == missing
    assert not Appointment.objects.exists()


@pytest.mark.parametrize(
    ("change", "member", "code"),
    [
        ({"firstName": ""}, "firstName", "required"),
        ({"firstName": "\u200b"}, "firstName", "characters"),
        ({"firstName": "x" * 101}, "firstName", "too_long"),
        ({"firstName": ["Ana"]}, "firstName", "wrong_type"),
        ({"lastName": "12345"}, "lastName", "no_letter"),
        ({"lastName": None}, "lastName", "wrong_type"),
        ({"lastName": "Perera\u0000"}, "lastName", "characters"),
        ({"lastName": "Perera\ud800"}, "lastName", "characters"),
        ({"phone": "911"}, "phone", "not_a_phone"),
        ({"phone": 712345678}, "phone", "wrong_type"),
        ({"nic": "000000000V"}, "nic", "not_a_nic"),
        ({"email": "ana@localhost"}, "email", "not_an_email"),
        ({"reason": " \n"}, "reason", "required"),
        ({"reason": "x" * 2001}, "reason", "too_long"),
        ({"slotId": 1}, "slotId", "wrong_type"),
        ({"slotId": None}, "slotId", "wrong_type"),
        ({"status": "confirmed"}, "status", "unknown_member"),
        ({"price": 0}, "price", "unknown_member"),
        ({"patientId": "1"}, "patientId", "unknown_member"),
        ({"first_name": "Ana"}, "first_name", "unknown_member"),
    ],
)
def test_what_a_patient_writes_is_checked_and_never_repeated(
    calling: Calling,
    slots: list[Slot],
    ana: Patient,
    change: dict[str, Any],
    member: str,
    code: str,
) -> None:
    answer = calling(ana).book(slots[0], **change)
    assert faults(answer) == {(f"#/{member}", code)}
    (value,) = change.values()
    for fault in problem_of(answer)["errors"]:
        assert len(str(value)) < 4 or str(value) not in fault["detail"]
    assert not Appointment.objects.exists()


def test_everything_that_is_wrong_is_told_at_once(
    calling: Calling, slots: list[Slot], ana: Patient
) -> None:
    answer = calling(ana).post("/appointments", {"phone": "x"}, **{"Idempotency-Key": "k"})
    assert faults(answer) == {
        ("#/phone", "not_a_phone"),
        *((f"#/{m}", "required") for m in ("slotId", "firstName", "lastName", "nic", "email")),
        ("#/reason", "required"),
    }


@pytest.mark.parametrize("named", ["999999", "0", "-1", "abc", "", "1" * 30, "٣"])
def test_a_slot_that_is_not_there_is_gone(
    calling: Calling, slots: list[Slot], ana: Patient, named: str
) -> None:
    assert refusal(calling(ana).book(slots[0], slotId=named)) == (404, "slot_gone")
    # Only once the rest can be used.
    assert calling(ana).book(slots[0], slotId=named, phone="x").status_code == 422


def test_a_slot_that_someone_has_is_taken_and_others_are_offered(
    calling: Calling, slots: list[Slot], ana: Patient, ben: Patient
) -> None:
    calling(ana).book(slots[0])
    answer = calling(ben).book(slots[0])
    assert refusal(answer) == (409, "slot_taken")
    assert problem_of(answer)["alternatives"] == [
        {
            "id": str(slot.pk),
            "startsAt": f"{slot.starts_at:%Y-%m-%dT%H:%M:%SZ}",
            "endsAt": f"{slot.ends_at:%Y-%m-%dT%H:%M:%SZ}",
        }
        for slot in slots[1:]
    ]


def test_a_patient_is_in_one_place_at_a_time_and_holds_two_times_at_most(
    calling: Calling, slots: list[Slot], free_slots: list[Slot], ana: Patient
) -> None:
    program = calling(ana)
    assert program.book(slots[0], key="1").status_code == 201
    assert refusal(program.book(free_slots[0], key="2")) == (409, "patient_busy")
    assert program.book(slots[1], key="3").status_code == 201
    assert refusal(program.book(slots[2], key="4")) == (409, "too_many_holds")


def test_a_time_that_has_begun_cannot_be_booked(
    calling: Calling, slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    clock.set(slots[0].starts_at)
    assert refusal(calling(ana).book(slots[0])) == (409, "too_late")


def test_a_clinic_without_payments_refuses_what_costs_money(
    calling: Calling, slots: list[Slot], ana: Patient, settings: Settings
) -> None:
    settings.PAYMENT_PROVIDER = "none"
    assert refusal(calling(ana).book(slots[0])) == (409, "not_possible_now")


def test_who_pays_is_confirmed_and_has_nothing_more_to_pay(
    calling: Calling, slots: list[Slot], ana: Patient
) -> None:
    program = calling(ana)
    made = json.loads(program.book(slots[0]).content)
    paid = pay(program, made, "succeed")
    assert paid["status"] == "confirmed"
    assert paid["payment"]["status"] == "succeeded"
    assert paid["payment"]["checkoutUrl"] is None
    assert paid["channelName"] == f"appt_{made['id']}"


def test_a_declined_card_gives_the_slot_back(
    calling: Calling, slots: list[Slot], ana: Patient, ben: Patient
) -> None:
    program = calling(ana)
    declined = pay(program, json.loads(program.book(slots[0]).content), "decline")
    assert (declined["status"], declined["cancelReason"]) == ("cancelled", "payment_failed")
    assert declined["payment"]["status"] == "failed"
    assert calling(ben).book(slots[0]).status_code == 201


def test_a_doctors_account_cannot_book(
    calling: Calling, slots: list[Slot], dr_silva: Doctor
) -> None:
    assert refusal(calling(dr_silva).book(slots[0])) == (403, "wrong_role")
    assert not Appointment.objects.filter(status=Status.PENDING).exists()


def pay(program: Caller, made: dict[str, Any], outcome: str) -> dict[str, Any]:
    """What the payer does on the provider's page; then the appointment as it reads."""
    where = made["payment"]["checkoutUrl"].removeprefix("http://127.0.0.1:8000")
    assert program.client.post(where, {"outcome": outcome}).status_code == 303
    read: dict[str, Any] = json.loads(program.get(f"/appointments/{made['id']}").content)
    return read
