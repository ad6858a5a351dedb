"""The watch over what gets out is awake: planted leaks are found."""

import logging

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Slot
from tests.booking.test_ending import paid
from tests.canaries import watch

pytestmark = pytest.mark.django_db


def test_a_name_in_a_log_is_found_at_debug() -> None:
    logging.getLogger("clinicall.anything").debug("hello %s", "Perera")
    assert len(watch.hits()) == 1


def test_a_token_in_a_log_is_found_once_it_was_made(slots: list[Slot], ana: Patient) -> None:
    visit = paid(slots[0], ana)
    logging.getLogger("clinicall.anything").debug("token %s", visit.token)
    assert len(watch.hits()) == 1


def test_a_number_in_a_url_is_found(db: None) -> None:
    Client().get("/?name=199012345678")
    assert watch.hits()


def test_a_reason_in_the_subject_of_a_mail_is_found(db: None) -> None:
    mail.send_mail("Cough for two weeks", "", None, ["ana@clinic.example"])
    assert len(watch.hits()) == 1
    mail.outbox.clear()


def test_the_databases_own_log_repeats_no_values(
    slots: list[Slot], ana: Patient, dr_osei: Doctor
) -> None:
    with CaptureQueriesContext(connection):
        paid(slots[0], ana)
    assert watch.hits() == []
