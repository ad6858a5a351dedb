"""Whoever is shown a patient's data is noted: on every page and in every operation that there is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from clinicall import wiring
from clinicall.booking.checkout import book
from clinicall.booking.holds import Wish
from clinicall.booking.models import Appointment
from clinicall.people.models import Clinic, Doctor, Patient, User
from clinicall.records.audit import note
from clinicall.records.models import Action, AuditEntry
from clinicall.schedule.models import Slot
from tests.booking.test_checkout import news, pays
from tests.booking.test_ending import paid
from tests.booking.test_unsettled import an_admin, staff_of
from tests.clinic_clock import ClinicClock
from tests.conftest import WEDNESDAY
from tests.web.visitor import visitor

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
CANARIES = (
    "Zephyrine",
    "Quillfeather",
    "+94112345678",
    "199012345678",
    "zq@clinic.example",
    "Zqcough",
    "ana@clinic.example",
)
OF_OTHERS = ("/admin/", "/account/", "/_allauth/")
# What each form needs to be taken; all others are sent empty.
SENT: dict[str, dict[str, str]] = {
    "nic": {"purpose": "A prescription"},
    "complete": {"outcome": "attended"},
}


@dataclass(frozen=True)
class Route:
    path: str
    name: str


def routes(inside: URLResolver, names: dict[str, Any], before: str = "/") -> Iterator[Route]:
    """Every address there is, with `names` for what it has in `<…>`; others name nothing of ours."""
    for one in inside.url_patterns:
        here = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from routes(one, names, here)
            continue
        assert isinstance(one, URLPattern)
        for kind in ("<uuid:{}>", "<int:{}>", "<str:{}>", "<slug:{}>", "<{}>"):
            for name, value in names.items():
                here = here.replace(kind.format(name), str(value))
        if "<" not in here and not {"^", "(", "\\"} & set(here):
            yield Route(here, one.name or "")


@pytest.fixture
def visit(slots: list[Slot], ana: Patient, clock: ClinicClock) -> Appointment:
    wish = Wish(
        slot_id=slots[0].pk,
        first_name="Zephyrine",
        last_name="Quillfeather",
        phone="+94112345678",
        nic="199012345678",
        email="zq@clinic.example",
        reason="Zqcough",
    )
    made = book(wish, ana, gateway=wiring.payment_gateway(), line=wiring.video_line())
    visit = Appointment.objects.get(pk=made)
    pays(visit, "succeed")
    visit = news(visit)
    clock.set(visit.starts_at + MINUTE)
    return visit


def names_of(visit: Appointment) -> dict[str, Any]:
    return {
        "appointment_id": visit.pk,
        "doctor_id": visit.doctor_id,
        "slot_id": visit.slot_id,
        "payment_id": visit.payment_id,
        "day": WEDNESDAY.isoformat(),
    }


def an_admin_of_everything() -> User:
    admin = an_admin()
    admin.is_superuser = True  # as `create-admin` makes them
    admin.save()
    return admin


def shown_on(client: Client, method: str, route: Route) -> bool:
    answer = client.generic(method, route.path) if method == "GET" else sent(client, route)
    text = b"" if answer.streaming else answer.content
    return any(canary.encode() in text for canary in CANARIES)


def sent(client: Client, route: Route) -> Any:
    body = SENT.get(route.name, SENT.get(route.path.rpartition("/")[2], {}))
    if route.path.startswith("/api/"):
        return client.post(route.path, body, content_type="application/json")
    return client.post(route.path, body)


def test_no_page_and_no_operation_shows_a_patient_without_noting_who_looked(
    visit: Appointment, dr_osei: Doctor, clinic: Clinic
) -> None:
    showing = set()
    for user in (dr_osei.user, staff_of(clinic), an_admin_of_everything()):
        client = Client(raise_request_exception=False)
        client.force_login(user)
        session = client.cookies["sessionid"].value
        for route in routes(get_resolver(), names_of(visit)):
            # What others bring takes nothing of ours; its pages may show people all the same.
            for method in ("GET",) if route.path.startswith(OF_OTHERS) else ("GET", "POST"):
                # Each is asked of the same state, whatever the one before has changed.
                with transaction.atomic():
                    client.cookies["sessionid"] = session
                    if shown_on(client, method, route):
                        showing.add(route.path)
                        noted = AuditEntry.objects.filter(
                            actor_id=user.pk, subjects__contains=[visit.patient_id]
                        )
                        assert noted.exists(), (user.role, method, route.path)
                    transaction.set_rollback(True)
    here = f"/appointments/{visit.pk}"
    pages = {"/agenda/", f"{here}/", f"{here}/cancel/", f"{here}/room/", f"{here}/nic/"}
    operations = {f"/api/v1{here}", "/api/v1/appointments", f"/api/v1{here}/nic"}
    assert pages | operations <= showing


def entries(**which: Any) -> list[tuple[str, str]]:
    return list(AuditEntry.objects.filter(**which).order_by("pk").values_list("action", "what"))


def test_a_page_that_renews_itself_is_one_look_an_hour(
    visit: Appointment, dr_osei: Doctor, slots: list[Slot], ben: Patient, clock: ClinicClock
) -> None:
    doctor = visitor(dr_osei)
    for _ in range(3):
        doctor.get("/agenda/")
        clock.move(MINUTE)
    assert entries() == [("listed", "agenda")]
    paid(slots[3], ben)
    doctor.get("/agenda/")
    assert AuditEntry.objects.latest("pk").subjects == sorted([visit.patient_id, ben.pk])
    clock.move(60 * MINUTE)
    doctor.get("/agenda/")
    assert len(entries()) == 3


def test_every_change_is_noted_each_time(
    visit: Appointment, dr_osei: Doctor, clock: ClinicClock
) -> None:
    doctor = visitor(dr_osei)
    for _ in range(2):
        doctor.post(f"/appointments/{visit.pk}/complete/", {"outcome": "attended"})
        doctor.post(f"/appointments/{visit.pk}/reopen/")
    assert entries() == [("changed", "complete"), ("changed", "reopen")] * 2
    doctor.post(f"/appointments/{visit.pk}/cancel/")
    assert entries(what="cancel", action="changed", actor_id=dr_osei.pk)


def test_who_looks_at_their_own_record_is_not_noted_and_what_they_change_is(
    visit: Appointment, ana: Patient, clock: ClinicClock
) -> None:
    clock.set(visit.starts_at - 1000 * MINUTE)
    patient = visitor(ana)
    for page in ("", "cancel/", "room/", "move/"):
        patient.get(f"/appointments/{visit.pk}/{page}")
    patient.get("/api/v1/appointments")
    assert entries() == []
    patient.post(f"/appointments/{visit.pk}/cancel/")
    assert entries() == [("changed", "cancel")]


def test_what_is_undone_is_not_noted(visit: Appointment, dr_osei: Doctor, ana: Patient) -> None:
    with transaction.atomic():
        note(Action.CHANGED, "cancel", by=dr_osei.user, of=[ana.pk])
        transaction.set_rollback(True)
    assert entries() == []


def test_an_entry_names_the_request_it_was_made_in(visit: Appointment, dr_osei: Doctor) -> None:
    page = visitor(dr_osei).get(f"/appointments/{visit.pk}/")
    assert AuditEntry.objects.get().request_id == page["X-Request-Id"]
