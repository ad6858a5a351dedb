"""kill -9 at every point of an appointment's life: nothing is lost, nothing is doubled.

The clinic is a real one. It stands still where a test's database engine (standing.py) or the payment
company holds it, dies there, comes back, and puts everything in order by itself, or once Ana does again
what was never answered.
"""

import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.faults.standing import Order, When, Who
from tests.faults.story import IN_TIME, Exchange, Story, Victim, a_clinic, copied
from tests.mail_server import mail_server
from tests.server.serving import wait_for
from tests.stripe_standin.running import standing_in

AT_ONCE, AT_ONCE_WHEN_WAITING = 3, 6  # stories, on two cores
SEEDS = 5

Step = Callable[[Story], object]


@dataclass(frozen=True)
class Point:
    """Where the clinic dies, and the story around that."""

    name: str
    at: Order | Exchange
    before: Sequence[Step]
    act: Step
    again: Sequence[Step]
    end: Step
    while_it_stands: Sequence[Step] = ()


# --- The steps of the story ---


def passes(**time: int) -> Step:
    def step(story: Story) -> None:
        story.time_passes(timedelta(**time))

    return step


def books_again(story: Story) -> None:
    kept = story.sql("select id::text from booking_appointment")
    story.holds()
    assert kept in ([], [(story.id,)])
    story.holds()
    assert story.sql("select id::text from booking_appointment") == [(story.id,)]


def is_still_confirmed(story: Story) -> None:
    assert story.reads()["status"] == "confirmed"
    assert story.reads()["slotId"] == story.slots[0]


def cancels(story: Story) -> None:
    assert story.cancels().status == 200


def moves(story: Story) -> None:
    assert story.moves().status == 200


def ben_books(story: Story) -> None:
    assert story.books("ben").status == 201


def replaces_the_day(story: Story) -> None:
    assert [len(day["slots"]) for day in story.hours()] == [4, 4]
    assert story.replaces_a_day().status == 200


# --- How it ends ---


def ends_as(*steps: tuple[str, str]) -> Step:
    def end(story: Story) -> None:
        with_first = [("pending", ""), *steps]
        wait_for(lambda: story.steps() == with_first, IN_TIME)

    return end


VISIT = ends_as(("confirmed", ""))
MOVED = ends_as(("confirmed", ""), ("confirmed", "moved"))
CANCELLED = ends_as(("confirmed", ""), ("cancelled", "by_patient"))
RELEASED = ends_as(("cancelled", "payment_failed"))
LAPSED = ends_as(("cancelled", "hold_expired"))
REVIVED = ends_as(("cancelled", "hold_expired"), ("confirmed", ""))


def is_whole(story: Story) -> None:
    (first, second) = story.hours()
    assert (len(first["slots"]), len(second["slots"])) == (4, 4)
    assert [window["durationMinutes"] for window in second["windows"]] == [30]


# --- The points ---

PAID = [Story.holds, Story.pays]
CONFIRMED = [*PAID, Story.comes_back, is_still_confirmed]

HELD = r"insert into booking_appointment"
NAMED = r"update payments_payment set state = 'pending'"
SETTLED = r"with taken as .*'to': <status.confirmed"
HEARD = r'insert into "payments_event"'
CLAIMED = r'update "payments_payment" set "looks"'
OWED = r'insert into "payments_refund"'
REFUND_CLAIMED = r'update "payments_refund" set "tries"'
GIVEN = r"update \"payments_refund\" set \"state\" = .*succeeded"
LAPSING = r"with lapsed as"
RELEASING = r"with taken as .*'why': .*'payment_failed'"
MOVING = r"with taken as .*'why': 'moved'"
TAKEN_BACK = r'delete from "schedule_availability"'
PUBLISHED = r'insert into "schedule_availability"'
DUE_LATER = r'update "booking_message" set "next_try_at"'
TOLD = r'update "booking_message" set "state" = .*\bsent\b'


def in_a_request(sql: str, when: When) -> Order:
    return Order(sql, when, Who.REQUEST)


def in_a_job(sql: str, when: When) -> Order:
    return Order(sql, when, Who.JOB)


def booking(name: str, at: Order | Exchange) -> Point:
    again = [books_again, Story.pays, Story.comes_back]
    return Point(name, at, [], Story.books, again, VISIT)


def hearing(name: str, at: Order, *again: Step) -> Point:
    return Point(name, at, PAID, Story.stripe_tells, again, VISIT)


def coming_back(name: str, at: Order | Exchange) -> Point:
    return Point(name, at, PAID, Story.comes_back, [passes(seconds=31)], VISIT)


def polling(name: str, at: Order | Exchange) -> Point:
    return Point(name, at, PAID, passes(seconds=31), [passes(seconds=61)], VISIT)


def cancelling(name: str, at: Order, *again: Step) -> Point:
    return Point(name, at, CONFIRMED, Story.cancels, again, CANCELLED)


