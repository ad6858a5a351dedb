"""What has been kept long enough goes, every night."""

from datetime import timedelta
from io import StringIO

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.management import call_command
from pytest_django.fixtures import Settings

from clinicall.booking import guests
from clinicall.booking.holds import Once
from clinicall.booking.models import Appointment
from clinicall.jobs.tidy import tidy
from clinicall.messages.models import OutboxMail
from clinicall.people.models import Patient, Role, User
from clinicall.rights import retention
from clinicall.schedule.models import Slot
from tests.booking.test_ending import paid
from tests.clinic_clock import NOON, ClinicClock
from tests.conftest import booked, wish_for
from tests.people.account import signed_in


def reasons() -> set[str]:
    return {appointment.reason for appointment in Appointment.objects.all()}


def test_of_a_hold_that_came_to_nothing_no_particulars_are_kept_beyond_a_month(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    hold = booked(slots[0], ana)
    clock.set(hold.held_until)
    tidy()
    clock.set(hold.held_until + timedelta(days=29))
    retention.clear()
    assert reasons() == {"Cough for two weeks"}
    clock.set(hold.held_until + timedelta(days=31))
    retention.clear()
    assert reasons() == {""}
    assert Appointment.objects.get().first_name == "Erased"


def test_of_a_visit_they_are_kept_for_as_many_years_as_the_clinic_says(
    free_slots: list[Slot], ana: Patient, clock: ClinicClock, settings: Settings
) -> None:
    settings.KEEP_VISITS_YEARS = 3
    visit = booked(free_slots[0], ana)
    clock.set(visit.ends_at + timedelta(days=3 * 365 - 1))
    retention.clear()
    assert reasons() == {"Cough for two weeks"}
    clock.set(visit.ends_at + timedelta(days=3 * 365 + 1))
    retention.clear()
    assert reasons() == {""}


def test_a_dry_run_counts_and_changes_nothing(
    slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    hold = booked(slots[0], ana)
    clock.set(hold.held_until)
    tidy()
    OutboxMail.objects.create(to="ana@clinic.example", subject="s", body="b", at=NOON)
    clock.set(NOON + timedelta(days=40))
    told = StringIO()
    call_command("retention", "--dry-run", stdout=told)
    assert "1  particulars of holds that came to nothing" in told.getvalue()
    assert "1  mails in the demo's letter box" in told.getvalue()
    assert reasons() == {"Cough for two weeks"}
    assert OutboxMail.objects.exists()
    call_command("retention", stdout=told)
    assert not OutboxMail.objects.exists()
    assert set(retention.count().values()) == {0}


def test_an_account_whose_address_nobody_proved_goes_after_a_week(
    ana: Patient, slots: list[Slot], ben: Patient, clock: ClinicClock
) -> None:
    unproven = User.objects.create_user("typo@clinic.example", role=Role.PATIENT)
    Patient.objects.create(user=unproven)
    User.objects.update(date_joined=NOON)
    ben.user.emailaddress_set.all().delete()  # type: ignore[attr-defined]
    booked(slots[0], ben)
    clock.set(NOON + timedelta(days=6))
    retention.clear()
    assert User.objects.filter(pk=unproven.pk).exists()
    clock.set(NOON + timedelta(days=8))
    retention.clear()
    assert set(Patient.objects.values_list("pk", flat=True)) == {ana.pk, ben.pk}
    assert not User.objects.filter(pk=unproven.pk).exists()


def test_a_visits_media_secret_goes_after_a_day(
    free_slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    visit = booked(free_slots[0], ana)
    visit.media_secret = "what the media are encrypted with"
    visit.save()
    clock.set(visit.ends_at + timedelta(hours=23))
    retention.clear()
    visit.refresh_from_db()
    assert visit.media_secret
    clock.set(visit.ends_at + timedelta(hours=25))
    retention.clear()
    visit.refresh_from_db()
    assert not visit.media_secret
    assert visit.reason


def test_sessions_that_have_ended_go(clock: ClinicClock) -> None:
    Session.objects.create(session_key="a", session_data="", expire_date=NOON)
    Session.objects.create(session_key="b", session_data="", expire_date=NOON + timedelta(days=2))
    clock.set(NOON + timedelta(days=1))
    retention.clear()
    assert list(Session.objects.values_list("session_key", flat=True)) == ["b"]


def test_where_somebody_was_signed_in_goes_with_their_session(
    ana: Patient, clock: ClinicClock
) -> None:
    signed_in(ana.user.email)
    left, kept = UserSession.objects.get(), Session.objects.get()
    clock.set(kept.expire_date - timedelta(seconds=1))
    retention.clear()
    assert UserSession.objects.filter(pk=left.pk).exists()
    clock.set(kept.expire_date + timedelta(seconds=1))
    retention.clear()
    assert not UserSession.objects.exists()


def test_a_rule_that_fails_keeps_no_other_from_its_rows(
    ana: Patient,
    clock: ClinicClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fails(_: object) -> None:
        raise ValueError

    broken = retention.Rule("of no use", lambda _: User.objects.all(), fails)
    monkeypatch.setattr(retention, "RULES", [broken, *retention.RULES])
    Session.objects.create(session_key="a", session_data="", expire_date=NOON)
    clock.set(NOON + timedelta(days=1))
    retention.clear()
    assert not Session.objects.exists()
    assert "not all is cleared away of: of no use" in caplog.text


def test_who_proves_their_address_or_books_in_that_moment_keeps_their_account(
    slots: list[Slot], clock: ClinicClock
) -> None:
    late, booking = (
        Patient.objects.create(user=User.objects.create_user(f"{name}@clinic.example"))
        for name in ("late", "booking")
    )
    User.objects.update(date_joined=NOON - timedelta(days=8))
    (rule,) = (rule for rule in retention.RULES if "nobody proved" in rule.what)
    rows = rule.over(NOON)
    assert set(rows.values_list("pk", flat=True)) == {late.pk, booking.pk}
    EmailAddress.objects.create(user=late.user, email=late.user.email, verified=True)
    booked(slots[0], booking)
    retention._delete_account(rows, late.pk)
    retention._delete_account(rows, booking.pk)
    assert Patient.objects.filter(pk__in=[late.pk, booking.pk]).count() == 2


def test_paid_visits_are_left_alone(slots: list[Slot], ana: Patient, clock: ClinicClock) -> None:
    paid(slots[0], ana)
    retention.clear()
    assert reasons() == {"Cough for two weeks"}


def test_of_a_time_that_no_guest_claimed_nothing_is_kept_beyond_a_day(
    slots: list[Slot], clock: ClinicClock
) -> None:
    once = Once("a form", b"what stands in it")
    held = guests.hold_as_guest(wish_for(slots[0]), provider="sandbox", once=once)
    User.objects.update(date_joined=NOON)
    hold = Appointment.objects.get(pk=held)
    clock.set(hold.held_until)
    tidy()
    clock.set(NOON + timedelta(hours=23))
    retention.clear()
    assert reasons() == {"Cough for two weeks"}
    clock.set(NOON + timedelta(hours=25))
    retention.clear()
    assert reasons() == {""}
    assert set(retention.count().values()) == {0}
