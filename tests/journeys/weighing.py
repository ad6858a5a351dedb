"""What a page costs on the wire, as the browser counts it, and what it may cost."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Page

KB = 1000
# Of an hour of looking at times; it ends with the page, and no other answer waits for it.
STREAM = "EventSource"
SOCKET = "WebSocket"
# Of the first view of free times. The kinds are those of the DevTools protocol's Network.ResourceType.
PARTS = {
    "Document": 28 * KB,  # 14 for the page, and 14 for the style that a first visit's brings along
    "Script": 12 * KB,
    "Font": 35 * KB,  # the file has 34.0
}


@dataclass
class Ask:
    """One request; `size` is in bytes of its answer with its headers, compressed, None until it is there."""

    url: str
    kind: str
    size: int | None = None

    @property
    def lasts(self) -> bool:
        return self.kind in (STREAM, SOCKET)


@dataclass
class Scales:
    """Weighs what this page asks for from now on. In a new context nothing is kept from before."""

    page: Page
    asked: dict[str, Ask] = field(default_factory=dict)

    def __post_init__(self) -> None:
        devtools = self.page.context.new_cdp_session(self.page)
        devtools.on("Network.requestWillBeSent", self._sent)
        devtools.on("Network.webSocketCreated", self._connected)
        devtools.on("Network.loadingFinished", self._finished)
        devtools.on("Network.loadingFailed", self._finished)
        devtools.send("Network.enable")

    def _sent(self, told: Any) -> None:
        self.asked[told["requestId"]] = Ask(told["request"]["url"], told["type"])

    def _connected(self, told: Any) -> None:
        self.asked[told["requestId"]] = Ask(told["url"], SOCKET)

    def _finished(self, told: Any) -> None:
        if told["requestId"] in self.asked:
            self.asked[told["requestId"]].size = int(told.get("encodedDataLength", 0))

    def settle(self) -> None:
        """Once the page is loaded and all that it asked for is there."""
        self.page.wait_for_load_state("load")
        self.page.evaluate("document.fonts.ready")
        while any(one.size is None and not one.lasts for one in self.asked.values()):
            self.page.wait_for_timeout(20)

    def weight(self) -> "Weight":
        return Weight(tuple(one for one in self.asked.values() if one.url.startswith("http")))


@dataclass(frozen=True)
class Weight:
    asked: tuple[Ask, ...]

    @property
    def bytes(self) -> int:
        return sum(one.size or 0 for one in self.asked)

    @property
    def parts(self) -> Counter[str]:
        parts: Counter[str] = Counter()
        for one in self.asked:
            parts[one.kind] += one.size or 0
        return parts

    def beyond(self, other: "Weight") -> "Weight":
        """The files that only this one asked for, without the page itself."""
        known = {one.url for one in other.asked}
        return Weight(
            tuple(one for one in self.asked if one.url not in known and one.kind != "Document")
        )

    def over(
        self, most: int, requests: int | None = None, parts: Mapping[str, int] | None = None
    ) -> list[str]:
        """What is more than it may be."""
        found = [f"{self.bytes} of {most} bytes"] if self.bytes > most else []
        if requests is not None and len(self.asked) > requests:
            found.append(f"{len(self.asked)} of {requests} requests")
        return found + [
            f"{self.parts[kind]} of {largest} bytes: {kind}"
            for kind, largest in (parts or {}).items()
            if self.parts[kind] > largest
        ]

    def of_others(self, site: str) -> list[str]:
        """What was asked of anybody else."""
        return [one.url for one in self.asked if not one.url.startswith(site)]
