"""What staff see of money that has not come to its end, and what they can do about it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinicall.booking import settling
from clinicall.booking.models import Appointment
from clinicall.jobs.alerts import alert_of_kept_money
from clinicall.jobs.tidy import tidy
from clinicall.payments import refunds
from clinicall.payments.models import (
    Event,
    Payment,
    PaymentState,
    Quarantine,
    Refund,
    RefundState,
    Trouble,
)
from clinicall.people.models import Clinic, Doctor, Patient, Role, User
from clinicall.schedule.models import Slot
from clinicall.web.templatetags.money_words import things_for_a_person
from tests.booking.test_checkout import pays
from tests.booking.test_ending import cancel, paid
from tests.booking.test_unsettled import an_admin, set_aside, staff_of
from tests.clinic_clock import NOON, ClinicClock
from tests.conftest import booked
from tests.web.visitor import Answer, links, visitor, words

pytestmark = pytest.mark.django_db

PAGE = "/money/"


def signed_in(user: User) -> Client:
    client = visitor()
    client.force_login(user)
    return client


@pytest.fixture
def staff(clinic: Clinic) -> Client:
    return signed_in(staff_of(clinic))


@pytest.fixture
def visit(slots: list[Slot], ana: Patient) -> Appointment:
    return cancel(paid(slots[0], ana), ana.user)


@pytest.fixture
def refund(visit: Appointment) -> Refund:
    Refund.objects.update(state=RefundState.NEEDS_HUMAN, trouble=Trouble.REFUSED, next_try_at=None)
    return Refund.objects.get()


def press(client: Client, name: str, of: Refund | Payment | Event, **sent: str) -> Answer:
    answer = client.post(reverse(name, args=[of.pk]), sent)
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    of.refresh_from_db()
    return client.get(PAGE)


def in_the_navigation(answer: Answer) -> bool:
    return PAGE in links(answer)


def test_a_settled_clinic_has_a_page_that_says_so(
    slots: list[Slot], ana: Patient, staff: Client
) -> None:
    paid(slots[0], ana)
    page = staff.get(PAGE)
    assert "Nothing needs a person" in words(page)
    assert "Goes on by itself" not in words(page)
    assert "no-store" in page["Cache-Control"]


def test_it_is_for_staff_and_admins(
    refund: Refund, dr_osei: Doctor, ana: Patient, clinic: Clinic
) -> None:
    payment, event = refund.payment, set_aside()
    addresses = {
        "refund_again": refund.pk,
        "refund_by_hand": refund.pk,
        "payment_again": payment.pk,
        "payment_by_hand": payment.pk,
        "event_seen": event.pk,
    }
    for person in (dr_osei, ana):
        assert visitor(person).get(PAGE).status_code == 403
        assert not in_the_navigation(visitor(person).get("/"))
        for name, pk in addresses.items():
            assert visitor(person).post(reverse(name, args=[pk])).status_code == 403
    assert visitor().get(PAGE)["Location"].startswith(reverse("account_login"))
    elsewhere = Clinic.objects.create(name="Hilltop", timezone="Asia/Colombo", currency="LKR")
    other = signed_in(staff_of(elsewhere, "other"))
    assert "Nothing needs a person" in words(other.get(PAGE))
    for name, pk in addresses.items():
        assert (
            other.post(reverse(name, args=[pk]), {"given": "on", "ended": "on"}).status_code == 404
        )
    for user in (staff_of(clinic), an_admin()):
        assert signed_in(user).get(PAGE).status_code == 200
        for name, pk in addresses.items():
            assert signed_in(user).get(reverse(name, args=[pk])).status_code == 405
    refund.refresh_from_db()
    assert refund.state == RefundState.NEEDS_HUMAN
    assert Event.objects.get().seen_by is None


def test_a_form_of_another_site_does_nothing(refund: Refund, clinic: Clinic) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff_of(clinic))
    assert client.post(reverse("refund_again", args=[refund.pk])).status_code == 403


def test_the_number_of_things_for_a_person_stands_in_the_navigation(
    refund: Refund, staff: Client
) -> None:
    set_aside()
    page = staff.get("/").content.decode()
    assert 'href="/money/">Money <span class="nav-count">2<' in page
    assert "Money" not in visitor().get("/").content.decode()


@pytest.mark.breaks_rules  # as its name says
def test_money_kept_for_nothing_counts_in_the_navigation_once_it_was_told(
    visit: Appointment, staff: Client
) -> None:
    Refund.objects.all().delete()
    alert_of_kept_money()
    assert 'href="/money/">Money <span class="nav-count">1<' in staff.get("/").content.decode()


@pytest.mark.breaks_rules  # payments of nothing
@pytest.mark.parametrize("clinics", [1, 2])
def test_the_navigation_does_not_read_all_that_was_ever_paid(clinic: Clinic, clinics: int) -> None:
    if clinics == 2:
        Clinic.objects.create(name="Hilltop", timezone="Asia/Colombo", currency="LKR")
    paid_for = [
        Payment(
            provider="sandbox",
            provider_ref=str(n),
            state=PaymentState.SUCCEEDED,
            amount=1,
            currency="LKR",
            created_at=NOON,
        )
        for n in range(3000)
    ]
    Payment.objects.bulk_create(paid_for)
    Refund.objects.bulk_create(
        Refund(payment=one, amount=1, state=RefundState.SUCCEEDED, created_at=NOON)
        for one in paid_for
    )
    reader = staff_of(clinic)
    with connection.cursor() as cursor:
        cursor.execute("analyze payments_payment, payments_refund")
    with CaptureQueriesContext(connection) as asked:
        assert things_for_a_person(reader) == 0
    counts = [query["sql"] for query in asked if "COUNT(" in query["sql"]]
    assert len(counts) >= 3
    for sql in counts:
        with connection.cursor() as cursor:
            cursor.execute(f"explain {sql}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert "Seq Scan on payments_payment" not in plan, plan
        assert "Seq Scan on payments_refund" not in plan, plan


def test_a_refused_refund_explains_itself_and_names_nobody(
    visit: Appointment, refund: Refund, staff: Client
) -> None:
    page = words(staff.get(PAGE))
    assert "1 thing for a person LKR 2,500.00 to give back Needs a person" in page
    assert f"Appointment {visit.reference}, since Monday 23 November 2026, midday" in page
    assert "The patient cancelled. Sandbox refuses to give the money back." in page
    assert "Nothing more happens until you do something." in page
    assert f"known there by {refund.payment.pk}" in page
    for private in ("Ana", "Perera", "Cough", visit.email, "Osei"):
        assert private not in page


def test_a_refund_without_an_answer_says_when_it_is_asked_for_again(
    refund: Refund, staff: Client, clock: ClinicClock
) -> None:
    Refund.objects.update(
        trouble=Trouble.NO_ANSWER, next_try_at=clock.now + timedelta(minutes=20), tries=5
    )
    page = words(staff.get(PAGE))
    assert "Sandbox has not said that the money is back." in page
    assert "Sandbox is asked again at 12:20pm, and then ever less often" in page
    clock.move(timedelta(minutes=20))
    assert "Sandbox is asked again within a minute" in words(staff.get(PAGE))


def test_a_refund_on_its_way_asks_nothing_of_anybody(visit: Appointment, staff: Client) -> None:
    page = words(staff.get(PAGE))
    assert "Nothing needs a person" in page
    assert "Goes on by itself LKR 2,500.00 to give back On its way back" in page
    assert "Sandbox has not been asked yet." in page
    assert "Ask the provider again" not in page
    Refund.objects.update(state=RefundState.PENDING)
    assert "has it under way; a bank may take days" in words(staff.get(PAGE))


def test_the_provider_is_asked_again_for_a_refund(refund: Refund, staff: Client) -> None:
    page = press(staff, "refund_again", refund)
    assert "The provider is asked for LKR 2,500.00 again." in words(page)
    assert (refund.state, refund.attempt) == (RefundState.REQUESTED, 2)
    press(staff, "refund_again", refund)
    assert refund.attempt == 2
    tidy()
    page = press(staff, "refund_again", refund)
    assert "LKR 2,500.00 is given back already. Nothing was changed." in words(page)
    assert refund.state == RefundState.SUCCEEDED


def test_a_payment_in_trouble_is_ended_by_somebody_who_stands_for_it(
    slots: list[Slot], ana: Patient, staff: Client, clock: ClinicClock
) -> None:
    hold = booked(slots[0], ana)
    payment = hold.payment
    assert payment
    Payment.objects.update(trouble=Trouble.MISMATCH, next_look_at=None)
    page = press(staff, "payment_by_hand", payment)
    assert "Tick the box to say that nobody’s LKR 2,500.00 is left there." in words(page)
    assert payment.trouble == Trouble.MISMATCH
    page = press(staff, "payment_by_hand", payment, ended="on")
    assert "Noted: the payment of LKR 2,500.00 was ended by hand." in words(page)
    assert "Nothing needs a person" in words(page)
    assert (payment.state, payment.trouble) == (PaymentState.CANCELLED, "")
    who = payment.by_hand
    assert who == User.objects.get(role=Role.STAFF).pk
    hold.refresh_from_db()
    assert hold.cancel_reason == "payment_failed"
    # Money that is told of after all goes the way of all money.
    pays(hold, "succeed")
    settling.look_at(payment.pk, clock.now)
    tidy()
    payment.refresh_from_db()
    assert payment.state == PaymentState.SUCCEEDED
    assert Refund.objects.get().payment == payment


def test_money_given_back_by_hand_needs_somebody_to_stand_for_it(
    refund: Refund, staff: Client, clinic: Clinic
) -> None:
    page = press(staff, "refund_by_hand", refund)
    assert "Tick the box to say that LKR 2,500.00 has been given back." in words(page)
    assert refund.state == RefundState.NEEDS_HUMAN
    page = press(staff, "refund_by_hand", refund, given="on")
    assert "Noted: LKR 2,500.00 was given back by hand." in words(page)
    assert "Nothing needs a person" in words(page)
    who = refund.by_hand
    assert who == User.objects.get(role=Role.STAFF).pk
    press(signed_in(staff_of(clinic, "second")), "refund_by_hand", refund, given="on")
    assert (refund.state, refund.by_hand) == (RefundState.SUCCEEDED, who)


def test_what_the_provider_gave_back_meanwhile_is_not_noted_as_given_by_hand(
    refund: Refund, staff: Client
) -> None:
    refunds.try_again(refund.pk)
    tidy()
    page = press(staff, "refund_by_hand", refund, given="on")
    assert "the patient has it twice" in words(page)
    assert refund.by_hand is None


def test_what_is_asked_for_again_meanwhile_waits_for_the_answer(
    refund: Refund, staff: Client
) -> None:
    press(staff, "refund_again", refund)
    page = press(staff, "refund_by_hand", refund, given="on")
    assert "Nothing was changed: wait for what it says." in words(page)
    assert (refund.state, refund.by_hand) == (RefundState.REQUESTED, None)


def test_a_payment_in_trouble_is_asked_about_again(
    slots: list[Slot], ana: Patient, staff: Client, clock: ClinicClock
) -> None:
    hold = booked(slots[0], ana)
    pays(hold, "slow")
    Payment.objects.update(trouble=Trouble.MISMATCH, next_look_at=None, alerted_at=clock.now)
    page = words(staff.get(PAGE))
    assert "LKR 2,500.00 asked for Needs a person" in page
    assert "What Sandbox took is not what we asked for" in page
    assert hold.payment
    page = words(press(staff, "payment_again", hold.payment))
    assert "The provider is asked about LKR 2,500.00 again. " in page
    assert "Nothing needs a person" in page
    clock.move(timedelta(minutes=1))
    tidy()
    page = words(press(staff, "payment_again", hold.payment))
    assert "The payment of LKR 2,500.00 is settled. Nothing was changed." in page
    assert hold.payment.state == PaymentState.SUCCEEDED


def test_a_payment_open_for_long_is_shown_as_something_that_goes_on(
    slots: list[Slot], ana: Patient, staff: Client, clock: ClinicClock
) -> None:
    hold = booked(slots[0], ana)
    Payment.objects.update(under_way=True)
    clock.set(hold.held_until + timedelta(hours=2))
    page = words(staff.get(PAGE))
    assert "Nothing needs a person" in page
    assert "Goes on by itself LKR 2,500.00 asked for Not settled yet" in page
    assert "The payer has done their part; their bank has not." in page
    assert "it becomes a visit while the time is free, else a refund" in page


@pytest.mark.breaks_rules  # the sandbox takes no second payment
def test_a_second_payment_says_what_it_is(
    slots: list[Slot], ana: Patient, staff: Client, clock: ClinicClock
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
    Refund.objects.create(payment=beside, amount=250_000, created_at=clock.now)
    page = words(staff.get(PAGE))
    assert f"Appointment {visit.reference}, since" in page
    assert "The same appointment was paid for a second time." in page


@pytest.mark.breaks_rules  # that is what the page is for
def test_money_kept_for_nothing_comes_first_and_is_called_a_fault(
    visit: Appointment, staff: Client
) -> None:
    Refund.objects.all().delete()
    page = words(staff.get(PAGE))
    assert "1 thing for a person LKR 2,500.00 paid without a visit Must not be" in page
    assert "This is a fault of the system." in page


@pytest.mark.parametrize("why", [one for one in Quarantine if one])
def test_an_event_that_was_set_aside_is_explained_and_seen(staff: Client, why: Quarantine) -> None:
    event = set_aside(f"evt_{uuid4()}")
    Event.objects.update(quarantined=why)
    page = words(staff.get(PAGE))
    assert "A message from Sandbox Set aside" in page
    assert f"There it is {event.event_id}, charge" in page
    page = words(press(staff, "event_seen", event))
    assert "Noted that you have seen to it." in page
    assert "Nothing needs a person" in page


def test_more_rows_cost_no_more_questions(
    slots: list[Slot], ana: Patient, ben: Patient, staff: Client
) -> None:
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            staff.get(PAGE)
        return len(asked)

    cancel(paid(slots[0], ana), ana.user)
    for_one = questions()
    for slot, patient in zip(slots[1:], (ana, ben, ben), strict=True):
        cancel(paid(slot, patient), patient.user)
    assert Refund.objects.count() == 4
    assert questions() == for_one
