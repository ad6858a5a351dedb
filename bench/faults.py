"""What goes wrong while a soak lasts, in turn."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import psutil

from bench.storm_clinic import Clinic
from tests.server.serving import (
    Command,
    Server,
    clinicall,
    is_running,
    wait_for,
    wait_until_all_ended,
)

CUT = """
select pg_terminate_backend(pid) from pg_stat_activity
where backend_type = 'client backend' and datname = 'clinicall' and pid <> pg_backend_pid()
order by state_change desc limit 1
"""


@dataclass
class Faults:
    """`rests` is the oldest process of the server, which nothing happens to: its memory is to be watched."""

    clinic: Clinic
    server: Server
    jobs: Command = field(init=False)
    happened: list[tuple[float, str, float]] = field(default_factory=list)  # when, what, how long

    def __post_init__(self) -> None:
        self.rests = min(self.server.workers(), key=psutil.Process.create_time)
        self._start_jobs()

    def happen(self, started: float, moments: Sequence[float]) -> None:
        """At each of these moments, in seconds since `started` (monotonic), the next of them."""
        kinds: list[tuple[str, Callable[[], None]]] = [
            ("a server process killed", self._kill_a_process),
            ("the database restarted, fast", lambda: self.clinic.database.restart("fast")),
            (
                "the database restarted, immediate",
                lambda: self.clinic.database.restart("immediate"),
            ),
            ("a connection cut by the database", self._cut_a_connection),
            ("the job worker killed", self._kill_jobs),
        ]
        for turn, moment in enumerate(moments):
            time.sleep(max(0.0, started + moment - time.monotonic()))
            what, act = kinds[turn % len(kinds)]
            began = time.monotonic()
            act()
            took = time.monotonic() - began
            self.happened.append((began - started, what, took))
            print(f"{began - started:6.0f} s: {what}, done in {took:.1f} s", flush=True)

    def end(self) -> None:
        self.jobs.terminate()
        self.jobs.said()

    def _kill_a_process(self) -> None:
        before = self.server.workers()
        youngest = max(before, key=psutil.Process.create_time)
        assert youngest != self.rests
        youngest.kill()
        wait_until_all_ended([youngest])
        wait_for(lambda: sum(map(is_running, self.server.workers())) == len(before))

    def _cut_a_connection(self) -> None:
        assert self.clinic.database.sql(CUT)

    def _kill_jobs(self) -> None:
        self.jobs.kill()
        self.jobs.wait()
        self._start_jobs()

    def _start_jobs(self) -> None:
        folder, url = self.clinic.folder, self.clinic.database.url
        self.jobs = clinicall("worker", data=folder, DATABASE_URL=url)
