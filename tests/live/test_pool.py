import asyncio

import pytest
from procrastinate.contrib.django import connector_params

from clinicall.live.pool import Pool, pool_at
from clinicall.live.replica import Primary


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


@pytest.mark.django_db
def test_a_connection_that_was_cut_is_asked_for_once_more() -> None:
    """Though it was used just now, so that nobody looked at it."""

    async def name(pool: Pool) -> int:
        async with pool.connection() as connection:
            found = await (await connection.execute("select pg_backend_pid()")).fetchone()
            assert found
            return int(found[0])

    async def story() -> None:
        async with pool_at(connector_params()) as pool, pool_at(connector_params()) as other:
            cut = await Primary(pool).ask("", name)
            async with other.connection() as connection:
                await connection.execute("select pg_terminate_backend(%s, 5000)", [cut])
            assert await Primary(pool).ask("", name) != cut

    asyncio.run(story())
