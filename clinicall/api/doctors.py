"""The public directory: who has time, and when."""

from datetime import date
from hashlib import sha256
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from ninja import Query, Router

from clinicall.api.callers import ApiRequest, anyone, anyone_to_a_doctor, may, who_may_ask_why
from clinicall.api.fields import (
    Asked,
    AskedDays,
    AskedPage,
    Instant,
    SearchText,
    SomeId,
    Timezone,
    row_named,
)
from clinicall.api.schemas import (
    DoctorDetails,
    DoctorsPage,
    ExplanationOut,
    FreeDays,
    OpenSlots,
    Specializations,
)
from clinicall.booking import as_json, openings
from clinicall.booking.explaining import explain
from clinicall.booking.searching import Search
from clinicall.core.clock import now as clinic_now
from clinicall.core.refusals import Fault, Invalid, NotFound
from clinicall.people.models import Doctor, Specialization

router = Router(tags=["Doctors"])


@router.get("/specializations", response=Specializations, **may(anyone))
def specializations(request: HttpRequest) -> HttpResponseBase | None:
    """The specializations of doctors who have an open slot."""
    return _told(request, as_json.specializations())


class DoctorsAsked(AskedPage):
    name: SearchText = ""
    specialization: SomeId = ""


@router.get("/doctors", response=DoctorsPage, **may(anyone))
def doctors(
    request: HttpRequest, asked: Annotated[DoctorsAsked, Query(...)]
) -> HttpResponseBase | None:
    """Doctors who have an open slot, the soonest first. `total` counts to 1,000: ask for more of a name
    or a specialization than to go on that far."""
    wanted = Search(asked.name, _specialization(asked.specialization))
    return _told(request, as_json.doctors(wanted, page=asked.page, size=asked.page_size))


def _specialization(named: str) -> int | None:
    if not named:
        return None
    row = row_named(named)
    if row is None or not Specialization.objects.filter(pk=row).exists():
        raise Invalid(Fault("#/specialization", "unknown", "There is no such specialization."))
    return row


@router.get("/doctors/{doctor_id}", response=DoctorDetails, **may(anyone_to_a_doctor))
def doctor(request: HttpRequest, doctor_id: UUID) -> DoctorDetails:  # noqa: ARG001 (ninja gives it)
    """One doctor; `nextOpening` is null while they have no open slot."""
    return DoctorDetails.of(openings.doctors_with_next_opening().get(pk=doctor_id))


class SlotsAsked(AskedDays):
    timezone: Timezone | None = None


@router.get("/doctors/{doctor_id}/slots", response=OpenSlots, **may(anyone_to_a_doctor))
def open_slots(
    request: HttpRequest, doctor_id: UUID, asked: Annotated[SlotsAsked, Query(...)]
) -> HttpResponseBase | None:
    """Open slots by the local date of `timezone`, which is the doctor's without it. At most 92 days."""
    return _told(request, as_json.open_slots(doctor_id, *_days(doctor_id, asked)))


@router.get("/doctors/{doctor_id}/days", response=FreeDays, **may(anyone_to_a_doctor))
def free_days(
    request: HttpRequest, doctor_id: UUID, asked: Annotated[SlotsAsked, Query(...)]
) -> HttpResponseBase | None:
    """The days that have open slots, and how many: `free`. Asked for as the slots themselves."""
    return _told(request, as_json.free_days(doctor_id, *_days(doctor_id, asked)))


def _days(doctor_id: UUID, asked: SlotsAsked) -> tuple[date, date, ZoneInfo]:
    zone = ZoneInfo(asked.timezone or Doctor.objects.get(pk=doctor_id).timezone)
    today = clinic_now().astimezone(zone).date()
    return (*asked.span(today=today, at_most=as_json.LONGEST_SPAN), zone)


def _told(request: HttpRequest, statement: as_json.Statement) -> HttpResponseBase | None:
    """Kept by browsers, and asked again each time: openings come and go."""
    with connection.cursor() as cursor:
        cursor.execute(*statement)
        told = cursor.fetchone()
    if told is None:  # the doctor has just been suspended
        raise NotFound
    response = HttpResponse(told[0], content_type="application/json")
    response["Cache-Control"] = "no-cache"
    response["ETag"] = etag = quote_etag(sha256(response.content).hexdigest())
    return get_conditional_response(request, etag=etag, response=response)


class ExplanationAsked(Asked):
    at: Instant


@router.get("/doctors/{doctor_id}/explain", response=ExplanationOut, **may(who_may_ask_why))
def explanation(
    request: ApiRequest, doctor_id: UUID, asked: Annotated[ExplanationAsked, Query(...)]
) -> ExplanationOut:
    """Why the doctor can or cannot be had at this instant: for the doctor, and the clinic's staff."""
    doctor = Doctor.objects.select_related("clinic").get(pk=doctor_id)
    told = explain(doctor, asked.at, to=request.person, now=clinic_now())
    return ExplanationOut.of(told, doctor)
