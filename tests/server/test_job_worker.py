import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from threading import Event

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from clinicall.jobs import worker
from clinicall.jobs.executor import THREADS, in_thread
from tests.server.serving import LATEST

pytestmark = pytest.mark.django_db(transaction=True)


class Reminders:
    """What was sent, by jobs that take as long as they are told to."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.may_end = Event()
        self.may_end.set()


@pytest.fixture
def reminders() -> Iterator[Reminders]:
    reminders = Reminders()

    @app.task(name="test_remind")
    @in_thread
    def remind(whom: str) -> None:
        reminders.sent.append(whom)
        reminders.may_end.wait(LATEST)
        connection.close()

    yield reminders
    del app.tasks["test_remind"]


@pytest.fixture(autouse=True)
def no_jobs_yet(transactional_db: None) -> None:
    # Django empties its own tables between tests, and these are procrastinate's.
    sql("truncate procrastinate_jobs, procrastinate_workers cascade")


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.periodic_registry, "periodic_tasks", {})
    monkeypatch.setattr(worker, "HEARTBEAT", 0.1)
    monkeypatch.setattr(worker, "SWEEP_EVERY", 0.1)


def remind(whom: str) -> None:
    app.configure_task("test_remind").defer(whom=whom)


def sql(statement: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


@asynccontextmanager
async def working() -> AsyncIterator[None]:
    task = asyncio.create_task(worker.work())
    try:
        async with asyncio.timeout(LATEST):
            yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.02)


def while_working(story: Callable[[], Awaitable[None]]) -> None:
    async def tell() -> None:
        async with working():
            await story()

    asyncio.run(tell())


def test_a_job_that_was_deferred_is_run(reminders: Reminders) -> None:
    remind("Ana")
    while_working(lambda: until(lambda: reminders.sent == ["Ana"]))


def test_a_job_of_a_worker_that_died_is_run_again(reminders: Reminders) -> None:
    remind("Ana")
    sql("insert into procrastinate_workers (last_heartbeat) values (now() - interval '1 hour')")
    sql(
        "update procrastinate_jobs set status = 'doing',"
        " worker_id = (select max(id) from procrastinate_workers)"
    )
    while_working(lambda: until(lambda: reminders.sent == ["Ana"]))


def test_a_job_of_a_worker_that_died_makes_way_for_one_like_it_that_waits(
    reminders: Reminders,
) -> None:
    """As regular work does: of that, only one may wait, and none runs beside another."""
    one_at_a_time = app.configure_task("test_remind", lock="remind", queueing_lock="remind")
    one_at_a_time.defer(whom="Ana")
    sql("update procrastinate_jobs set status = 'doing', worker_id = null")
    one_at_a_time.defer(whom="Ben")
    while_working(lambda: until(lambda: reminders.sent == ["Ben"]))
    assert sql("select from procrastinate_jobs where status <> 'succeeded'") == []


def test_a_job_of_a_worker_that_lives_is_left_to_it(reminders: Reminders) -> None:
    remind("Ana")
    sql("insert into procrastinate_workers (last_heartbeat) values (now())")
    sql(
        "update procrastinate_jobs set status = 'doing',"
        " worker_id = (select max(id) from procrastinate_workers)"
    )
    remind("Ben")
    while_working(lambda: until(lambda: bool(reminders.sent)))
    assert reminders.sent == ["Ben"]


def test_after_a_lost_database_regular_work_goes_on(reminders: Reminders) -> None:
    @in_thread
    def cut_off() -> None:
        sql(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
        )
        connection.close()

    @app.periodic(cron="* * * * * *")  # every second
    @app.task(name="test_remind_all")
    @in_thread
    def remind_all(timestamp: int) -> None:
        reminders.sent.append("all")
        connection.close()

    async def story() -> None:
        await until(lambda: bool(reminders.sent))
        await cut_off()
        reminders.sent.clear()
        await until(lambda: len(reminders.sent) > 1)

    connection.close()
    while_working(story)
    del app.tasks["test_remind_all"]


def test_a_worker_that_is_told_to_stop_finishes_what_it_began(reminders: Reminders) -> None:
    remind("Ana")
    reminders.may_end.clear()

    async def story() -> None:
        await until(lambda: reminders.sent == ["Ana"])
        asyncio.get_running_loop().call_later(0.2, reminders.may_end.set)

    while_working(story)
    assert sql("select * from procrastinate_jobs where task_name = 'test_remind'") == []
    assert sql("select count(*) from procrastinate_workers") == [(0,)]


def test_jobs_have_few_threads_and_so_few_connections(reminders: Reminders) -> None:
    for n in range(5 * THREADS):
        remind(str(n))
    reminders.may_end.clear()

    async def story() -> None:
        await until(lambda: len(reminders.sent) == THREADS)
        await asyncio.sleep(0)
        assert len(reminders.sent) == THREADS
        reminders.may_end.set()
        await until(lambda: len(reminders.sent) == 5 * THREADS)

    while_working(story)
