"""Running many histories, and telling what they came to."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.clinic_clock import ClinicClock
from tests.simulator.checking import prepare
from tests.simulator.history import History
from tests.simulator.machine import Machine, Violation
from tests.simulator.world import World


@dataclass
class Told:
    """What histories came to: how often what happened, and the first one that went wrong."""

    tally: Counter[str] = field(default_factory=Counter)
    histories: int = 0
    steps: int = 0
    failed: History | None = None
    violation: str = ""


def simulate(world: World, seeds: Iterable[int]) -> Told:
    """One history for each seed, until one goes wrong."""
    told = Told()
    clock = ClinicClock()
    machine = Machine(told.tally)
    prepare()
    with machine.running():
        for seed in seeds:
            history = History(seed, world, clock, machine, told.tally)
            try:
                history.run()
            except Violation as violation:
                told.failed, told.violation = history, str(violation)
            told.histories += 1
            told.steps += history.taken
            if told.failed:
                break
    clock.back_to_real_time()
    return told