def giving_back(name: str, at: Order | Exchange) -> Point:
    return Point(name, at, CONFIRMED, Story.cancels, [passes(seconds=61)], CANCELLED)


def moving(name: str, at: Order, *again: Step) -> Point:
    return Point(name, at, CONFIRMED, Story.moves, again, MOVED)


def telling(name: str, at: Order) -> Point:
    return Point(name, at, PAID, Story.comes_back, [passes(seconds=61)], VISIT)


def publishing(name: str, at: Order) -> Point:
    return Point(name, at, [], Story.replaces_a_day, [replaces_the_day], is_whole)


def lapsing(name: str, at: Order | Exchange, *while_it_stands: Step, end: Step) -> Point:
    again = [passes(seconds=61)]
    return Point(name, at, [Story.holds], passes(minutes=10), again, end, while_it_stands)


POINTS = [
    booking("the hold is not committed", in_a_request(HELD, When.BEFORE_COMMIT)),
    booking("the hold is committed, nobody is asked", in_a_request(HELD, When.AFTER_COMMIT)),
    booking("Stripe is asked for a page", Exchange("open", "asked", Who.REQUEST)),
    booking("Stripe has made a page", Exchange("open", "done", Who.REQUEST)),
    booking("the page's name is not stored", in_a_request(NAMED, When.BEFORE)),
    booking("the page is stored, Ana has no answer", in_a_request(NAMED, When.AFTER)),
    hearing(
        "the message is not committed", in_a_request(HEARD, When.BEFORE_COMMIT), Story.stripe_tells
    ),
    hearing(
        "the message is not committed and never comes again",
        *(in_a_request(HEARD, When.BEFORE_COMMIT), passes(seconds=31)),
    ),
    hearing(
        "the message is committed, Stripe has no answer",
        *(in_a_request(HEARD, When.AFTER_COMMIT), Story.stripe_tells),
    ),
    coming_back("Stripe is asked about a payment", Exchange("look_up", "asked", Who.REQUEST)),
    coming_back("the settling is not committed", in_a_request(SETTLED, When.BEFORE_COMMIT)),
    coming_back(
        "the settling is committed, not announced", in_a_request(SETTLED, When.AFTER_COMMIT)
    ),
    polling("a payment is claimed, Stripe is not asked", in_a_job(CLAIMED, When.AFTER)),
    polling("the poller asks about a payment", Exchange("look_up", "asked", Who.JOB)),
    polling("the poller's settling is not committed", in_a_job(SETTLED, When.BEFORE_COMMIT)),
    polling("the poller's settling is committed", in_a_job(SETTLED, When.AFTER_COMMIT)),
    Point(
        "the release after a refused card is not committed",
        in_a_request(RELEASING, When.BEFORE_COMMIT),
        [Story.holds, Story.declined],
        Story.comes_back,
        [passes(seconds=31)],
        RELEASED,
    ),
    cancelling(
        "the cancelling is not committed",
        *(in_a_request(OWED, When.BEFORE_COMMIT), is_still_confirmed, cancels),
    ),
    cancelling("a refund is owed, nobody is asked", in_a_request(OWED, When.AFTER_COMMIT), cancels),
    giving_back("a refund is claimed, nobody is asked", in_a_job(REFUND_CLAIMED, When.AFTER)),
    giving_back("Stripe is asked for a refund", Exchange("refund", "asked", Who.JOB)),
    giving_back("Stripe has given money back", Exchange("refund", "done", Who.JOB)),
    giving_back("that money is back is not stored", in_a_job(GIVEN, When.BEFORE)),
    lapsing("a hold's lapse is not committed", in_a_job(LAPSING, When.BEFORE_COMMIT), end=LAPSED),
    lapsing(
        "a hold has lapsed, its page is open", in_a_job(LAPSING, When.AFTER_COMMIT), end=LAPSED
    ),
    lapsing("Stripe is asked to close a page", Exchange("close", "asked", Who.JOB), end=LAPSED),
    lapsing(
        "Ana pays while her hold lapses",
        *(in_a_job(LAPSING, When.BEFORE_COMMIT), Story.pays),
        end=REVIVED,
    ),
    lapsing(
        "Ana pays too late, and Ben has her slot",
        *(in_a_job(LAPSING, When.AFTER_COMMIT), Story.pays, ben_books),
        end=LAPSED,
    ),
    moving(
        "the move is not committed",
        *(in_a_request(MOVING, When.BEFORE_COMMIT), is_still_confirmed, moves),
    ),
    moving("the move is committed", in_a_request(MOVING, When.AFTER_COMMIT), moves),
    publishing("hours are taken back, not replaced", in_a_request(TAKEN_BACK, When.AFTER)),
    publishing("hours are replaced, without slots", in_a_request(PUBLISHED, When.AFTER)),
]
TELLING = [
    telling("a mail is due again, nobody has it", in_a_job(DUE_LATER, When.AFTER_COMMIT)),
    telling("a mail is taken, and that is not noted", in_a_job(TOLD, When.BEFORE)),
]
POINTS += TELLING


