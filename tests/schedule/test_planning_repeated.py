"""Hours published again on other dates: all that was asked for, or nothing."""

from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from clinicall.core.refusals import Invalid, NotFound
from clinicall.people.models import Clinic, Doctor
from clinicall.schedule import repeating
from clinicall.schedule.models import Availability, Slot, UsualHours
from clinicall.schedule.publish import Overlap, publish
from clinicall.schedule.repeating import DatesUnfit
from clinicall.schedule.slotting import Window
from clinicall.schedule.usual import write_usual_week
from tests import cast
from tests.clinic_clock import NOON

TUESDAY, WEDNESDAY, THURSDAY = date(2026, 11, 24), date(2026, 11, 25), date(2026, 11, 26)
A_WEEK = timedelta(days=7)
NOTHING: Collection[date] = ()


def morning(day: date) -> Window:
    return Window(day, time(9), time(10), 15)


def dates(doctor: Doctor) -> list[date]:
    found = Availability.objects.filter(doctor=doctor).order_by("starts_at")
    return list(found.values_list("date", flat=True))


def refused_dates(refusal: DatesUnfit) -> list[tuple[str, str]]:
    return [(told["date"], told["code"]) for told in refusal.facts["dates"]]


@pytest.fixture
def published(dr_silva: Doctor) -> Doctor:
    """Hours on Wednesday, with a break."""
    publish(dr_silva, [morning(WEDNESDAY), Window(WEDNESDAY, time(14), time(15), 20)], now=NOON)
    return dr_silva


def test_a_day_copied_to_others_has_its_break_there_too(published: Doctor) -> None:
    repeating.copy_day(
        published, WEDNESDAY, [THURSDAY, date(2026, 12, 7)], leaving_out=NOTHING, now=NOON
    )
    assert dates(published) == [
        day for day in (WEDNESDAY, THURSDAY, date(2026, 12, 7)) for _ in range(2)
    ]
    assert Slot.objects.count() == 3 * (4 + 3)


def test_hours_gone_by_may_be_copied(published: Doctor) -> None:
    later = NOON + timedelta(days=30)
    target = (later + timedelta(days=1)).date()
    repeating.copy_day(published, WEDNESDAY, [target], leaving_out=NOTHING, now=later)
    assert dates(published)[-1] == target


def test_dates_with_hours_are_listed_and_nothing_is_saved_until_they_are_left_out(
    published: Doctor,
) -> None:
    publish(published, [morning(THURSDAY)], now=NOON)
    before = dates(published)
    targets = [THURSDAY, THURSDAY + A_WEEK]
    with pytest.raises(DatesUnfit) as refused:
        repeating.copy_day(published, WEDNESDAY, targets, leaving_out=NOTHING, now=NOON)
    assert refused_dates(refused.value) == [("2026-11-26", "has_hours")]
    assert dates(published) == before
    repeating.copy_day(published, WEDNESDAY, targets, leaving_out=[THURSDAY], now=NOON)
    assert set(dates(published)) == {WEDNESDAY, THURSDAY, THURSDAY + A_WEEK}
    assert Availability.objects.filter(date=THURSDAY).count() == 1


def test_hours_that_would_not_even_overlap_are_in_the_way(published: Doctor) -> None:
    publish(published, [Window(THURSDAY, time(20), time(21), 15)], now=NOON)
    with pytest.raises(DatesUnfit):
        repeating.copy_day(published, WEDNESDAY, [THURSDAY], leaving_out=NOTHING, now=NOON)


def test_leaving_out_some_of_the_dates_in_the_way_is_not_enough(published: Doctor) -> None:
    publish(published, [morning(TUESDAY), morning(THURSDAY)], now=NOON)
    targets = [TUESDAY, THURSDAY, THURSDAY + A_WEEK]
    with pytest.raises(DatesUnfit) as refused:
        repeating.copy_day(published, WEDNESDAY, targets, leaving_out=[TUESDAY], now=NOON)
    assert [day for day, _ in refused_dates(refused.value)] == ["2026-11-24", "2026-11-26"]
    assert THURSDAY + A_WEEK not in dates(published)


