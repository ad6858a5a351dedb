"""The public directory: who has time, and when."""

from hashlib import sha256
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count
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
    DoctorOut,
    DoctorsPage,
    ExplanationOut,
    OpenSlots,
    Specializations,
    SpecializationWithDoctors,
)
from clinicall.booking import openings
from clinicall.booking.explaining import explain
from clinicall.core.clock import now as clinic_now
from clinicall.core.refusals import Fault, Invalid
from clinicall.people.models import Doctor, Specialization

LONGEST_SPAN = 92  # days

router = Router(tags=["Doctors"])


@router.get("/specializations", response=Specializations, **may(anyone))
def specializations(request: HttpRequest) -> Specializations:  # noqa: ARG001 (ninja gives it)
    """The specializations of doctors who have an open slot."""
    counted = (
        openings.search()
        .order_by("specialization__name")
        .values_list("specialization_id", "specialization__name")
        .annotate(doctors=Count("pk"))
    )
    return Specializations(
        items=[
            SpecializationWithDoctors(id=str(pk), name=name, doctors=doctors)
            for pk, name, doctors in counted
        ]
    )


class DoctorsAsked(AskedPage):
    name: SearchText = ""
    specialization: SomeId = ""


@router.get("/doctors", response=DoctorsPage, **may(anyone))
def doctors(
    request: HttpRequest,  # noqa: ARG001 (ninja gives it)
    asked: Annotated[DoctorsAsked, Query(...)],
) -> DoctorsPage:
    """Doctors who have an open slot, the soonest first."""
    found = openings.search(name=asked.name, specialization=_specialization(asked.specialization))
    rows, total = asked.of(found)
    items = list(map(DoctorOut.of, rows))
    return DoctorsPage(items=items, page=asked.page, page_size=asked.page_size, total=total)


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
    doctor = Doctor.objects.get(pk=doctor_id)
    zone = ZoneInfo(asked.timezone or doctor.timezone)
    today = clinic_now().astimezone(zone).date()
    first, last = asked.span(today=today, at_most=LONGEST_SPAN)
    days = openings.open_slots_by_day(doctor, first, last, zone)
    told = OpenSlots.of(days, zone.key).model_dump_json(by_alias=True).encode()
    response = HttpResponse(told, content_type="application/json")
    # Kept by browsers, and asked again each time: slots come and go.
    response["Cache-Control"] = "no-cache"
    response["ETag"] = etag = quote_etag(sha256(told).hexdigest())
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
