"""Doctors are found by what patients write, and whoever is found can be booked."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from clinicall.booking import as_json, searching
from clinicall.booking.searching import Search, raise_first_openings, search, specializations
from clinicall.booking.withdrawing import withdraw_slots
from clinicall.people import doctors
from clinicall.people.doctors import Profile
from clinicall.people.models import Clinic, Doctor, Patient
from clinicall.schedule.first_openings import note_first_slots
from clinicall.schedule.models import FirstOpening, Slot
from tests import cast
from tests.booking.test_ending import cancel
from tests.clinic_clock import ClinicClock
from tests.conftest import booked, found, four_slots

pytestmark = pytest.mark.django_db


def first_times() -> list[Slot]:
    return search(Search(), size=1).found[0].times


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Dr José Łukasz Straße", ["jose", "JOSÉ", "lukasz strasse", "Straße", "ｊｏｓｅ"]),
        ("ආචාර්ය සුනිල් පෙරේරා", ["සුනිල්", "Sunil", "perera sunil", "PERERA"]),
        ("Олег Иванов", ["oleg", "Иванов", "ivanov о"]),
        ("Dr 100% O_Neil", ["100%", "o_neil", "%", "_"]),
    ],
)
def test_a_name_is_found_however_it_is_written(
    clinic: Clinic, written: str, asked: list[str]
) -> None:
    doctor = cast.a_doctor(clinic, written, "Cardiology", fee=0)
    four_slots(doctor)
    four_slots(cast.a_doctor(clinic, "Dr Nimal Silva", "Cardiology", fee=0))
    assert {name: found(name) for name in asked} == {name: [doctor] for name in asked}


def test_what_no_name_contains_is_found_nowhere(slots: list[Slot]) -> None:
    assert [found(name) for name in ("osei x", "̈", "%%", "\\")] == [[]] * 4


def test_a_doctor_is_found_by_the_name_they_have_now(slots: list[Slot], dr_osei: Doctor) -> None:
    doctors.edit(dr_osei.pk, Profile("Dr Ama Mensah", dr_osei.specialization, 0), by=dr_osei.user)
    assert (found("osei"), found("mensah")) == ([], [dr_osei])


def test_a_time_that_is_free_again_is_found_however_long_nobody_looked(
    free_slots: list[Slot], ana: Patient, ben: Patient
) -> None:
    visits = [
        booked(slot, patient) for slot, patient in zip(free_slots, (ana, ben) * 2, strict=True)
    ]
    raise_first_openings()
    assert (found(), FirstOpening.objects.get().not_before) == ([], None)
    cancel(visits[2], ana.user)
    assert first_times() == [free_slots[2]]
    cancel(visits[0], ana.user)
    assert first_times() == [free_slots[0], free_slots[2]]


def test_a_hold_that_lapses_needs_nobody_to_say_so(
    slots: list[Slot], ana: Patient, ben: Patient, clock: ClinicClock
) -> None:
    for slot, who in zip(slots, (ana, ana, ben, ben), strict=True):
        booked(slot, who)
    raise_first_openings()
    assert not found()
    clock.move(timedelta(minutes=10))
    assert found() == [slots[0].doctor]


def test_a_doctor_is_searched_as_they_are_now(slots: list[Slot], dr_osei: Doctor) -> None:
    """What searches read of doctors stands beside their bounds, and follows what they become."""
    admin = cast.a_patient("Ana").user
    neurology = doctors.specialization_named("Neurology")
    doctors.edit(dr_osei.pk, Profile(dr_osei.name, neurology, 250_000), by=admin)
    assert [(one.name, one.doctors) for one in specializations()] == [("Neurology", 1)]
    assert len(search(Search(specialization=neurology.pk), size=1).found) == 1
    assert not search(Search(specialization=dr_osei.specialization_id), size=1).found
    doctors.suspend(dr_osei.pk, by=admin)
    assert (found(), specializations()) == ([], [])
    doctors.bring_back(dr_osei.pk, by=admin)
    assert found() == [dr_osei]


def test_where_nothing_can_be_paid_only_what_is_free_of_charge_is_found(
    slots: list[Slot], dr_silva: Doctor, free_slots: list[Slot], settings: Settings
) -> None:
    settings.PAYMENT_PROVIDER = "none"
    assert found() == [dr_silva]
    assert [(one.name, one.doctors) for one in specializations()] == [("General practice", 1)]


def test_a_bound_moves_on_from_a_time_that_was_withdrawn(slots: list[Slot]) -> None:
    withdraw_slots([slots[0].pk])
    raise_first_openings()
    assert FirstOpening.objects.get().not_before == slots[1].starts_at


@pytest.mark.breaks_rules  # the clock goes back when the test is over, and bounds do not
def test_the_bound_follows_the_clock(slots: list[Slot], clock: ClinicClock) -> None:
    clock.move(slots[1].starts_at - clock.now)
    raise_first_openings()
    assert FirstOpening.objects.get().not_before == slots[2].starts_at
    raise_first_openings()
    assert first_times() == slots[2:]


def test_bounds_noted_in_bulk_are_none_too_high(slots: list[Slot], free_slots: list[Slot]) -> None:
    FirstOpening.objects.all().delete()
    note_first_slots()
    assert set(found()) == {slots[0].doctor, free_slots[0].doctor}


def test_among_many_only_those_of_the_page_are_looked_at_and_the_list_ends(
    slots: list[Slot],
    free_slots: list[Slot],
    clinic: Clinic,
    ana: Patient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    third = four_slots(cast.a_doctor(clinic, "Dr Ama Mensah", "Cardiology", fee=0))
    monkeypatch.setattr(searching, "EXACT", 1)
    for slot in third:
        booked(slot, ana)
    results = search(Search(), size=3)
    assert {one.doctor for one in results.found} == {slots[0].doctor, free_slots[0].doctor}
    assert results.total == 3
    counted = {one.name: one.doctors for one in specializations()}
    assert counted == {"Cardiology": 2, "General practice": 1}
    raise_first_openings()
    assert search(Search(), size=3).total == 2
    monkeypatch.setattr(searching, "MOST", 1)
    assert (search(Search(), skip=1, size=3).found, search(Search(), size=3).total) == ([], 1)


@pytest.mark.django_db(transaction=True)
def test_a_time_that_opens_while_bounds_are_raised_is_not_passed_over(
    free_slots: list[Slot], ana: Patient
) -> None:
    """Whoever opens it has the row: raising leaves that doctor for the next time."""
    visit = booked(free_slots[0], ana)
    opened, raised = threading.Event(), threading.Event()

    def open_one() -> None:
        with transaction.atomic():
            cancel(visit, ana.user)
            opened.set()
            raised.wait(20)
        connection.close()

    opening = threading.Thread(target=open_one)
    opening.start()
    opened.wait(20)
    raise_first_openings()
    raised.set()
    opening.join()
    assert first_times()[0] == free_slots[0]


def test_two_ways_of_telling_agree(slots: list[Slot], free_slots: list[Slot], ana: Patient) -> None:
    """The page's objects and the contract's text, of one search."""
    booked(slots[0], ana)
    with connection.cursor() as cursor:
        cursor.execute(*as_json.doctors(Search(), page=1, size=20))
        (text,) = cursor.fetchone()
    for one in search(Search(), size=20).found:
        assert f'"id":"{one.doctor.pk}"' in text
        assert f"{one.times[0].starts_at:%Y-%m-%dT%H:%M:%SZ}" in text