def test_days_gone_by_and_too_far_ahead_are_listed_with_the_reason(published: Doctor) -> None:
    today, far = date(2026, 11, 23), date(2027, 11, 24)
    with pytest.raises(DatesUnfit) as refused:
        repeating.copy_day(
            published, WEDNESDAY, [far, today, THURSDAY], leaving_out=NOTHING, now=NOON
        )
    assert refused_dates(refused.value) == [
        ("2026-11-23", "not_future"),
        ("2027-11-24", "too_far"),
    ]


def test_a_date_left_out_for_no_reason_is_left_out_all_the_same(published: Doctor) -> None:
    targets = [TUESDAY, THURSDAY]
    repeating.copy_day(published, WEDNESDAY, targets, leaving_out=[TUESDAY], now=NOON)
    assert set(dates(published)) == {WEDNESDAY, THURSDAY}


def test_a_copy_to_no_date_is_refused(published: Doctor) -> None:
    publish(published, [morning(THURSDAY)], now=NOON)
    for targets in ([], [THURSDAY]):
        with pytest.raises(Invalid) as refused:
            repeating.copy_day(published, WEDNESDAY, targets, leaving_out=[THURSDAY], now=NOON)
        assert [fault.code for fault in refused.value.faults] == ["no_dates"]


def test_a_day_without_hours_cannot_be_copied(published: Doctor, dr_osei: Doctor) -> None:
    for doctor, day in ((published, TUESDAY), (dr_osei, WEDNESDAY)):
        with pytest.raises(NotFound):
            repeating.copy_day(doctor, day, [THURSDAY], leaving_out=NOTHING, now=NOON)


def test_a_week_is_repeated_in_the_weeks_after_it(published: Doctor) -> None:
    publish(published, [morning(date(2026, 11, 29))], now=NOON)
    made = repeating.repeat_week(published, WEDNESDAY, 3, leaving_out=NOTHING, now=NOON)
    assert len(made) == 9
    assert [f"{day:%d %b}" for day in sorted(set(dates(published)))] == [
        *("25 Nov", "29 Nov", "02 Dec", "06 Dec"),
        *("09 Dec", "13 Dec", "16 Dec", "20 Dec"),
    ]


def test_a_week_repeated_twice_lists_what_is_there_by_now(published: Doctor) -> None:
    repeating.repeat_week(published, WEDNESDAY, 1, leaving_out=NOTHING, now=NOON)
    with pytest.raises(DatesUnfit) as refused:
        repeating.repeat_week(published, WEDNESDAY, 2, leaving_out=NOTHING, now=NOON)
    assert refused_dates(refused.value) == [("2026-12-02", "has_hours")]
    assert len(dates(published)) == 4


@pytest.mark.parametrize("weeks", [0, -1, 53])
def test_a_year_of_weeks_is_the_most(published: Doctor, weeks: int) -> None:
    verbs: list[Callable[[], object]] = [
        lambda: repeating.repeat_week(published, WEDNESDAY, weeks, leaving_out=NOTHING, now=NOON),
        lambda: repeating.use_usual_week(
            published, WEDNESDAY, weeks, leaving_out=NOTHING, now=NOON
        ),
        lambda: repeating.publish_weekly(
            published, [morning(THURSDAY)], weeks, leaving_out=NOTHING, now=NOON
        ),
    ]
    for verb in verbs:
        with pytest.raises(Invalid) as refused:
            verb()
        assert [fault.pointer for fault in refused.value.faults] == ["#/weeks"]
    assert set(dates(published)) == {WEDNESDAY}


def test_a_week_is_repeated_for_a_whole_year(dr_silva: Doctor) -> None:
    publish(dr_silva, [morning(TUESDAY)], now=NOON)
    repeating.repeat_week(dr_silva, TUESDAY, 52, leaving_out=NOTHING, now=NOON)
    assert dates(dr_silva)[-1] == TUESDAY + 52 * A_WEEK  # 365 days after today


