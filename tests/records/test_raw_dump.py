"""Whoever gets hold of the raw database reads no health data, no number of a person and no secret."""

from collections.abc import Iterator

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.db import connection
from pytest_django import Settings

from clinicall import wiring
from clinicall.booking.models import Appointment
from clinicall.booking.revealing import reveal_nic
from clinicall.consultation.room import enter
from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Slot
from tests.booking.test_ending import cancel, paid
from tests.clinic_clock import ClinicClock
from tests.video.test_wiring import APP_ID, CERTIFICATE

pytestmark = pytest.mark.django_db

TOTP_SECRET = "JBSWY3DPEHPK3PXP"


def rows() -> Iterator[str]:
    """Every row of every table, as `pg_dump` would write it."""
    with connection.cursor() as cursor:
        cursor.execute("select quote_ident(tablename) from pg_tables where schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f"select t::text from {table} t")
            yield from (row for (row,) in cursor.fetchall())


def test_after_a_journey_the_raw_database_holds_none_of_it(
    settings: Settings, slots: list[Slot], ana: Patient, dr_osei: Doctor, clock: ClinicClock
) -> None:
    settings.AGORA_APP_ID, settings.AGORA_APP_CERTIFICATE = APP_ID, CERTIFICATE
    visit = paid(slots[0], ana)
    first_token = visit.token
    reveal_nic(visit.pk, by=dr_osei.user, purpose="A prescription")
    clock.set(visit.starts_at)
    passes = [
        enter(visit.pk, one.user, line_for=wiring.video_line, session="") for one in (ana, dr_osei)
    ]
    visit = Appointment.objects.get(pk=visit.pk)
    cancel_note = "I am in hospital"
    cancelled = cancel(paid(slots[3], ana), dr_osei.user)
    cancelled.cancel_note = cancel_note
    cancelled.save()
    TOTP.activate(dr_osei.user, TOTP_SECRET)
    RecoveryCodes.activate(dr_osei.user)
    codes = RecoveryCodes(Authenticator.objects.get(type="recovery_codes"))
    secrets = {
        "nic": visit.nic,
        "phone": visit.phone.removeprefix("+94"),
        "reason": visit.reason,
        "note": cancel_note,
        "purpose": "A prescription",
        "first token": first_token,
        "last token": visit.token,
        **{f"token of uid {one.uid}": one.token for one in passes},
        "media secret": visit.media_secret,
        "second factor": TOTP_SECRET,
        **{f"recovery code {n}": code for n, code in enumerate(codes.get_unused_codes())},
    }
    assert all(secrets.values())
    dump = "\n".join(rows())
    assert visit.reference in dump  # so it is the whole of it that we read
    assert [name for name, secret in secrets.items() if secret in dump] == []


@pytest.mark.breaks_rules
def test_the_scan_would_find_it(slots: list[Slot], ana: Patient) -> None:
    visit = paid(slots[0], ana)
    Appointment.objects.filter(pk=visit.pk).update(channel_name=visit.nic)
    assert visit.nic in "\n".join(rows())
