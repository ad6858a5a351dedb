"""An admin invites staff, closes accounts and keeps the clinics; the back office is for looking up."""

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from clinicall.people.models import Clinic, Doctor, Patient, Role, User
from clinicall.records.models import AuditEntry
from tests.booking.test_unsettled import an_admin, staff_of
from tests.clinic_clock import NOON
from tests.web.test_money_page import signed_in
from tests.web.visitor import visitor, words

pytestmark = pytest.mark.django_db

PEOPLE, CLINIC = "/staff/people/", "/staff/clinic/"
POLICY = {
    "name": "Lakeside",
    "timezone": "Asia/Colombo",
    "phone": "011 234 5678",
    "refund_hours": "24",
    "refund_percent": "50",
    "remind_hour_before": "on",
    "quiet_from": "20:30",
    "quiet_until": "07:00",
}


@pytest.fixture
def admin(clinic: Clinic) -> Client:
    User.objects.filter(pk=an_admin().pk).update(is_superuser=True)  # as an invitation makes them
    return signed_in(User.objects.get(role=Role.ADMIN))


def test_an_admin_invites_staff_of_a_clinic(clinic: Clinic, admin: Client) -> None:
    sent = {"email": "Nimal@clinic.example", "clinic": f"{clinic.pk}"}
    assert admin.post(PEOPLE, sent)["Location"] == PEOPLE
    user = User.objects.get(role=Role.STAFF)
    assert (user.email, user.clinic) == ("nimal@clinic.example", clinic)
    assert mail.outbox[0].to == [user.email]
    page = words(admin.get(PEOPLE))
    assert "nimal@clinic.example is invited by mail." in page
    assert "nimal@clinic.example Staff Lakeside Invited" in page
    admin.post(reverse("invite_staff_again", args=[user.pk]))
    assert len(mail.outbox) == 2
    again = admin.post(PEOPLE, sent)
    assert (again.status_code, len(mail.outbox)) == (422, 2)
    assert "There is an account with this email already." in words(again)
    entry = AuditEntry.objects.get()
    assert (entry.what, entry.subjects) == ("invite_staff", [user.pk])


def test_a_closed_account_is_put_out_at_once(clinic: Clinic, admin: Client) -> None:
    person = staff_of(clinic)
    client = signed_in(person)
    assert client.get("/money/").status_code == 200
    admin.post(reverse("close_staff_account", args=[person.pk]))
    assert client.get("/money/")["Location"].startswith("/account/login/")
    assert "The account of staff@clinic.example is closed." in words(admin.get(PEOPLE))


def test_who_has_lost_the_second_step_gets_another_from_an_admin(
    clinic: Clinic, admin: Client, dr_osei: Doctor
) -> None:
    Authenticator.objects.create(user=dr_osei.user, type=Authenticator.Type.TOTP, data={})
    User.objects.filter(pk=dr_osei.pk).update(last_login=NOON)
    assert "Take the second step away" in words(admin.get(f"/staff/doctors/{dr_osei.pk}/"))
    address = reverse("take_factors_away", args=[dr_osei.pk])
    assert signed_in(staff_of(clinic)).post(address).status_code == 403
    assert Authenticator.objects.exists()
    answer = admin.post(address, follow=True)
    assert "sets up a new second step at the next sign-in" in words(answer)
    assert not Authenticator.objects.exists()
    assert mail.outbox[0].to == [dr_osei.user.email]
    assert AuditEntry.objects.get(what="take_factors_away").subjects == [dr_osei.pk]


def test_not_of_a_patient_and_not_ones_own(admin: Client, ana: Patient) -> None:
    me = User.objects.get(role=Role.ADMIN)
    for person in (ana.user, me):
        assert admin.post(reverse("take_factors_away", args=[person.pk])).status_code == 404


def test_the_operator_can_do_it_for_anybody(
    ana: Patient, capsys: pytest.CaptureFixture[str]
) -> None:
    Authenticator.objects.create(user=ana.user, type=Authenticator.Type.TOTP, data={})
    call_command("take_factors_away", "ana@clinic.example")
    assert not Authenticator.objects.exists()
    assert mail.outbox[0].to == ["ana@clinic.example"]


def test_the_last_admin_cannot_be_closed(admin: Client) -> None:
    only = User.objects.get(role=Role.ADMIN)
    admin.post(reverse("close_staff_account", args=[only.pk]))
    assert "This is the last admin, so the account stays open" in words(admin.get(PEOPLE))


def test_only_an_admin_keeps_staff_and_clinics(
    clinic: Clinic, dr_osei: Doctor, ana: Patient
) -> None:
    person = staff_of(clinic)
    for_admins = [
        PEOPLE,
        reverse("add_clinic"),
        reverse("change_clinic", args=[clinic.pk]),
        reverse("close_staff_account", args=[person.pk]),
        reverse("invite_staff_again", args=[person.pk]),
    ]
    for client in (signed_in(person), visitor(dr_osei), visitor(ana)):
        for address in for_admins:
            assert client.post(address, POLICY).status_code == 403
    for nobody_to_close in (ana.user, dr_osei.user):
        address = reverse("close_staff_account", args=[nobody_to_close.pk])
        assert signed_in(an_admin()).post(address).status_code == 404
        User.objects.filter(role=Role.ADMIN).delete()


