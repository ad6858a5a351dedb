"""A doctor leaves the clinic: what becomes of their times, their visits and the money."""

from datetime import time, timedelta
from typing import Any
from uuid import UUID

import pytest
from allauth.usersessions.models import UserSession
from django.db import connection, transaction

from clinicall import wiring
from clinicall.booking import ending, leaving, moving
from clinicall.booking.holds import hold_slot
from clinicall.booking.models import Appointment, Departure
from clinicall.booking.states import Outcome, Status
from clinicall.consultation.closing import close_visits
from clinicall.core.refusals import Invalid, Refusal, SlotGone
from clinicall.jobs.departures import see_off
from clinicall.jobs.tidy import tidy
from clinicall.payments.models import PaymentState, Refund, RefundState
from clinicall.people.closing import LastAdmin, close_account
from clinicall.people.doctors import MovedOn, bring_back, suspend
from clinicall.people.models import Clinic, Doctor, DoctorState, Patient, User
from clinicall.records.models import AuditEntry
from clinicall.schedule.models import Availability, Slot
from clinicall.schedule.publish import publish
from clinicall.schedule.slotting import Window
from tests.booking.test_checkout import news, pays
from tests.booking.test_ending import cancel, paid
from tests.booking.test_unsettled import an_admin, staff_of
from tests.clinic_clock import ClinicClock
from tests.conftest import WEDNESDAY, booked, found, wish_for


@pytest.fixture
def staff(clinic: Clinic) -> User:
    return staff_of(clinic)


def leave(doctor: Doctor, by: User, *, call_off: bool) -> Doctor:
    leaving.begin(doctor.pk, call_off=call_off, by=by)
    leaving.go_on(doctor.pk, gateway_for=wiring.payment_gateway, line=wiring.video_line())
    return Doctor.objects.select_related("user").get(pk=doctor.pk)


def state_of(doctor: Doctor) -> str:
    return Doctor.objects.get(pk=doctor.pk).state


def test_a_doctor_without_visits_has_left_at_once(
    slots: list[Slot], dr_osei: Doctor, staff: User
) -> None:
    UserSession.objects.create(user=dr_osei.user, ip="127.0.0.1", session_key="at-the-clinic")
    gone = leave(dr_osei, staff, call_off=False)
    assert (gone.state, gone.user.is_active) == (DoctorState.LEFT, False)
    assert not Slot.objects.exists()
    assert not Availability.objects.exists()
    assert not UserSession.objects.exists()
    noted = AuditEntry.objects.filter(subjects__contains=[dr_osei.pk]).order_by("pk")
    assert list(noted.values_list("what", "actor_id")) == [("leave", staff.pk), ("left", None)]


def test_visits_are_held_and_then_the_doctor_has_left(
    slots: list[Slot], dr_osei: Doctor, ana: Patient, staff: User, clock: ClinicClock
) -> None:
    visit = paid(slots[1], ana)
    gone = leave(dr_osei, staff, call_off=False)
    assert (gone.state, gone.user.is_active) == (DoctorState.LEAVING, True)
    assert list(Slot.objects.all()) == [slots[1]]
    assert Availability.objects.count() == 1
    assert not found()

    clock.set(slots[1].starts_at)
    ending.complete(visit.pk, Outcome.ATTENDED, by=dr_osei.user)
    see_off()
    assert state_of(dr_osei) == DoctorState.LEAVING  # it may still be reopened
    clock.set(slots[1].ends_at + timedelta(minutes=15))
    see_off()
    assert state_of(dr_osei) == DoctorState.LEFT
    visit.refresh_from_db()
    assert visit in Appointment.objects.visible_to(ana.user)
    assert not Refund.objects.exists()


def test_a_visit_that_nobody_marked_is_decided_before_the_doctor_has_left(
    slots: list[Slot], dr_osei: Doctor, ana: Patient, staff: User, clock: ClinicClock
) -> None:
    paid(slots[1], ana)
    leave(dr_osei, staff, call_off=False)
    clock.set(slots[1].ends_at + timedelta(minutes=15))
    see_off()
    assert state_of(dr_osei) == DoctorState.LEAVING
    clock.set(slots[1].ends_at + timedelta(hours=24))
    close_visits()
    see_off()
    assert state_of(dr_osei) == DoctorState.LEFT
    assert Refund.objects.get().amount == 250_000


