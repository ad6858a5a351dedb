import asyncio
from contextlib import AsyncExitStack
from uuid import uuid4

from clinicall.live.crowd import MOST, Crowd


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