def test_staff_read_the_settings_of_their_own_clinic(clinic: Clinic, admin: Client) -> None:
    Clinic.objects.create(name="Hilltop", timezone="Asia/Tokyo", currency="JPY")
    page = words(signed_in(staff_of(clinic)).get(CLINIC))
    assert "Lakeside Time zone Asia/Colombo" in page
    assert "100 % of the fee back" in page
    assert "Hilltop" not in page
    assert "Hilltop" in words(admin.get(CLINIC))


def test_an_admin_changes_the_policy_and_adds_a_clinic(clinic: Clinic, admin: Client) -> None:
    address = reverse("change_clinic", args=[clinic.pk])
    assert admin.post(address, POLICY | {"currency": "USD"})["Location"] == CLINIC
    clinic.refresh_from_db()
    assert (clinic.phone, clinic.refund_hours, clinic.refund_percent, clinic.currency) == (
        "+94112345678",
        24,
        50,
        "LKR",
    )
    assert "50 % of the fee back until 1 day before the visit" in words(admin.get(CLINIC))
    wrong = admin.post(address, POLICY | {"refund_percent": "101", "phone": "nowhere"})
    assert wrong.status_code == 422
    assert "Enter a phone number: digits, spaces and + only." in words(wrong)
    admin.post(reverse("add_clinic"), POLICY | {"name": "Hilltop", "currency": "JPY"})
    assert Clinic.objects.get(name="Hilltop").currency == "JPY"
    wrong = admin.post(reverse("add_clinic"), POLICY | {"currency": "yen"})
    assert "three capital letters" in words(wrong)


def test_an_admin_sets_when_patients_are_reminded(clinic: Clinic, admin: Client) -> None:
    address = reverse("change_clinic", args=[clinic.pk])
    admin.post(address, POLICY)
    page = words(admin.get(CLINIC))
    assert "Reminders An hour before the visit" in page
    assert "Quiet hours 8:30pm to 7:00am, by the patient’s clock" in page
    assert 'value="20:30"' in admin.get(address).content.decode()
    admin.post(address, POLICY | {"quiet_from": "07:00", "remind_day_before": "on"})
    page = words(admin.get(CLINIC))
    assert "Reminders A day and an hour before the visit" in page
    assert "Quiet hours None" in page
    for nonsense in ("", "25:00", "half past ten"):
        wrong = admin.post(address, POLICY | {"quiet_from": nonsense})
        assert wrong.status_code == 422
        assert "Quiet hours begin: Enter a time" in words(wrong)


def test_the_back_office_looks_up_and_deletes_nothing(
    clinic: Clinic, dr_osei: Doctor, admin: Client
) -> None:
    nimal = staff_of(clinic)
    for model, row in (("clinic", clinic), ("doctor", dr_osei), ("user", nimal)):
        assert admin.get(reverse(f"admin:people_{model}_changelist")).status_code == 200
        page = admin.get(reverse(f"admin:people_{model}_change", args=[row.pk]))
        assert page.status_code == 200
        assert "argon2" not in page.content.decode()
        assert admin.post(reverse(f"admin:people_{model}_delete", args=[row.pk])).status_code == 403
    for client in (signed_in(nimal), visitor(dr_osei)):
        assert client.get(reverse("admin:index")).status_code == 302
        assert client.get(reverse("admin:people_user_changelist")).status_code == 302


def test_the_back_office_answers_no_guess_at_a_password(clinic: Clinic, admin: Client) -> None:
    nimal = staff_of(clinic)
    people = reverse("admin:people_user_changelist")
    assert nimal.email in words(
        admin.get(people, {"role__exact": "staff", "clinic__id__exact": f"{clinic.pk}"})
    )
    for asked in ("password__startswith", "clinic__user__password__startswith"):
        assert admin.get(people, {asked: "argon2"}).status_code == 400


def test_the_back_office_lists_no_patients_and_closes_no_account_from_under_visits(
    dr_osei: Doctor, ana: Patient, admin: Client
) -> None:
    listed = words(admin.get(reverse("admin:people_user_changelist")))
    for user in (ana.user, dr_osei.user):
        assert user.email not in listed
        admin.post(reverse("admin:people_user_change", args=[user.pk]), {})
        user.refresh_from_db()
        assert user.is_active


def test_the_back_office_closes_an_account_and_opens_it_again(
    clinic: Clinic, admin: Client
) -> None:
    nimal = staff_of(clinic)
    address = reverse("admin:people_user_change", args=[nimal.pk])
    admin.post(address, {"role": "admin"})  # only the box counts, and it is empty
    nimal.refresh_from_db()
    assert (nimal.is_active, nimal.role) == (False, Role.STAFF)
    for _ in range(2):
        admin.post(address, {"is_active": "on"})
    nimal.refresh_from_db()
    assert nimal.is_active
    assert [(entry.what, entry.subjects) for entry in AuditEntry.objects.order_by("pk")] == [
        ("dismiss", [nimal.pk]),
        ("bring_back", [nimal.pk]),
    ]
    only = User.objects.get(role=Role.ADMIN)
    admin.post(reverse("admin:people_user_change", args=[only.pk]), {})
    only.refresh_from_db()
    assert only.is_active
