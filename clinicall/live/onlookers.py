"""What every live route needs from the worker process it runs in."""

import asyncio
from dataclasses import dataclass

from starlette.requests import HTTPConnection

from clinicall.live.hub import Hub, Pool


@dataclass(frozen=True)
class Live:
    hub: Hub
    pool: Pool
    closing: asyncio.Event  # set when this process is about to end: every stream ends too


def live_of(connection: HTTPConnection) -> Live:
    live = connection.state.live
    assert isinstance(live, Live)
    return live
