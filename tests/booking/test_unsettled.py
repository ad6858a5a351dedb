"""What of the money stands open, and who may know of it."""

from dataclasses import fields
from datetime import timedelta
from uuid import uuid4

import pytest

from clinicall.booking import settling
from clinicall.booking.models import Appointment
from clinicall.booking.unsettled import Unsettled, appointment_of, unsettled
from clinicall.jobs.tidy import tidy
from clinicall.payments import refunds
from clinicall.payments.gateway import Hint
from clinicall.payments.models import (
    Event,
    Payment,
    PaymentState,
    Quarantine,
    Refund,
    RefundState,
    Trouble,
)
from clinicall.people.models import Clinic, Patient, Role, User
from clinicall.schedule.models import Slot
from tests.booking.test_checkout import pays
from tests.booking.test_ending import cancel, paid
from tests.clinic_clock import ClinicClock
from tests.conftest import booked

HOUR = timedelta(hours=1)


def staff_of(clinic: Clinic, name: str = "staff") -> User:
    return User.objects.create_user(f"{name}@clinic.example", role=Role.STAFF, clinic=clinic)


def an_admin() -> User:
    return User.objects.create_user("admin@clinic.example", role=Role.ADMIN)


@pytest.fixture
def staff(clinic: Clinic) -> User:
    return staff_of(clinic)


def found_by(reader: User | None, clock: ClinicClock) -> dict[str, list[object]]:
    """What there is, by its kind."""
    read = unsettled(reader, now=clock.now)
    kinds = {field.name: list(getattr(read, field.name)) for field in fields(Unsettled)}
    return {kind: rows for kind, rows in kinds.items() if rows}


def set_aside(event_id: str = "evt_1") -> Event:
    settling.hear("sandbox", Hint(event_id, "charge", quarantined=Quarantine.DISPUTED))
    return Event.objects.get(event_id=event_id)


def test_a_clinic_whose_money_is_settled_has_nothing_to_see(
    slots: list[Slot], ana: Patient, ben: Patient, staff: User, clock: ClinicClock
) -> None:
    paid(slots[0], ana)
    booked(slots[1], ben)
    assert found_by(staff, clock) == {}
    assert unsettled(staff, now=clock.now).for_a_person == 0


def test_a_refund_is_on_its_way_until_it_needs_a_person(
    slots: list[Slot], ana: Patient, staff: User, clock: ClinicClock
) -> None:
    cancel(paid(slots[0], ana), ana.user)
    refund = Refund.objects.get()
    for state in (RefundState.REQUESTED, RefundState.PENDING):
        Refund.objects.update(state=state)
        assert found_by(staff, clock) == {"refunds_on_their_way": [refund]}
    assert unsettled(staff, now=clock.now).for_a_person == 0
    Refund.objects.update(state=RefundState.NEEDS_HUMAN, trouble=Trouble.REFUSED)
    assert found_by(staff, clock) == {"refunds_for_a_person": [refund]}
    assert unsettled(staff, now=clock.now).for_a_person == 1
    refunds.try_again(refund.pk)
    tidy()
    assert found_by(staff, clock) == {}


def test_a_payment_is_shown_when_it_is_in_trouble_or_open_for_an_hour_after_its_hold(
    slots: list[Slot], ana: Patient, staff: User, clock: ClinicClock
) -> None:
    hold = booked(slots[0], ana)
    pays(hold, "slow")
    clock.set(hold.held_until + HOUR)
    assert found_by(staff, clock) == {}
    clock.move(timedelta(seconds=1))
    assert found_by(staff, clock) == {"payments_open_for_long": [hold.payment]}
    Payment.objects.update(trouble=Trouble.NO_ANSWER)
    assert found_by(staff, clock) == {"payments_for_a_person": [hold.payment]}


@pytest.mark.breaks_rules  # that is what is found
def test_money_kept_for_nothing_is_found(
    slots: list[Slot], ana: Patient, staff: User, clock: ClinicClock
) -> None:
    visit = cancel(paid(slots[0], ana), ana.user)
    assert visit.payment
    Refund.objects.all().delete()
    assert found_by(staff, clock) == {"paid_without_a_visit": [visit.payment]}


@pytest.mark.breaks_rules  # the last of it is what must not be
@pytest.mark.parametrize(
    ("hours", "percent", "before", "price"),
    [(24, 100, 23, 250_000), (0, 0, 48, 250_000), (24, 1, 48, 99)],
)
def test_money_kept_by_the_rule_of_the_booking_is_not(
    slots: list[Slot],
    ana: Patient,
    staff: User,
    clock: ClinicClock,
    hours: int,
    percent: int,
    before: int,
    price: int,
) -> None:
    doctor, clinic = slots[0].doctor, slots[0].doctor.clinic
    doctor.fee_amount = price
    doctor.save()
    clinic.refund_hours, clinic.refund_percent = hours, percent
    clinic.save()
    visit = paid(slots[0], ana)
    clock.set(visit.starts_at - before * HOUR)
    cancel(visit, ana.user)
    assert not Refund.objects.exists()
    assert found_by(staff, clock) == {}
    # The same money kept when the doctor cancelled is another matter.
    Appointment.objects.update(cancel_reason="by_doctor")
    assert found_by(staff, clock) == {"paid_without_a_visit": [visit.payment]}


@pytest.mark.breaks_rules  # and is not given back
def test_a_second_payment_of_the_same_belongs_where_the_first_does(
    slots: list[Slot], ana: Patient, staff: User, clock: ClinicClock
) -> None:
    visit = paid(slots[0], ana)
    beside = Payment.objects.create(
        provider="sandbox",
        provider_ref="another page",
        state=PaymentState.SUCCEEDED,
        amount=250_000,
        currency="LKR",
        created_at=clock.now,
        beside=visit.payment,
    )
    Clinic.objects.create(name="Hilltop", timezone="Asia/Colombo", currency="LKR")
    assert found_by(staff, clock) == {"paid_without_a_visit": [beside]}
    assert appointment_of(beside) == visit


def test_what_was_set_aside_is_shown_until_somebody_has_seen_it(
    staff: User, clock: ClinicClock
) -> None:
    event = set_aside()
    assert found_by(staff, clock) == {"events_set_aside": [event]}
    settling.mark_seen(event.pk, by=staff.pk)
    settling.mark_seen(event.pk, by=uuid4())
    event.refresh_from_db()
    assert event.seen_by == staff.pk
    assert found_by(staff, clock) == {}


def test_staff_know_of_their_own_clinics_money_only(
    slots: list[Slot], ana: Patient, staff: User, clock: ClinicClock
) -> None:
    cancel(paid(slots[0], ana), ana.user)
    refund = Refund.objects.get()
    event = set_aside()
    of_all = {"refunds_on_their_way": [refund], "events_set_aside": [event]}
    assert found_by(staff, clock) == of_all
    elsewhere = Clinic.objects.create(name="Hilltop", timezone="Asia/Colombo", currency="LKR")
    assert found_by(staff, clock) == {"refunds_on_their_way": [refund]}
    assert found_by(staff_of(elsewhere, "other"), clock) == {}
    assert found_by(an_admin(), clock) == of_all
    assert found_by(None, clock) == of_all
    assert found_by(ana.user, clock) == {}
    assert found_by(slots[0].doctor.user, clock) == {}
