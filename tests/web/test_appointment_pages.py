from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinicall import wiring
from clinicall.booking import ending
from clinicall.booking.models import Appointment
from clinicall.booking.states import Outcome
from clinicall.consultation import running_late
from clinicall.consultation.models import Place, Side
from clinicall.jobs.tidy import tidy
from clinicall.payments.models import Refund
from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Slot
from tests.clinic_clock import ClinicClock
from tests.conftest import booked
from tests.web.visitor import links, visitor, words

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def address(appointment: Appointment, page: str = "appointment") -> str:
    return reverse(page, args=[appointment.pk])


def choose(appointment: Appointment, outcome: str) -> None:
    """What the payer presses on the sandbox's page."""
    assert appointment.payment is not None
    path = urlsplit(appointment.payment.checkout_url).path
    visitor().post(path, {"outcome": outcome})
    appointment.refresh_from_db()


@pytest.fixture
def held(slots: list[Slot], ana: Patient) -> Appointment:
    return booked(slots[0], ana)


@pytest.fixture
def paid(held: Appointment) -> Appointment:
    choose(held, "succeed")
    return held


def test_a_new_patient_is_shown_the_way_to_a_doctor(ana: Patient) -> None:
    page = visitor(ana).get("/appointments/")
    assert "You have no appointments yet" in words(page)
    assert "no-store" in page["Cache-Control"]


def test_who_can_no_longer_cancel_is_not_told_that_they_can(
    paid: Appointment, ana: Patient, clock: ClinicClock
) -> None:
    clock.set(paid.starts_at - HOUR)
    page = words(visitor(ana).get(address(paid)))
    assert "It is too late to cancel this appointment here" in page
    assert "You can cancel until" not in page


def test_the_dashboard_begins_with_the_next_visit(paid: Appointment, ana: Patient) -> None:
    page = words(visitor(ana).get("/appointments/"))
    assert "Next appointment Wednesday 25 November 2026 9:00am to 9:15am Dr Kofi Osei" in page
    assert "You can join from 8:50am on Wednesday 25 November 2026" in page
    assert "Upcoming (1)" in page
    assert "Past and cancelled (0)" in page


def test_the_way_into_the_room_opens_by_the_clock(
    paid: Appointment, ana: Patient, clock: ClinicClock
) -> None:
    room = address(paid, "room")
    clock.set(paid.starts_at - timedelta(hours=1, seconds=1))
    assert room not in links(visitor(ana).get("/appointments/"))
    clock.set(paid.opens_at - timedelta(seconds=1))
    page = visitor(ana).get("/appointments/")
    assert "Go to the waiting room" in words(page)
    assert "Join video appointment" not in words(page)
    clock.set(paid.opens_at)
    page = visitor(ana).get("/appointments/")
    assert room in links(page)
    assert "Join video appointment" in words(page)
    clock.set(paid.closes_at)
    page = visitor(ana).get("/appointments/")
    assert room not in links(page)
    assert "Past and cancelled (1)" in words(page)


def test_a_late_doctor_is_expected_later_until_they_come(
    paid: Appointment, ana: Patient, clock: ClinicClock
) -> None:
    clock.set(paid.starts_at - HOUR)
    running_late.say(paid.doctor, 20)
    late = "Dr Kofi Osei is running about 20 minutes late"
    for page in (address(paid), address(paid, "room"), "/appointments/"):
        assert f"{late}: expect to begin at about 9:20am." in words(visitor(ana).get(page))
    clock.set(paid.starts_at + timedelta(minutes=20))
    page = words(visitor(ana).get(address(paid)))
    assert f"{late}. " in page
    assert "The room is open until 9:50am" in page
    paid.presence.create(side=Side.DOCTOR, place=Place.ROOM, since=clock.now, until=clock.now)
    assert late not in words(visitor(ana).get(address(paid)))


def test_a_hold_waits_on_the_dashboard_until_it_lapses(
    held: Appointment, ana: Patient, clock: ClinicClock
) -> None:
    assert held.payment is not None
    page = visitor(ana).get("/appointments/")
    assert "Waiting for payment held until 12:10pm" in words(page)
    assert held.payment.checkout_url in links(page)
    clock.set(held.held_until)
    page = visitor(ana).get("/appointments/")
    assert "Upcoming (0)" in words(page)
    past = visitor(ana).get("/appointments/?when=past")
    assert "9:00am to 9:15am, Wednesday 25 November 2026, Colombo time (GMT+5:30)" in words(past)
    assert "Dr Kofi Osei Cardiology Cancelled" in words(past)


def test_nobody_sees_anybody_elses(paid: Appointment, cleo: Patient, dr_silva: Doctor) -> None:
    assert "You have no appointments yet" in words(visitor(cleo).get("/appointments/"))
    for stranger in (cleo, dr_silva):
        for page in ("appointment", "cancel", "room"):
            answer = visitor(stranger).get(address(paid, page))
            assert (answer.status_code, "Osei" in words(answer)) == (404, False)
        assert visitor(stranger).post(address(paid, "cancel")).status_code == 404
    for page in ("appointment", "cancel", "room"):
        assert visitor().get(address(paid, page)).status_code == 302
    paid.refresh_from_db()
    assert paid.status == "confirmed"


