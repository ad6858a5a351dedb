import asyncio

import pytest

from clinicall.live import first_of as waiting
from clinicall.live.first_of import first_of


def test_one_who_overhears_that_it_is_over_is_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "AGAIN_AFTER", 0.01)
    told = []

    async def overhears() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            told.append("once")
        try:
            await asyncio.Event().wait()
        finally:
            told.append("again")

    async def ends() -> None:
        await asyncio.sleep(0)
        raise LookupError

    with pytest.raises(LookupError):
        asyncio.run(first_of(overhears(), ends()))
    assert told == ["once", "again"]
