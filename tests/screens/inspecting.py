"""What a program finds wrong with one page in every look."""

from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Page

from tests.journeys.looking import misshapen, small_buttons, too_wide, unseen_focus, violations
from tests.screens.gallery import LOOKS, dressed

Check = Callable[[Page], list[str]]
CHECKS: dict[str, tuple[Check, ...]] = {
    "phone light": (violations, small_buttons),
    "desktop light": (violations, misshapen, small_buttons, unseen_focus),
    "desktop dark": (violations,),
    "phone right to left": (violations, too_wide),
    "320 px": (too_wide,),
    "200 % text": (too_wide,),
    "forced colours": (violations, unseen_focus),
}


@dataclass
class Inspector:
    found: list[str] = field(default_factory=list)

    def take(self, page: Page, screen: str) -> None:
        """The page as it stands, without loading it again: its state is the same in every look."""
        for look in dressed(page, [look for look in LOOKS if look.name in CHECKS]):
            for check in CHECKS[look.name]:
                self.found += [f"{screen}, {look.name}: {fault}" for fault in check(page)]