def test_more_appointments_cost_no_more_questions(
    paid: Appointment, slots: list[Slot], ana: Patient
) -> None:
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            visitor(ana).get("/appointments/")
        return len(asked)

    for_one = questions()
    for slot in slots[1:3]:
        choose(booked(slot, ana), "succeed")
    assert questions() == for_one


def test_a_payment_is_believed_only_when_the_provider_says_so(
    held: Appointment, ana: Patient, clock: ClinicClock
) -> None:
    page = visitor(ana).get(address(held))
    assert "Pay to confirm your appointment" in words(page)
    assert "Held for you for 10:00" in words(page)
    assert '<noscript><meta http-equiv="refresh" content="3; url=?look=1">' in page.content.decode()
    choose(held, "slow")
    assert "Appointment confirmed" not in words(visitor(ana).get(address(held)))
    clock.move(timedelta(seconds=10))
    page = visitor(ana).get(address(held))
    assert "Appointment confirmed" in words(page)
    assert "refresh" not in page.content.decode()


def test_a_page_without_script_looks_for_a_minute_and_no_longer(
    held: Appointment, ana: Patient
) -> None:
    assert "?look=20" in visitor(ana).get(f"{address(held)}?look=19").content.decode()
    for last in ("20", "9" * 5000, "x", "²"):
        page = visitor(ana).get(f"{address(held)}?look={last}")
        assert ("?look=1" in page.content.decode()) == (last in ("x", "²"))


def test_a_confirmation_says_what_was_booked_and_what_comes_next(
    paid: Appointment, ana: Patient
) -> None:
    page = words(visitor(ana).get(address(paid)))
    assert "Appointment confirmed Your payment has arrived." in page
    assert f"Reference {paid.reference} Wednesday 25 November" in page
    assert "Come back to this page from 8:50am on Wednesday 25 November 2026" in page
    assert "LKR 2,500.00, paid" in page
    assert paid.nic not in page
    assert paid.token not in page


@pytest.mark.parametrize(
    ("outcome", "news"),
    [("decline", "The payment did not go through"), ("cancel", "The payment was cancelled")],
)
def test_after_a_failed_payment_the_same_time_is_one_press_away_with_all_that_was_typed(
    held: Appointment, ana: Patient, outcome: str, news: str
) -> None:
    choose(held, outcome)
    page = visitor(ana).get(address(held))
    assert f"{news} Nothing was charged. The same time is still free" in words(page)
    form = reverse("book", args=[held.doctor_id, held.slot_id])
    assert form in links(page)
    again = visitor(ana).get(form).content.decode()
    for text in ("Perera", "+94112345678", "199012345678", "Cough for two weeks"):
        assert text in again


def test_a_lapsed_hold_whose_time_has_gone_leads_to_other_times(
    held: Appointment, slots: list[Slot], ana: Patient, ben: Patient, clock: ClinicClock
) -> None:
    clock.set(held.held_until)
    booked(slots[0], ben)
    page = visitor(ana).get(address(held))
    assert "The time to pay has run out Nothing was charged." in words(page)
    assert reverse("book", args=[held.doctor_id, held.slot_id]) not in links(page)
    assert reverse("doctor", args=[held.doctor_id]) in links(page)


def test_late_money_is_waited_for_and_then_told(
    held: Appointment, ana: Patient, clock: ClinicClock
) -> None:
    choose(held, "late")
    clock.set(held.held_until)
    assert "This time is no longer held for you" in words(visitor(ana).get(address(held)))
    clock.move(timedelta(seconds=10))
    assert "Appointment confirmed" in words(visitor(ana).get(address(held)))


def test_a_doctor_who_cannot_be_there_reads_what_cancelling_means_for_the_patient(
    paid: Appointment, dr_osei: Doctor
) -> None:
    page = words(visitor(dr_osei).get(address(paid)))
    told = "If you cancel, the patient gets LKR 2,500.00 back, all that was paid."
    assert f"If you cannot be there {told} Cancel this appointment" in page
    assert "cannot come" not in page


def test_cancelling_says_first_what_comes_back(paid: Appointment, ana: Patient) -> None:
    page = words(visitor(ana).get(address(paid, "cancel")))
    assert "You get LKR 2,500.00 back, the way you paid." in page
    answer = visitor(ana).post(address(paid, "cancel"))
    assert answer["Location"] == address(paid)
    page = words(visitor(ana).get(address(paid)))
    assert "You cancelled this appointment LKR 2,500.00 is on its way back" in page
    details = "Fee LKR 2,500.00, paid; LKR 2,500.00 of it"
    assert f"{details} on its way back since Monday 23 November 2026" in page
    tidy()
    page = words(visitor(ana).get(address(paid)))
    assert "LKR 2,500.00 was paid back." in page
    assert f"{details}, owed back since Monday 23 November 2026, was paid back" in page
    assert visitor(ana).post(address(paid, "cancel"))["Location"] == address(paid)
    assert Refund.objects.count() == 1


