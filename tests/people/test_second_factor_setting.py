from pytest_django import Settings

from clinicall.config.checks import doctors_and_staff_have_a_second_factor


def test_production_does_without_no_second_factor(settings: Settings) -> None:
    settings.PRODUCTION = True
    settings.REQUIRE_SECOND_FACTOR = False
    (complaint,) = doctors_and_staff_have_a_second_factor()
    assert "REQUIRE_SECOND_FACTOR" in complaint.msg
    settings.REQUIRE_SECOND_FACTOR = True
    assert not doctors_and_staff_have_a_second_factor()
