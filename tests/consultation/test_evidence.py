"""Of two people each of whom came never, before, during or after: how did the visit go?"""

from datetime import UTC, datetime, timedelta
from itertools import permutations, product

import pytest

from clinicall.consultation.evidence import (
    Span,
    Told,
    Verdict,
    When,
    joined_up,
    judge,
    spans_told,
    when_there,
)

START = datetime(2026, 11, 25, 3, 30, tzinfo=UTC)
END = START + timedelta(minutes=20)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def there(since: float, until: float) -> Span:
    """In minutes after the start."""
    return Span(START + since * MINUTE, START + until * MINUTE)


def verdict(doctor: list[Span], patient: list[Span]) -> Verdict:
    return judge(doctor, patient, starts_at=START, ends_at=END)


# Nobody meets anybody here: what is said of those who meet stands below.
DOCTOR = {
    When.NEVER: [],
    When.BEFORE: [there(-9, -8)],
    When.DURING: [there(0, 10)],
    When.AFTER: [there(21, 24)],
}
PATIENT = {
    When.NEVER: [],
    When.BEFORE: [there(-7, -5)],
    When.DURING: [there(12, 18)],
    When.AFTER: [there(26, 33)],
}
# (the doctor, the patient): only these are clear.
CLEAR = {
    (When.DURING, When.NEVER): Verdict.NO_SHOW_PATIENT,
    (When.NEVER, When.BEFORE): Verdict.NO_SHOW_DOCTOR,
    (When.NEVER, When.DURING): Verdict.NO_SHOW_DOCTOR,
    (When.NEVER, When.AFTER): Verdict.NO_SHOW_DOCTOR,
}


@pytest.mark.parametrize(("doctor", "patient"), list(product(When, When)))
def test_each_of_the_sixteen_patterns_without_a_meeting(doctor: When, patient: When) -> None:
    expected = CLEAR.get((doctor, patient), Verdict.UNCLEAR)
    assert verdict(DOCTOR[doctor], PATIENT[patient]) is expected


@pytest.mark.parametrize(("doctor", "patient"), list(product(When, When)))
def test_whoever_met_for_a_minute_had_their_visit(doctor: When, patient: When) -> None:
    together = [there(5, 6)]
    met = verdict(DOCTOR[doctor] + together, PATIENT[patient] + together)
    assert met is Verdict.ATTENDED


@pytest.mark.parametrize("when", When)
def test_each_way_of_coming_is_seen_as_what_it_is(when: When) -> None:
    assert when_there(DOCTOR[when], starts_at=START, ends_at=END) is when
    assert when_there(PATIENT[when], starts_at=START, ends_at=END) is when


def test_a_minute_together_counts_and_less_does_not() -> None:
    doctor = [there(0, 10)]
    minute = Span(START + 9 * MINUTE, START + 11 * MINUTE)
    less = Span(START + 9 * MINUTE + SECOND, START + 11 * MINUTE)
    assert verdict(doctor, [minute]) is Verdict.ATTENDED
    assert verdict(doctor, [less]) is Verdict.UNCLEAR


def test_a_minute_together_may_be_in_pieces() -> None:
    # Reloading pages: each time they miss each other by a moment.
    pieces = [there(m, m + 0.25) for m in (0, 4, 8, 12)]
    assert verdict([there(0, 20)], pieces) is Verdict.ATTENDED


def test_a_line_that_is_back_within_90_seconds_was_never_gone() -> None:
    whole = joined_up([there(3, 5), there(0, 1.5), there(6.6, 7)])
    assert whole == [there(0, 5), there(6.6, 7)]
    assert joined_up([there(0, 9), there(2, 3)]) == [there(0, 9)]


@pytest.mark.parametrize(
    ("minutes", "waited", "expected"),
    [
        (20, 10, Verdict.NO_SHOW_PATIENT),
        (20, 9.9, Verdict.UNCLEAR),
        (60, 10, Verdict.NO_SHOW_PATIENT),
        (60, 9.9, Verdict.UNCLEAR),
        (10, 5, Verdict.NO_SHOW_PATIENT),
        (10, 4.9, Verdict.UNCLEAR),
    ],
)
def test_a_doctor_waits_ten_minutes_or_half_the_visit(
    minutes: int, waited: float, expected: Verdict
) -> None:
    # What they waited before the start is theirs.
    doctor = [there(-8, 1), there(3, 3 + waited - 1)]
    end = START + minutes * MINUTE
    assert judge(doctor, [], starts_at=START, ends_at=end) is expected


def test_a_doctor_who_only_came_after_the_end_proves_nothing() -> None:
    assert verdict([there(20, 34)], []) is Verdict.UNCLEAR


def word(sequence: int, minute: float, *, came: bool, stayed: float | None = None) -> Told:
    how_long = None if stayed is None else stayed * MINUTE
    return Told(sequence, START + minute * MINUTE, came, how_long)


CAME, LEFT = word(1, 0, came=True), word(2, 4, came=False, stayed=4)
BACK, GONE = word(3, 6, came=True), word(4, 10, came=False, stayed=4)


def test_a_providers_words_mean_the_same_in_any_order_and_repeated() -> None:
    for order in permutations([CAME, LEFT, BACK, GONE]):
        assert spans_told([*order, *order[:2]]) == [there(0, 4), there(6, 10)]


def test_what_a_provider_did_not_tell_is_not_made_up() -> None:
    moment = there(0, 0)
    assert spans_told([CAME]) == [moment]
    assert spans_told([CAME, BACK, GONE]) == [moment, there(6, 10)]
    assert spans_told([LEFT, GONE]) == [there(0, 4), there(6, 10)]
    assert spans_told([word(2, 4, came=False)]) == [there(4, 4)]
    assert spans_told([]) == []


@pytest.mark.parametrize(("doctor", "patient"), list(product(When, When)))
def test_without_any_word_of_the_provider_the_verdict_is_the_same(
    doctor: When, patient: When
) -> None:
    """What our own sockets saw is enough; the provider's word of the same adds nothing."""

    def told(spans: list[Span]) -> list[Span]:
        words = [
            word
            for n, span in enumerate(spans)
            for word in (
                Told(2 * n, span.since, came=True),
                Told(2 * n + 1, span.until, came=False, stayed=span.until - span.since),
            )
        ]
        return spans_told([*words[::-1], *words])

    seen = verdict(DOCTOR[doctor], PATIENT[patient])
    both = DOCTOR[doctor] + told(DOCTOR[doctor]), PATIENT[patient] + told(PATIENT[patient])
    assert verdict(*both) is seen
    assert verdict(told(DOCTOR[doctor]), told(PATIENT[patient])) is seen