@pytest.mark.parametrize(
    ("hours", "percent", "told", "owed"),
    [
        (24, 50, "You get LKR 1,250.00 back of the LKR 2,500.00 you paid", 125_000),
        (72, 50, "You get nothing back of the LKR 2,500.00 you paid", None),
        (0, 0, "You get nothing back of the LKR 2,500.00 you paid", None),
    ],
)
def test_the_rule_that_stood_at_booking_decides_and_is_told_as_it_is_done(
    slots: list[Slot], ana: Patient, hours: int, percent: int, told: str, owed: int | None
) -> None:
    clinic = slots[0].doctor.clinic
    clinic.refund_hours, clinic.refund_percent = hours, percent
    clinic.save()
    visit = booked(slots[0], ana)
    choose(visit, "succeed")
    clinic.refund_hours, clinic.refund_percent = 1, 99
    clinic.save()
    assert told in words(visitor(ana).get(address(visit, "cancel")))
    visitor(ana).post(address(visit, "cancel"))
    assert Refund.objects.values_list("amount", flat=True).first() == owed


def test_a_hold_can_be_let_go(held: Appointment, ana: Patient) -> None:
    assert "Nothing was charged, and nothing will be" in words(
        visitor(ana).get(address(held, "cancel"))
    )
    visitor(ana).post(address(held, "cancel"))
    assert "You cancelled this appointment Nothing was charged." in words(
        visitor(ana).get(address(held))
    )


def test_too_late_to_cancel_is_said_before_and_held_to(
    paid: Appointment, ana: Patient, clock: ClinicClock
) -> None:
    clock.set(paid.starts_at - 2 * HOUR)
    assert address(paid, "cancel") not in links(visitor(ana).get(address(paid)))
    page = words(visitor(ana).get(address(paid, "cancel")))
    assert "possible until Wednesday 25 November 2026, 7:00am" in page
    answer = visitor(ana).post(address(paid, "cancel"))
    assert answer.status_code == 409
    assert "It is too late to cancel this appointment. Nothing was changed." in words(answer)


def test_the_doctor_sees_the_visit_and_can_cancel_it(
    paid: Appointment, ana: Patient, dr_osei: Doctor
) -> None:
    page = words(visitor(dr_osei).get(address(paid)))
    assert "Ana Perera" in page
    assert "Cough for two weeks" in page
    assert "gets LKR 2,500.00 back, all that was paid" in words(
        visitor(dr_osei).get(address(paid, "cancel"))
    )
    visitor(dr_osei).post(address(paid, "cancel"), {"offer_again": "on"})
    assert "Dr Kofi Osei cancelled this appointment" in words(visitor(ana).get(address(paid)))
    assert "You cancelled this appointment" in words(visitor(dr_osei).get(address(paid)))
    assert Slot.objects.filter(pk__in=[paid.slot_id]).exists()


def test_a_doctor_does_not_know_of_a_hold(held: Appointment, dr_osei: Doctor) -> None:
    assert visitor(dr_osei).get(address(held)).status_code == 404


def test_a_completed_visit_cannot_be_cancelled(
    paid: Appointment, ana: Patient, dr_osei: Doctor, clock: ClinicClock
) -> None:
    clock.set(paid.starts_at)
    ending.complete(paid.pk, Outcome.ATTENDED, by=dr_osei.user)
    assert "This visit is completed" in words(visitor(ana).get(address(paid)))
    answer = visitor(ana).post(address(paid, "cancel"))
    assert answer.status_code == 409
    assert "This appointment has moved on" in words(answer)


def test_a_visit_nobody_marked_is_said_to_be_over(
    paid: Appointment, ana: Patient, dr_osei: Doctor, clock: ClinicClock
) -> None:
    clock.set(paid.closes_at)
    page = words(visitor(ana).get(address(paid)))
    assert "This visit is over Dr Kofi Osei has not said yet how it went." in page
    assert "Please say on your agenda" in words(visitor(dr_osei).get(address(paid)))


def test_the_dashboard_is_for_patients(dr_osei: Doctor) -> None:
    answer = visitor(dr_osei).get("/appointments/")
    assert answer.status_code == 403
    assert "This page is for patients" in words(answer)


def test_a_visit_at_a_clinic_without_payments_is_cancelled_all_the_same(
    free_slots: list[Slot], ana: Patient
) -> None:
    visit = booked(free_slots[0], ana)
    assert wiring.payment_gateway() is not None
    assert "Another patient can then take this time" in words(
        visitor(ana).get(address(visit, "cancel"))
    )
    visitor(ana).post(address(visit, "cancel"))
    assert "Nothing was charged" in words(visitor(ana).get(address(visit)))