def test_what_lies_more_than_a_year_ahead_is_left_out_by_name(dr_silva: Doctor) -> None:
    publish(dr_silva, [morning(WEDNESDAY)], now=NOON)
    last = WEDNESDAY + 52 * A_WEEK
    with pytest.raises(DatesUnfit) as refused:
        repeating.repeat_week(dr_silva, WEDNESDAY, 52, leaving_out=NOTHING, now=NOON)
    assert refused_dates(refused.value) == [(f"{last}", "too_far")]
    repeating.repeat_week(dr_silva, WEDNESDAY, 52, leaving_out=[last], now=NOON)
    assert len(dates(dr_silva)) == 52


def test_nine_stays_nine_when_the_clocks_change(clinic: Clinic) -> None:
    london = cast.a_doctor(clinic, "Dr Far Away", "Cardiology", timezone="Europe/London")
    now = datetime(2027, 3, 20, 12, tzinfo=UTC)
    wednesday = date(2027, 3, 24)
    publish(london, [morning(wednesday)], now=now)
    repeating.repeat_week(london, wednesday, 1, leaving_out=NOTHING, now=now)
    first_of_each_day = Slot.objects.order_by("starts_at")[::4]
    assert [f"{one.starts_at:%d %H:%M}" for one in first_of_each_day] == ["24 09:00", "31 08:00"]
    assert {
        one.starts_at.astimezone(ZoneInfo("Europe/London")).time() for one in first_of_each_day
    } == {time(9)}


def test_a_night_on_which_the_hours_do_not_exist_is_named_and_may_be_left_out(
    clinic: Clinic,
) -> None:
    london = cast.a_doctor(clinic, "Dr Far Away", "Cardiology", timezone="Europe/London")
    now = datetime(2027, 3, 10, 12, tzinfo=UTC)
    night = date(2027, 3, 14)
    publish(london, [Window(night, time(1, 30), time(3), 15)], now=now)
    with pytest.raises(DatesUnfit) as refused:
        repeating.repeat_week(london, night, 3, leaving_out=NOTHING, now=now)
    (told,) = refused.value.facts["dates"]
    assert told == {
        "date": "2027-03-28",
        "code": "time_does_not_exist",
        "detail": "The clocks go forward: 01:30 does not exist.",
    }
    repeating.repeat_week(london, night, 3, leaving_out=[date(2027, 3, 28)], now=now)
    assert [f"{day:%d %b}" for day in dates(london)] == ["14 Mar", "21 Mar", "04 Apr"]


def test_copies_are_written_in_the_zone_the_doctor_lives_in_now(published: Doctor) -> None:
    published.timezone = "Europe/London"
    published.save()
    repeating.copy_day(published, WEDNESDAY, [THURSDAY], leaving_out=NOTHING, now=NOON)
    copied = Availability.objects.filter(date=THURSDAY).order_by("starts_at")[0]
    assert (copied.timezone, copied.start_time) == ("Europe/London", time(9))
    assert copied.starts_at == datetime(2026, 11, 26, 9, tzinfo=UTC)


# --- New hours, weekly ---


def test_new_hours_come_every_week(dr_silva: Doctor) -> None:
    made = repeating.publish_weekly(
        dr_silva, [morning(WEDNESDAY), morning(THURSDAY)], 2, leaving_out=NOTHING, now=NOON
    )
    assert [f"{one.date:%d %b}" for one in made] == ["25 Nov", "26 Nov", "02 Dec", "03 Dec"]


def test_the_first_week_may_have_other_hours_and_the_later_ones_may_not(
    published: Doctor,
) -> None:
    evening = Window(WEDNESDAY, time(18), time(19), 15)
    publish(published, [morning(WEDNESDAY + A_WEEK)], now=NOON)
    with pytest.raises(DatesUnfit) as refused:
        repeating.publish_weekly(published, [evening], 3, leaving_out=NOTHING, now=NOON)
    assert refused_dates(refused.value) == [("2026-12-02", "has_hours")]
    repeating.publish_weekly(published, [evening], 3, leaving_out=[date(2026, 12, 2)], now=NOON)
    evenings = Availability.objects.filter(start_time=time(18)).values_list("date", flat=True)
    assert sorted(evenings) == [WEDNESDAY, date(2026, 12, 9)]


