from collections import Counter
from datetime import time, timedelta
from functools import partial

import pytest

from clinicall.booking.withdrawing import replace_day
from clinicall.people.models import Doctor
from clinicall.schedule.models import Availability, Slot
from clinicall.schedule.publish import publish
from clinicall.schedule.slotting import Window
from tests.clinic_clock import ClinicClock
from tests.conftest import WEDNESDAY
from tests.races.racing import race

pytestmark = pytest.mark.django_db(transaction=True)
TABS, ROUNDS, DAYS = 8, 4, 30
TWENTY = 20


def test_hours_sent_many_times_at_once_in_any_order_are_published_once(
    dr_osei: Doctor, clock: ClinicClock
) -> None:
    for n in range(ROUNDS):
        days = [WEDNESDAY + timedelta(days=DAYS * n + day) for day in range(DAYS)]
        month = [Window(day, time(9), time(10), 15) for day in days]
        ways = [month, month[::-1]] * (TABS // 2)
        results = Counter(race([partial(publish, dr_osei, way, now=clock.now) for way in ways]))
        assert results == {"won": 1, "overlap": TABS - 1}
        assert Availability.objects.filter(date__in=days).count() == DAYS


def test_one_morning_sent_twenty_times_at_once_is_one_morning(
    dr_osei: Doctor, clock: ClinicClock
) -> None:
    morning = [Window(WEDNESDAY, time(9), time(12), 15)]
    results = Counter(race([partial(publish, dr_osei, morning, now=clock.now)] * TWENTY))
    assert results == {"won": 1, "overlap": TWENTY - 1}
    assert Slot.objects.count() == 12


def test_of_changes_made_at_once_to_one_day_the_last_stands_whole(
    slots: list[Slot], dr_osei: Doctor, clock: ClinicClock
) -> None:
    early = [Window(WEDNESDAY, time(9), time(10), 20)]
    late = [Window(WEDNESDAY, time(9, 30), time(11), 30)]
    results = race(
        [
            partial(replace_day, dr_osei, WEDNESDAY, windows, now=clock.now)
            for windows in [early, late] * (TABS // 2)
        ]
    )
    assert results == ["won"] * TABS
    assert Slot.objects.count() == 3
    assert Availability.objects.count() == 1
