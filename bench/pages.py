"""First visits by phone: bytes and requests, which have to keep to their budgets, and times, which are told.

The baseline of the times is a page of one heading and one button in the same font, by a server that does
nothing else. Both are on the line that browsers' DevTools call Slow 4G, and four times slower than here.
"""

import os
import statistics
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, expect, sync_playwright

from bench.figures import tell
from tests.journeys.conftest import RunningClinic, launched
from tests.journeys.first_visits import Screen, a_new_page, weighed
from tests.journeys.weighing import Scales
from tests.server.serving import serving

ROUNDS = 5
SLOW_4G = {
    "offline": False,
    "latency": 562.5,  # milliseconds
    "downloadThroughput": 180_000,  # bytes a second
    "uploadThroughput": 84_375,
}
SLOWER = 4
SHORTEST = 16  # milliseconds; browsers tell of no event that took less
BUDGETS = {"LCP": 1500.0, "INP": 100.0, "TBT": 50.0, "CLS": 0.02}
FONT = "atkinson-hyperlegible-next-latin-wght-normal-*.woff2"
BUILT = Path(__file__).parents[1] / "clinicall" / "web" / "static" / "built" / "assets"
BARE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Bare</title>
<meta name="viewport" content="width=device-width">
<style>@font-face { font-family: Bare; src: url(font.woff2) } * { font: 20px Bare }</style>
<h1>Find a doctor</h1><button>Press</button>"""
# https://web.dev/articles/vitals: the largest paint, all shifts that nobody caused, what long tasks take
# beyond 50 ms, and the slowest of the events.
WATCH = f"""
window.vitals = {{LCP: 0, INP: {SHORTEST}, TBT: 0, CLS: 0}};
const watch = (type, note) => new PerformanceObserver((list) => list.getEntries().forEach(note))
  .observe({{type, buffered: true, durationThreshold: {SHORTEST}}});
watch("largest-contentful-paint", (one) => {{ vitals.LCP = one.startTime; }});
watch("layout-shift", (one) => {{ vitals.CLS += one.hadRecentInput ? 0 : one.value; }});
watch("longtask", (one) => {{ vitals.TBT += Math.max(0, one.duration - 50); }});
watch("event", (one) => {{
  if (one.interactionId) vitals.INP = Math.max(vitals.INP, one.duration);
}});
"""
# A browser tells of its largest paint some time after it.
TOLD = """new Promise((done, fail) => {
  const look = () => (vitals.LCP ? done() : setTimeout(look, 50));
  setTimeout(fail, 30_000, "no paint was told");
  look();
})"""
PAINTED = "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"

Vitals = dict[str, float]


def measure() -> None:
    with (
        serving(
            Path(os.environ["CLINICALL_DATA"]),
            *("--no-worker", "--workers", "1"),
            DATABASE_URL=os.environ["DATABASE_URL"],
            AGORA_APP_ID="a" * 32,
            AGORA_APP_CERTIFICATE="b" * 32,
        ) as server,
        sync_playwright() as playwright,
        _bare_server() as bare,
    ):
        browser = launched(playwright.chromium)
        clinic = RunningClinic(f"http://127.0.0.1:{server.port}", os.environ["DATABASE_URL"])
        faults = [fault for one in weighed(browser, clinic) for fault in _told(one, clinic.url)]
        _time(browser, clinic, bare)
        browser.close()
    if faults:
        raise SystemExit("Over budget: " + "; ".join(faults))


def _told(screen: Screen, site: str) -> list[str]:
    weight = screen.weight
    parts = ", ".join(f"{kind} {size / 1e3:.1f}" for kind, size in weight.parts.most_common())
    requests = len(weight.asked)
    print(f"{screen.name:22} {weight.bytes / 1e3:6.1f} kB, {requests} requests: {parts}")
    return [f"{screen.name}: {fault}" for fault in (*screen.over, *weight.of_others(site))]


@contextmanager
def _bare_server() -> Iterator[str]:
    with TemporaryDirectory() as folder:
        (font,) = BUILT.glob(FONT)
        Path(folder, "font.woff2").write_bytes(font.read_bytes())
        Path(folder, "index.html").write_text(BARE)
        with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Silent, directory=folder)) as server:
            threading.Thread(target=server.serve_forever).start()
            yield f"http://127.0.0.1:{server.server_port}/"
            server.shutdown()


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def _time(browser: Browser, clinic: RunningClinic, bare: str) -> None:
    with a_new_page(browser, clinic) as page:
        page.goto("/")
        name = clinic.name_of_doctor("doctor1@demo.example")
        doctor = page.get_by_role("link", name=name, exact=True).get_attribute("href") or ""
    rounds = [
        (
            _vitals(browser, clinic, bare, _presses_the_button),
            _vitals(browser, clinic, doctor, _chooses_a_time),
        )
        for _ in range(ROUNDS)
    ]
    print(f"\nFirst booking view on Slow 4G, {SLOWER} times slower")
    for vital in ("LCP", "INP"):
        tell(("bare page", vital), [(base[vital], ours[vital]) for base, ours in rounds], "ms")
    bare_tbt = statistics.median(base["TBT"] for base, _ in rounds)
    print(f"TBT of the bare page {bare_tbt:.0f} ms")
    for vital, most in BUDGETS.items():
        median = statistics.median(ours[vital] for _, ours in rounds)
        verdict = "OVER" if median > most else "within"
        print(f"{vital:16} {median:8.2f}, {verdict} {most:g}")


def _vitals(
    browser: Browser, clinic: RunningClinic, address: str, act: Callable[[Page], None]
) -> Vitals:
    with a_new_page(browser, clinic) as page:
        page.add_init_script(WATCH)
        devtools = page.context.new_cdp_session(page)
        devtools.send("Network.enable")
        devtools.send("Network.emulateNetworkConditions", SLOW_4G)
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        scales = Scales(page)
        page.goto(address)
        scales.settle()
        page.evaluate(TOLD)
        loaded: Vitals = page.evaluate("({...vitals})")
        act(page)
        page.evaluate(PAINTED)
        page.evaluate(PAINTED)
        acted: Vitals = page.evaluate("vitals")
    return {**acted, "TBT": loaded["TBT"], "LCP": loaded["LCP"]}


def _presses_the_button(page: Page) -> None:
    _presses_keys(page)
    page.get_by_role("button").click()


def _chooses_a_time(page: Page) -> None:
    page.locator("a.day").first.focus()
    _presses_keys(page)
    page.locator("a[data-slot]").first.click()
    expect(page.get_by_role("dialog").get_by_label("First name")).to_be_visible()


def _presses_keys(page: Page) -> None:
    for key in ("ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown", "End", "Home"):
        page.keyboard.press(key)
