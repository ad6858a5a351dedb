from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from clinicall.people.models import Doctor, DoctorState, Patient
from clinicall.schedule.models import Slot
from tests.clinic_clock import ClinicClock
from tests.conftest import booked
from tests.web.visitor import links, visitor, words

pytestmark = pytest.mark.django_db


def address(doctor: Doctor) -> str:
    return reverse("doctor", args=[doctor.pk])


def days_linked(hrefs: list[str]) -> list[str]:
    return [href for href in hrefs if href.startswith("?date=")]


def test_only_days_with_open_times_are_links(dr_osei: Doctor, slots: list[Slot]) -> None:
    page = visitor().get(address(dr_osei))
    assert days_linked(links(page)) == ["?date=2026-11-25#times"]
    assert "Wednesday 25 November 2026, 4 times free" in words(page)
    assert "Tuesday 24 November 2026, no times" in words(page)
    assert "Sunday 22 November 2026, no times" in words(page)


def test_a_day_that_is_booked_out_is_no_link_any_more(
    dr_osei: Doctor, slots: list[Slot], ana: Patient, ben: Patient
) -> None:
    for slot, patient in zip(slots, (ana, ana, ben, ben), strict=True):
        booked(slot, patient)
    page = visitor().get(address(dr_osei), {"date": "2026-11-25"})
    assert days_linked(links(page)) == []
    assert "Dr Kofi Osei has no free times yet" in words(page)


def test_what_has_begun_cannot_be_chosen(
    dr_osei: Doctor, slots: list[Slot], clock: ClinicClock
) -> None:
    clock.set(slots[1].starts_at)
    page = visitor().get(address(dr_osei))
    assert "Wednesday 25 November 2026, 2 times free" in words(page)
    clock.move(timedelta(days=1))
    page = visitor().get(address(dr_osei), {"date": "2026-11-25"})
    assert days_linked(links(page)) == []
    assert "25 November 2026, no times" in words(page)


def test_the_next_free_day_is_open_at_once_with_its_times_by_part_of_the_day(
    dr_osei: Doctor, slots: list[Slot]
) -> None:
    page = visitor().get(address(dr_osei))
    assert "Morning 9:00am on Wednesday 25 November with Dr Kofi Osei" in words(page)
    assert "Afternoon" not in words(page)
    for slot in slots:
        assert reverse("book", args=[dr_osei.pk, slot.pk]) in links(page)
    assert "Next free" not in words(page)


def test_a_far_viewer_sees_their_own_day_and_is_told_the_doctors_zone(
    dr_osei: Doctor, slots: list[Slot]
) -> None:
    page = visitor(zone="Pacific/Honolulu").get(address(dr_osei))
    assert days_linked(links(page)) == ["?date=2026-11-24#times"]
    assert "Evening 5:30pm on Tuesday 24 November" in words(page)
    assert "Times in Honolulu time (GMT-10)" in words(page)
    assert "The doctor keeps Colombo time (GMT+5:30)" in words(page)


def test_a_month_without_times_names_the_next_free_day(dr_osei: Doctor, slots: list[Slot]) -> None:
    page = visitor().get(address(dr_osei), {"month": "2026-12"})
    assert "No free times in December" in words(page)
    assert "Next free: Wednesday 25 November, 9:00am" in words(page)
    assert days_linked(links(page)) == ["?date=2026-11-25#times"]
    assert {"?month=2026-11#calendar", "?month=2027-01#calendar"} <= set(links(page))


def test_the_days_with_times_are_also_a_list(dr_osei: Doctor, slots: list[Slot]) -> None:
    page = visitor().get(address(dr_osei), {"view": "list"})
    day, calendar = days_linked(links(page))
    assert (day, calendar) == ("?date=2026-11-25&view=list#times", "?date=2026-11-25#calendar")
    assert "Wednesday 25 November 2026, 4 times free, chosen" in words(page)
    assert "no times" not in words(page)
    assert reverse("book", args=[dr_osei.pk, slots[0].pk]) in links(page)
    assert "?month=2026-12&view=list#calendar" in links(page)


def test_who_changes_the_zone_keeps_the_times_and_is_told_their_new_day(
    dr_osei: Doctor, slots: list[Slot]
) -> None:
    client = visitor()
    page = client.get(address(dr_osei), {"date": "2026-11-25"})
    there = next(href for href in links(page) if href.startswith(reverse("time_zone")))
    asked = parse_qs(urlsplit(there).query)
    answer = client.post(there, {"timezone": "Pacific/Honolulu", **asked})
    page = client.get(answer["Location"])
    assert (
        "The first time of the day you chose, 9:00am Colombo time, "
        "is 5:30pm Honolulu time, on Tuesday 24 November 2026." in words(page)
    )
    assert "Evening 5:30pm on Tuesday 24 November" in words(page)


def test_a_doctor_without_times_names_others(
    dr_osei: Doctor, dr_silva: Doctor, free_slots: list[Slot]
) -> None:
    dr_silva.specialization = dr_osei.specialization
    dr_silva.save()
    page = visitor().get(address(dr_osei))
    assert address(dr_silva) in links(page)
    assert address(dr_osei) not in links(page)


def test_what_one_holds_is_named_where_it_is_missing_and_to_nobody_else(
    dr_osei: Doctor, slots: list[Slot], ana: Patient, ben: Patient
) -> None:
    appointment = booked(slots[0], ana)
    page = visitor(ana).get(address(dr_osei))
    assert "Wednesday 25 November, 9:00am is held for you until" in words(page)
    assert reverse("appointment", args=[appointment.pk]) in links(page)
    for person in (ben, dr_osei, None):
        assert "is held for you" not in words(visitor(person).get(address(dr_osei)))


def test_the_calendar_turns_within_the_coming_year_only(dr_osei: Doctor, slots: list[Slot]) -> None:
    first = visitor().get(address(dr_osei), {"month": "2020-01"})
    last = visitor().get(address(dr_osei), {"month": "2099-01"})
    assert "No earlier month November 2026" in words(first)
    assert "November 2027 No later month" in words(last)


@pytest.mark.parametrize(
    "query", ["date=2026-13-45", "month=x", "date=0001-01-01", "month=9999-12", "date=2026-11-25x"]
)
def test_a_broken_address_still_shows_the_calendar(
    dr_osei: Doctor, slots: list[Slot], query: str
) -> None:
    page = visitor().get(f"{address(dr_osei)}?{query}")
    assert page.status_code == 200
    assert "Dr Kofi Osei" in words(page)


def test_a_doctor_who_has_left_has_no_page(dr_osei: Doctor, slots: list[Slot]) -> None:
    dr_osei.state = DoctorState.SUSPENDED
    dr_osei.save()
    assert visitor().get(address(dr_osei)).status_code == 404


def test_the_clinics_rule_for_cancelling_is_told(dr_osei: Doctor) -> None:
    clinic = dr_osei.clinic
    clinic.refund_hours, clinic.refund_percent = 24, 50
    clinic.save()
    page = words(visitor().get(address(dr_osei)))
    assert "You can cancel until 2 hours before the start." in page
    assert "At least 1 day before the start you get 50 % of the fee back." in page
