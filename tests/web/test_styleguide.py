import pytest
from django.test import Client
from pytest_django import Settings

from clinicall.people.models import Clinic, Doctor, Patient, Role
from tests import cast
from tests.web.visitor import visitor, words

pytestmark = pytest.mark.django_db


def test_where_only_developers_can_be_anybody_sees_every_component(client: Client) -> None:
    page = client.get("/styleguide/")
    for part in ("Type", "Colours", "Buttons", "Fields", "Appointment slips", "Week of hours"):
        assert part in words(page)
    assert 'dir="ltr"' in page.content.decode()


def test_it_can_be_seen_from_right_to_left_with_long_texts_and_a_refused_form(
    client: Client,
) -> None:
    page = client.get("/styleguide/?dir=rtl&texts=long&form=refused")
    assert '<html lang="en" dir="rtl"' in page.content.decode()
    assert "Wickramasinghe Rajapaksha" in words(page)
    assert "There is a problem Enter your name" in words(page)


def test_in_production_it_is_there_for_staff_and_admins_alone(
    settings: Settings, clinic: Clinic, ana: Patient, dr_silva: Doctor
) -> None:
    settings.PRODUCTION = True
    for nobody_of_the_desk in (None, ana, dr_silva):
        assert visitor(nobody_of_the_desk).get("/styleguide/").status_code == 404
    for role, of in ((Role.STAFF, clinic), (Role.ADMIN, None)):
        client = Client()
        client.force_login(cast._user(role.title(), role, clinic=of))
        assert client.get("/styleguide/").status_code == 200
