"""docs/security.md names only tests that there are."""

import re
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")


def test_every_test_that_it_names_is_there() -> None:
    named = NAMED.findall((REPOSITORY / "docs" / "security.md").read_text())
    missing = [
        f"{file}::{test}"
        for file, test in named
        if not (REPOSITORY / file).exists()
        or (test and f"def {test}(" not in (REPOSITORY / file).read_text())
    ]
    assert named
    assert missing == []
