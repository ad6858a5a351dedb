"""Every screen and state of which `make screens` takes pictures, looked at by a program in every look."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from clinicall.server.postgres import Embedded
from tests.journeys.conftest import RunningClinic, a_copy_of, succeeds
from tests.screens.inspecting import Inspector
from tests.screens.playing import GROUPS
from tests.screens.stage import Scene, Stage
from tests.server.serving import serving

pytestmark = [pytest.mark.browser, pytest.mark.deep]


@pytest.fixture(scope="module")
def stage(empty_clinic: Path, browser: Browser) -> Iterator[Stage]:
    with a_copy_of(empty_clinic) as folder, Embedded(folder) as database:
        succeeds("demo", data=folder)
        with serving(folder) as server:
            clinic = RunningClinic(f"http://127.0.0.1:{server.port}", database.url)
            yield Stage(browser, clinic, Inspector(), folder)


@pytest.mark.parametrize(
    "scene",
    [
        pytest.param(scene, id=f"{group.__name__.rpartition('.')[2]} {scene.__name__}")
        for group in GROUPS
        for scene in group.SCENES
    ],
)
def test_no_fault_is_found_in_any_look(stage: Stage, scene: Scene) -> None:
    stage.onlooker = inspector = Inspector()
    scene(stage)
    assert inspector.found == []
