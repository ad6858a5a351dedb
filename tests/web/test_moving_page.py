from datetime import time, timedelta

import pytest
from django.urls import reverse

from clinicall.booking import ending
from clinicall.booking.models import Appointment
from clinicall.booking.states import Outcome
from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Slot
from clinicall.schedule.publish import publish
from clinicall.schedule.slotting import Window
from tests.clinic_clock import ClinicClock
from tests.conftest import WEDNESDAY, booked
from tests.web.test_appointment_pages import address, choose
from tests.web.visitor import Answer, links, visitor, words

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
STAYS = "Nothing was changed: your appointment stays on Wednesday 25 November 2026, 9:00am."


@pytest.fixture
def visit(slots: list[Slot], ana: Patient) -> Appointment:
    held = booked(slots[0], ana)
    choose(held, "succeed")
    return held


def to(visit: Appointment, slot: Slot) -> str:
    return reverse("move_to", args=[visit.pk, slot.pk])


def press(visit: Appointment, slot: Slot, patient: Patient) -> Answer:
    answer = visitor(patient).post(to(visit, slot))
    visit.refresh_from_db()
    return answer


def test_a_visit_is_moved_from_its_page_in_three_presses(
    visit: Appointment, slots: list[Slot], ana: Patient
) -> None:
    browser = visitor(ana)
    before = (visit.reference, visit.price, visit.channel_name, visit.payment_id)
    assert address(visit, "move") in links(browser.get(address(visit)))
    calendar = browser.get(address(visit, "move"))
    assert "You keep the present one until the move is done" in words(calendar)
    assert to(visit, slots[2]) in links(calendar)
    assert reverse("book", args=[visit.doctor_id, slots[2].pk]) not in links(calendar)
    last_look = words(browser.get(to(visit, slots[2])))
    assert "From Wednesday 25 November 2026 9:00am to 9:15am" in last_look
    assert "To Wednesday 25 November 2026 9:30am to 9:45am" in last_look
    assert f"The price of LKR 2,500.00 and the reference {visit.reference} stay the same" in (
        last_look
    )
    answer = browser.post(to(visit, slots[2]))
    assert answer["Location"] == address(visit)
    visit.refresh_from_db()
    assert visit.slot == slots[2]
    assert (visit.reference, visit.price, visit.channel_name, visit.payment_id) == before
    assert "Your appointment is moved to Wednesday 25 November 2026, 9:30am." in words(
        browser.get(address(visit))
    )
    again = words(browser.get(address(visit)))
    assert "is moved" not in again
    assert "9:30am to 9:45am" in again


def test_the_calendar_turns_without_script_and_shows_only_what_is_open(
    visit: Appointment, slots: list[Slot], dr_osei: Doctor, ana: Patient, ben: Patient
) -> None:
    publish(
        dr_osei, [Window(WEDNESDAY + timedelta(days=7), time(14), time(15), 30)], now=visit.opens_at
    )
    booked(slots[1], ben)
    page = visitor(ana).get(address(visit, "move"))
    assert "Wednesday 25 November 2026, 2 times free, chosen" in words(page)
    assert to(visit, slots[1]) not in links(page)
    assert "?month=2026-12#calendar" in links(page)
    december = visitor(ana).get(f"{address(visit, 'move')}?month=2026-12")
    assert "?date=2026-12-02#times" in links(december)
    day = words(visitor(ana).get(f"{address(visit, 'move')}?date=2026-12-02"))
    assert "Afternoon 2:00pm on Wednesday 2 December" in day


def test_the_same_press_twice_moves_once(
    visit: Appointment, slots: list[Slot], ana: Patient
) -> None:
    for _ in range(2):
        assert press(visit, slots[1], ana)["Location"] == address(visit)
    assert visit.slot == slots[1]
    assert visit.transitions.filter(why="moved").count() == 1


def test_a_time_that_was_just_taken_leaves_the_visit_where_it_is_and_offers_others(
    visit: Appointment, slots: list[Slot], ana: Patient, ben: Patient
) -> None:
    booked(slots[1], ben)
    for answer in (visitor(ana).get(to(visit, slots[1])), press(visit, slots[1], ana)):
        assert answer.status_code == 409
        assert f"Someone else has just taken this time {STAYS}" in words(answer)
        assert to(visit, slots[2]) in links(answer)
        assert to(visit, slots[0]) not in links(answer)
    assert visit.slot == slots[0]


