"""Patients who wait for an earlier time are offered what becomes free, one at a time."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

import pytest

from clinicall import wiring
from clinicall.booking import moving, waitlist
from clinicall.booking.ending import NotPossibleNow
from clinicall.booking.holds import ANYWHERE, PatientBusy, SlotTaken, TooLate, lapse
from clinicall.booking.models import Appointment, Message, WaitlistEntry
from clinicall.booking.openings import open_slots
from clinicall.booking.states import CancelReason, Kind, Status
from clinicall.booking.withdrawing import SlotsInUse, withdraw_day
from clinicall.core.refusals import Refusal, SlotGone
from clinicall.messages import composing
from clinicall.people.models import Doctor, DoctorState, Patient
from clinicall.rights import erasing
from clinicall.schedule.models import Slot
from clinicall.schedule.publish import publish
from clinicall.schedule.slotting import Window
from tests.booking.test_ending import cancel, paid
from tests.clinic_clock import ClinicClock
from tests.conftest import WEDNESDAY, booked

A_MOMENT = timedelta(minutes=1)


def waits(visit: Appointment, clock: ClinicClock) -> Appointment:
    waitlist.wait(visit.pk, by=visit.patient.user)
    clock.move(A_MOMENT)
    return visit


def offers() -> list[tuple[Patient, Slot | None, str]]:
    """All that were ever made: to whom, which time, and what became of it."""
    made = Appointment.objects.exclude(offer_for=None).order_by("created_at", "starts_at")
    return [(one.patient, one.slot, one.cancel_reason or one.status) for one in made]


def the_offer() -> Appointment:
    return Appointment.objects.exclude(offer_for=None).get(status=Status.PENDING)


def take(offer: Appointment) -> None:
    waitlist.take(offer.pk, by=offer.patient.user, line=wiring.video_line())


def let_lapse(clock: ClinicClock) -> None:
    clock.move(waitlist.HELD_FOR)
    lapse(ANYWHERE)


@pytest.fixture
def visit(slots: list[Slot], ana: Patient, ben: Patient, clock: ClinicClock) -> Appointment:
    """Ana's, the third of four times, for which she would rather have an earlier one."""
    return waits(paid(slots[2], ana), clock)


@pytest.fixture
def offer(visit: Appointment) -> Appointment:
    """Ana's, of the first time."""
    waitlist.offer_times()
    return the_offer()


def test_an_open_time_is_held_for_who_waits(visit: Appointment, slots: list[Slot]) -> None:
    waitlist.offer_times()
    offer = the_offer()
    assert (offer.patient, offer.slot, offer.offer_for) == (visit.patient, slots[0], visit)
    assert offer.held_until - offer.created_at == timedelta(minutes=15)
    assert slots[0] not in open_slots()
    with pytest.raises(SlotTaken):
        booked(slots[0], Patient.objects.exclude(pk=visit.patient_id)[0])
    step = offer.transitions.get()
    assert (step.from_status, step.to_status, step.actor) == ("", "pending", "clock")


def test_nobody_is_offered_a_later_time_or_one_that_is_too_soon(
    slots: list[Slot], ana: Patient, clock: ClinicClock, dr_osei: Doctor
) -> None:
    publish(dr_osei, [Window(WEDNESDAY, time(14), time(15), 15)], now=clock.now)
    afternoon = Slot.objects.order_by("starts_at")[4]
    waits(paid(afternoon, ana), clock)
    clock.set(slots[3].starts_at - waitlist.NOT_SO_SOON)
    waitlist.offer_times()
    assert offers() == []


def test_who_asked_first_is_served_first_and_each_time_goes_to_one(
    slots: list[Slot], ana: Patient, ben: Patient, clock: ClinicClock
) -> None:
    later, sooner = paid(slots[3], ana), paid(slots[2], ben)
    waits(sooner, clock)
    waits(later, clock)
    waitlist.offer_times()
    assert offers() == [(ben, slots[0], "pending"), (ana, slots[1], "pending")]
    waitlist.offer_times()  # nobody has answered yet
    assert len(offers()) == 2


def test_an_unanswered_offer_passes_on_and_does_not_come_back(
    slots: list[Slot], ana: Patient, ben: Patient, cleo: Patient, clock: ClinicClock
) -> None:
    paid(slots[1], cleo)
    for slot, patient in ((slots[2], ana), (slots[3], ben)):
        waits(paid(slot, patient), clock)
    waitlist.offer_times()
    let_lapse(clock)
    waitlist.offer_times()
    let_lapse(clock)
    waitlist.offer_times()
    lapsed = CancelReason.HOLD_EXPIRED
    assert offers() == [(ana, slots[0], lapsed), (ben, slots[0], lapsed)]
    assert slots[0] in open_slots()


