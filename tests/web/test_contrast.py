"""The colours of frontend/src/styles/tokens.css, measured by the formula of WCAG 2.2 without a browser."""

import re
from pathlib import Path

import pytest

from clinicall.web.styleguide import CONTROL, CONTROLS, TEXT, TEXTS

TOKENS = Path("frontend/src/styles/tokens.css").read_text()
THEMED = {
    name: {"light": light, "dark": dark}
    for name, light, dark in re.findall(
        r"--color-([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", TOKENS
    )
}
CALL = dict(re.findall(r"--(call[\w-]*): (#\w{6});", TOKENS))


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted([luminance(one), luminance(other)])
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXTS, TEXT), (CONTROLS, CONTROL)])
def test_what_is_read_or_pressed_stands_out(
    theme: str, pairs: list[tuple[str, str]], least: float
) -> None:
    found = {pair: contrast(*(THEMED[name][theme] for name in pair)) for pair in pairs}
    assert {pair: round(ratio, 2) for pair, ratio in found.items() if ratio < least} == {}


def test_every_colour_of_a_theme_is_measured() -> None:
    measured = {name for pair in [*TEXTS, *CONTROLS] for name in pair}
    # A hairline is decoration, and never the only edge of a control.
    assert set(THEMED) - measured == {"hairline"}


def test_the_controls_of_the_call_stand_out_too() -> None:
    assert contrast(CALL["call-control-edge"], CALL["call-bar"]) >= CONTROL
    assert contrast(CALL["call-control-edge"], CALL["call-control"]) >= CONTROL
    assert contrast(CALL["call-leave"], CALL["call-bar"]) >= CONTROL
    assert contrast("#ffffff", CALL["call-control"]) >= TEXT
    assert contrast("#ffffff", CALL["call-leave"]) >= TEXT
