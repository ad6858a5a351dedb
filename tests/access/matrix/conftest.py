from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.access.matrix.scene import Scene, a_morning, undone


@pytest.fixture(scope="module")
def db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """One transaction for all tests of a file: thousands of questions about one morning."""
    with django_db_blocker.unblock(), undone():
        yield


@pytest.fixture(scope="module")
def scene(db: None, request: pytest.FixtureRequest) -> Scene:
    scene = a_morning()
    request.config.pluginmanager.register(scene)
    return scene


@pytest.fixture(autouse=True)
def every_rule_holds_in_the_end() -> None:
    """Each question is undone before the next, so there is no end to look at."""