def test_a_patient_who_is_elsewhere_then_is_told_so(
    visit: Appointment, slots: list[Slot], free_slots: list[Slot], ana: Patient
) -> None:
    booked(free_slots[3], ana)
    answer = press(visit, slots[3], ana)
    assert answer.status_code == 409
    assert f"You already have an appointment at this time {STAYS}" in words(answer)
    assert address(visit, "move") in links(answer)
    assert visit.slot == slots[0]


def test_a_time_that_was_withdrawn_or_is_another_doctors_is_not_offered(
    visit: Appointment, slots: list[Slot], free_slots: list[Slot], ana: Patient
) -> None:
    Slot.objects.filter(pk=slots[3].pk).delete()
    for slot in (slots[3], free_slots[0]):
        for answer in (visitor(ana).get(to(visit, slot)), press(visit, slot, ana)):
            assert answer.status_code == 404
            assert f"This time is no longer offered {STAYS}" in words(answer)
    assert visit.slot == slots[0]


def test_too_late_to_move_is_said_before_and_held_to(
    visit: Appointment, slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    clock.set(visit.starts_at - 2 * HOUR)
    assert address(visit, "move") not in links(visitor(ana).get(address(visit)))
    page = visitor(ana).get(address(visit, "move"))
    assert "possible until Wednesday 25 November 2026, 7:00am" in words(page)
    assert to(visit, slots[1]) not in links(page)
    assert press(visit, slots[1], ana)["Location"] == address(visit, "move")
    assert visit.slot == slots[0]


def test_the_limit_may_pass_while_one_looks_at_the_page(
    visit: Appointment,
    slots: list[Slot],
    ana: Patient,
    clock: ClinicClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = clock.now
    clock.set(visit.starts_at - 2 * HOUR)
    # The page was made a moment before, and the move came a moment after.
    monkeypatch.setattr("clinicall.web.patient.moving.clock.now", lambda: before)
    answer = press(visit, slots[1], ana)
    assert answer.status_code == 409
    assert f"It is too late to move this appointment. {STAYS}" in words(answer)
    assert visit.slot == slots[0]


def test_only_a_confirmed_visit_moves(
    slots: list[Slot], visit: Appointment, ana: Patient, dr_osei: Doctor, clock: ClinicClock
) -> None:
    held = booked(slots[1], ana)
    page = words(visitor(ana).get(address(held, "move")))
    assert "An appointment can be moved once it is paid for." in page
    assert address(held, "move") not in links(visitor(ana).get(address(held)))
    clock.set(visit.starts_at)
    ending.complete(visit.pk, Outcome.ATTENDED, by=dr_osei.user)
    assert "This appointment is completed, so it can no longer be moved." in words(
        visitor(ana).get(address(visit, "move"))
    )
    assert press(visit, slots[2], ana)["Location"] == address(visit, "move")
    assert visit.slot == slots[0]


def test_it_is_nobody_elses_to_move(
    visit: Appointment, slots: list[Slot], cleo: Patient, dr_osei: Doctor
) -> None:
    for page in (address(visit, "move"), to(visit, slots[1])):
        assert visitor().get(page).status_code == 302
        assert visitor(cleo).get(page).status_code == 404
        assert visitor(dr_osei).get(page).status_code == 403
    assert visitor(cleo).post(to(visit, slots[1])).status_code == 404
    assert visitor(dr_osei).post(to(visit, slots[1])).status_code == 403
    visit.refresh_from_db()
    assert visit.slot == slots[0]


def test_a_visit_free_of_charge_moves_without_a_word_of_money(
    free_slots: list[Slot], ana: Patient
) -> None:
    visit = booked(free_slots[0], ana)
    page = words(visitor(ana).get(to(visit, free_slots[1])))
    assert f"The price and the reference {visit.reference} stay the same." in page
    assert press(visit, free_slots[1], ana)["Location"] == address(visit)
    assert visit.slot == free_slots[1]
