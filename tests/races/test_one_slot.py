"""Many patients want one time, and each finds it free."""

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import time, timedelta
from functools import partial
from statistics import quantiles
from time import perf_counter
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client

from clinicall.booking.holds import Once, hold_slot
from clinicall.booking.models import Appointment
from clinicall.booking.states import LIVE
from clinicall.booking.withdrawing import withdraw_day
from clinicall.payments.models import SandboxCheckout
from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Slot
from clinicall.schedule.publish import publish
from clinicall.schedule.slotting import Window
from tests.api.conftest import Answer, Caller, refusal
from tests.booking.test_ending import cancel
from tests.clinic_clock import NOON, ClinicClock
from tests.conftest import WEDNESDAY, booked, four_slots, wish_for
from tests.races.books import check_books, start_over
from tests.races.conftest import FIFTY, MustGoWrong, a_crowd
from tests.races.racing import (
    WITH_ITS_KEY,
    Act,
    Staging,
    all_at_once,
    meeting,
    overtaken,
    race,
    weakened,
    without,
)

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS, MANY_ROUNDS = 10, 1_000
TWO_HUNDRED = 200
THE_REFEREES = ["a_slot_is_given_once", "a_doctor_sees_one_patient_at_a_time"]


def hold(slot: Slot, patient: Patient, once: Once | None = None) -> UUID:
    return hold_slot(wish_for(slot), patient, provider="sandbox", once=once)


def claim(slot: Slot, crowd: Sequence[Patient]) -> None:
    start_over()
    results = Counter(race([partial(hold, slot, patient) for patient in crowd]))
    assert results == {"won": 1, "slot_taken": len(crowd) - 1}
    assert Appointment.objects.filter(slot=slot, status__in=LIVE).count() == 1
    check_books()


def test_of_many_patients_who_want_one_time_exactly_one_gets_it(
    slot: Slot, crowd: list[Patient]
) -> None:
    for _ in range(ROUNDS):
        claim(slot, crowd)


def test_of_two_hundred_patients_who_want_one_time_exactly_one_gets_it(slot: Slot) -> None:
    claim(slot, a_crowd(TWO_HUNDRED))


@pytest.mark.deep
def test_so_it_is_a_thousand_times_over(
    slot: Slot, crowd: list[Patient], capsys: pytest.CaptureFixture[str]
) -> None:
    took: list[float] = []  # milliseconds

    def clocked(patient: Patient) -> None:
        begun = perf_counter()
        try:
            hold(slot, patient)
        finally:
            took.append(1_000 * (perf_counter() - begun))

    winners = 0
    for _ in range(MANY_ROUNDS):
        start_over()
        results = Counter(race([partial(clocked, patient) for patient in crowd]))
        assert results == {"won": 1, "slot_taken": FIFTY - 1}
        winners += Appointment.objects.filter(slot=slot, status__in=LIVE).count()
        check_books()
    hundredths = quantiles(took, n=100)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{MANY_ROUNDS} rounds of {FIFTY}: {winners} winners; a claim took"
            f" p50 {hundredths[49]:.0f}, p99 {hundredths[98]:.0f}, max {max(took):.0f} ms\n"
        )
    assert winners == MANY_ROUNDS


def test_without_the_constraints_one_time_is_given_to_many(
    slot: Slot, crowd: list[Patient], must_go_wrong: MustGoWrong
) -> None:
    with without("booking_appointment", *THE_REFEREES):
        must_go_wrong(lambda: claim(slot, crowd))


# --- A lapsed hold ---


def cancelled_in_between(claim: Act, cancel: Act) -> list[Act]:
    """The claim has the lapsed hold already, and the slot not yet."""
    return overtaken(claim, "with held as", cancel, after="with lapsed")


def inherit(slot: Slot, crowd: Sequence[Patient], clock: ClinicClock, holder: Patient) -> None:
    start_over()
    clock.set(NOON)
    lapsed = hold(slot, holder)
    clock.move(timedelta(minutes=10))
    results = Counter(race([partial(hold, slot, patient) for patient in crowd]))
    assert results == {"won": 1, "slot_taken": len(crowd) - 1}
    assert Appointment.objects.get(pk=lapsed).cancel_reason == "hold_expired"
    check_books()


