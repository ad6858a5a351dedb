"""What first visits cost on a slow line, as the browser counts it: bytes, requests, and whose."""

import pytest
from playwright.sync_api import Browser

from tests.journeys.conftest import RunningClinic
from tests.journeys.first_visits import weighed

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture
def clinic_settings() -> dict[str, str]:
    return {"AGORA_APP_ID": "a" * 32, "AGORA_APP_CERTIFICATE": "b" * 32}


def test_first_visits_are_light_and_ask_nobody_else(
    browser: Browser, running_clinic: RunningClinic
) -> None:
    for screen in weighed(browser, running_clinic):
        assert screen.weight.parts["Script"], screen.name
        assert screen.over == [], (screen.name, screen.weight)
        assert screen.weight.of_others(running_clinic.url) == [], screen.name
