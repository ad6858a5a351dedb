"""When no time is free any more. Last of all: so far ahead, the worker closes what has passed meanwhile."""

from datetime import timedelta

from tests.screens.patient import doctor_of
from tests.screens.stage import Scene, Stage


def nobody_is_free(stage: Stage) -> None:
    page = stage.stranger().page
    address = doctor_of(stage, page, "doctor4@demo.example")
    with stage.later(timedelta(days=60)):
        stage.look(page, "/", "search, nobody is free")
        stage.look(page, address, "doctor, no free times at all")


SCENES: list[Scene] = [nobody_is_free]
