import sys
from collections.abc import Callable, Iterator

import pytest

from clinicall.people.models import Patient
from clinicall.schedule.models import Slot
from tests import cast
from tests.clinic_clock import ClinicClock
from tests.races.books import start_over
from tests.races.racing import all_at_once, go_home, goes_wrong, the_second_in_between

FIFTY = 50
STAGINGS = pytest.mark.parametrize("staging", [all_at_once, the_second_in_between])
MustGoWrong = Callable[[Callable[[], None]], None]


@pytest.fixture(scope="module", autouse=True)
def racers() -> Iterator[None]:
    yield
    go_home()


@pytest.fixture
def crowd(clock: ClinicClock) -> list[Patient]:
    return a_crowd(FIFTY)


def a_crowd(size: int) -> list[Patient]:
    return [cast.a_patient(f"Contender{i}") for i in range(size)]


@pytest.fixture
def slot(slots: list[Slot]) -> Slot:
    return slots[0]


@pytest.fixture(params=[3, pytest.param(100, marks=pytest.mark.deep)], ids="{} rounds".format)
def rounds(request: pytest.FixtureRequest) -> range:
    return range(request.param)


@pytest.fixture(params=[10, pytest.param(100, marks=pytest.mark.deep)], ids="{} rounds".format)
def must_go_wrong(
    request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> MustGoWrong:
    """Within ten rounds; and of a hundred, nearly always."""
    tries: int = request.param

    def check(one_round: Callable[[], None]) -> None:
        if tries == 10:
            assert any(goes_wrong(one_round) for _ in range(tries))
            start_over()
            return
        wrong = sum(goes_wrong(one_round) for _ in range(tries))
        start_over()
        with capsys.disabled():
            sys.stdout.write(f"\n{request.node.name}: {wrong} of {tries} went wrong\n")
        assert wrong >= tries * 0.95

    return check
