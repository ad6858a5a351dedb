"""The two people of an appointment, and what each may see and do."""

import base64
import json
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import Settings

from clinicall import wiring
from clinicall.booking.models import Appointment, NicReveal
from clinicall.consultation import running_late
from clinicall.consultation.room import enter
from clinicall.payments.models import Payment, Trouble
from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Slot
from tests.api.conftest import Answer, Caller, Calling, faults, problem_of, refusal
from tests.booking.test_checkout import news, pays
from tests.booking.test_ending import paid
from tests.clinic_clock import NOON, ClinicClock
from tests.conftest import booked

MINUTE = timedelta(minutes=1)


def told(answer: Answer) -> Any:
    assert answer.status_code == 200, answer.content
    return json.loads(answer.content)


def path(appointment: Appointment, verb: str = "") -> str:
    return f"/appointments/{appointment.pk}{verb}"


def ids(caller: Caller, query: str = "") -> list[str]:
    return [one["id"] for one in told(caller.get(f"/appointments{query}"))["items"]]


# --- Who sees what ---


def test_the_doctor_reads_the_reason_and_the_end_of_the_nic(
    calling: Calling, slots: list[Slot], dr_osei: Doctor, ana: Patient
) -> None:
    appointment = paid(slots[0], ana)
    to_ana = told(calling(ana).get(path(appointment)))
    to_doctor = told(calling(dr_osei).get(path(appointment)))
    assert (to_ana["nic"], to_doctor["nic"]) == ("199012345678", "••••••5678")
    assert to_doctor | {"nic": to_ana["nic"]} == to_ana
    assert to_doctor["reason"] == "Cough for two weeks"


def test_the_doctor_gets_the_whole_nic_by_saying_what_for(
    calling: Calling, slots: list[Slot], dr_osei: Doctor, dr_silva: Doctor, ana: Patient
) -> None:
    appointment = paid(slots[0], ana)
    where, what_for = path(appointment, "/nic"), {"purpose": "A prescription"}
    assert told(calling(dr_osei).post(where, what_for)) == {"nic": "199012345678"}
    assert NicReveal.objects.get().purpose == "A prescription"
    assert refusal(calling(ana).post(where, what_for)) == (403, "wrong_role")
    assert refusal(calling(dr_silva).post(where, what_for)) == (404, "not_found")
    assert faults(calling(dr_osei).post(where, {})) == {("#/purpose", "required")}
    for purpose, code in ((" ", "required"), ("x" * 201, "too_long"), (7, "wrong_type")):
        answer = calling(dr_osei).post(where, {"purpose": purpose})
        assert faults(answer) == {("#/purpose", code)}
    assert NicReveal.objects.count() == 1


