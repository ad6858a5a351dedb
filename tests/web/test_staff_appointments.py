"""Staff find an appointment by what a caller says, see what they may, mark it and cancel it."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinicall.booking.models import Appointment
from clinicall.booking.openings import open_slots
from clinicall.booking.overseeing import told_by_a_caller
from clinicall.booking.states import Status
from clinicall.payments.models import Payment, Refund, RefundState, Trouble
from clinicall.people.models import Clinic, Doctor, Patient, User
from clinicall.records.models import Action, AuditEntry
from clinicall.schedule.models import Slot
from clinicall.web.staff import appointments
from tests.booking.test_checkout import pays
from tests.booking.test_ending import cancel, paid
from tests.booking.test_unsettled import an_admin, staff_of
from tests.clinic_clock import ClinicClock
from tests.conftest import booked
from tests.web.test_money_page import signed_in
from tests.web.visitor import Answer, links, visitor, words

pytestmark = pytest.mark.django_db

LIST = "/staff/appointments/"


@pytest.fixture
def clerk(clinic: Clinic) -> User:
    return staff_of(clinic)


@pytest.fixture
def staff(clerk: User) -> Client:
    return signed_in(clerk)


@pytest.fixture
def foreign(clinic: Clinic) -> Client:
    """Staff of another clinic."""
    hilltop = Clinic.objects.create(name="Hilltop", timezone="Asia/Colombo", currency="LKR")
    return signed_in(staff_of(hilltop, "hilltop"))


@pytest.fixture
def visit(slots: list[Slot], ana: Patient) -> Appointment:
    return paid(slots[0], ana)


def page_of(visit: Appointment, more: str = "") -> str:
    return f"{LIST}{visit.pk}/{more}"


def searched(client: Client, **sent: str) -> Answer:
    answer = client.post(LIST, sent)
    return client.get(answer["Location"]) if answer.status_code == 302 else answer


def test_a_long_list_ends_and_says_so(
    slots: list[Slot], ana: Patient, ben: Patient, staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(appointments, "MOST", 2)
    for slot, who in zip(slots, (ana, ben), strict=False):
        paid(slot, who)
    page = words(staff.get(LIST))
    assert "The first 2 appointments. Choose a day, a doctor or a status to see others." in page
    monkeypatch.setattr(appointments, "MOST", 3)
    assert "2 appointments, from today on" in words(staff.get(LIST))


def test_it_is_for_staff_and_admins(visit: Appointment, ana: Patient, dr_osei: Doctor) -> None:
    pages = [LIST, page_of(visit), page_of(visit, "cancel/")]
    presses = [page_of(visit, "complete/"), page_of(visit, "mail/")]
    for person in (ana, dr_osei):
        client = visitor(person)
        assert {client.get(page).status_code for page in pages} == {403}
        assert {client.post(press).status_code for press in presses} == {403}
    stranger = visitor()
    answers = [*(stranger.get(page) for page in pages), *(stranger.post(one) for one in presses)]
    assert all(answer["Location"].startswith("/account/login/") for answer in answers)


def test_another_clinics_staff_find_nothing_and_an_admin_finds_all(
    visit: Appointment, foreign: Client
) -> None:
    assert "Nobody has an appointment" in words(foreign.get(LIST))
    for said in (visit.reference, "0112345678", "Ana"):
        assert "No appointment is found" in words(searched(foreign, said=said))
    nothing = foreign.get(f"{LIST}00000000-0000-4000-8000-000000000000/")
    for address in (page_of(visit), page_of(visit, "cancel/")):
        answer = foreign.get(address)
        assert (answer.status_code, words(answer)) == (404, words(nothing))
    for address in ("cancel/", "complete/", "mail/"):
        sent = {"note": "Closed", "outcome": "attended", "once": "one"}
        assert foreign.post(page_of(visit, address), sent).status_code == 404
    assert foreign.get(f"{LIST}?doctor={visit.doctor_id}").status_code == 422
    visit.refresh_from_db()
    assert visit.status == Status.CONFIRMED
    assert visit.reference in words(signed_in(an_admin()).get(LIST))


@pytest.mark.parametrize(
    "said",
    [
        *("{reference}", "{lower}", "{spaced}"),
        *("0112345678", "011 234 5678", "+94 11 234-5678"),
        *("perera", "Ana Perera", "perera an", "  ANA "),
    ],
)
def test_an_appointment_is_found_by_what_a_caller_says(
    visit: Appointment, slots: list[Slot], ben: Patient, staff: Client, said: str
) -> None:
    other = paid(slots[1], ben)
    Appointment.objects.filter(pk=other.pk).update(
        first_name="Ben", last_name="Silva", phone_index="another"
    )
    reference = visit.reference
    spellings = {
        "reference": reference,
        "lower": reference.lower(),
        "spaced": f"{reference[:4]} {reference[4:]}",
    }
    page = words(searched(staff, said=said.format(**spellings)))
    assert "1 appointment Appointments" in page
    assert reference in page
    assert other.reference not in page


def test_a_search_finds_visits_of_any_day_the_latest_first(
    visit: Appointment, slots: list[Slot], ana: Patient, staff: Client, clock: ClinicClock
) -> None:
    later = paid(slots[1], ana)
    clock.set(visit.ends_at + timedelta(days=3))
    page = words(searched(staff, said="Ana"))
    assert page.index(later.reference) < page.index(visit.reference)
    assert "Nobody has an appointment from today on" in words(staff.get(LIST))


@pytest.mark.parametrize("said", ["12345", "119", "+94", "2345"])
def test_figures_that_are_no_number_are_refused_and_kept(staff: Client, said: str) -> None:
    answer = staff.post(LIST, {"said": said})
    assert answer.status_code == 422
    assert "Enter a whole phone number, a reference of 8 signs, or a name." in words(answer)
    assert f'value="{said}"' in answer.content.decode()


def test_a_reference_of_figures_alone_is_still_a_reference(
    visit: Appointment, staff: Client
) -> None:
    Appointment.objects.update(reference="22334455")
    assert "1 appointment" in words(searched(staff, said="22334455"))


@pytest.mark.parametrize(
    "query",
    ["day=tomorrow", "day=0001-01-01", "day=9999-12-31", "doctor=1", "status=late", "status=%00"],
)
def test_an_address_that_asks_for_what_cannot_be_says_so(staff: Client, query: str) -> None:
    answer = staff.get(f"{LIST}?{query}")
    assert answer.status_code == 422
    assert "There is a problem" in words(answer)


def test_what_a_caller_said_stands_in_no_address(visit: Appointment, staff: Client) -> None:
    for said in ("Ana Perera", "011 234 5678"):
        address = staff.post(LIST, {"said": said, "status": "confirmed"})["Location"]
        assert parse_qs(urlsplit(address).query).keys() == {"said", "status"}
        assert not re.search("ana|perera|112345678|2345678", address, re.IGNORECASE)
        page = staff.get(address)
        assert f'value="{said}"' in page.content.decode()
        assert visit.reference in words(page)
        assert not re.search("ana|perera|2345678", " ".join(links(page)), re.IGNORECASE)


def test_an_address_with_a_search_opens_for_nobody_else(
    visit: Appointment, staff: Client, clinic: Clinic
) -> None:
    address = staff.post(LIST, {"said": "Ana"})["Location"]
    colleague = signed_in(staff_of(clinic, "second"))
    assert colleague.get(address).status_code == 404
    for changed in (
        address.replace(".", ".AAAA"),
        f"{LIST}?said=Ana",
        f"{LIST}?said=%00",
        f"{LIST}?said=é.a",
    ):
        assert staff.get(changed).status_code == 404


def test_the_list_is_narrowed_by_day_doctor_and_status(
    visit: Appointment,
    slots: list[Slot],
    free_slots: list[Slot],
    ben: Patient,
    dr_silva: Doctor,
    staff: Client,
    clock: ClinicClock,
) -> None:
    held, free = booked(slots[1], ben), booked(free_slots[2], ben)
    off = cancel(paid(slots[3], ben), ben.user)
    every = {visit.reference, held.reference, free.reference, off.reference}

    def found(query: str) -> set[str]:
        page = words(staff.get(f"{LIST}?{query}"))
        return {reference for reference in every if reference in page}

    assert found("") == every
    assert found("day=2026-11-24") == set()
    assert found("day=2026-11-25") == every
    assert found(f"doctor={dr_silva.pk}") == {free.reference}
    assert found("status=pending") == {held.reference}
    assert found("status=confirmed") == {visit.reference, free.reference}
    assert found("status=cancelled&day=2026-11-25") == {off.reference}
    clock.set(held.held_until)
    assert found("status=pending") == set()
    assert found("status=cancelled") == {held.reference, off.reference}
    clock.set(free.ends_at + timedelta(days=1))
    assert found("") == set()
    clock.set(free.ends_at + timedelta(hours=23))
    assert found("status=unmarked") == {visit.reference, free.reference}
    clock.move(timedelta(minutes=45))
    assert found("status=unmarked") == {free.reference}


def test_the_list_goes_on_page_by_page_and_keeps_the_question(
    slots: list[Slot], ana: Patient, staff: Client
) -> None:
    for _ in range(21):
        cancel(booked(slots[0], ana), ana.user)
    first = searched(staff, said="Perera", status="cancelled")
    assert "21 appointments" in words(first)
    assert "Page 1 of 2" in words(first)
    (following,) = [link for link in links(first) if "page=2" in link]
    assert "Page 2 of 2" in words(staff.get(f"{LIST}{following}"))


def test_the_list_shows_how_to_reach_people_and_not_why_they_come(
    visit: Appointment, staff: Client
) -> None:
    page = words(staff.get(LIST))
    assert f"Ana Perera +94112345678 Dr Kofi Osei Confirmed {visit.reference}" in page
    for private in ("Cough", "1990", visit.token, visit.email):
        assert private not in page


def test_every_list_and_every_look_is_noted(
    visit: Appointment, slots: list[Slot], ben: Patient, staff: Client, clerk: User
) -> None:
    other = paid(slots[1], ben)
    staff.get(LIST)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor_id) == (Action.LISTED, clerk.pk)
    assert set(entry.subjects) == {visit.patient_id, ben.pk}
    assert set(entry.objects_seen) == {visit.pk, other.pk}
    staff.get(page_of(visit))
    staff.get(page_of(visit, "cancel/"))
    looks = AuditEntry.objects.filter(action=Action.VIEWED).order_by("id")
    assert [look.what for look in looks] == ["staff_appointment", "staff_cancel"]
    assert all(look.subjects == [visit.patient_id] for look in looks)
    searched(staff, said="Nobody")
    assert AuditEntry.objects.count() == 3  # nobody was shown


def test_an_appointment_tells_what_happened_to_it_and_nothing_of_the_patients_health(
    visit: Appointment, staff: Client
) -> None:
    page = words(staff.get(page_of(visit)))
    assert "Ana Perera" in page
    assert "+94112345678" in page
    assert visit.email in page
    assert "LKR 2,500.00, paid" in page
    assert (
        "Held by the patient Monday 23 November 2026, midday Confirmed: the payment arrived" in page
    )
    assert visit.payment
    source = staff.get(page_of(visit)).content.decode()
    for private in ("Cough", "19901234", "5678V", visit.token, visit.payment.checkout_url):
        assert private not in source
    assert "/move/" not in source


def test_what_patient_and_doctor_write_to_each_other_is_not_shown(
    visit: Appointment, staff: Client, ana: Patient
) -> None:
    visitor(ana).post(f"/appointments/{visit.pk}/cancel/", {"note": "I am in hospital"})
    page = words(staff.get(page_of(visit)))
    assert "Cancelled by the patient" in page
    assert "LKR 2,500.00 was paid, and LKR 2,500.00 is on its way back" in page
    assert "hospital" not in page


def test_the_money_is_told_as_it_stands(
    slots: list[Slot], free_slots: list[Slot], ana: Patient, ben: Patient, staff: Client
) -> None:
    hold = booked(slots[0], ana)
    assert "LKR 2,500.00, not paid yet" in words(staff.get(page_of(hold)))
    free = booked(free_slots[1], ana)
    page = words(staff.get(page_of(free)))
    assert "Free of charge" in page
    assert "Asked for by the patient" in page
    off = cancel(paid(slots[2], ben), ben.user)
    Refund.objects.update(state=RefundState.NEEDS_HUMAN, trouble=Trouble.REFUSED, next_try_at=None)
    answer = staff.get(page_of(off))
    assert "LKR 2,500.00 is owed back: needs a person" in words(answer)
    pays(hold, "slow")
    Payment.objects.filter(appointment=hold).update(trouble=Trouble.MISMATCH, next_look_at=None)
    assert "LKR 2,500.00: needs a person" in words(staff.get(page_of(hold)))


def test_a_hold_that_ran_out_reads_as_cancelled_before_anybody_wrote_it_down(
    slots: list[Slot], ana: Patient, staff: Client, clock: ClinicClock
) -> None:
    hold = booked(slots[0], ana)
    clock.set(hold.held_until)
    page = words(staff.get(page_of(hold)))
    assert "Cancelled: the time to pay ran out Monday 23 November 2026, 12:10pm" in page
    assert "left to pay" not in page


def test_cancelling_refunds_in_full_withdraws_the_time_and_says_why(
    visit: Appointment, staff: Client, clerk: User, clinic: Clinic, ana: Patient
) -> None:
    Clinic.objects.update(refund_percent=0)
    Appointment.objects.update(refund_percent=0)
    page = words(staff.get(page_of(visit, "cancel/")))
    assert "The patient gets LKR 2,500.00 back, all that was paid." in page
    sent = {"note": "The doctor is ill until Friday."}
    answer = staff.post(page_of(visit, "cancel/"), sent)
    assert (answer.status_code, answer["Location"]) == (302, page_of(visit))
    page = words(staff.get(page_of(visit)))
    assert "The appointment is cancelled." in page
    assert "Cancelled by the clinic" in page
    assert "Why, as the clinic wrote The doctor is ill until Friday." in page
    visit.refresh_from_db()
    assert (visit.status, visit.cancel_reason) == ("cancelled", "by_clinic")
    assert Refund.objects.get().amount == 250_000
    assert visit.slot_id is None
    last = visit.transitions.latest("id")
    assert (last.actor, last.actor_id) == ("staff", clerk.pk)
    change = AuditEntry.objects.get(action=Action.CHANGED)
    assert (change.what, change.subjects, change.actor_id) == ("cancel", [ana.pk], clerk.pk)
    assert "The doctor is ill until Friday." in words(
        visitor(ana).get(f"/appointments/{visit.pk}/")
    )
    staff.post(page_of(visit, "cancel/"), sent)  # the same press again
    assert Refund.objects.count() == 1
    assert AuditEntry.objects.filter(action=Action.CHANGED).count() == 1


def test_a_cancelled_time_may_be_offered_again(
    visit: Appointment, slots: list[Slot], staff: Client
) -> None:
    staff.post(page_of(visit, "cancel/"), {"note": "Asked by phone", "offer_again": "on"})
    assert slots[0] in open_slots()


def test_cancelling_without_a_reason_is_refused_and_keeps_the_choice(
    visit: Appointment, staff: Client
) -> None:
    answer = staff.post(page_of(visit, "cancel/"), {"note": " ", "offer_again": "on"})
    assert answer.status_code == 422
    assert "Write why, for the patient to read." in words(answer)
    assert 'name="offer_again" checked' in answer.content.decode()
    visit.refresh_from_db()
    assert visit.status == Status.CONFIRMED


def test_a_visit_whose_room_has_closed_is_marked_and_not_cancelled(
    visit: Appointment, staff: Client, clerk: User, clock: ClinicClock
) -> None:
    early = staff.post(page_of(visit, "complete/"), {"outcome": "attended"}, follow=True)
    assert "This visit cannot be marked now. Nothing was changed." in words(early)
    clock.set(visit.closes_at)
    page = words(staff.get(page_of(visit, "cancel/")))
    assert "it can no longer be cancelled. Say on its page whether it took place." in page
    answer = staff.post(page_of(visit, "cancel/"), {"note": "Too late"})
    assert answer.status_code == 409
    assert "Did this visit take place?" in words(staff.get(page_of(visit)))
    staff.post(page_of(visit, "complete/"), {"outcome": "no_show_patient"})
    page = words(staff.get(page_of(visit)))
    assert "Patient did not come" in page
    assert "Completed: the patient did not come, by the clinic" in page
    assert staff.post(page_of(visit, "complete/"), {"outcome": "maybe"}).status_code == 400
    change = AuditEntry.objects.get(action=Action.CHANGED)
    assert (change.what, change.actor_id) == ("complete", clerk.pk)


def test_the_way_to_pay_is_mailed_again_only_while_the_time_is_held(
    slots: list[Slot], ana: Patient, staff: Client, clock: ClinicClock
) -> None:
    hold = booked(slots[0], ana)
    page = staff.get(page_of(hold))
    assert "10:00 left to pay LKR 2,500.00" in words(page)
    once = re.search(r'name="once" value="([^"]+)"', page.content.decode())
    assert once
    for _ in range(2):
        answer = staff.post(page_of(hold, "mail/"), {"once": once[1]}, follow=True)
        assert "The way to pay is mailed to the patient." in words(answer)
    assert [sent.to for sent in mail.outbox] == [[ana.user.email]]
    assert staff.post(page_of(hold, "mail/"), {"once": "no such\n"}).status_code == 400
    clock.set(hold.held_until)
    answer = staff.post(page_of(hold, "mail/"), {"once": "another"}, follow=True)
    assert "Nothing was mailed." in words(answer)
    assert len(mail.outbox) == 1


def test_forms_of_another_site_do_nothing(visit: Appointment, clerk: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(clerk)
    for address in (LIST, page_of(visit, "cancel/"), page_of(visit, "complete/")):
        assert client.post(address, {"note": "x"}).status_code == 403


@pytest.mark.parametrize("address", [LIST, "one"])
def test_more_rows_cost_no_more_questions(
    visit: Appointment, slots: list[Slot], ana: Patient, ben: Patient, staff: Client, address: str
) -> None:
    page = page_of(visit) if address == "one" else address

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            staff.get(page)
        return len(asked)

    for_one = questions()
    for slot, patient in zip(slots[1:], (ben, ana, ben), strict=True):
        paid(slot, patient)
    assert questions() == for_one


def test_a_name_can_be_found_without_reading_every_appointment(visit: Appointment) -> None:
    found = Appointment.objects.filter(told_by_a_caller("Ana Perera"))
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")  # as with more rows than a test has
    plan = found.explain()
    assert "appointments_by_first_name" in plan, plan
    assert "appointments_by_last_name" in plan, plan
