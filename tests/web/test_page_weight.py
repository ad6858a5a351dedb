"""What a first visit costs a patient on a slow line, as it travels: compressed."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from clinicall.people.models import Doctor
from clinicall.schedule.models import Slot

pytestmark = pytest.mark.django_db

KB = 1000
FILE = re.compile(r'(?:href|src)="(/static/built/[^"]+\.(css|js|woff2))"')


def test_the_page_one_books_from_is_light(
    client: Client, dr_silva: Doctor, free_slots: list[Slot]
) -> None:
    address = reverse("doctor", args=[dr_silva.pk])
    weight = {"page": travels(client, address), "css": 0, "js": 0, "woff2": 0}
    for path, kind in set(FILE.findall(client.get(address).content.decode())):
        weight[kind] += travels(client, path)
    assert all(weight.values()), weight
    assert weight["page"] <= 14 * KB
    assert weight["css"] <= 14 * KB
    assert weight["js"] <= 12 * KB
    assert weight["woff2"] <= 35 * KB


def test_a_built_file_is_asked_for_once(client: Client, free_slots: list[Slot]) -> None:
    files = FILE.findall(client.get(reverse("search")).content.decode())
    assert files
    for path, _ in files:
        assert "immutable" in client.head(path)["Cache-Control"]


def travels(client: Client, address: str) -> int:
    """Bytes of the answer's body on the wire."""
    answer = client.get(address, headers={"accept-encoding": "br, gzip"})
    assert answer.status_code == 200
    return len(answer.getvalue())
