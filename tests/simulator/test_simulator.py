"""100 histories at each change; all 5,000, and every guard taken away, in `make deep`."""

import subprocess
import sys
from itertools import pairwise

import pytest

from tests.simulator import world as worlds
from tests.simulator.guards import GUARDS, Guard
from tests.simulator.simulating import Told, simulate
from tests.simulator.telling import reached, table
from tests.simulator.world import World

pytestmark = pytest.mark.django_db(transaction=True)

HISTORIES = 100
# What is too rare to happen in a hundred histories for certain.
RARE = 10
MOST_FOR_A_GUARD = 1_000
CHEAP = 80  # histories, at most, for a guard that is missed soon


@pytest.fixture
def world() -> World:
    return worlds.build()


def story(told: Told) -> str:
    """What led to the violation, for whoever reads the test's failure."""
    last = "\n".join(told.last.trace[-60:])
    return f"{last}\nseed {told.last.seed}: {told.violation}"


@pytest.mark.timeout(900)  # where two cores are shared with much else
def test_a_hundred_histories_keep_every_promise(world: World) -> None:
    told = simulate(world, range(1, HISTORIES + 1))
    assert not told.violation, story(told)
    never = [name for name, count in reached(told.tally).items() if not count]
    assert len(never) <= RARE, "\n".join(table(told.tally))


def test_a_seed_replays_its_history_to_the_letter(world: World) -> None:
    traces = [simulate(world, [7]).last.trace for _ in range(2)]
    others = simulate(world, [8]).last.trace
    assert traces[0] == traces[1]
    assert traces[0] != others


def missed(world: World, guard: Guard, histories: int) -> Told:
    with guard.gone():
        return simulate(world, range(1, histories + 1))


@pytest.mark.breaks_rules
@pytest.mark.parametrize("guard", [g for g in GUARDS if g.cheap], ids=lambda guard: guard.says)
def test_without_a_guard_the_simulator_finds_what_goes_wrong(world: World, guard: Guard) -> None:
    assert missed(world, guard, CHEAP).violation


@pytest.mark.deep
@pytest.mark.breaks_rules
@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.says)
def test_each_guard_is_missed(world: World, guard: Guard) -> None:
    told = missed(world, guard, MOST_FOR_A_GUARD)
    sys.stdout.write(f"Without '{guard.says}': {told.histories} histories. {told.violation}\n")
    assert told.violation


@pytest.mark.deep
def test_five_thousand_histories_keep_every_promise() -> None:
    # Two processes, each with a database of its own: nothing here waits for anything.
    bounds = (1, 2_501, 5_001)
    runs = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.simulator", str(first), str(after - first)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for first, after in pairwise(bounds)
    ]
    told = [run.communicate()[0] for run in runs]
    sys.stdout.write("\n".join(told))
    assert [run.returncode for run in runs] == [0, 0]
    assert "NEVER" not in "".join(told)
