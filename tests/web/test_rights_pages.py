"""A patient takes a copy of their record, and has it erased."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from django.test import Client
from django.urls import reverse

from clinicall.booking.models import Appointment
from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Slot
from tests.booking.test_ending import paid
from tests.cast import PASSWORD
from tests.clinic_clock import ClinicClock
from tests.web.visitor import visitor, words

pytestmark = pytest.mark.django_db

EXPORT, ERASE = "/record/export/", "/record/erase/"


def just_known(patient: Patient) -> Client:
    """The browser of someone who has typed their password once more."""
    client = visitor(patient)
    again = client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert again.status_code == 302
    return client


def test_the_copy_is_an_archive_that_no_browser_keeps(slots: list[Slot], ana: Patient) -> None:
    paid(slots[0], ana)
    client = just_known(ana)
    assert "all that is kept of you" in words(client.get(EXPORT))
    answer = client.post(EXPORT)
    assert answer["Content-Disposition"] == 'attachment; filename="my-record.zip"'
    assert "no-store" in answer["Cache-Control"]
    with ZipFile(BytesIO(answer.content)) as files:
        assert sorted(files.namelist()) == ["record.html", "record.json"]


@pytest.mark.parametrize("page", [EXPORT, ERASE])
def test_only_for_who_has_just_shown_again_who_they_are(page: str, ana: Patient) -> None:
    client = visitor(ana)  # whose signing in was long ago
    for answer in (client.get(page), client.post(page, {"understood": "on"})):
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("account_reauthenticate"))
    ana.user.refresh_from_db()
    assert ana.user.is_active


@pytest.mark.parametrize("page", [EXPORT, ERASE])
def test_for_patients_only(page: str, dr_osei: Doctor) -> None:
    assert visitor(dr_osei).get(page).status_code == 403
    assert visitor().get(page).status_code == 302


def test_erasing_needs_the_box(slots: list[Slot], ana: Patient) -> None:
    visit = paid(slots[0], ana)
    client = just_known(ana)
    page = client.get(ERASE)
    assert "What stays, without your name" in words(page)
    answer = client.post(ERASE)
    assert answer.status_code == 422
    assert "Nothing was changed" in words(answer)
    visit.refresh_from_db()
    assert visit.reason


def test_then_all_of_it_goes(slots: list[Slot], ana: Patient) -> None:
    visit = paid(slots[0], ana)
    client = just_known(ana)
    answer = client.post(ERASE, {"understood": "on"}, follow=True)
    assert "Your account is erased" in words(answer)
    visit.refresh_from_db()
    assert not visit.reason
    assert client.get("/appointments/").status_code == 302


def test_not_while_a_visit_is_on(slots: list[Slot], ana: Patient, clock: ClinicClock) -> None:
    visit = paid(slots[0], ana)
    clock.set(visit.starts_at)
    answer = just_known(ana).post(ERASE, {"understood": "on"})
    assert answer.status_code == 409
    assert "A visit of yours is on" in words(answer)
    assert Appointment.objects.get().reason
