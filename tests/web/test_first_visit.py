"""Whoever comes for the first time gets the style with the page; whoever comes again has it."""

import re

import pytest
from django.test import Client

from clinicall.web.first_visit import style

pytestmark = pytest.mark.django_db

LINK = re.compile(r'<link rel="stylesheet" href="/static/built/assets/[^"]+\.css">')


def test_a_first_page_brings_its_style_and_the_next_one_links_to_it() -> None:
    browser = Client()
    first = browser.get("/")
    page = first.content.decode()
    assert f">{style()}</style>" in page
    assert not LINK.search(page)
    (nonce,) = re.findall(r'<style nonce="([^"]+)">', page)
    assert f"style-src 'self' 'nonce-{nonce}'" in first["Content-Security-Policy"]

    browser.cookies["timezone"] = "Asia/Colombo"  # as our script says on each page
    page = browser.get("/").content.decode()
    assert LINK.search(page)
    assert "<style" not in page


def test_the_style_asks_for_nothing_elsewhere_and_ends_where_it_ends() -> None:
    assert "</" not in style()
    assert all(
        address.startswith("/static/built/") for address in re.findall(r"url\(([^)]+)\)", style())
    )
