"""A browser without script, and what a person reads on the pages it gets."""

import re
from html import unescape
from typing import TYPE_CHECKING, TypeAlias

from django.test import Client
from django.utils.html import strip_tags

from clinicall.people.models import Doctor, Patient

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse

Answer: TypeAlias = "_MonkeyPatchedWSGIResponse"

DETAILS = {
    "first_name": "Ana",
    "last_name": "Perera",
    "phone": "011 234 5678",
    "nic": "199012345678",
    "email": "ana@clinic.example",
    "reason": "Cough for two weeks",
    "once": "first-form",
}


def visitor(person: Patient | Doctor | None = None, zone: str = "Asia/Colombo") -> Client:
    """Someone at a browser of this zone, signed in as `person`."""
    client = Client()
    client.cookies["timezone"] = zone
    if person:
        client.force_login(person.user)
    return client


def words(answer: Answer) -> str:
    """The text of the page's main part, as one line."""
    main = re.search(r"<main.*</main>", answer.content.decode(), re.DOTALL)
    assert main
    return " ".join(unescape(strip_tags(main[0])).split())


def links(answer: Answer) -> list[str]:
    """Where the page's links lead, in order."""
    return [
        unescape(href) for href in re.findall(r'<a[^>]* href="([^"]*)"', answer.content.decode())
    ]
