"""Pictures of one page in every look: each size in light and dark, and what makes pages break."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from playwright.sync_api import CDPSession, Page

from tests.journeys.conftest import DESKTOP, PHONE
from tests.journeys.looking import OVERHANG

TABLET = {"width": 768, "height": 1024}
# WCAG 2.2, 1.4.10: what 400 % of zoom leaves of a desktop.
NARROW = {"width": 320, "height": 568}

TURN = "side => { document.documentElement.dir = side; }"
HEIGHT = "document.documentElement.scrollHeight"


@dataclass(frozen=True)
class Look:
    name: str
    size: dict[str, int]
    scheme: Literal["light", "dark"] = "light"
    right_to_left: bool = False
    text: int = 16  # px, as set in the browser: media queries in rem follow it
    forced_colors: bool = False


LOOKS = (
    Look("phone light", PHONE),
    Look("phone dark", PHONE, "dark"),
    Look("tablet light", TABLET),
    Look("tablet dark", TABLET, "dark"),
    Look("desktop light", DESKTOP),
    Look("desktop dark", DESKTOP, "dark"),
    Look("phone right to left", PHONE, right_to_left=True),
    Look("desktop right to left", DESKTOP, right_to_left=True),
    Look("320 px", NARROW),
    Look("200 % text", TABLET, text=32),
    Look("forced colours", DESKTOP, forced_colors=True),
)


def slug(words: str) -> str:
    return re.sub(r"[^\w]+", "-", words).strip("-")


@dataclass
class Gallery:
    folder: Path
    group: str = ""
    overhanging: list[str] = field(default_factory=list)
    taken: int = 0

    def take(self, page: Page, screen: str) -> None:
        """The page as it stands, without loading it again: its state is the same in every look."""
        folder = self.folder / self.group / slug(screen)
        folder.mkdir(parents=True, exist_ok=True)
        for look in dressed(page, LOOKS):
            overhang = page.evaluate(OVERHANG)
            if overhang > 0:
                self.overhanging.append(f"{self.group}, {screen}, {look.name}: {overhang} px")
            # A dialog lies over the window, and the room fills it; a page goes on below.
            if page.locator("dialog[open], consultation-room[data-phase]").count() == 0:
                # Not as a picture of the full page, which forgets the size of text.
                page.set_viewport_size(
                    {"width": look.size["width"], "height": page.evaluate(HEIGHT)}
                )
            page.screenshot(path=folder / f"{slug(look.name)}.png", animations="disabled")
            self.taken += 1


def dressed(page: Page, looks: Iterable[Look]) -> Iterator[Look]:
    """The page in each of them, one after another, and as it is usually seen afterwards."""
    devtools = page.context.new_cdp_session(page)
    for look in looks:
        _dress(page, devtools, look)
        yield look
    _dress(page, devtools, LOOKS[0])
    devtools.detach()


def _dress(page: Page, devtools: CDPSession, look: Look) -> None:
    page.set_viewport_size(look.size)  # type: ignore[arg-type]
    page.emulate_media(
        color_scheme=look.scheme,
        forced_colors="active" if look.forced_colors else "none",
        reduced_motion="reduce",
    )
    # Lasts as long as this session does.
    devtools.send("Page.setFontSizes", {"fontSizes": {"standard": look.text}})
    # By hand: no language that comes with the product runs so.
    page.evaluate(TURN, "rtl" if look.right_to_left else "ltr")
