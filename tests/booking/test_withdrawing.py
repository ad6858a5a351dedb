from datetime import time, timedelta

import pytest

from clinicall.booking.states import Status
from clinicall.booking.withdrawing import SlotsInUse, replace_day, withdraw_day
from clinicall.core.refusals import Invalid, NotFound
from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Availability, Slot
from clinicall.schedule.publish import NotFuture, publish
from clinicall.schedule.slotting import Window
from tests.booking.test_ending import cancel, paid
from tests.clinic_clock import ClinicClock
from tests.conftest import WEDNESDAY, booked

AFTERNOON = Window(WEDNESDAY, time(14), time(15), 20)


def starts(doctor: Doctor) -> list[str]:
    return [
        f"{start:%H:%M}"
        for start in Slot.objects.filter(doctor=doctor)
        .order_by("starts_at")
        .values_list("starts_at", flat=True)
    ]


def test_a_day_without_bookings_gets_new_hours(
    slots: list[Slot], dr_osei: Doctor, clock: ClinicClock
) -> None:
    replace_day(dr_osei, WEDNESDAY, [AFTERNOON], now=clock.now)
    assert starts(dr_osei) == ["08:30", "08:50", "09:10"]  # 14:00 in Colombo, in UTC


def test_a_day_without_bookings_is_withdrawn_whole(
    slots: list[Slot], dr_osei: Doctor, clock: ClinicClock
) -> None:
    withdraw_day(dr_osei, WEDNESDAY, now=clock.now)
    assert not Slot.objects.exists()
    assert not Availability.objects.exists()
    with pytest.raises(NotFound):
        withdraw_day(dr_osei, WEDNESDAY, now=clock.now)


def test_a_live_hold_keeps_the_day_and_says_until_when(
    slots: list[Slot], dr_osei: Doctor, ana: Patient, clock: ClinicClock
) -> None:
    hold = booked(slots[3], ana)
    with pytest.raises(SlotsInUse) as refused:
        withdraw_day(dr_osei, WEDNESDAY, now=clock.now)
    assert refused.value.facts == {"retryAt": hold.held_until}
    with pytest.raises(SlotsInUse):
        replace_day(dr_osei, WEDNESDAY, [AFTERNOON], now=clock.now)
    assert len(starts(dr_osei)) == 4


def test_a_booking_keeps_the_day(
    slots: list[Slot], dr_osei: Doctor, ana: Patient, clock: ClinicClock
) -> None:
    visit = paid(slots[0], ana)
    with pytest.raises(SlotsInUse) as refused:
        withdraw_day(dr_osei, WEDNESDAY, now=clock.now)
    assert refused.value.facts == {"retryAt": None}
    visit.refresh_from_db()
    assert (visit.status, visit.slot) == (Status.CONFIRMED, slots[0])


def test_hours_that_touch_no_slot_may_join_a_day_with_bookings(
    slots: list[Slot], dr_osei: Doctor, ana: Patient, clock: ClinicClock
) -> None:
    paid(slots[0], ana)
    publish(dr_osei, [AFTERNOON], now=clock.now)
    assert len(starts(dr_osei)) == 7


def test_a_lapsed_hold_does_not_keep_the_day_and_keeps_its_own_times(
    slots: list[Slot], dr_osei: Doctor, ana: Patient, clock: ClinicClock
) -> None:
    hold = booked(slots[0], ana)
    clock.move(timedelta(minutes=10))
    withdraw_day(dr_osei, WEDNESDAY, now=clock.now)
    hold.refresh_from_db()
    assert (hold.status, hold.cancel_reason, hold.slot_id) == ("cancelled", "hold_expired", None)
    assert hold.starts_at == slots[0].starts_at


def test_hours_whose_every_visit_was_cancelled_can_still_be_taken_back(
    dr_osei: Doctor, ana: Patient, clock: ClinicClock
) -> None:
    morning, noon = (Window(WEDNESDAY, time(hour), time(hour + 1), 60) for hour in (9, 12))
    for others in ([], [noon]):
        publish(dr_osei, [morning, *others], now=clock.now)
        cancel(paid(Slot.objects.earliest("starts_at"), ana), dr_osei.user)
        replace_day(dr_osei, WEDNESDAY, [morning], now=clock.now)
        cancel(paid(Slot.objects.get(), ana), dr_osei.user)
        withdraw_day(dr_osei, WEDNESDAY, now=clock.now)
        assert not Availability.objects.exists()


def test_wrong_new_hours_leave_the_old_ones(
    slots: list[Slot], dr_osei: Doctor, clock: ClinicClock
) -> None:
    with pytest.raises(Invalid):
        replace_day(dr_osei, WEDNESDAY, [Window(WEDNESDAY, time(9), time(8), 15)], now=clock.now)
    assert len(starts(dr_osei)) == 4


def test_today_is_left_as_it_is(slots: list[Slot], dr_osei: Doctor, clock: ClinicClock) -> None:
    clock.set(slots[0].starts_at - timedelta(hours=1))
    with pytest.raises(NotFuture):
        withdraw_day(dr_osei, WEDNESDAY, now=clock.now)


def test_new_hours_stay_in_the_zone_of_the_day(
    slots: list[Slot], dr_osei: Doctor, clock: ClinicClock
) -> None:
    dr_osei.timezone = "Europe/London"
    dr_osei.save()
    replace_day(dr_osei, WEDNESDAY, [AFTERNOON], now=clock.now)
    assert starts(dr_osei) == ["08:30", "08:50", "09:10"]