def test_a_lapsed_offer_stands_in_nobodys_way_before_it_is_cleared_away(
    offer: Appointment, slots: list[Slot], ben: Patient, clock: ClinicClock
) -> None:
    clock.move(waitlist.HELD_FOR)
    assert booked(slots[0], ben).status == Status.PENDING
    offer.refresh_from_db()
    assert offer.cancel_reason == CancelReason.HOLD_EXPIRED


def test_nobody_is_offered_more_than_three_times_a_day(
    slots: list[Slot], ana: Patient, dr_osei: Doctor, clock: ClinicClock
) -> None:
    publish(dr_osei, [Window(WEDNESDAY, time(14), time(15), 15)], now=clock.now)
    waits(paid(Slot.objects.order_by("starts_at")[6], ana), clock)
    for _ in range(5):
        waitlist.offer_times()
        let_lapse(clock)
    assert [slot for _, slot, _ in offers()] == slots[:3]


@pytest.mark.parametrize(
    ("zone", "minute", "is_offered"),
    [
        ("", "02:29", False),  # 07:59 in Colombo, where the doctor is
        ("", "02:30", True),
        ("", "14:29", True),
        ("", "14:30", False),
        ("America/New_York", "12:59", False),
        ("America/New_York", "13:00", True),
    ],
)
def test_a_time_is_offered_by_day_where_the_patient_is(
    visit: Appointment, clock: ClinicClock, zone: str, minute: str, is_offered: bool
) -> None:
    user = visit.patient.user
    user.timezone = zone
    user.save()
    clock.set(datetime.fromisoformat(f"2026-11-24T{minute}").replace(tzinfo=UTC))
    waitlist.offer_times()
    assert bool(offers()) is is_offered


def test_an_offer_takes_none_of_the_two_places(
    offer: Appointment, slots: list[Slot], free_slots: list[Slot], dr_osei: Doctor
) -> None:
    dr_osei.fee_amount = 100
    Doctor.objects.exclude(pk=dr_osei.pk).update(fee_amount=100)
    assert booked(slots[3], offer.patient).hold_place == 1
    assert booked(free_slots[1], offer.patient).hold_place == 2
    assert offer.hold_place is None


def test_who_has_something_else_at_that_time_is_not_asked(
    visit: Appointment, slots: list[Slot], free_slots: list[Slot]
) -> None:
    booked(free_slots[0], visit.patient)
    waitlist.offer_times()
    assert offers() == [(visit.patient, slots[1], "pending")]


def test_taking_it_moves_the_visit_and_ends_offer_and_waiting(
    offer: Appointment, visit: Appointment, slots: list[Slot]
) -> None:
    take(offer)
    visit.refresh_from_db()
    offer.refresh_from_db()
    assert (visit.slot, visit.status) == (slots[0], Status.CONFIRMED)
    assert (offer.status, offer.cancel_reason) == (Status.CANCELLED, CancelReason.BY_PATIENT)
    assert not WaitlistEntry.objects.exists()
    assert visit.transitions.latest("id").why == "moved"
    assert Message.objects.filter(kind=Kind.MOVED, to=visit.patient.user).count() == 1
    assert slots[2] in open_slots()
    take(offer)  # the same press twice
    assert visit.transitions.filter(why="moved").count() == 1


def test_moving_there_oneself_is_taking_it(
    offer: Appointment, visit: Appointment, slots: list[Slot]
) -> None:
    moving.move(visit.pk, slots[0].pk, by=visit.patient.user, line=wiring.video_line())
    offer.refresh_from_db()
    visit.refresh_from_db()
    assert (visit.slot, offer.status) == (slots[0], Status.CANCELLED)


def refused(offer: Appointment, refusal: type[Refusal]) -> None:
    visit, before = offer.offer_for, Appointment.objects.values()
    as_it_was = list(before)
    with pytest.raises(refusal):
        take(offer)
    assert visit
    assert list(before.all()) == as_it_was


def test_once_it_has_lapsed_it_cannot_be_taken(
    offer: Appointment, visit: Appointment, clock: ClinicClock
) -> None:
    clock.move(waitlist.HELD_FOR)
    refused(offer, TooLate)
    lapse(ANYWHERE)
    refused(offer, TooLate)
    visit.refresh_from_db()
    assert visit.status == Status.CONFIRMED


