"""Each rule is shown a breach made by hand: a checker that was never seen failing proves nothing."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from clinicall.booking.invariants import RULES, breaches
from clinicall.people.models import Patient
from clinicall.schedule.models import Slot
from tests.booking.test_checkout import news, pays
from tests.booking.test_ending import cancel, paid
from tests.clinic_clock import ClinicClock
from tests.conftest import booked


@pytest.fixture
def busy_clinic(
    slots: list[Slot],
    free_slots: list[Slot],
    ana: Patient,
    ben: Patient,
    cleo: Patient,
    clock: ClinicClock,
) -> None:
    """Something of every kind: confirmed, cancelled and owed back, declined, held, free of charge."""
    paid(slots[0], ana)
    cancel(paid(slots[1], ben), ben.user)
    declined = booked(slots[1], cleo)
    pays(declined, "decline")
    news(declined)
    booked(slots[2], ben)
    booked(free_slots[3], ana)
    clock.move(timedelta(minutes=1))


@pytest.mark.usefixtures("busy_clinic")
def test_a_busy_clinic_keeps_every_rule() -> None:
    assert breaches() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("busy_clinic")
def test_the_command_says_that_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("check_invariants")
    assert "rules hold" in capsys.readouterr().out


CONFIRMED = "(select id from booking_appointment where status = 'confirmed' and price_amount > 0)"
PAYMENT = f"(select payment_id from booking_appointment where id = {CONFIRMED})"
ANOTHER = "(select id from booking_appointment where status = 'pending')"

BREACHES = {
    "a slot is given once": f"""
        update booking_appointment set slot_id = (select slot_id from booking_appointment
        where id = {CONFIRMED}) where id = {ANOTHER}""",
    "a doctor sees one patient at a time": f"""
        update booking_appointment set starts_at = (select starts_at + interval '5 min'
        from booking_appointment where id = {CONFIRMED}) where id = {ANOTHER}""",
    "a patient is in one place at a time": """
        update booking_appointment set starts_at = starts_at - interval '1 hour'
        where price_amount = 0""",
    "a doctor's slots do not overlap": """
        update schedule_slot set ends_at = ends_at + interval '1 min'""",
    "an appointment is where and when its slot is": f"""
        update booking_appointment set ends_at = ends_at + interval '1 min'
        where id = {CONFIRMED}""",
    "a visit that costs something is paid for, and not owed back": f"""
        update payments_payment set amount = amount - 1 where id = {PAYMENT}""",
    "money for what is off is owed back": "delete from payments_refund",
    "no more is owed back than was paid": "update payments_refund set amount = amount + 1",
    "a free visit has no payment and any other has one": f"""
        update booking_appointment set payment_id = null where id = {CONFIRMED}""",
    "an appointment stands where its last step left it": """
        delete from booking_transition where to_status = 'confirmed'""",
    "every step is one that may follow": """
        update booking_transition set from_status = 'completed' where to_status = 'pending'""",
    "a visit is confirmed before it starts": """
        update booking_appointment set confirmed_at = starts_at where status = 'confirmed'""",
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.usefixtures("busy_clinic")
def test_a_breach_is_found_by_the_rule_it_breaks(rule: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate; drop index a_slot_is_given_once")
        for name in ("doctor_sees_one_patient", "patient_is_in_one_place"):
            cursor.execute(f"alter table booking_appointment drop constraint a_{name}_at_a_time")
        cursor.execute(BREACHES[rule])
    assert rule in {breach.rule for breach in breaches()}