def test_wrong_hours_are_named_once_and_not_for_every_week(dr_silva: Doctor) -> None:
    wrong = Window(WEDNESDAY, time(12), time(9), 15)
    with pytest.raises(Invalid) as refused:
        repeating.publish_weekly(dr_silva, [wrong], 10, leaving_out=NOTHING, now=NOON)
    assert [fault.pointer for fault in refused.value.faults] == ["#/windows/0/endTime"]


def test_an_overlap_in_the_first_week_keeps_all_of_them_back(published: Doctor) -> None:
    with pytest.raises(Overlap):
        repeating.publish_weekly(published, [morning(WEDNESDAY)], 4, leaving_out=NOTHING, now=NOON)
    assert set(dates(published)) == {WEDNESDAY}


# --- The usual week ---


def a_usual_week(doctor: Doctor) -> None:
    write_usual_week(
        doctor,
        [morning(TUESDAY), Window(TUESDAY, time(14), time(15), 30), morning(THURSDAY)],
    )


def test_the_usual_week_by_itself_offers_nothing(dr_silva: Doctor) -> None:
    a_usual_week(dr_silva)
    assert not Availability.objects.exists()


def test_the_usual_week_is_used_on_request(dr_silva: Doctor) -> None:
    a_usual_week(dr_silva)
    repeating.use_usual_week(dr_silva, date(2026, 12, 2), 2, leaving_out=NOTHING, now=NOON)
    assert [f"{day:%a %d %b}" for day in dates(dr_silva)] == [
        *("Tue 01 Dec", "Tue 01 Dec", "Thu 03 Dec"),
        *("Tue 08 Dec", "Tue 08 Dec", "Thu 10 Dec"),
    ]


def test_a_new_usual_week_changes_no_hours_that_were_published(dr_silva: Doctor) -> None:
    a_usual_week(dr_silva)
    repeating.use_usual_week(dr_silva, TUESDAY, 1, leaving_out=NOTHING, now=NOON)
    before = list(Availability.objects.order_by("pk").values())
    write_usual_week(dr_silva, [morning(WEDNESDAY)])
    assert list(Availability.objects.order_by("pk").values()) == before
    assert list(UsualHours.objects.values_list("weekday", flat=True)) == [2]


def test_nobody_uses_a_usual_week_that_is_not_written(dr_silva: Doctor, dr_osei: Doctor) -> None:
    a_usual_week(dr_osei)
    with pytest.raises(NotFound):
        repeating.use_usual_week(dr_silva, TUESDAY, 1, leaving_out=NOTHING, now=NOON)


@pytest.mark.parametrize(
    ("wrong", "faults"),
    [
        (Window(TUESDAY, time(12), time(9), 15), [("#/windows/1/endTime", "end_before_start")]),
        (
            Window(TUESDAY, time(14), time(15), 90),
            [("#/windows/1/durationMinutes", "does_not_fit")],
        ),
        (Window(TUESDAY, time(14), time(15), 4), [("#/windows/1/durationMinutes", "out_of_range")]),
        (Window(TUESDAY, time(9, 45), time(11), 15), [("#/windows/1/startTime", "overlap")]),
        # The week is what counts, not the date.
        (morning(TUESDAY + A_WEEK), [("#/windows/1/startTime", "overlap")]),
    ],
)
def test_a_usual_week_that_could_not_be_used_is_not_written(
    dr_silva: Doctor, wrong: Window, faults: list[tuple[str, str]]
) -> None:
    with pytest.raises(Invalid) as refused:
        write_usual_week(dr_silva, [morning(TUESDAY), wrong])
    assert [(fault.pointer, fault.code) for fault in refused.value.faults] == faults
    assert not UsualHours.objects.exists()


def test_the_database_keeps_usual_hours_from_overlapping(dr_silva: Doctor) -> None:
    def at(weekday: int, start: int, end: int) -> UsualHours:
        return UsualHours(
            doctor=dr_silva,
            weekday=weekday,
            start_time=time(start),
            end_time=time(end),
            duration_minutes=15,
        )

    UsualHours.objects.bulk_create([at(0, 9, 12), at(0, 12, 13), at(1, 9, 12)])
    with (
        pytest.raises(IntegrityError, match="hours_of_a_usual_day_do_not_overlap"),
        transaction.atomic(),
    ):
        at(0, 11, 12).save()
