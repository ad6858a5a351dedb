"""The key of sealed fields is rotated while the clinic goes on, and the old one can be dropped."""

from io import StringIO
from threading import Event

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from pytest_django import Settings

from clinicall.booking.holds import SlotTaken, hold_slot
from clinicall.booking.models import Appointment, NicReveal
from clinicall.booking.revealing import reveal_nic
from clinicall.people.models import Doctor, Patient
from clinicall.people.second_factor import PLACE, rotate_secrets
from clinicall.records.keys import claim_database
from clinicall.records.rotating import models_with_sealed_fields, rotate, rows_left
from clinicall.records.sealed import CannotUnseal, blind_index, unseal
from clinicall.schedule.models import Slot
from tests import cast
from tests.booking.test_ending import cancel, paid
from tests.clinic_clock import ClinicClock
from tests.conftest import wish_for
from tests.races.racing import go_home, race

pytestmark = pytest.mark.django_db

NIC, PHONE = "199012345678", "+94112345678"


@pytest.fixture
def written(
    settings: Settings, slots: list[Slot], ana: Patient, dr_osei: Doctor
) -> list[Appointment]:
    """Two visits, a reveal and two second factors, all of the old key; the new one writes from now on."""
    settings.FIELD_KEYS = ["old"]
    claim_database()
    visits = [paid(slots[0], ana), cancel(paid(slots[1], ana), dr_osei.user)]
    reveal_nic(visits[0].pk, by=dr_osei.user, purpose="A prescription")
    TOTP.activate(dr_osei.user, "JBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(dr_osei.user)
    settings.FIELD_KEYS = ["new", "old"]
    return visits


def rotated() -> str:
    said = StringIO()
    call_command("rotate_keys", stdout=said)
    return said.getvalue()


def test_afterwards_everything_is_read_without_the_old_key(
    written: list[Appointment], settings: Settings, dr_osei: Doctor
) -> None:
    codes = RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).get_unused_codes()
    said = rotated()
    assert "booking_appointment: 2 rows sealed again, 0 unreadable" in said
    assert "booking_nicreveal: 1 rows" in said
    assert "mfa_authenticator: 2 rows" in said
    assert "Nothing is left of any older key" in said
    settings.FIELD_KEYS = ["new"]
    claim_database()
    for visit in Appointment.objects.all():
        assert (visit.nic, visit.phone, visit.reason) == (NIC, PHONE, "Cough for two weeks")
        assert visit.phone_index == blind_index(PHONE, field="phone")
    assert Appointment.objects.get(pk=written[0].pk).token
    assert NicReveal.objects.get().purpose == "A prescription"
    factors = {one.type: one for one in Authenticator.objects.all()}
    assert unseal(factors["totp"].data["secret"], place=PLACE) == "JBSWY3DPEHPK3PXP"
    assert RecoveryCodes(factors["recovery_codes"]).get_unused_codes() == codes
    settings.FIELD_KEYS = ["old"]
    with pytest.raises(ImproperlyConfigured):
        claim_database()


def test_every_table_with_a_sealed_field_is_found() -> None:
    tables = {model._meta.db_table for model in models_with_sealed_fields()}
    assert {"booking_appointment", "booking_nicreveal"} <= tables


def test_it_goes_on_where_it_was_stopped_and_again_does_nothing(
    written: list[Appointment],
) -> None:
    rotate(Appointment)
    rotate_secrets()
    said = rotated()
    assert "booking_appointment: 0 rows" in said
    assert "booking_nicreveal: 1 rows" in said
    assert "mfa_authenticator: 0 rows" in said
    assert "booking_nicreveal: 0 rows" in rotated()


def test_a_row_that_nobody_can_read_keeps_the_old_key_and_hinders_no_other(
    written: list[Appointment], settings: Settings
) -> None:
    # Another row's text: bound to its place, it cannot be read here.
    stolen = Appointment.objects.get(pk=written[0].pk).nic_sealed
    Appointment.objects.filter(pk=written[1].pk).update(nic_sealed=stolen)
    with pytest.raises(CommandError, match="1 rows cannot be read"):
        rotated()
    assert rows_left(Appointment) == 1
    with pytest.raises(CannotUnseal):
        _ = Appointment.objects.get(pk=written[1].pk).nic
    assert Appointment.objects.get(pk=written[0].pk).nic == NIC
    settings.FIELD_KEYS = ["old"]
    claim_database()


@pytest.mark.django_db(transaction=True)
def test_while_it_rotates_times_are_held_and_read_and_nothing_is_lost(
    settings: Settings, slots: list[Slot], dr_osei: Doctor, clock: ClinicClock
) -> None:
    settings.FIELD_KEYS = ["old"]
    patients = [cast.a_patient(f"Contender{n}") for n in range(len(slots))]
    for slot, patient in zip(slots[:2], patients, strict=False):
        hold_slot(wish_for(slot), patient, provider="sandbox")
    settings.FIELD_KEYS = ["new", "old"]
    over = Event()

    def rotates() -> None:
        while not over.is_set():
            rotated()

    def holds_and_moves_on() -> None:
        for slot, patient in zip(slots[2:], patients[2:], strict=True):
            hold_slot(wish_for(slot), patient, provider="sandbox")
        for visit in Appointment.objects.order_by("pk"):
            visit.cancel_note = "Sorry"
            visit.save(update_fields=["cancel_note_sealed"])
            with pytest.raises(SlotTaken):
                hold_slot(wish_for(slots[0]), patients[3], provider="sandbox")
        over.set()

    def reads() -> None:
        while not over.is_set():
            for visit in Appointment.objects.all():
                assert (visit.nic, visit.phone) == (NIC, PHONE)

    race([rotates, holds_and_moves_on, reads])
    go_home()
    rotated()
    settings.FIELD_KEYS = ["new"]
    visits = list(Appointment.objects.all())
    assert [visit.nic for visit in visits] == [NIC] * 4
    assert [visit.cancel_note for visit in visits] == ["Sorry"] * 4