def test_a_doctor_who_takes_nobody_is_not_moved_to(offer: Appointment, dr_osei: Doctor) -> None:
    dr_osei.state = DoctorState.SUSPENDED
    dr_osei.save()
    refused(offer, SlotGone)


def test_declining_keeps_the_time_and_the_place_among_those_who_wait(
    offer: Appointment, visit: Appointment, slots: list[Slot], clock: ClinicClock
) -> None:
    waitlist.decline(offer.pk, by=visit.patient.user)
    waitlist.decline(offer.pk, by=visit.patient.user)
    assert slots[0] in open_slots()
    clock.move(A_MOMENT)
    waitlist.offer_times()
    visit.refresh_from_db()
    assert visit.slot == slots[2]
    assert offers() == [
        (visit.patient, slots[0], CancelReason.BY_PATIENT),
        (visit.patient, slots[1], "pending"),
    ]


Ends = Callable[[Appointment, list[Slot]], None]


def by_the_patient(visit: Appointment, _: list[Slot]) -> None:
    cancel(visit, visit.patient.user)


def by_the_doctor(visit: Appointment, _: list[Slot]) -> None:
    cancel(visit, visit.doctor.user)


def moved(visit: Appointment, slots: list[Slot]) -> None:
    moving.move(visit.pk, slots[3].pk, by=visit.patient.user, line=wiring.video_line())


def stopped(visit: Appointment, _: list[Slot]) -> None:
    waitlist.stop_waiting(visit.pk, by=visit.patient.user)


def erased(visit: Appointment, _: list[Slot]) -> None:
    erasing.erase(visit.patient.user, gateway_for=wiring.payment_gateway, line=wiring.video_line())


@pytest.mark.parametrize("ends", [by_the_patient, by_the_doctor, moved, stopped, erased])
def test_with_the_time_of_the_visit_go_waiting_and_offer(
    offer: Appointment, visit: Appointment, slots: list[Slot], ends: Ends
) -> None:
    ends(visit, slots)
    offer.refresh_from_db()
    assert offer.status == Status.CANCELLED
    assert not WaitlistEntry.objects.exists()
    assert slots[0] in open_slots()
    waitlist.offer_times()
    assert len(offers()) == 1


def test_nobody_waits_once_it_is_too_late_to_move(
    visit: Appointment, clock: ClinicClock, slots: list[Slot]
) -> None:
    clock.set(slots[2].starts_at - timedelta(hours=2))
    waitlist.offer_times()
    assert not WaitlistEntry.objects.exists()
    with pytest.raises(TooLate):
        waitlist.wait(visit.pk, by=visit.patient.user)


def test_only_a_confirmed_visit_waits(slots: list[Slot], ana: Patient) -> None:
    hold = booked(slots[2], ana)
    with pytest.raises(NotPossibleNow):
        waitlist.wait(hold.pk, by=ana.user)


def test_who_is_offered_a_time_is_told_while_it_is_held(
    offer: Appointment, visit: Appointment, clock: ClinicClock
) -> None:
    message = Message.objects.get(kind=Kind.EARLIER_TIME)
    assert message.facts == {"offer": str(offer.pk)}
    letter = composing.letter_for(message, now=clock.now)
    assert letter
    assert letter.subject == "An earlier time for you: Wed 25 Nov, 9:00am"
    assert "It is held for you until 12:16pm." in letter.body
    assert "9:30am to 9:45am" in letter.slip
    assert f"/appointments/{visit.pk}/" in letter.body
    text = composing.text_for(message, now=clock.now)
    assert text
    assert len(text) <= 160
    assert text.isascii()
    assert composing.letter_for(message, now=offer.held_until) is None


def test_a_day_with_an_offer_is_locked_until_that_lapses(
    offer: Appointment, visit: Appointment, dr_osei: Doctor, clock: ClinicClock
) -> None:
    cancel(paid(Slot.objects.latest("starts_at"), offer.patient), offer.patient.user)
    with pytest.raises(SlotsInUse):
        withdraw_day(dr_osei, WEDNESDAY, now=clock.now)


def test_an_offer_is_in_nobodys_list(offer: Appointment, visit: Appointment) -> None:
    visible = Appointment.objects.visible_to
    assert list(visible(visit.patient.user)) == [visit]
    assert list(visible(visit.doctor.user)) == [visit]


def test_nobody_books_what_is_offered_to_them_beside_their_visit(
    offer: Appointment, slots: list[Slot]
) -> None:
    with pytest.raises(PatientBusy):
        booked(slots[0], offer.patient)