@pytest.mark.parametrize("contenders", [FIFTY, TWO_HUNDRED])
def test_a_lapsed_hold_is_inherited_by_exactly_one(
    slot: Slot, clock: ClinicClock, ana: Patient, contenders: int, rounds: range
) -> None:
    crowd = a_crowd(contenders)
    for _ in rounds[:: (contenders // FIFTY) ** 2]:
        inherit(slot, crowd, clock, ana)


def test_without_the_constraints_a_lapsed_hold_is_inherited_by_many(
    slot: Slot,
    crowd: list[Patient],
    clock: ClinicClock,
    ana: Patient,
    must_go_wrong: MustGoWrong,
) -> None:
    with without("booking_appointment", *THE_REFEREES):
        must_go_wrong(lambda: inherit(slot, crowd, clock, ana))


def let_go_or_inherit(staging: Staging, slot: Slot, patients: Sequence[Patient]) -> None:
    """Whose hold has lapsed cancels it, while another claims its time."""
    start_over()
    holder, rival = patients
    lapsed = booked(slot, holder)
    Appointment.objects.update(held_until=NOON)
    results = race(staging(partial(hold, slot, rival), partial(cancel, lapsed, holder.user)))
    claimed, cancelled = results[::2], set(results[1::2])
    assert claimed.count("won") == 1
    assert set(claimed) <= {"won", "patient_busy"}
    assert cancelled == {"won"}
    assert Appointment.objects.get(pk=lapsed.pk).cancel_reason == "hold_expired"
    check_books()


@pytest.mark.parametrize("staging", [all_at_once, cancelled_in_between])
def test_a_lapsed_hold_is_let_go_while_another_inherits_it(
    slot: Slot, ana: Patient, ben: Patient, staging: Staging, rounds: range
) -> None:
    for _ in rounds:
        let_go_or_inherit(staging, slot, [ana, ben])


def test_did_the_one_lock_the_slots_key_they_would_wait_for_each_other(
    slot: Slot, ana: Patient, ben: Patient, must_go_wrong: MustGoWrong
) -> None:
    with weakened(WITH_ITS_KEY):
        must_go_wrong(lambda: let_go_or_inherit(cancelled_in_between, slot, [ana, ben]))


# --- A patient's two holds ---


def hold_all(slots: Sequence[Slot], patient: Patient) -> None:
    start_over()
    acts = [partial(hold, slot, patient) for slot in slots]
    results = Counter(race(meeting("with held as", acts)))
    assert results == {"won": 2, "too_many_holds": len(slots) - 2}
    check_books()


def test_one_patient_in_many_windows_holds_two_times_at_most(
    slots: list[Slot], ana: Patient, rounds: range
) -> None:
    for _ in rounds:
        hold_all(slots, ana)


def test_without_the_constraint_they_hold_more(
    slots: list[Slot], ana: Patient, must_go_wrong: MustGoWrong
) -> None:
    with without("booking_appointment", "a_patient_holds_two_at_most"):
        must_go_wrong(lambda: hold_all(slots, ana))


# --- Nobody is refused what nobody else has ---


@pytest.fixture
def many_slots(dr_osei: Doctor) -> list[Slot]:
    """Two hundred, from 05:00 on Wednesday."""
    publish(dr_osei, [Window(WEDNESDAY, time(5), time(21, 40), 5)], now=NOON)
    return list(Slot.objects.order_by("starts_at"))


def hold_one_each(slots: Sequence[Slot], crowd: Sequence[Patient]) -> None:
    start_over()
    acts = [partial(hold, *pair) for pair in zip(slots, crowd, strict=False)]
    assert set(race(acts)) == {"won"}
    given = Appointment.objects.filter(status="pending").values_list("slot_id", "patient_id")
    assert set(given) == {(s.pk, p.pk) for s, p in zip(slots, crowd, strict=False)}
    check_books()


@pytest.mark.parametrize("contenders", [30, TWO_HUNDRED])
def test_many_patients_on_different_times_of_one_doctor_all_win(
    many_slots: list[Slot], contenders: int, rounds: range
) -> None:
    crowd = a_crowd(contenders)
    for _ in rounds[:: max(1, contenders // FIFTY)]:
        hold_one_each(many_slots, crowd)


def test_were_a_doctor_held_by_one_at_a_time_most_would_be_refused(
    many_slots: list[Slot], crowd: list[Patient], must_go_wrong: MustGoWrong
) -> None:
    start_over()
    with connection.cursor() as cursor:
        cursor.execute(
            "create unique index too_much on booking_appointment (doctor_id)"
            " where status = 'pending'"
        )
        try:
            must_go_wrong(lambda: hold_one_each(many_slots, crowd))
        finally:
            cursor.execute("drop index too_much")


# --- The same request many times ---


def send_often(slot: Slot, patient: Patient) -> None:
    start_over()
    made: list[UUID] = []
    once = Once("a-key", b"body")
    acts = [lambda: made.append(hold(slot, patient, once))] * FIFTY
    assert set(race(meeting("insert into records_idempotencykey", acts))) == {"won"}
    assert set(made) == {Appointment.objects.get().pk}
    check_books()


def test_a_request_sent_many_times_at_once_is_done_once(
    slot: Slot, ana: Patient, rounds: range
) -> None:
    for _ in rounds:
        send_often(slot, ana)


def test_without_the_constraint_its_repetitions_are_refused(
    slot: Slot, ana: Patient, must_go_wrong: MustGoWrong
) -> None:
    with without("records_idempotencykey", "a_key_is_used_once"):
        must_go_wrong(lambda: send_often(slot, ana))


def callers(patients: Sequence[Patient]) -> list[Caller]:
    found = []
    for patient in patients:
        client = Client()
        client.force_login(patient.user)
        found.append(Caller(client))
    return found


def answers(acts: Sequence[Callable[[], Answer]]) -> list[Answer]:
    given: list[Answer] = []
    race([partial(lambda act: given.append(act()), act) for act in acts])
    return given


def test_the_api_answers_a_request_sent_many_times_at_once_with_one_appointment(
    slot: Slot, ana: Patient, rounds: range
) -> None:
    for n in rounds[::3]:
        start_over()
        posts = [partial(caller.book, slot, f"key-{n}") for caller in callers([ana] * FIFTY)]
        given = answers(posts)
        assert {answer.status_code for answer in given} == {201}
        made = str(Appointment.objects.get().pk)
        assert {answer.json()["id"] for answer in given} == {made}
        assert SandboxCheckout.objects.count() == 1
        check_books()


def test_the_api_gives_one_time_to_one_patient_and_tells_all_others_so(
    slot: Slot, crowd: list[Patient], rounds: range
) -> None:
    asking = callers(crowd)
    for n in rounds[::3]:
        start_over()
        given = answers([partial(caller.book, slot, f"key-{n}") for caller in asking])
        codes = Counter(
            (201, "") if answer.status_code == 201 else refusal(answer) for answer in given
        )
        assert codes == {(201, ""): 1, (409, "slot_taken"): FIFTY - 1}
        check_books()


# --- The doctor takes the day back ---


def test_a_day_is_withdrawn_or_held_but_never_both(
    slots: list[Slot], crowd: list[Patient], dr_osei: Doctor, clock: ClinicClock, rounds: range
) -> None:
    for _ in rounds:
        for_all = [partial(hold, s, p) for s, p in zip(slots, crowd, strict=False)]
        withdrawn, *held = race(
            [partial(withdraw_day, dr_osei, WEDNESDAY, now=clock.now), *for_all]
        )
        if withdrawn == "won":
            assert set(held) == {"slot_gone"}
            assert not Slot.objects.exists()
            slots = four_slots(dr_osei)
        else:
            assert withdrawn == "slots_in_use"
            assert "won" in held
            assert Slot.objects.count() == 4
        check_books()
        start_over()
