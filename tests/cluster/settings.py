"""A server for the controls: its notifications are lost, or how late a replica may be is another number."""

import os

from clinicall.config.settings import *  # noqa: F403
from clinicall.live import replica
from clinicall.live.hub import Hub


def _hear_nothing(_hub: Hub, _payload: str) -> None:
    pass


if os.environ.get("TESTS_DEAF"):
    setattr(Hub, "_hear", _hear_nothing)  # noqa: B010 (or mypy would know better)
if bound := os.environ.get("TESTS_MOST_BEHIND"):
    setattr(replica, "MOST_BEHIND", float(bound))  # noqa: B010 (it is Final but for the controls)
