"""An account has so many sockets in a worker, and no more."""

import asyncio
from contextlib import AsyncExitStack
from uuid import uuid4

import pytest

from clinicall.live.crowd import MOST, Crowd
from clinicall.live.hub import Hub, Live
from clinicall.live.replica import Primary
from clinicall.live.session import Session
from clinicall.live.socket import PASS_NOT_VALID, Close
from clinicall.people.models import Patient
from tests.live.signed_in import session_of
from tests.live.test_hub import with_a_hub


@pytest.mark.django_db(transaction=True)
def test_one_with_too_many_sockets_loses_the_oldest_alone(ana: Patient, ben: Patient) -> None:
    hers, his = session_of(ana.user), session_of(ben.user)

    async def story(hub: Hub) -> None:
        live = Live(hub, hub._pool, Primary(hub._pool), asyncio.Event())
        async with asyncio.TaskGroup() as sockets:
            of_ben = sockets.create_task(Session(live, ben.pk, his).watch())
            of_ana = [
                sockets.create_task(closed_with(Session(live, ana.pk, hers)))
                for _ in range(MOST + 1)
            ]
            assert await of_ana[0] == PASS_NOT_VALID
            for stands in (of_ben, *of_ana[1:]):
                assert not stands.done()
                stands.cancel()

    with_a_hub(story)


async def closed_with(session: Session) -> int:
    try:
        await session.watch()
    except Close as close:
        return close.code
    raise AssertionError("it ended by itself")


def test_whoever_goes_leaves_a_place_and_others_take_none() -> None:
    async def story() -> None:
        crowd, person = Crowd(), uuid4()
        async with crowd.place(person) as oldest, AsyncExitStack() as others:
            for _ in range(MOST - 2):
                await others.enter_async_context(crowd.place(person))
            for _ in range(3):
                async with crowd.place(person), crowd.place(uuid4()):
                    assert not oldest.is_set()
            for _ in range(2):
                await others.enter_async_context(crowd.place(person))
            assert oldest.is_set()

    asyncio.run(story())
