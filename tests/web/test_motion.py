"""Nothing moves for those who asked their device for less motion."""

import re
from pathlib import Path

SOURCES = Path(__file__).parents[2] / "frontend" / "src"
STYLES = "\n".join(path.read_text() for path in sorted(SOURCES.rglob("*.css")))
FOR_WHO_LIKES_IT = re.compile(r"@media \(prefers-reduced-motion: no-preference\) \{[^{}]*\}")
MOVES = re.compile(r"\b(?:transition|animation)(?:-duration)?:\s*([^;]+);")


def test_all_motion_lasts_as_long_as_the_token_says_or_is_for_those_who_like_it() -> None:
    moves = MOVES.findall(FOR_WHO_LIKES_IT.sub("", STYLES))
    assert any("var(--motion)" in move for move in moves)
    assert [move for move in moves if re.search(r"\d+m?s\b", move)] == []


def test_the_token_says_nothing_to_those_who_want_less() -> None:
    assert re.search(
        r"@media \(prefers-reduced-motion: reduce\) \{\s*:root \{\s*--motion: 0s;", STYLES
    )


def test_no_style_or_script_scrolls_or_moves_by_itself() -> None:
    scripts = "\n".join(path.read_text() for path in sorted(SOURCES.rglob("*.ts")))
    assert re.search(r"scroll-behavior: smooth|view-transition", STYLES) is None
    assert re.search(r"\.animate\(|\"smooth\"|startViewTransition", scripts) is None
