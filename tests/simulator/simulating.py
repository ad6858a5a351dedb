"""Running histories, until one goes wrong."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.test import override_settings

from tests.clinic_clock import ClinicClock
from tests.simulator.checking import prepare
from tests.simulator.history import History
from tests.simulator.machine import Machine, Violation
from tests.simulator.world import World


@dataclass
class Told:
    """What histories came to; `last` is the one with the violation, if there is one."""

    tally: Counter[str] = field(default_factory=Counter)
    histories: int = 0
    steps: int = 0
    violation: str = ""
    last: History = field(init=False)


def simulate(world: World, seeds: Iterable[int]) -> Told:
    """One history for each seed, up to the first violation."""
    told, clock = Told(), ClinicClock()
    machine = Machine(told.tally)
    prepare()
    with machine.running(), override_settings(SMS_CONFIGURED=False):
        for seed in seeds:
            told.last = History(seed, world, clock, machine, told.tally)
            try:
                told.last.run()
            except Violation as violation:
                told.violation = str(violation)
            told.histories += 1
            told.steps += told.last.taken
            if told.violation:
                break
    clock.back_to_real_time()
    return told
