import asyncio
from collections.abc import Awaitable, Callable

import pytest

from clinicall.live import kept
from clinicall.live.kept import LONGEST, Answer, Kept


class Desk:
    """Answers with how often it has been asked."""

    def __init__(self, *, size: int = 1) -> None:
        self.asked = 0
        self.size = size
        self.open = asyncio.Event()
        self.open.set()

    async def ask(self) -> Answer | None:
        self.asked += 1
        told = str(self.asked).encode().ljust(self.size)
        await self.open.wait()
        return Answer(told)


def run(story: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(_awaited(story), 10))


async def _awaited(story: Callable[[], Awaitable[None]]) -> None:
    await story()


async def times(kept: Kept, desk: Desk, key: str = "monday", topic: str = "doctor:1") -> int:
    answer = await kept.answer(key, topic, desk.ask)
    assert answer
    return int(answer.body)


def test_an_answer_is_kept_for_its_moment() -> None:
    assert LONGEST < 2  # seconds, of which the way to the reader may take the rest

    async def story() -> None:
        now = 0.0
        kept, desk = Kept(lambda: now), Desk()
        assert [await times(kept, desk) for _ in range(3)] == [1, 1, 1]
        now = LONGEST
        assert [await times(kept, desk) for _ in range(2)] == [2, 2]

    run(story)


def test_whoever_asks_meanwhile_waits_for_the_same_answer_though_the_first_goes_away() -> None:
    async def story() -> None:
        kept, desk = Kept(), Desk()
        desk.open.clear()
        first, second = (asyncio.create_task(times(kept, desk)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.sleep(0)
        desk.open.set()
        assert (await second, desk.asked) == (1, 1)

    run(story)


def test_news_ends_what_it_is_of_and_no_other() -> None:
    async def story() -> None:
        kept, desk, other = Kept(), Desk(), Desk()
        await times(kept, desk)
        await times(kept, other, "tuesday", "doctor:2")
        kept.forget("doctor:1")
        assert (await times(kept, desk), await times(kept, other, "tuesday")) == (2, 1)
        kept.forget(None)
        assert (await times(kept, desk), await times(kept, other, "tuesday", "doctor:2")) == (3, 2)

    run(story)


def test_news_while_the_database_is_asked_is_not_lost() -> None:
    async def story() -> None:
        kept, desk = Kept(), Desk()
        desk.open.clear()
        before = asyncio.create_task(times(kept, desk))
        await asyncio.sleep(0)
        kept.forget("doctor:1")
        desk.open.set()
        await before
        assert await times(kept, desk) == 2

    run(story)


def test_neither_a_failure_nor_nothing_is_kept() -> None:
    async def story() -> None:
        kept, answers = Kept(), iter([TimeoutError(), None, Answer(b"1")])

        async def ask() -> Answer | None:
            match next(answers):
                case TimeoutError() as error:
                    raise error
                case Answer() as answer:
                    return answer
                case _:
                    return None

        with pytest.raises(TimeoutError):
            await kept.answer("monday", "doctor:1", ask)
        assert await kept.answer("monday", "doctor:1", ask) is None
        assert await kept.answer("monday", "doctor:1", ask) == Answer(b"1")

    run(story)


def test_the_oldest_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "ROOM", 3000)

    async def story() -> None:
        kept, desks = Kept(), {day: Desk(size=1000) for day in ("mon", "tue", "wed")}
        for _ in range(2):
            for day, desk in desks.items():
                await times(kept, desk, day)
                await asyncio.sleep(0)
        await times(kept, desks["wed"], "wed")
        assert {day: desk.asked for day, desk in desks.items()} == {"mon": 2, "tue": 2, "wed": 2}
        kept.forget(None)
        assert kept._size == 0

    run(story)
