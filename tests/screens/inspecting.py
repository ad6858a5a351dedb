"""What a program finds wrong with one page in every look."""

from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Page

from clinicall.web.headers import BACK_OFFICE
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
# What our pages promise beyond what the law asks for. The back office looks as Django makes it.
PROMISED = (misshapen, small_buttons, unseen_focus)


@dataclass
class Inspector:
    found: list[str] = field(default_factory=list)

    def take(self, page: Page, screen: str) -> None:
        """The page as it stands, without loading it again: its state is the same in every look."""
        ours = not urlsplit(page.url).path.startswith(BACK_OFFICE)
        for look in dressed(page, [look for look in LOOKS if look.name in CHECKS]):
            for check in CHECKS[look.name]:
                if not ours and check in PROMISED:
                    continue
                self.found += [f"{screen}, {look.name}: {fault}" for fault in check(page)]
