import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import psycopg
import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import connector_params

from clinicall.core.announce import LONGEST_PART, announce, in_parts
from clinicall.jobs.executor import in_thread
from clinicall.live.hub import LONGEST_QUEUE, RESYNC, Hub
from clinicall.live.pool import Pool

pytestmark = pytest.mark.django_db(transaction=True)


@asynccontextmanager
async def a_hub() -> AsyncIterator[Hub]:
    """One that listens."""
    parameters = connector_params()
    pool = Pool(
        kwargs={**parameters, "autocommit": True},
        min_size=1,
        check=Pool.check_connection,
        open=False,
    )
    async with pool:
        hub = Hub(parameters, pool)
        async with hub.subscribe("test") as news:
            listening = asyncio.create_task(hub.listen())
            assert await asyncio.wait_for(news.next(), 10) == RESYNC
        try:
            yield hub
        finally:
            listening.cancel()


def with_a_hub(story: Callable[[Hub], Awaitable[None]]) -> None:
    async def tell() -> None:
        async with a_hub() as hub, asyncio.timeout(60):
            await story(hub)

    asyncio.run(tell())


def test_what_is_published_reaches_every_listener_of_its_topic_in_order() -> None:
    async def story(hub: Hub) -> None:
        async with hub.subscribe("a") as first, hub.subscribe("a") as second:
            for n in range(5):
                await hub.publish("b", {"n": -n})
                await hub.publish("a", {"n": n})
            for listener in (first, second):
                assert [(await listener.next())["n"] for _ in range(5)] == [0, 1, 2, 3, 4]

    with_a_hub(story)


def test_a_message_of_any_length_and_script_arrives_whole() -> None:
    messages = [{"text": "x" * size} for size in (LONGEST_PART - 20, LONGEST_PART, 64 << 10)]
    messages.append({"text": 'අම්මා 👩‍⚕️ \x00 \n \\ "' * 3000})

    async def story(hub: Hub) -> None:
        async with hub.subscribe("a") as listener:
            for message in messages:
                await hub.publish("a", message)
                assert await listener.next() == message

    with_a_hub(story)


def test_no_part_is_longer_than_postgresql_takes() -> None:
    assert all(len(part.encode()) < 8000 for part in in_parts("call:x", {"sdp": "ශ" * 30_000}))


def test_one_who_cannot_keep_up_is_told_to_ask_again() -> None:
    async def story(hub: Hub) -> None:
        async with hub.subscribe("a") as slow, hub.subscribe("b") as other:
            for n in range(LONGEST_QUEUE + 3):
                await hub.publish("a", {"n": n})
            await hub.publish("b", {})
            await other.next()
            assert await slow.next() == RESYNC
            assert [(await slow.next())["n"] for _ in range(2)] == [
                LONGEST_QUEUE + 1,
                LONGEST_QUEUE + 2,
            ]

    with_a_hub(story)


def test_a_lost_database_connection_is_found_again_and_all_are_told() -> None:
    async def story(hub: Hub) -> None:
        async with hub.subscribe("a") as listener:
            await cut_off_all_others()
            assert await listener.next() == RESYNC
            await hub.publish("a", {"n": 1})
            assert await listener.next() == {"n": 1}

    with_a_hub(story)


async def cut_off_all_others() -> None:
    async with await psycopg.AsyncConnection.connect(
        **{**connector_params(), "autocommit": True}
    ) as connection:
        await connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and query ilike 'listen%'"
        )


def test_what_is_no_message_of_ours_disturbs_nobody() -> None:
    async def story(hub: Hub) -> None:
        async with (
            hub.subscribe("a") as listener,
            await psycopg.AsyncConnection.connect(
                **{**connector_params(), "autocommit": True}
            ) as stranger,
        ):
            for payload in ("", "hello", "x 1/1 a {", "x one/1 a {}", "x 1/1 a"):
                await stranger.execute("select pg_notify('clinicall', %s)", [payload])
            await hub.publish("a", {"n": 1})
            assert await listener.next() == {"n": 1}

    with_a_hub(story)


def test_an_announcement_is_heard_after_the_commit_and_never_without_one() -> None:
    @in_thread
    def book() -> None:
        with transaction.atomic():
            announce("a", {"n": "rolled back"})
            transaction.set_rollback(True)
        with transaction.atomic():
            announce("a", {"n": "committed"})
        connection.close()

    async def story(hub: Hub) -> None:
        async with hub.subscribe("a") as listener:
            await book()
            assert await listener.next() == {"n": "committed"}

    with_a_hub(story)