def test_visits_and_holds_are_called_off_and_all_money_is_owed_back(
    slots: list[Slot], dr_osei: Doctor, ana: Patient, ben: Patient, staff: User
) -> None:
    dr_osei.clinic.refund_percent = 50
    dr_osei.clinic.save()
    visit, hold = paid(slots[1], ana), booked(slots[2], ben)
    gone = leave(dr_osei, staff, call_off=True)
    assert (gone.state, gone.user.is_active) == (DoctorState.LEFT, False)
    for one in (visit, hold):
        one.refresh_from_db()
        assert (one.status, one.cancel_reason, one.slot) == (
            Status.CANCELLED,
            "by_clinic",
            None,
        )
    refund = Refund.objects.get()
    assert (refund.payment_id, refund.amount) == (visit.payment_id, 250_000)
    assert hold.payment
    assert hold.payment.state == PaymentState.CANCELLED
    [of_patients] = AuditEntry.objects.filter(subjects__contains=[ana.pk, ben.pk])
    assert (of_patients.what, of_patients.actor_id) == ("leave", staff.pk)
    tidy()
    refund.refresh_from_db()
    assert refund.state == RefundState.SUCCEEDED


def test_what_is_to_be_held_may_be_called_off_later(
    slots: list[Slot], dr_osei: Doctor, ana: Patient, staff: User
) -> None:
    paid(slots[1], ana)
    assert leave(dr_osei, staff, call_off=False).state == DoctorState.LEAVING
    assert leave(dr_osei, staff, call_off=True).state == DoctorState.LEFT
    assert Refund.objects.count() == 1


def test_a_visit_that_is_on_is_called_off_until_its_room_closes(
    slots: list[Slot], dr_osei: Doctor, ana: Patient, staff: User, clock: ClinicClock
) -> None:
    visit = paid(slots[1], ana)
    clock.set(slots[1].ends_at + timedelta(minutes=15))
    assert leave(dr_osei, staff, call_off=True).state == DoctorState.LEAVING
    visit.refresh_from_db()
    assert visit.status == Status.CONFIRMED  # how it went is still to be said


def test_who_held_a_time_before_still_gets_it_when_visits_are_held(
    slots: list[Slot], dr_osei: Doctor, ana: Patient, staff: User
) -> None:
    hold = booked(slots[0], ana)
    leave(dr_osei, staff, call_off=False)
    pays(hold, "succeed")
    assert news(hold).status == Status.CONFIRMED


def test_late_money_for_a_doctor_who_leaves_goes_back(
    slots: list[Slot], dr_osei: Doctor, ana: Patient, ben: Patient, staff: User, clock: ClinicClock
) -> None:
    hold = booked(slots[0], ana)
    paid(slots[1], ben)
    pays(hold, "late")
    clock.move(timedelta(minutes=10, seconds=10))
    leave(dr_osei, staff, call_off=False)
    assert news(hold).status == Status.CANCELLED
    assert Refund.objects.get().payment_id == hold.payment_id


@pytest.mark.parametrize("suspended_too", [False, True])
def test_money_for_a_hold_with_a_suspended_doctor_goes_back(
    slots: list[Slot], dr_osei: Doctor, ana: Patient, staff: User, suspended_too: bool
) -> None:
    hold = booked(slots[0], ana)
    if suspended_too:
        suspend(dr_osei.pk, by=staff)
    pays(hold, "succeed")
    assert news(hold).status == (Status.CANCELLED if suspended_too else Status.CONFIRMED)
    assert Refund.objects.count() == suspended_too


@pytest.mark.parametrize("away", ["suspended", "leaving"])
def test_nobody_finds_books_or_moves_to_a_doctor_who_is_away(
    slots: list[Slot], dr_osei: Doctor, ana: Patient, ben: Patient, staff: User, away: str
) -> None:
    visit = paid(slots[0], ana)
    if away == "leaving":
        leave(dr_osei, staff, call_off=False)
    else:
        suspend(dr_osei.pk, by=staff)
    assert not found()
    with pytest.raises(SlotGone):
        hold_slot(wish_for(slots[1]), ben, provider="sandbox")
    with pytest.raises(SlotGone):
        moving.move(visit.pk, slots[1].pk, by=ana.user, line=wiring.video_line())
    with pytest.raises(Invalid) as refused:
        publish(dr_osei, [Window(WEDNESDAY, time(14), time(15), 15)], now=visit.created_at)
    assert refused.value.faults[0].code == "not_active"


def test_a_suspended_doctor_holds_the_visits_that_stand_and_comes_back(
    slots: list[Slot], dr_osei: Doctor, ana: Patient, staff: User, clock: ClinicClock
) -> None:
    visit = paid(slots[0], ana)
    suspend(dr_osei.pk, by=staff)
    clock.set(slots[0].starts_at)
    ending.complete(visit.pk, Outcome.ATTENDED, by=dr_osei.user)
    bring_back(dr_osei.pk, by=staff)
    assert slots[2].doctor in found()


