"""A balancer between servers, in front of which people see only one: TCP, by turns, past who refuses."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from queue import SimpleQueue
from threading import Thread

MOST_AT_ONCE = 200
PIECE = 64 << 10  # bytes


class Balancer:
    def __init__(self, port: int, backends: Sequence[int]) -> None:
        self.port = port
        self.backends = backends
        self.turn = count()
        self.doing: set[asyncio.Task[None]] = set()

    async def run(self, is_up: "SimpleQueue[asyncio.AbstractEventLoop]") -> None:
        """Until this task is cancelled."""
        self.places = asyncio.Semaphore(MOST_AT_ONCE)
        self.over = asyncio.Event()
        async with await asyncio.start_server(self.accept, "127.0.0.1", self.port):
            is_up.put(asyncio.get_running_loop())
            await self.over.wait()
        for task in self.doing:
            task.cancel()
        await asyncio.gather(*self.doing, return_exceptions=True)
        await asyncio.sleep(0.01)  # for the connections to be told that they are over

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self.serve(reader, writer))
        self.doing.add(task)
        task.add_done_callback(self.doing.discard)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with self.places:
                with suppress(OSError):
                    await self.pass_both_ways(reader, writer)
        finally:
            writer.transport.abort()

    async def pass_both_ways(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        there, to_there = await self.a_backend()
        try:
            await asyncio.gather(pass_on(reader, to_there), pass_on(there, writer))
        finally:
            to_there.transport.abort()

    async def a_backend(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The next that takes a connection. Raises OSError when none does."""
        first = next(self.turn)
        refused = OSError()
        for n in range(len(self.backends)):
            port = self.backends[(first + n) % len(self.backends)]
            try:
                return await asyncio.open_connection("127.0.0.1", port)
            except OSError as error:
                refused = error
        raise refused


async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Until its end, which is passed on too."""
    with suppress(OSError):
        while piece := await reader.read(PIECE):
            writer.write(piece)
            await writer.drain()
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


@contextmanager
def balancing(port: int, *backends: int) -> Iterator[None]:
    """In a thread of its own."""
    balancer = Balancer(port, backends)
    is_up: SimpleQueue[asyncio.AbstractEventLoop] = SimpleQueue()
    thread = Thread(target=lambda: asyncio.run(balancer.run(is_up)))
    thread.start()
    loop = is_up.get(timeout=10)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(balancer.over.set)
        thread.join()
