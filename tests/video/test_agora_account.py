"""A clinic's own account at Agora, asked over the network and changed in nothing.

`pytest -m agora_account`, with the AGORA_ variables of docs/agora-checklist.md set.
"""

from uuid import uuid4

import pytest

from clinicall import wiring
from clinicall.video.agora_rest import AgoraRest
from clinicall.video.provider import channel_name

pytestmark = [pytest.mark.agora_account, pytest.mark.enable_socket]


@pytest.fixture
def agora() -> AgoraRest:
    rest = wiring.agora_rest()
    if rest is None:
        pytest.skip("AGORA_APP_ID, AGORA_CUSTOMER_KEY and AGORA_CUSTOMER_SECRET are not set")
    return rest


def test_the_accounts_key_knows_our_project(agora: AgoraRest) -> None:
    assert agora.knows_project()


def test_nobody_is_in_the_channel_of_a_visit_that_does_not_exist(agora: AgoraRest) -> None:
    assert agora.people_in(channel_name(uuid4())) == []