def test_who_has_left_takes_no_more_steps(slots: list[Slot], dr_osei: Doctor, staff: User) -> None:
    leave(dr_osei, staff, call_off=False)
    for step in (suspend, bring_back):
        with pytest.raises(MovedOn):
            step(dr_osei.pk, by=staff)
    with pytest.raises(MovedOn):
        leaving.begin(dr_osei.pk, call_off=True, by=staff)


def test_a_time_that_is_released_while_its_doctor_leaves_is_withdrawn(
    slots: list[Slot], dr_osei: Doctor, ana: Patient, staff: User
) -> None:
    visit = paid(slots[1], ana)
    leave(dr_osei, staff, call_off=False)
    cancel(visit, ana.user)
    assert Slot.objects.exists()
    see_off()
    assert not Slot.objects.exists()
    assert state_of(dr_osei) == DoctorState.LEFT


def test_who_comes_to_the_end_of_it_second_changes_nothing(
    slots: list[Slot], dr_osei: Doctor, staff: User
) -> None:
    leave(dr_osei, staff, call_off=True)
    before = everything(dr_osei)
    leaving.go_on(dr_osei.pk, gateway_for=wiring.payment_gateway, line=wiring.video_line())
    assert everything(dr_osei) == before


class Killed(BaseException):
    """The machine stops here."""


class KilledAt:
    """At this write, counted from one."""

    def __init__(self, write: int) -> None:
        self.left = write

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().lower().startswith(("insert", "update", "delete", "with")):
            self.left -= 1
            if self.left == 0:
                raise Killed
        return execute(sql, params, many, context)


def everything(doctor: Doctor) -> dict[str, object]:
    """What it must have come to, wherever a run of it died."""
    return {
        "state": state_of(doctor),
        "account": User.objects.get(pk=doctor.pk).is_active,
        "statuses": list(
            Appointment.objects.order_by("starts_at").values_list("status", "cancel_reason", "slot")
        ),
        "owed": list(Refund.objects.values_list("amount", flat=True)),
        "slots": Slot.objects.count(),
        "hours": Availability.objects.count(),
        "steps": AuditEntry.objects.filter(what="left").count(),
    }


@pytest.mark.parametrize("again", ["by the clock", "by pressing again"])
def test_a_departure_that_was_killed_half_way_is_finished(
    slots: list[Slot],
    dr_osei: Doctor,
    ana: Patient,
    ben: Patient,
    cleo: Patient,
    staff: User,
    again: str,
) -> None:
    paid(slots[0], ana)
    paid(slots[1], ben)
    booked(slots[2], cleo)
    outcomes: list[dict[str, object]] = []
    kills = 0
    while len(outcomes) == kills:
        with transaction.atomic():
            try:
                with connection.execute_wrapper(KilledAt(kills + 1)):
                    leave(dr_osei, staff, call_off=True)
            except Killed:
                kills += 1
                if again == "by the clock" and Departure.objects.exists():
                    see_off()
                else:
                    leave_again(dr_osei, staff)
            outcomes.append(everything(dr_osei))
            transaction.set_rollback(True)
    assert kills > 20
    assert all(one == outcomes[-1] for one in outcomes)
    assert outcomes[-1]["state"] == DoctorState.LEFT
    assert outcomes[-1]["owed"] == [250_000, 250_000]


def leave_again(doctor: Doctor, by: User) -> None:
    """Somebody presses the button once more; who was done already, is told so."""
    try:
        leave(doctor, by, call_off=True)
    except MovedOn:
        assert state_of(doctor) == DoctorState.LEFT


def test_one_departure_that_fails_keeps_no_other_waiting(
    dr_osei: Doctor,
    dr_silva: Doctor,
    staff: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for doctor in (dr_osei, dr_silva):
        leaving.begin(doctor.pk, call_off=True, by=staff)
    real = leaving.go_on

    def failing(doctor_id: UUID, **given: Any) -> None:
        if doctor_id == dr_osei.pk:
            raise RuntimeError
        real(doctor_id, **given)

    monkeypatch.setattr(leaving, "go_on", failing)
    see_off()
    assert (state_of(dr_osei), state_of(dr_silva)) == (DoctorState.LEAVING, DoctorState.LEFT)


def test_the_last_admin_stays(clock: ClinicClock) -> None:
    first = an_admin()
    with pytest.raises(LastAdmin):
        close_account(first.pk)
    second = User.objects.create_user("second@clinic.example", role="admin")
    close_account(first.pk)
    with pytest.raises(Refusal):
        close_account(second.pk)
    second.refresh_from_db()
    assert second.is_active
