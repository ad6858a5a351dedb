"""What a second visit costs a patient on a slow line. The first is weighed in a browser, in journeys."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from clinicall.schedule.models import Slot

pytestmark = pytest.mark.django_db

FILE = re.compile(r'(?:href|src)="(/static/built/[^"]+\.(css|js|woff2))"')


def test_a_built_file_is_asked_for_once(client: Client, free_slots: list[Slot]) -> None:
    files = FILE.findall(client.get(reverse("search")).content.decode())
    assert files
    for path, _ in files:
        assert "immutable" in client.head(path)["Cache-Control"]
