"""Which passwords the clinic takes."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from pytest_django import Settings

from clinicall.people.models import Doctor, Patient, User
from tests.people.account import signed_in, with_app


def faults(password: str, user: User) -> set[str | None]:
    try:
        validate_password(password, user)
    except ValidationError as error:
        return {fault.code for fault in error.error_list}
    return set()


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("fourteen chars", "password_too_short"),
        ("yfdbufnjh10305070", "password_too_common"),
        ("ana@clinic.example", "password_too_similar"),
        ("Clinicall 2026!", "password_too_similar"),
        ("clinicall clinicall", "password_too_similar"),
        ("💐" * 1025, "password_too_long"),
    ],
)
def test_a_password_is_refused_for_what_is_wrong_with_it(
    ana: Patient, password: str, code: str
) -> None:
    assert code in faults(password, ana.user)


@pytest.mark.parametrize(
    "password",
    ["fifteen  letters", "සුබ උදෑසනක් වේවා යාලුවනේ", "a 💐 and three more 🌻 words " * 5],
)
def test_length_is_all_it_takes_in_any_script(ana: Patient, password: str) -> None:
    assert faults(password, ana.user) == set()


def test_eight_are_enough_where_a_second_factor_must_be(
    dr_osei: Doctor, settings: Settings
) -> None:
    assert faults("xk7 qp2m", dr_osei.user) == {"password_too_short"}
    settings.REQUIRE_SECOND_FACTOR = True
    assert faults("xk7 qp2m", dr_osei.user) == set()
    assert faults("xk7 qp2", dr_osei.user) == {"password_too_short"}


def test_eight_are_enough_for_a_patient_who_has_one(ana: Patient) -> None:
    assert faults("xk7 qp2m", ana.user) == {"password_too_short"}
    with_app(signed_in(ana.user.email))
    assert faults("xk7 qp2m", ana.user) == set()
