"""Two invitations at once that name the same new specialization."""

import pytest

from clinicall.people.doctors import specialization_named
from clinicall.people.models import Specialization
from tests.races.racing import meeting, race

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_who_name_it_at_once_make_it_once() -> None:
    both = [lambda: specialization_named("Podiatry")] * 2
    assert race(meeting("INSERT", both)) == ["won", "won"]
    assert Specialization.objects.filter(name="Podiatry").count() == 1
