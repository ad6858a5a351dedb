"""Many patients in one moment, each at another open slot of one doctor: nobody may be refused."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from threading import Barrier
from time import perf_counter

from bench.booking import hold
from bench.rounds import Bench
from bench.sized import Waiting, Wanted

SIZES = (30, 200)


@dataclass(frozen=True)
class Crowd:
    size: int
    accepted: int
    refusals: dict[str, int]
    all_within: float  # milliseconds until the last one had an answer


def measure(bench: Bench, waiting: Waiting) -> list[Crowd]:
    crowd = iter(waiting.crowd)
    return [_at_once(bench, [next(crowd) for _ in range(size)]) for size in SIZES]


def _at_once(bench: Bench, crowd: Sequence[Wanted]) -> Crowd:
    ready = Barrier(len(crowd))

    def ask(wanted: Wanted) -> tuple[str, float]:
        ready.wait()
        started = perf_counter()
        answer = hold(bench.server, wanted)
        said = "" if answer.status == HTTPStatus.CREATED else f"{answer.status} {answer.body!r}"
        return said, (perf_counter() - started) * 1e3

    with ThreadPoolExecutor(len(crowd)) as threads:
        answers = list(threads.map(ask, crowd))
    refusals = [said for said, _ in answers if said]
    return Crowd(
        len(crowd),
        len(crowd) - len(refusals),
        {said: refusals.count(said) for said in refusals},
        max(took for _, took in answers),
    )
