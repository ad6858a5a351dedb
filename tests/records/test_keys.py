import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django.fixtures import Settings

from clinicall.records.keys import claim_database
from clinicall.records.sealed import CannotUnseal, seal, unseal

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["SECRET_KEY", "FIELD_KEYS"])
def test_a_database_is_refused_by_a_server_with_other_keys(settings: Settings, name: str) -> None:
    claim_database()
    claim_database()
    setattr(settings, name, "another" if name == "SECRET_KEY" else ["another"])
    with pytest.raises(ImproperlyConfigured, match=name[:9]):
        claim_database()


def test_an_older_key_still_reads_while_a_newer_one_writes(settings: Settings) -> None:
    settings.FIELD_KEYS = ["old"]
    sealed = seal("cough", place="a:1:reason")
    claim_database()
    settings.FIELD_KEYS = ["new", "old"]
    claim_database()
    assert unseal(sealed, place="a:1:reason") == "cough"
    settings.FIELD_KEYS = ["new"]
    with pytest.raises(CannotUnseal):
        unseal(sealed, place="a:1:reason")


def test_a_sealed_text_cannot_be_moved_to_another_row_or_field() -> None:
    sealed = seal("cough", place="a:1:reason")
    for elsewhere in ("a:2:reason", "a:1:phone", "b:1:reason"):
        with pytest.raises(CannotUnseal):
            unseal(sealed, place=elsewhere)
