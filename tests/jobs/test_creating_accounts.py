"""The clinic makes accounts for its people."""

from io import StringIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from clinicall.people.models import Clinic, Doctor, Role, Specialization, User
from tests.cast import PASSWORD
from tests.clinic_clock import ClinicClock

OSEI: dict[str, Any] = {
    "name": "Dr Kofi Osei",
    "specialization": "Cardiology",
    "fee": "2500",
    "timezone": "Asia/Colombo",
}


def link_of(command: str, email: str, **facts: str) -> str:
    """The one line that the command prints."""
    out = StringIO()
    call_command(command, email, stdout=out, **facts)
    (line,) = out.getvalue().splitlines()
    return line


def choose_password(link: str, password: str) -> bool:
    """Whether the link lets somebody choose this password."""
    client = Client()
    page = client.get(urlsplit(link).path, follow=True)
    where = page.redirect_chain[-1][0] if page.redirect_chain else urlsplit(link).path
    client.post(where, {"password1": password, "password2": password})
    return User.objects.get().check_password(password)


def test_a_new_doctor_joins_the_clinic_and_chooses_a_password_once(clock: ClinicClock) -> None:
    link = link_of("create_doctor", "Kofi@Clinic.example", **OSEI)
    assert link.startswith("http://127.0.0.1:8000/account/")
    doctor = Doctor.objects.get()
    assert doctor.user.email == "kofi@clinic.example"
    assert (doctor.user.role, doctor.user.clinic) == (Role.DOCTOR, Clinic.objects.get())
    assert (doctor.name, doctor.specialization.name) == ("Dr Kofi Osei", "Cardiology")
    assert (doctor.fee_amount, doctor.timezone) == (250_000, "Asia/Colombo")
    assert (doctor.clinic.name, doctor.clinic.currency) == ("Clinicall", "LKR")
    assert not doctor.user.has_usable_password()

    assert choose_password(link, PASSWORD)
    assert Client().login(email="kofi@clinic.example", password=PASSWORD)
    assert not choose_password(link, "another long secret")


@pytest.mark.parametrize(
    ("fee", "currency", "amount"),
    [
        ("2500", "LKR", 250_000),
        ("2500.00", "LKR", 250_000),
        ("0.1", "LKR", 10),
        ("0", "LKR", 0),
        ("2500", "JPY", 2_500),
        ("1.255", "KWD", 1_255),
        ("19.99", "LKR", 1_999),
    ],
)
def test_a_fee_is_kept_exactly_in_the_clinics_minor_units(
    clock: ClinicClock, fee: str, currency: str, amount: int
) -> None:
    Clinic.objects.create(name="Lakeside", timezone="Asia/Colombo", currency=currency)
    link_of("create_doctor", "kofi@clinic.example", **OSEI | {"fee": fee})
    assert Doctor.objects.get().fee_amount == amount


@pytest.mark.parametrize(
    "wrong",
    [
        {"fee": "-1"},
        {"fee": "2,500"},
        {"fee": "1e3"},
        {"fee": "2500.005"},
        {"fee": "٢٥"},
        {"fee": "99999999999"},
        {"fee": ""},
        {"timezone": "Colombo"},
        {"name": " "},
        {"specialization": "123"},
    ],
)
def test_a_doctor_that_makes_no_sense_is_not_made(
    clock: ClinicClock, wrong: dict[str, str]
) -> None:
    with pytest.raises(CommandError):
        link_of("create_doctor", "kofi@clinic.example", **OSEI | wrong)
    assert not User.objects.exists()


def test_a_specialization_is_one_however_it_is_capitalised(clock: ClinicClock) -> None:
    link_of("create_doctor", "a@clinic.example", **OSEI)
    link_of("create_doctor", "b@clinic.example", **OSEI | {"specialization": "cardiology"})
    assert Specialization.objects.count() == 1


def test_an_address_has_one_account(clock: ClinicClock) -> None:
    link_of("create_admin", "kofi@clinic.example")
    for command, facts in (("create_admin", {}), ("create_doctor", OSEI)):
        with pytest.raises(CommandError, match="already"):
            link_of(command, "KOFI@clinic.example", **facts)
    with pytest.raises(CommandError):
        link_of("create_admin", "not an address")


def test_an_admin_signs_in_to_the_back_office_by_the_way_of_everyone(clock: ClinicClock) -> None:
    assert choose_password(link_of("create_admin", "root@clinic.example"), PASSWORD)
    client = Client()
    stranger = client.get("/admin/", follow=True)
    assert urlsplit(stranger.redirect_chain[-1][0]).path == "/account/login/"
    client.force_login(User.objects.get())
    assert client.get("/admin/").status_code == 200
