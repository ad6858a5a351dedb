"""What search engines are told: of the search and the doctors all that is public, of the rest nothing."""

import json
import re

import pytest
from django.conf import settings
from django.urls import reverse

from clinicall.people.models import Clinic, Doctor, Patient
from clinicall.schedule.models import Slot
from tests.conftest import booked
from tests.web.visitor import Answer, visitor

pytestmark = pytest.mark.django_db

NOT_LISTED = '<meta name="robots" content="noindex">'


def linked_data(answer: Answer) -> dict[str, object]:
    found = re.search(
        r'<script type="application/ld\+json" nonce="[^"]+">(.*?)</script>', answer.content.decode()
    )
    assert found
    told: dict[str, object] = json.loads(found[1])
    return told


def test_a_doctor_is_told_of_in_the_words_of_schema_org(dr_osei: Doctor, slots: list[Slot]) -> None:
    Clinic.objects.update(phone="+94112345678")
    address = settings.SITE_URL + reverse("doctor", args=[dr_osei.pk])
    told = linked_data(visitor().get(reverse("doctor", args=[dr_osei.pk])))
    assert told["@type"] == ["IndividualPhysician", "Physician"]
    assert told["name"] == dr_osei.name
    assert told["medicalSpecialty"] == dr_osei.specialization.name
    assert told["telephone"] == "+94112345678"
    assert told["memberOf"] == {
        "@type": "MedicalClinic",
        "name": dr_osei.clinic.name,
        "telephone": "+94112345678",
    }
    assert told["potentialAction"] == {
        "@type": "ReserveAction",
        "target": {"@type": "EntryPoint", "urlTemplate": address},
    }


def test_a_name_that_looks_like_markup_stays_a_name(dr_osei: Doctor) -> None:
    dr_osei.name = "</script><script>alert(1)</script><!-- \\u003c & \" '"
    dr_osei.save()
    page = visitor().get(reverse("doctor", args=[dr_osei.pk]))
    assert linked_data(page)["name"] == dr_osei.name
    assert "<script>alert" not in page.content.decode()


def test_search_and_doctors_may_be_found_under_one_address(
    dr_osei: Doctor, slots: list[Slot]
) -> None:
    for address in ("/", reverse("doctor", args=[dr_osei.pk])):
        page = visitor().get(address, {"page": "1", "month": "2026-12"}).content.decode()
        assert NOT_LISTED not in page
        assert f'<link rel="canonical" href="{settings.SITE_URL}{address}">' in page
        assert '<meta name="description" content="' in page
        picture = re.search(r'property="og:image" content="([^"]+)"', page)
        assert picture
        assert visitor().head(picture[1].removeprefix(settings.SITE_URL)).status_code == 200


def test_nothing_else_asks_to_be_found(dr_osei: Doctor, slots: list[Slot], ana: Patient) -> None:
    visit = booked(slots[0], ana)
    for address in (
        *("/appointments/", f"/appointments/{visit.pk}/", "/record/", "/account/login/"),
        *(f"/doctors/{dr_osei.pk}/slots/{slots[1].pk}/", "/nowhere/", "/privacy/", "/offline/"),
    ):
        page = visitor(ana).get(address, follow=True).content.decode()
        assert (address, NOT_LISTED in page) == (address, True)
        assert (address, "ld+json" in page or "canonical" in page) == (address, False)
