from datetime import date, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from clinicall import wiring
from clinicall.booking.invariants import breaches
from clinicall.booking.models import Appointment
from clinicall.booking.openings import open_slots
from clinicall.booking.states import Status
from clinicall.consultation import room
from clinicall.core.money import Money
from clinicall.jobs.demo import fresh_visit
from clinicall.payments.gateway import Outcome
from clinicall.payments.models import Payment, PaymentState, Refund, SandboxRefund
from clinicall.people.models import Doctor, Patient, User
from clinicall.schedule.models import Availability, Slot
from clinicall.schedule.slotting import Interval, Window, cut
from tests.clinic_clock import NOON, ClinicClock

COLOMBO = ZoneInfo("Asia/Colombo")


def demo(**options: object) -> str:
    said = StringIO()
    call_command("demo", stdout=said, **options)
    return said.getvalue()


def the_visit_about_to_begin() -> Appointment:
    return Appointment.objects.get(
        doctor__user__email="doctor1@demo.example",
        patient__user__email="patient1@demo.example",
        status=Status.CONFIRMED,
        starts_at__lt=NOON + timedelta(hours=1),
    )


def doctor(n: int) -> Doctor:
    return Doctor.objects.get(user__email=f"doctor{n}@demo.example")


def windows_agree_with_their_slots() -> bool:
    """Whether each doctor has just the slots that cutting their hours makes."""
    return all(
        list(cut(_as_written(hours), ZoneInfo(hours.timezone)).slots)
        == [Interval(slot.starts_at, slot.ends_at) for slot in hours.slots.order_by("starts_at")]
        for hours in Availability.objects.prefetch_related("slots")
    )


def _as_written(hours: Availability) -> Window:
    return Window(hours.date, hours.start_time, hours.end_time, hours.duration_minutes)


@pytest.mark.parametrize("name", ["doctor1", "doctor12", "patient1", "patient20", "staff", "admin"])
def test_everyone_who_was_promised_can_sign_in(
    clock: ClinicClock, client: Client, name: str
) -> None:
    said = demo()
    assert f"{name}@demo.example" in said
    assert "clinicall demo" in said
    client.post(
        reverse("account_login"),
        {"login": f"{name}@demo.example", "password": "clinicall demo"},
    )
    assert client.session["_auth_user_id"] == str(User.objects.get(email=f"{name}@demo.example").pk)


def test_as_many_doctors_days_and_patients_as_were_asked_for(clock: ClinicClock) -> None:
    demo(doctors=3, days=5, patients=4)
    last = Availability.objects.filter(doctor=doctor(1)).latest("date").date
    assert Doctor.objects.count() == 3
    assert Patient.objects.count() == 4
    assert last == date(2026, 11, 23) + timedelta(days=5)


def test_one_doctor_one_day_and_one_patient_are_enough(clock: ClinicClock) -> None:
    demo(doctors=1, days=1, patients=1)
    assert open_slots().filter(doctor=doctor(1), starts_at__gt=NOON + timedelta(hours=12)).exists()
    assert the_visit_about_to_begin().starts_at == NOON + timedelta(minutes=5)


def test_doctor1_asks_2500_and_one_doctor_nothing(clock: ClinicClock) -> None:
    demo()
    assert doctor(1).fee == Money(250_000, "LKR")
    assert Doctor.objects.filter(fee_amount=0).count() == 1


def test_the_fee_is_2500_also_where_money_has_no_hundredths(
    clock: ClinicClock, settings: Settings
) -> None:
    settings.CURRENCY = "JPY"
    demo()
    assert str(doctor(1).fee) == "JPY 2,500"


def test_the_visit_begins_in_5_minutes_and_both_can_enter(clock: ClinicClock) -> None:
    demo()
    visit = the_visit_about_to_begin()
    passes = [
        room.enter(visit.pk, person, line_for=wiring.video_line, session="")
        for person in (visit.doctor.user, visit.patient.user)
    ]
    assert visit.starts_at == NOON + timedelta(minutes=5)
    assert visit.ends_at == NOON + timedelta(minutes=35)
    assert {one.channel for one in passes} == {f"appt_{visit.pk}"}


def test_it_may_run_again_and_again(clock: ClinicClock) -> None:
    demo()
    before = (User.objects.count(), Slot.objects.count(), Appointment.objects.count())
    demo()
    assert (User.objects.count(), Slot.objects.count(), Appointment.objects.count()) == before


