import pytest
from tests.simulator import world as worlds
from tests.simulator.simulating import simulate

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_hundred_histories():
    import time
    t = time.time()
    told = simulate(worlds.build(), range(1, 21))
    print(told.histories, told.steps, time.time() - t)
    if told.failed:
        print("\n".join(told.failed.trace[-60:]))
        print(told.failed.seed, told.violation)
    assert not told.failed
