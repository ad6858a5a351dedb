"""What a person sees when the line is down, and that the pages are there again when it is up."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PHONE, VisitorMaker

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]

WHEN_READY = "navigator.serviceWorker.ready.then(({active}) => active.scriptURL)"
KEPT = """(async () => {
  const caches_ = await Promise.all((await caches.keys()).map((name) => caches.open(name)));
  const kept = await Promise.all(caches_.map((cache) => cache.keys()));
  return kept.flat().map(({url}) => new URL(url).pathname);
})()"""


def addresses_kept(page: Page) -> list[str]:
    return sorted(page.evaluate(KEPT))


def test_without_a_connection_a_page_says_that_nothing_was_booked(visitor: VisitorMaker) -> None:
    patient = visitor(
        "patient", timezone="Asia/Colombo", viewport=PHONE, keeps_the_offline_page=True
    )
    page = patient.page
    patient.sign_in("patient1@demo.example")
    expect(page.get_by_role("heading", name="My appointments")).to_be_visible()
    assert page.evaluate(WHEN_READY).endswith("/service-worker.js")

    page.context.set_offline(True)
    page.goto("/appointments/?when=past")
    expect(page.get_by_role("heading", name="You’re offline")).to_be_visible()
    expect(page.get_by_text("Nothing has been booked.")).to_be_visible()
    # Its style was kept too.
    expect(page.get_by_role("link", name="Try again")).to_have_css("display", "inline-flex")
    patient.look("offline")

    page.context.set_offline(False)
    page.get_by_role("link", name="Try again").click()
    expect(page.get_by_role("heading", name="My appointments")).to_be_visible()
    assert page.url.endswith("/appointments/?when=past")
    assert addresses_kept(page) == ["/offline/", "/static/fault.css"]
