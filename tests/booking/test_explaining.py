"""Why can I not be booked then? asks a doctor; why does nobody find this time? asks a patient."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from pytest_django import Settings

from clinicall import wiring
from clinicall.booking import ending
from clinicall.booking.explaining import Explanation, Verdict, explain, explained_to
from clinicall.booking.models import Appointment
from clinicall.booking.openings import open_slots
from clinicall.people.models import Clinic, Doctor, DoctorState, Patient, Role, User
from clinicall.schedule.models import Slot
from clinicall.schedule.publish import publish
from clinicall.schedule.slotting import Window
from tests import cast
from tests.clinic_clock import NOON, ClinicClock
from tests.conftest import WEDNESDAY, booked

MINUTE = timedelta(minutes=1)


def why(doctor: Doctor, at: datetime, to: User | None = None, now: datetime = NOON) -> Explanation:
    return explain(doctor, at, to=to or doctor.user, now=now)


def cancel(appointment: Appointment, by: User) -> None:
    ending.cancel(
        appointment.pk, by=by, gateway_for=wiring.payment_gateway, line=wiring.video_line()
    )


def codes(told: Explanation) -> list[str]:
    return [fact.code for fact in told.facts]


def detail(told: Explanation, code: str) -> str:
    (found,) = [fact.detail for fact in told.facts if fact.code == code]
    return found


def in_colombo(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+05:30")


def test_an_open_time_is_open_from_its_first_instant_to_its_last(
    dr_osei: Doctor, slots: list[Slot]
) -> None:
    for at in (slots[1].starts_at, slots[1].ends_at - timedelta(microseconds=1)):
        told = why(dr_osei, at)
        assert (told.verdict, told.slot) == (Verdict.OPEN, slots[1])
    assert codes(told) == ["local_time", "in_hours", "slot", "open"]
    assert [fact.detail for fact in why(dr_osei, slots[1].starts_at).facts] == [
        "09:15 on Wednesday 25 November 2026 in Asia/Colombo (UTC+05:30).",
        "Inside the hours 09:00 to 10:00 by 15 minutes.",
        "In the slot 09:15 to 09:30.",
        "Nobody has it.",
    ]
    assert why(dr_osei, slots[1].ends_at).slot == slots[2]


def test_outside_of_hours_the_nearest_are_named(dr_osei: Doctor, slots: list[Slot]) -> None:
    publish(dr_osei, [Window(date(2026, 11, 26), time(14), time(15), 30)], now=NOON)
    told = why(dr_osei, slots[-1].ends_at)
    assert (told.verdict, told.slot) == (Verdict.CLOSED, None)
    assert codes(told) == ["local_time", "no_hours", "hours_before", "hours_after"]
    assert detail(told, "hours_before").endswith("09:00 to 10:00 on Wednesday 25 November 2026.")
    assert detail(told, "hours_after").endswith("14:00 to 15:00 on Thursday 26 November 2026.")


def test_of_a_doctor_without_any_hours_that_is_said(dr_osei: Doctor) -> None:
    told = why(dr_osei, NOON + timedelta(days=1))
    assert detail(told, "hours_before") == "There are no hours before it."
    assert detail(told, "hours_after") == "There are no hours after it."


def test_what_is_too_short_for_a_slot_is_told_from_what_was_withdrawn(
    dr_silva: Doctor, ana: Patient
) -> None:
    publish(dr_silva, [Window(WEDNESDAY, time(9), time(9, 50), 20)], now=NOON)
    first = Slot.objects.order_by("starts_at")[0]
    told = why(dr_silva, in_colombo("2026-11-25T09:40"))
    assert (told.verdict, told.slot) == (Verdict.CLOSED, None)
    assert codes(told)[-1] == "left_over"
    assert "the 10 minutes after it are too short for a 20-minute" in told.facts[-1].detail

    cancel(booked(first, ana), dr_silva.user)
    told = why(dr_silva, first.starts_at)
    assert (told.verdict, codes(told)[-1]) == (Verdict.CLOSED, "withdrawn")


def test_a_hold_says_until_when_and_nothing_of_the_patient(
    dr_osei: Doctor, slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    hold = booked(slots[0], ana)
    told = why(dr_osei, slots[0].starts_at)
    assert told.verdict == Verdict.HELD
    assert detail(told, "held").startswith("Held until 12:10 on Monday 23 November 2026")
    text = " ".join(fact.detail for fact in told.facts)
    assert hold.reference not in text  # not the doctor's before it is confirmed
    # It lapses by the clock alone.
    clock.move(timedelta(minutes=10))
    told = why(dr_osei, slots[0].starts_at, now=clock.now)
    assert (told.verdict, codes(told)[-2:]) == (Verdict.OPEN, ["open", "lapsed"])


def test_who_has_it_is_told_by_reference_to_the_doctor_and_the_clinics_staff_only(
    dr_silva: Doctor, free_slots: list[Slot], ana: Patient, clinic: Clinic
) -> None:
    visit = booked(free_slots[0], ana)
    staff = User.objects.create_user("staff@clinic.example", role=Role.STAFF, clinic=clinic)
    admin = User.objects.create_user("admin@clinic.example", role=Role.ADMIN)
    for reader, named in ((dr_silva.user, True), (staff, True), (admin, False)):
        told = why(dr_silva, free_slots[0].starts_at, to=reader)
        assert told.verdict == Verdict.BOOKED
        assert (visit.reference in detail(told, "booked")) == named
        text = " ".join(fact.detail for fact in told.facts)
        for private in ("Ana", "Perera", "112345678", "199012345678", "Cough", "@"):
            assert private not in text


def test_a_cancelled_visit_gave_its_time_back(
    dr_silva: Doctor, free_slots: list[Slot], ana: Patient
) -> None:
    visit = booked(free_slots[0], ana)
    cancel(visit, ana.user)
    told = why(dr_silva, free_slots[0].starts_at)
    assert told.verdict == Verdict.OPEN
    assert visit.reference in detail(told, "released")


def test_a_time_that_has_begun_is_past_and_today_cannot_be_managed(
    dr_osei: Doctor, slots: list[Slot], clock: ClinicClock
) -> None:
    clock.set(slots[1].starts_at)
    told = why(dr_osei, slots[1].starts_at + MINUTE, now=clock.now)
    assert told.verdict == Verdict.PAST
    assert detail(told, "past") == "It began at 09:15."
    assert detail(told, "not_manageable") == "The date is today, so its hours stay as they are."
    assert why(dr_osei, slots[2].starts_at, now=clock.now).verdict == Verdict.OPEN
    tomorrow = why(dr_osei, slots[2].starts_at, now=clock.now + timedelta(days=1))
    assert "The date is past" in detail(tomorrow, "not_manageable")


def test_beyond_a_year_nothing_can_be_published_yet(dr_osei: Doctor) -> None:
    assert "too_far" not in codes(why(dr_osei, in_colombo("2027-11-23T23:59")))
    assert "too_far" in codes(why(dr_osei, in_colombo("2027-11-24T00:00")))


def test_a_doctor_who_takes_nobody_and_one_who_cannot_be_paid(
    dr_osei: Doctor, slots: list[Slot], settings: Settings
) -> None:
    settings.PAYMENT_PROVIDER = "none"
    told = why(dr_osei, slots[0].starts_at)
    assert told.verdict == Verdict.CLOSED
    assert "LKR 2,500.00" in detail(told, "no_payments")
    settings.PAYMENT_PROVIDER = "sandbox"
    dr_osei.state = DoctorState.SUSPENDED
    dr_osei.save()
    dr_osei.refresh_from_db()
    told = why(dr_osei, slots[0].starts_at)
    assert (told.verdict, told.slot) == (Verdict.CLOSED, slots[0])
    assert "not_active" in codes(told)


def test_hours_written_elsewhere_are_told_in_both_zones(dr_osei: Doctor, slots: list[Slot]) -> None:
    dr_osei.timezone = "Europe/London"
    dr_osei.save()
    told = why(dr_osei, slots[0].starts_at)
    assert "03:30 to 04:30" in detail(told, "in_hours")
    assert "09:00 to 10:00 on Wednesday 25 November 2026 in Asia/Colombo" in detail(
        told, "written_elsewhere"
    )


@pytest.mark.parametrize(
    ("at", "said", "more"),
    [
        (datetime(2027, 3, 28, 9, tzinfo=UTC), "from UTC+00:00 to UTC+01:00", None),
        (datetime(2027, 10, 31, 0, 30, tzinfo=UTC), "from UTC+01:00 to UTC+00:00", "the first"),
        (datetime(2027, 10, 31, 1, 30, tzinfo=UTC), "from UTC+01:00 to UTC+00:00", "the second"),
        (datetime(2027, 10, 30, 12, tzinfo=UTC), None, None),
    ],
)
def test_a_night_that_the_clocks_change_is_named(
    clinic: Clinic, at: datetime, said: str | None, more: str | None
) -> None:
    doctor = cast.a_doctor(clinic, "Dr Ada Hall", "Cardiology", timezone="Europe/London")
    told = why(doctor, at)
    assert ("clocks_change" in codes(told)) == bool(said)
    assert ("comes_twice" in codes(told)) == bool(more)
    if said:
        assert said in detail(told, "clocks_change")
    if more:
        assert detail(told, "comes_twice") == f"01:30 comes twice that day; this is {more}."


def test_the_verdict_is_open_exactly_where_patients_can_book(
    dr_silva: Doctor, free_slots: list[Slot], ana: Patient, ben: Patient, clock: ClinicClock
) -> None:
    booked(free_slots[1], ana)
    cancel(booked(free_slots[2], ben), ben.user)
    clock.set(free_slots[0].starts_at)
    bookable = set(open_slots().values_list("pk", flat=True))
    assert 0 < len(bookable) < len(free_slots)
    for minutes in range(-5, 65):
        told = why(dr_silva, free_slots[0].starts_at + minutes * MINUTE, now=clock.now)
        in_open = told.slot is not None and told.slot.pk in bookable
        assert (told.verdict == Verdict.OPEN) == in_open


def test_everyone_asks_about_their_own(
    dr_osei: Doctor, dr_silva: Doctor, ana: Patient, clinic: Clinic
) -> None:
    elsewhere = Clinic.objects.create(name="Hilltop", timezone="Asia/Colombo", currency="LKR")
    staff = User.objects.create_user("staff@clinic.example", role=Role.STAFF, clinic=clinic)
    others = User.objects.create_user("s@elsewhere.example", role=Role.STAFF, clinic=elsewhere)
    admin = User.objects.create_user("admin@clinic.example", role=Role.ADMIN)
    both = {dr_osei, dr_silva}
    for user, theirs in (
        *((dr_osei.user, {dr_osei}), (staff, both), (admin, both)),
        *((others, set()), (ana.user, set())),
    ):
        assert set(explained_to(user)) == theirs
