import os
import sys
from collections.abc import Iterator
from datetime import date, time

import pytest
from django.conf import settings
from django.contrib.contenttypes.management import create_contenttypes
from django.db import connection
from django.db.models.signals import post_migrate
from psycopg.conninfo import make_conninfo
from pytest_django import DjangoDbBlocker

from clinicall import wiring
from clinicall.booking.checkout import book
from clinicall.booking.holds import Wish
from clinicall.booking.invariants import RULES, query_for
from clinicall.booking.models import Appointment
from clinicall.booking.searching import Search, search
from clinicall.people.models import Clinic, Doctor, Patient
from clinicall.schedule.models import Slot
from clinicall.schedule.publish import publish
from clinicall.schedule.slotting import Window
from tests import cast
from tests.clinic_clock import NOON, ClinicClock
from tests.server.serving import Command, Server, free_port

WEDNESDAY = date(2026, 11, 25)
# The cast's clinic sends no texts; the tests about them have it send some.
settings.SMS_CONFIGURED = False


@pytest.fixture(autouse=True)
def every_rule_holds_in_the_end(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test did with the database, it left no state that should be impossible."""
    node = request.node
    if "db" in request.fixturenames or node.get_closest_marker("django_db"):
        request.getfixturevalue("db")  # first, so that its rows are still there when we look
        yield
        if not node.get_closest_marker("breaks_rules"):
            found = [f"{rule}: {row}" for rule, row in breaches_by_a_known_plan()]
            assert not found, "\n".join(found)
    else:
        yield


def breaches_by_a_known_plan() -> Iterator[tuple[str, str]]:
    """As `breaches` finds them; to plan that query takes ten times as long as to look."""
    with connection.cursor() as cursor:
        cursor.execute("select name from pg_prepared_statements where name = 'every_rule'")
        if not cursor.fetchone():
            cursor.execute(f"prepare every_rule as {query_for(RULES)}", list(RULES))
        cursor.execute("execute every_rule")
        yield from cursor.fetchall()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> None:
    """Behind each test that commits, all tables are emptied. Django would then list every model and every
    permission anew, which takes longer than most tests; the clinic asks for neither."""
    post_migrate.disconnect(create_contenttypes)
    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")


@pytest.fixture(scope="session")
def server(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Server]:
    """`clinicall serve` on the tests' own database, so that it sees what a test commits."""
    with django_db_blocker.unblock():
        database = make_conninfo(
            **{
                name: value
                for name, value in connection.get_connection_params().items()
                if name in ("host", "port", "user", "password", "dbname")
            }
        )
    port = free_port()
    process = Command(
        [sys.executable, "-m", "clinicall", "serve", "--no-worker", "--workers", "2"],
        {**os.environ, "DATABASE_URL": database, "PORT": str(port)},
    )
    server = Server(process, port)
    try:
        server.wait_until_up()
        yield server
    finally:
        process.terminate()
        process.said()


@pytest.fixture
def clock(db: None) -> Iterator[ClinicClock]:
    clock = ClinicClock()
    clock.set(NOON)
    yield clock
    clock.back_to_real_time()


@pytest.fixture
def clinic(clock: ClinicClock) -> Clinic:
    return cast.a_clinic()


@pytest.fixture
def dr_osei(clinic: Clinic) -> Doctor:
    return cast.a_doctor(clinic, "Dr Kofi Osei", "Cardiology")


@pytest.fixture
def dr_silva(clinic: Clinic) -> Doctor:
    """Sees patients free of charge."""
    return cast.a_doctor(clinic, "Dr Nimal Silva", "General practice", fee=0)


@pytest.fixture
def ana(clock: ClinicClock) -> Patient:
    return cast.a_patient("Ana")


@pytest.fixture
def ben(clock: ClinicClock) -> Patient:
    return cast.a_patient("Ben")


@pytest.fixture
def cleo(clock: ClinicClock) -> Patient:
    return cast.a_patient("Cleo")


def four_slots(doctor: Doctor) -> list[Slot]:
    """Wednesday 09:00 to 10:00 in Colombo, by 15 minutes."""
    publish(doctor, [Window(WEDNESDAY, time(9), time(10), 15)], now=NOON)
    return list(Slot.objects.filter(doctor=doctor).order_by("starts_at"))


def found(name: str = "") -> list[Doctor]:
    """Whom a patient is shown who looks for this name, or for anybody."""
    return [one.doctor for one in search(Search(name), size=20).found]


@pytest.fixture
def slots(dr_osei: Doctor) -> list[Slot]:
    return four_slots(dr_osei)


@pytest.fixture
def free_slots(dr_silva: Doctor) -> list[Slot]:
    return four_slots(dr_silva)


def wish_for(slot: Slot, name: str = "Ana") -> Wish:
    return Wish(
        slot_id=slot.pk,
        first_name=name,
        last_name="Perera",
        phone="+94112345678",
        nic="199012345678",
        email=f"{name.lower()}@clinic.example",
        reason="Cough for two weeks",
    )


def booked(slot: Slot, patient: Patient) -> Appointment:
    """A hold with its payment page open, or a confirmed visit where it is free."""
    made = book(
        wish_for(slot),
        patient,
        gateway=wiring.payment_gateway(),
        line=wiring.video_line(),
    )
    return Appointment.objects.get(pk=made)