# Before or after one that the seed picks.
SOME = Order("", When.BEFORE, Who.REQUEST, nth=0)
SOMEWHERE = [
    booking("some statement of a booking", SOME),
    hearing("some statement of hearing a message", SOME, passes(seconds=31)),
    coming_back("some statement of coming back", SOME),
    cancelling("some statement of a cancelling", SOME, cancels),
    moving("some statement of a move", SOME, moves),
    publishing("some statement of publishing", SOME),
    polling("some statement of a poller that settles", replace(SOME, who=Who.JOB)),
    giving_back("some statement of a poller that gives back", replace(SOME, who=Who.JOB)),
]
MOST_STATEMENTS = 20  # of these; one that is never reached is a kill just after
EVERYWHERE = [*POINTS, *SOMEWHERE]


# --- Telling it ---


def victim_of(point: Point, seed: int) -> Victim:
    """Another one for each seed, and for each point."""
    victims = [Victim.EVERYONE, Victim.WORKER, Victim.POSTGRES, Victim.MAIN]
    if point.at.who is Who.JOB:
        victims.append(Victim.JOBS)
    return victims[(EVERYWHERE.index(point) + seed) % len(victims)]


def place_of(point: Point, chance: random.Random) -> Order | Exchange:
    if point in SOMEWHERE:
        when = chance.choice([When.BEFORE, When.AFTER])
        return Order("", when, point.at.who, chance.randint(1, MOST_STATEMENTS))
    return point.at


def tell(point: Point, seed: int, template: Path, *, waits: bool) -> float:
    """The seconds from the kill until all was in order, by the clinic's clock."""
    chance = random.Random(f"{point.name} {seed}")
    with copied(template) as data, standing_in() as stripe, mail_server() as post:
        story = Story(data, stripe, post, chance, waits, victim_of(point, seed))
        story.opens()
        try:
            story.everyone_comes()
            for step in point.before:
                step(story)
            story.stands_at(place_of(point, chance), lambda: point.act(story))
            for step in point.while_it_stands:
                step(story)
            killed, later = time.monotonic(), story.later
            story.is_killed()
            for step in point.again:
                step(story)
            point.end(story)
            story.comes_to_agree()
            story.check()
            took = time.monotonic() - killed + (story.later - later).total_seconds()
            if point in TELLING or (waits and story.id):
                story.everybody_is_told()
            return took
        finally:
            story.ends()


@pytest.fixture(scope="module")
def template() -> Iterator[Path]:
    with a_clinic() as folder:
        yield folder


KILLING = "test_a_kill_loses_and_doubles_nothing"


@pytest.fixture(scope="module")
def told(request: pytest.FixtureRequest, template: Path) -> Iterator[dict[str, Future[float]]]:
    """All stories that are asked for, several at once."""
    names = {item.name for item in request.session.items}
    asked = [point for point in POINTS if f"{KILLING}[{point.name}]" in names]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        yield {point.name: threads.submit(tell, point, 0, template, waits=False) for point in asked}
        threads.shutdown(cancel_futures=True)


# Each takes seconds of every core, so the ordinary run is content with one of each kind.
ORDINARY = {
    "the hold is not committed",
    "Stripe has made a page",
    "the message is not committed and never comes again",
    "the settling is committed, not announced",
    "the poller asks about a payment",
    "the release after a refused card is not committed",
    "the cancelling is not committed",
    "that money is back is not stored",
    "Ana pays while her hold lapses",
    "the move is not committed",
    "hours are replaced, without slots",
    "a mail is taken, and that is not noted",
}


@pytest.mark.parametrize(
    "point",
    [
        pytest.param(point, id=point.name, marks=() if point.name in ORDINARY else pytest.mark.deep)
        for point in POINTS
    ],
)
def test_a_kill_loses_and_doubles_nothing(point: Point, told: dict[str, Future[float]]) -> None:
    assert told[point.name].result() < IN_TIME


@pytest.mark.deep
def test_no_kill_loses_or_doubles_anything(
    template: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stories = [(point, seed) for point in EVERYWHERE for seed in range(SEEDS)]
    with ThreadPoolExecutor(AT_ONCE_WHEN_WAITING) as threads:
        futures = [threads.submit(tell, *story, template, waits=True) for story in stories]
    faults = {
        f"{point.name}, seed {seed}, {victim_of(point, seed)}": future.exception()
        for (point, seed), future in zip(stories, futures, strict=True)
        if future.exception()
    }
    took = [future.result() for future in futures if not future.exception()]
    with capsys.disabled():
        sys.stdout.write(
            f"\nkills: {len(stories)} tried at {len(EVERYWHERE)} points, {len(took)} survived,"
            f" in order again after {max(took):.0f} s at worst\n"
        )
    assert not faults
    assert max(took) < IN_TIME