def test_once_the_visit_is_over_the_next_run_adds_another(clock: ClinicClock) -> None:
    demo()
    first = the_visit_about_to_begin()
    clock.set(first.closes_at)
    second = fresh_visit()
    assert second.pk != first.pk
    assert second.starts_at == clock.now + timedelta(minutes=5)
    assert breaches() == []


def test_every_rule_of_the_book_holds(clock: ClinicClock) -> None:
    demo()
    assert breaches() == []
    assert windows_agree_with_their_slots()


def test_visits_are_behind_and_ahead(clock: ClinicClock) -> None:
    demo()
    behind = Appointment.objects.filter(ends_at__lt=NOON)
    assert set(behind.values_list("status", flat=True)) == {Status.COMPLETED, Status.CANCELLED}
    assert {"by_patient", "by_doctor", "payment_failed", "hold_expired"} <= set(
        behind.values_list("cancel_reason", flat=True)
    )
    ahead = Appointment.objects.filter(starts_at__gt=NOON)
    assert set(ahead.values_list("status", flat=True)) == {Status.CONFIRMED}


def test_the_payment_company_tells_the_same_of_every_payment(clock: ClinicClock) -> None:
    demo()
    gateway = wiring.payment_gateway("sandbox")
    assert gateway is not None
    told = {
        (
            payment.state,
            gateway.look_up(payment.provider_ref or "", reference=payment.pk, money=payment.money),
        )
        for payment in Payment.objects.all()
    }
    assert told == {
        (PaymentState.SUCCEEDED, Outcome.PAID),
        (PaymentState.FAILED, Outcome.FAILED),
        (PaymentState.CANCELLED, Outcome.CANCELLED),
    }
    owed = set(Refund.objects.values_list("pk", "amount", "payment__provider_ref"))
    given = set(SandboxRefund.objects.values_list("reference", "amount", "checkout"))
    assert owed == given != set()


def test_what_patients_said_can_be_read_by_those_who_may(clock: ClinicClock) -> None:
    demo()
    visit = the_visit_about_to_begin()
    assert visit.reason
    assert visit.phone.startswith("+94")
    assert len(visit.nic) == 12
    assert visit.token


def test_in_the_midst_of_doctor1s_hours_room_is_made(clock: ClinicClock) -> None:
    at_10_02 = datetime(2026, 11, 23, 10, 2, tzinfo=COLOMBO)
    clock.set(at_10_02)
    demo()
    today = Availability.objects.filter(doctor=doctor(1), date=date(2026, 11, 23))
    assert [
        (f"{hours.start_time:%H:%M}", f"{hours.end_time:%H:%M}", hours.slots.count())
        for hours in today.order_by("starts_at")
    ] == [
        ("09:00", "10:00", 4),
        ("10:07", "10:37", 1),
        ("10:45", "12:00", 5),
        ("14:00", "17:00", 12),
    ]
    assert windows_agree_with_their_slots()


def test_a_visit_across_midnight_is_written_in_hours_of_one_day(clock: ClinicClock) -> None:
    clock.set(datetime(2026, 11, 23, 23, 45, 30, tzinfo=COLOMBO))
    demo()
    visit = fresh_visit()
    assert visit.starts_at == datetime(2026, 11, 23, 23, 50, tzinfo=COLOMBO)
    assert visit.ends_at == datetime(2026, 11, 24, 0, 20, tzinfo=COLOMBO)
    assert windows_agree_with_their_slots()


def test_a_doctor_who_is_seeing_somebody_meets_patient1_afterwards(clock: ClinicClock) -> None:
    demo()
    other = Appointment.objects.filter(doctor=doctor(1), starts_at__gt=NOON + timedelta(days=1))
    busy = other.exclude(patient__user__email="patient1@demo.example").earliest("starts_at")
    clock.set(busy.starts_at - timedelta(minutes=5))
    assert fresh_visit().starts_at >= busy.ends_at
    assert breaches() == []


def test_a_database_that_others_use_is_left_alone(clock: ClinicClock, ben: Patient) -> None:
    demo(if_empty=True)
    assert list(User.objects.all()) == [ben.user]


def test_where_others_can_reach_it_there_is_no_demo(clock: ClinicClock, settings: Settings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="SITE_URL"):
        demo()
    assert not User.objects.exists()


@pytest.mark.parametrize("wrong", [{"doctors": 0}, {"patients": -1}, {"days": 366}])
def test_numbers_that_make_no_sense_are_refused(clock: ClinicClock, wrong: dict[str, int]) -> None:
    with pytest.raises(CommandError):
        demo(**wrong)
