"""Where a thread of the clinic shall stand still, so that a kill finds it exactly there.

The test leaves an order in the clinic's data folder. The first thread that comes to that place takes the
order away, which tells the test that it stands, and stays until the test lets it go on, or for ever.
"""

import json
import re
import time
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from threading import current_thread


class When(StrEnum):
    BEFORE = "before the statement"
    AFTER = "after the statement"
    BEFORE_COMMIT = "before its commit"
    AFTER_COMMIT = "after its commit"


class Who(StrEnum):
    """By the names of their threads."""

    REQUEST = "django"
    JOB = "job"


@dataclass(frozen=True)
class Order:
    """`sql` is a regular expression for a statement and its values, in lower case. A statement that
    changed or found no row is not meant, but with BEFORE, when nobody knows that yet. `nth` counts
    from 1."""

    sql: str
    when: When
    who: Who
    nth: int = 1

    def means(self, statement: str) -> bool:
        is_them = current_thread().name.startswith(self.who)
        return is_them and bool(re.search(self.sql, statement.lower(), re.DOTALL))


class Place:
    """The notes in one data folder, as both sides read them."""

    def __init__(self, folder: Path) -> None:
        self.given, self.taken = folder / "stand-here", folder / "standing"
        self.let_go = folder / "go-on"

    # --- the test's side ---

    def give(self, order: Order) -> None:
        draft = self.given.with_suffix(".draft")
        draft.write_text(json.dumps(asdict(order)), encoding="utf-8")
        draft.rename(self.given)

    def somebody_stands(self) -> bool:
        return self.taken.exists()

    # --- the clinic's side ---

    def order(self) -> Order | None:
        try:
            told = json.loads(self.given.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return Order(**{**told, "when": When(told["when"]), "who": Who(told["who"])})

    def stand(self) -> None:
        try:
            self.given.rename(self.taken)
        except FileNotFoundError:
            return  # somebody else stands already
        while not self.let_go.exists():
            time.sleep(0.01)
