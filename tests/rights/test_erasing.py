"""A patient has their account erased."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.db import connection
from django.test import Client

from clinicall import wiring
from clinicall.booking import ending, settling
from clinicall.booking.ending import NotPossibleNow
from clinicall.booking.invariants import breaches
from clinicall.booking.models import Appointment
from clinicall.booking.openings import open_slots
from clinicall.booking.states import CancelReason, Outcome, Status
from clinicall.consultation import device_check
from clinicall.consultation.device_check import Findings
from clinicall.consultation.models import ConnectionState, DeviceState, SpeakerState
from clinicall.core.clock import now as clinic_now
from clinicall.jobs.forgetting import finish_erasing
from clinicall.jobs.tidy import tidy
from clinicall.messages.models import OutboxKind, OutboxMail
from clinicall.payments.models import Refund, RefundState
from clinicall.people.models import Patient
from clinicall.records.models import Action, AuditEntry
from clinicall.rights.erasing import NOTHING_MORE_AFTER, erase, unfinished
from clinicall.schedule.models import Slot
from tests.booking.test_checkout import pays
from tests.booking.test_ending import cancel, paid
from tests.clinic_clock import NOON, ClinicClock
from tests.conftest import booked
from tests.web.visitor import visitor

# What Ana told us, as it might stand anywhere.
TOLD = ["Perera", "94112345678", "199012345678", "ana@clinic.example", "Cough for two weeks"]


def erased(patient: Patient) -> None:
    erase(patient.user, gateway_for=wiring.payment_gateway, line=wiring.video_line())


def finished(clock: ClinicClock) -> None:
    clock.set(clinic_now() + NOTHING_MORE_AFTER)
    finish_erasing()


def told_anywhere() -> list[str]:
    """Every column of every table, read as text, that still says what Ana told us."""
    found = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            cursor.execute(f'select t::text from "{table}" t')
            rows = "\n".join(row for (row,) in cursor.fetchall())
            found += [f"{table}: {text}" for text in TOLD if text.lower() in rows.lower()]
    return found


def test_nothing_that_they_told_us_is_left(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    visit = paid(slots[0], ana)
    cancel(booked(slots[1], ana), ana.user)
    device_check.keep(
        ana.user,
        Findings(DeviceState.OK, DeviceState.OK, SpeakerState.HEARD, ConnectionState.GOOD),
    )
    OutboxMail.objects.create(to=ana.user.email, subject="Hello Ana", body="Ana", at=NOON)
    text = {"kind": OutboxKind.TEXT, "to": visit.phone, "subject": "", "body": "Ana", "at": NOON}
    OutboxMail.objects.create(**text)
    assert told_anywhere()
    erased(ana)
    finished(clock)
    assert told_anywhere() == []
    visit.refresh_from_db()
    assert (visit.phone, visit.nic, visit.reason, visit.token) == ("", "", "", "")
    assert not EmailAddress.objects.filter(user=ana.pk).exists()
    assert unfinished() == []


def test_their_visit_to_come_is_cancelled_and_its_money_goes_back(
    slots: list[Slot], ana: Patient
) -> None:
    visit = paid(slots[0], ana)
    erased(ana)
    visit.refresh_from_db()
    assert (visit.status, visit.cancel_reason) == (Status.CANCELLED, CancelReason.ACCOUNT_ERASED)
    assert Refund.objects.get().amount == visit.price_amount
    assert slots[0] in open_slots()
    tidy()
    assert Refund.objects.get().state == RefundState.SUCCEEDED


def test_by_the_clinics_rule_however_late(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    visit = paid(slots[0], ana)
    Appointment.objects.update(refund_hours=24, refund_percent=50)
    clock.set(visit.starts_at - timedelta(minutes=30))
    erased(ana)
    visit.refresh_from_db()
    assert visit.status == Status.CANCELLED
    assert not Refund.objects.exists()


def test_not_from_under_a_visit(slots: list[Slot], ana: Patient, clock: ClinicClock) -> None:
    visit = paid(slots[0], ana)
    for moment in (visit.starts_at, visit.starts_at - timedelta(minutes=9), visit.ends_at):
        clock.set(moment)
        with pytest.raises(NotPossibleNow):
            erased(ana)
    ana.user.refresh_from_db()
    assert ana.user.is_active
    assert not AuditEntry.objects.filter(action=Action.ERASED).exists()


def test_a_visit_that_took_place_stays_in_the_clinics_book_without_a_name(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    visit = paid(slots[0], ana)
    clock.set(visit.starts_at)
    ending.complete(visit.pk, Outcome.ATTENDED, by=visit.doctor.user)
    clock.set(visit.closes_at + timedelta(minutes=1))
    erased(ana)
    visit.refresh_from_db()
    assert (visit.status, visit.first_name, visit.last_name) == (
        Status.COMPLETED,
        "Erased",
        "patient",
    )
    doctor = visitor(visit.doctor)
    assert doctor.get(f"/appointments/{visit.pk}/").status_code == 200
    assert doctor.get("/agenda/").status_code == 200


def test_they_are_signed_out_and_cannot_sign_in(ana: Patient) -> None:
    client = visitor(ana)
    assert client.get("/appointments/").status_code == 200
    erased(ana)
    assert client.get("/appointments/").status_code == 302
    sign_in = {"login": "ana@clinic.example", "password": "a long enough secret"}
    assert "sessionid" not in Client().post("/account/login/", sign_in).cookies


def test_late_money_of_theirs_goes_back(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    hold = booked(slots[0], ana)
    clock.set(hold.held_until)
    tidy()
    erased(ana)
    pays(hold, "succeed")
    assert hold.payment_id
    settling.settle(hold.payment_id, gateway_for=wiring.payment_gateway, line=wiring.video_line())
    hold.refresh_from_db()
    assert hold.status == Status.CANCELLED
    assert breaches() == []


def test_what_a_request_on_its_way_still_wrote_goes_too(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    erased(ana)
    booked(slots[0], ana)
    assert told_anywhere()
    finished(clock)
    assert told_anywhere() == []
    assert Appointment.objects.get().cancel_reason == CancelReason.ACCOUNT_ERASED


def test_a_run_that_died_is_taken_up_again(
    slots: list[Slot], ana: Patient, clock: ClinicClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    paid(slots[0], ana)

    def dies(_appointment_id: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("clinicall.booking.wiping.wipe", dies)
        with pytest.raises(KeyboardInterrupt):
            erased(ana)
    assert unfinished() == [ana.pk]
    finished(clock)
    assert told_anywhere() == []
    assert unfinished() == []


def test_twice_is_once(slots: list[Slot], ana: Patient) -> None:
    paid(slots[0], ana)
    erased(ana)
    erased(ana)
    assert Refund.objects.count() == 1
    assert AuditEntry.objects.filter(action=Action.ERASED).count() == 1


def test_nothing_of_anybody_else_is_touched(
    slots: list[Slot], ana: Patient, ben: Patient, clock: ClinicClock
) -> None:
    bens = paid(slots[0], ben)
    paid(slots[1], ana)
    erased(ana)
    finished(clock)
    bens.refresh_from_db()
    assert (bens.status, bens.reason) == (Status.CONFIRMED, "Cough for two weeks")
    assert visitor(ben).get(f"/appointments/{bens.pk}/").status_code == 200
