"""The one process of a simulation: requests that begin inside each other, and die anywhere.

There are no threads. Where a request is about to send a statement or a commit, or waits for the bank,
others may run from beginning to end, each on a database connection of its own, so the locks are real.
Whoever would have to wait for one of an interrupted request gives up, as after a statement timeout.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from typing import Any

import psycopg
from django.db import OperationalError, connections
from django.db.backends.postgresql.base import DatabaseWrapper
from psycopg.pq import TransactionStatus

DEEPEST = 3  # requests inside each other

# How likely something happens at one statement or commit, and at one end of a call to the bank or the post.
DIES_AT_A_STATEMENT, DIES_AT_ANOTHERS = 0.004, 0.04
INTERRUPTED_AT_A_STATEMENT, INTERRUPTED_AT_ANOTHERS = 0.02, 0.3


class Violation(BaseException):
    """Something that must never be so. The text says what. Nothing of the product may catch this."""


class Crash(BaseException):
    """The process is gone. Nothing of the product may catch this."""


class Machine:
    def __init__(self, tally: Counter[str]) -> None:
        self.tally = tally
        # The simulator's own, on which it looks and moves the clock.
        self._quiet = connections["default"]
        self._connections: list[DatabaseWrapper] = []

    @contextmanager
    def running(self) -> Iterator[None]:
        """Has connections for as many requests as there may be at once."""
        try:
            for _ in range(DEEPEST):
                self._connections.append(self._a_connection())
            yield
        finally:
            for one in self._connections:
                one.close()

    def _a_connection(self) -> DatabaseWrapper:
        made = connections.create_connection("default")
        assert isinstance(made, DatabaseWrapper)
        made.connect()
        with made.cursor() as cursor:
            # Whoever one would wait for goes on only when oneself has ended.
            cursor.execute("set lock_timeout = '1ms'")
        made.execute_wrappers.append(self._at_a_statement)
        self._let_die_at_commits(made)
        return made

    def begin(self, random: Random, meanwhile: Callable[[], None]) -> None:
        """A history, whose steps `meanwhile` takes wherever a request is interrupted."""
        self._random, self._meanwhile = random, meanwhile
        self.calm = True  # nothing dies, and nothing happens meanwhile
        self.disturbances = 0
        self._depth = 0
        self._dying = False

    @property
    def depth(self) -> int:
        return self._depth

    @property
    def in_a_transaction(self) -> bool:
        # Django leaves the block just before it commits, while the rows are still locked.
        return any(
            one.in_atomic_block
            or (one.connection and one.connection.info.transaction_status != TransactionStatus.IDLE)
            for one in self._connections[: self._depth]
        )

    @contextmanager
    def request(self) -> Iterator[None]:
        """Whatever the product does inside may be interrupted, and may end in Crash."""
        mine, outer = self._connections[self._depth], connections["default"]
        self._depth += 1
        connections["default"] = mine
        try:
            yield
        finally:
            connections["default"] = outer
            self._depth -= 1
            self._dying = False
            mine.run_on_commit = []  # a dead process announces nothing

    def at_another_company(self, moment: str) -> None:
        if connections["default"].in_atomic_block:
            raise Violation(f"{moment}: it is called with a transaction open")
        self._maybe(moment, DIES_AT_ANOTHERS, INTERRUPTED_AT_ANOTHERS)

    def _at_a_statement(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        if not self._dying:
            self._maybe("a statement", DIES_AT_A_STATEMENT, INTERRUPTED_AT_A_STATEMENT)
        return execute(sql, params, many, context)

    def _let_die_at_commits(self, one: Any) -> None:
        really_commit = one._commit

        def commit() -> None:
            try:
                self._maybe("a commit", 4 * DIES_AT_A_STATEMENT, INTERRUPTED_AT_A_STATEMENT)
            except Crash:
                one._rollback()
                raise
            really_commit()
            self._maybe("behind a commit", 4 * DIES_AT_A_STATEMENT, INTERRUPTED_AT_A_STATEMENT)

        one._commit = commit

    def _maybe(self, where: str, dies: float, interrupted: float) -> None:
        if self.calm:
            return
        chance = self._random.random()
        if chance < dies:
            self.tally[f"died at {where}"] += 1
            self.disturbances += 1
            self._dying = True
            raise Crash(where)
        if chance < dies + interrupted and self._depth < DEEPEST:
            self.tally[f"interrupted at {where}"] += 1
            self.disturbances += 1
            self._interrupt()

    def _interrupt(self) -> None:
        with self.looking():
            self._meanwhile()

    @contextmanager
    def looking(self) -> Iterator[None]:
        """By the simulator's own connection, on which nothing happens and all that is committed is seen."""
        mine = connections["default"]
        connections["default"] = self._quiet
        try:
            yield
        finally:
            connections["default"] = mine


def had_to_wait(error: OperationalError) -> bool:
    return isinstance(error.__cause__, psycopg.errors.LockNotAvailable)
