import asyncio

import pytest
from procrastinate.contrib.django import connector_params

from clinicall.live.pool import Pool


@pytest.mark.django_db
def test_who_is_cancelled_while_being_handed_a_connection_does_not_go_on() -> None:
    """At any turn of the event loop in which the connection is on its way."""

    async def use(pool: Pool) -> None:
        async with pool.connection():
            for _ in range(100):
                await asyncio.sleep(0)

    async def story() -> None:
        went_on = []
        async with Pool(kwargs=connector_params(), min_size=1, max_size=1, open=False) as pool:
            for turns in range(12):
                async with pool.connection():
                    waiting = asyncio.create_task(use(pool))
                    while not pool.get_stats()["requests_waiting"]:
                        await asyncio.sleep(0)
                for _ in range(turns):
                    await asyncio.sleep(0)
                waiting.cancel()
                await asyncio.wait([waiting])
                if not waiting.cancelled():
                    went_on.append(turns)
        assert not went_on

    asyncio.run(story())