def test_the_page_to_pay_on_is_for_the_patient_alone_and_while_it_can_be_paid(
    calling: Calling, slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    appointment = booked(slots[0], ana)

    def checkout_url() -> str | None:
        url: str | None = told(calling(ana).get(path(appointment)))["payment"]["checkoutUrl"]
        return url

    assert checkout_url()
    Payment.objects.update(trouble=Trouble.MISMATCH)
    assert checkout_url() is None
    Payment.objects.update(trouble=Trouble.NONE)
    assert checkout_url()
    clock.move(10 * MINUTE)
    assert checkout_url() is None


def test_an_appointment_exists_for_its_doctor_from_its_confirmation_on(
    calling: Calling, slots: list[Slot], dr_osei: Doctor, ana: Patient
) -> None:
    appointment = booked(slots[0], ana)
    doctor = calling(dr_osei)
    assert refusal(doctor.get(path(appointment))) == (404, "not_found")
    assert ids(doctor) == []
    pays(appointment, "succeed")
    news(appointment)
    assert ids(doctor) == [str(appointment.pk)]
    assert told(doctor.get(path(appointment)))["status"] == "confirmed"


def test_to_everyone_else_it_does_not_exist(
    calling: Calling, free_slots: list[Slot], ana: Patient, cleo: Patient, dr_osei: Doctor
) -> None:
    appointment = booked(free_slots[0], ana)
    for stranger in (calling(cleo), calling(dr_osei)):
        assert ids(stranger) == []
        theirs = without_id(stranger.get(path(appointment)))
        nobodys = without_id(stranger.get(f"/appointments/{uuid4()}"))
        assert theirs == nobodys
        assert theirs["code"] == "not_found"
        for verb in ("/cancel", "/call", "/call/leave"):
            assert refusal(stranger.post(path(appointment, verb))) == (404, "not_found")
    appointment.refresh_from_db()
    assert appointment.status == "confirmed"


def without_id(answer: Answer) -> dict[str, Any]:
    return {name: fact for name, fact in problem_of(answer).items() if name != "requestId"}


def test_the_token_is_shown_while_the_room_is_open_and_never_in_a_list(
    calling: Calling, free_slots: list[Slot], dr_silva: Doctor, ana: Patient, clock: ClinicClock
) -> None:
    appointment = booked(free_slots[0], ana)

    def tokens() -> list[bool]:
        alone = [told(calling(p).get(path(appointment)))["agoraToken"] for p in (ana, dr_silva)]
        lists = [told(calling(p).get("/appointments"))["items"] for p in (ana, dr_silva)]
        assert [one["agoraToken"] for (one,) in lists] == [None, None]
        return [token is not None for token in alone]

    assert tokens() == [False, False]
    clock.set(appointment.opens_at)
    assert tokens() == [True, False]
    clock.set(appointment.closes_at)
    assert tokens() == [False, False]


def test_programs_read_how_late_the_doctor_said_to_be(
    calling: Calling, free_slots: list[Slot], dr_silva: Doctor, ana: Patient, clock: ClinicClock
) -> None:
    appointment = booked(free_slots[0], ana)
    clock.set(appointment.starts_at)
    running_late.say(dr_silva, 20)
    read = told(calling(ana).get(path(appointment)))
    assert (read["delayMinutes"], read["endsAt"], read["joinClosesAt"]) == (
        20,
        "2026-11-25T03:45:00Z",
        "2026-11-25T04:20:00Z",
    )


def test_nobody_reads_the_token_of_the_other(
    calling: Calling, free_slots: list[Slot], dr_silva: Doctor, ana: Patient, clock: ClinicClock
) -> None:
    appointment = booked(free_slots[0], ana)
    clock.set(appointment.starts_at)
    for one, other in ((ana, dr_silva), (dr_silva, ana)):
        issued = told(calling(one).post(path(appointment, "/call")))["token"]
        assert told(calling(one).get(path(appointment)))["agoraToken"] == issued
        assert told(calling(other).get(path(appointment)))["agoraToken"] is None


def test_the_token_read_is_the_last_one_issued(
    calling: Calling, free_slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    appointment = booked(free_slots[0], ana)
    clock.set(appointment.starts_at)
    room_pass = enter(appointment.pk, ana.user, line_for=wiring.video_line, session="")
    assert told(calling(ana).get(path(appointment)))["agoraToken"] == room_pass.token


# --- Lists ---


def test_a_hold_past_its_time_reads_as_cancelled_everywhere(
    calling: Calling, slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    appointment = booked(slots[0], ana)
    program = calling(ana)
    assert ids(program, "?status=pending") == [str(appointment.pk)]
    assert ids(program, "?status=cancelled") == []
    clock.move(10 * MINUTE)
    assert ids(program, "?status=pending") == []
    assert ids(program, "?status=cancelled") == [str(appointment.pk)]
    read = told(program.get(path(appointment)))
    assert (read["status"], read["cancelReason"]) == ("cancelled", "hold_expired")
    appointment.refresh_from_db()
    assert appointment.status == "pending"  # nobody had to write it down


def test_lists_are_by_start_and_can_be_narrowed_to_local_dates(
    calling: Calling, free_slots: list[Slot], dr_silva: Doctor, ana: Patient, ben: Patient
) -> None:
    early, late = booked(free_slots[0], ana), booked(free_slots[2], ben)
    doctor = calling(dr_silva)
    both = [str(early.pk), str(late.pk)]
    assert ids(doctor) == both
    assert ids(doctor, "?order=desc") == both[::-1]
    assert ids(doctor, "?status=confirmed&from=2026-11-25&to=2026-11-25") == both
    assert ids(doctor, "?to=2026-11-24") == []
    assert ids(doctor, "?from=2026-11-26") == []
    assert ids(doctor, "?to=2026-11-24&timezone=America/Los_Angeles") == both
    assert ids(doctor, "?status=completed") == []
    page = told(doctor.get("/appointments?pageSize=1&page=2"))
    assert [one["id"] for one in page["items"]] == both[1:]
    assert (page["page"], page["pageSize"], page["total"]) == (2, 1, 2)


def test_a_patients_dates_are_those_of_where_they_live(
    calling: Calling, free_slots: list[Slot], ana: Patient
) -> None:
    ana.user.timezone = "America/Los_Angeles"
    ana.user.save()
    appointment = booked(free_slots[0], ana)
    assert ids(calling(ana), "?from=2026-11-24&to=2026-11-24") == [str(appointment.pk)]


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("status=booked", ("#/status", "not_a_choice")),
        ("status=", ("#/status", "not_a_choice")),
        ("order=password", ("#/order", "not_a_choice")),
        ("from=2026-11-26&to=2026-11-25", ("#/to", "before_from")),
        ("timezone=Foo/Bar", ("#/timezone", "unknown_timezone")),
        ("status=pending&status=confirmed", ("#/status", "repeated")),
        (
            "doctor__user__email__startswith=a",
            ("#/doctor__user__email__startswith", "unknown_parameter"),
        ),
        ("fields=nic", ("#/fields", "unknown_parameter")),
    ],
)
def test_a_list_that_cannot_be_asked_for_is_refused(
    calling: Calling, ana: Patient, query: str, fault: tuple[str, str]
) -> None:
    assert faults(calling(ana).get(f"/appointments?{query}")) == {fault}


# --- Cancelling ---


def test_a_hold_is_cancelled_with_the_company_that_was_asked_for_its_money(
    calling: Calling, slots: list[Slot], ana: Patient, settings: Any
) -> None:
    appointment = booked(slots[0], ana)
    settings.PAYMENT_PROVIDER = "none"
    cancelled = told(calling(ana).post(path(appointment, "/cancel")))
    assert cancelled["payment"]["status"] == "cancelled"


def test_a_patient_cancels_in_time_and_gets_their_money_back(
    calling: Calling, slots: list[Slot], ana: Patient
) -> None:
    appointment = paid(slots[0], ana)
    cancelled = told(calling(ana).post(path(appointment, "/cancel"), {"reason": "I am well again"}))
    assert (cancelled["status"], cancelled["cancelReason"]) == ("cancelled", "by_patient")
    assert cancelled["payment"]["refund"] == {"amount": 250_000, "status": "requested"}
    assert cancelled["slotId"] == str(slots[0].pk)
    again = told(calling(ana).post(path(appointment, "/cancel")))
    assert again == cancelled


def test_a_doctor_cancels_and_the_time_is_withdrawn(
    calling: Calling, slots: list[Slot], dr_osei: Doctor, ana: Patient
) -> None:
    appointment = paid(slots[0], ana)
    cancelled = told(calling(dr_osei).post(path(appointment, "/cancel"), {}))
    assert (cancelled["status"], cancelled["cancelReason"]) == ("cancelled", "by_doctor")
    assert cancelled["slotId"] is None
    assert cancelled["payment"]["refund"]["amount"] == 250_000


def test_it_can_be_too_late_to_cancel(
    calling: Calling, free_slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    appointment = booked(free_slots[0], ana)
    clock.set(appointment.starts_at - 119 * MINUTE)
    assert refusal(calling(ana).post(path(appointment, "/cancel"))) == (409, "too_late")


def test_a_completed_visit_cannot_be_cancelled(
    calling: Calling, free_slots: list[Slot], dr_silva: Doctor, ana: Patient, clock: ClinicClock
) -> None:
    appointment = booked(free_slots[0], ana)
    clock.set(appointment.ends_at)
    told(calling(dr_silva).post(path(appointment, "/complete"), {"outcome": "attended"}))
    answer = calling(ana).post(path(appointment, "/cancel"))
    assert refusal(answer) == (409, "not_possible_now")
    assert problem_of(answer)["appointmentStatus"] == "completed"


# --- Completing ---


def test_the_doctor_ends_a_visit_and_can_undo_it(
    calling: Calling, free_slots: list[Slot], dr_silva: Doctor, ana: Patient, clock: ClinicClock
) -> None:
    appointment = booked(free_slots[0], ana)
    clock.set(appointment.starts_at)
    doctor = calling(dr_silva)
    done = told(doctor.post(path(appointment, "/complete"), {"outcome": "attended"}))
    assert (done["status"], done["outcome"]) == ("completed", "attended")
    assert told(doctor.post(path(appointment, "/complete"), {"outcome": "attended"})) == done
    open_again = told(doctor.post(path(appointment, "/reopen")))
    assert (open_again["status"], open_again["outcome"]) == ("confirmed", None)
    assert told(doctor.post(path(appointment, "/reopen"), {})) == open_again


def test_undoing_is_possible_for_ten_minutes(
    calling: Calling, free_slots: list[Slot], dr_silva: Doctor, ana: Patient, clock: ClinicClock
) -> None:
    appointment = booked(free_slots[0], ana)
    clock.set(appointment.starts_at)
    doctor = calling(dr_silva)
    told(doctor.post(path(appointment, "/complete"), {"outcome": "no_show_patient"}))
    clock.move(10 * MINUTE)
    assert refusal(doctor.post(path(appointment, "/reopen"))) == (409, "too_late")


@pytest.mark.parametrize(
    ("since_start", "refused"),
    [(-1 * MINUTE, "not_possible_now"), (timedelta(hours=24, minutes=15), "too_late")],
)
def test_a_visit_is_marked_from_its_start_to_a_day_after_its_end(
    calling: Calling,
    free_slots: list[Slot],
    dr_silva: Doctor,
    ana: Patient,
    clock: ClinicClock,
    since_start: timedelta,
    refused: str,
) -> None:
    appointment = booked(free_slots[0], ana)
    clock.set(appointment.starts_at + since_start)
    answer = calling(dr_silva).post(path(appointment, "/complete"), {"outcome": "attended"})
    assert refusal(answer) == (409, refused)


@pytest.mark.parametrize("outcome", ["", "absent", None, 1, ["attended"]])
def test_a_visit_ends_in_one_of_two_ways(
    calling: Calling, free_slots: list[Slot], dr_silva: Doctor, ana: Patient, outcome: Any
) -> None:
    appointment = booked(free_slots[0], ana)
    answer = calling(dr_silva).post(path(appointment, "/complete"), {"outcome": outcome})
    assert faults(answer) == {("#/outcome", "not_a_choice")}


def test_a_patient_can_neither_end_a_visit_nor_undo_that(
    calling: Calling, free_slots: list[Slot], ana: Patient
) -> None:
    appointment = booked(free_slots[0], ana)
    for verb in ("/complete", "/reopen"):
        assert refusal(calling(ana).post(path(appointment, verb))) == (403, "wrong_role")


# --- The call ---


def test_both_get_a_pass_of_their_own_while_the_room_is_open(
    calling: Calling, free_slots: list[Slot], dr_silva: Doctor, ana: Patient, clock: ClinicClock
) -> None:
    appointment = booked(free_slots[0], ana)
    clock.set(appointment.opens_at)
    to_ana = told(calling(ana).post(path(appointment, "/call")))
    to_doctor = told(calling(dr_silva).post(path(appointment, "/call"), {}))
    assert (to_doctor["uid"], to_ana["uid"]) == (1, 2)
    assert to_ana["token"] != to_doctor["token"]
    assert to_ana | {"token": ""} == {
        "provider": "peer",
        "appId": None,
        "channelName": f"appt_{appointment.pk}",
        "uid": 2,
        "token": "",
        "tokenExpiresAt": "2026-11-25T03:50:00Z",
        "opensAt": "2026-11-25T03:20:00Z",
        "closesAt": "2026-11-25T04:00:00Z",
        "socketUrl": f"ws://testserver/ws/calls/{appointment.pk}",
        "iceServers": [],
        "encryption": None,
    }


def test_on_agora_the_pass_says_how_to_encrypt(
    calling: Calling,
    free_slots: list[Slot],
    ana: Patient,
    clock: ClinicClock,
    settings: Settings,
) -> None:
    settings.AGORA_APP_ID, settings.AGORA_APP_CERTIFICATE = "0" * 32, "1" * 32
    appointment = booked(free_slots[0], ana)
    clock.set(appointment.opens_at)
    encryption = told(calling(ana).post(path(appointment, "/call")))["encryption"]
    appointment.refresh_from_db()
    assert encryption["mode"] == "aes-256-gcm2"
    assert encryption["secret"] == appointment.media_secret
    assert len(base64.b64decode(encryption["salt"])) == 32


def test_the_door_says_why_it_is_shut(
    calling: Calling,
    slots: list[Slot],
    free_slots: list[Slot],
    ana: Patient,
    ben: Patient,
    clock: ClinicClock,
) -> None:
    pending, confirmed = booked(slots[0], ana), booked(free_slots[1], ben)

    def called(patient: Patient, appointment: Appointment) -> Answer:
        return calling(patient).post(path(appointment, "/call"))

    assert refusal(called(ana, pending)) == (409, "not_confirmed")
    early = called(ben, confirmed)
    assert refusal(early) == (409, "too_early")
    assert problem_of(early)["opensAt"] == "2026-11-25T03:35:00Z"
    clock.set(confirmed.closes_at)
    closed = called(ben, confirmed)
    assert refusal(closed) == (410, "room_closed")
    assert problem_of(closed)["appointmentStatus"] == "confirmed"
    assert refusal(called(ana, pending)) == (410, "room_closed")


def test_a_program_cannot_choose_who_it_is_in_the_room(
    calling: Calling, free_slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    appointment = booked(free_slots[0], ana)
    clock.set(appointment.starts_at)
    answer = calling(ana).post(path(appointment, "/call"), {"uid": 1})
    assert faults(answer) == {("#/uid", "unknown_member")}


def test_leaving_ends_nothing(
    calling: Calling, free_slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    appointment = booked(free_slots[0], ana)
    clock.set(appointment.starts_at)
    told(calling(ana).post(path(appointment, "/call")))
    left = calling(ana).post(path(appointment, "/call/leave"), {})
    assert (left.status_code, left.content) == (204, b"")
    assert told(calling(ana).get(path(appointment)))["status"] == "confirmed"
    told(calling(ana).post(path(appointment, "/call")))


# --- Times on the wire ---


def test_instants_are_utc_and_carry_a_fraction_only_where_there_is_one(
    calling: Calling, slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    moment = datetime.fromisoformat(f"{NOON:%Y-%m-%dT%H:%M:%S}.250000+00:00")
    clock.set(moment)
    read = told(calling(ana).get(path(booked(slots[0], ana))))
    assert read["createdAt"] == "2026-11-23T06:30:00.250000Z"
    assert read["startsAt"] == "2026-11-25T03:30:00Z"
