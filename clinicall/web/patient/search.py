"""Finding a doctor who has time."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from clinicall.booking import openings
from clinicall.core.limits import PUBLIC_READS
from clinicall.people.models import Doctor, Role, Specialization
from clinicall.schedule.models import Slot
from clinicall.web.patient import held
from clinicall.web.signed_in import SignedInRequest, signed_in
from clinicall.web.viewer import PageRequest

PAGE = 20
CHIPS = 3
BIGGEST_ID = 2**63 - 1


class SearchForm(forms.Form):
    name = forms.CharField(
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search", "autocomplete": "off", "dir": "auto"}),
        error_messages={"max_length": _("Use at most 100 characters of the name.")},
    )
    specialization = forms.IntegerField(required=False, min_value=1, max_value=BIGGEST_ID)


@dataclass(frozen=True)
class Found:
    """A doctor on the list, and their first open times, all on the day of the next one."""

    doctor: Doctor
    day: date
    times: list[Slot]


@require_safe
def search(request: PageRequest) -> HttpResponse:
    """Doctors with an open time, soonest first. Everything asked for stands in the address."""
    PUBLIC_READS.count(request.META["REMOTE_ADDR"])
    form = SearchForm(request.GET)
    form.is_valid()
    name = form.cleaned_data.get("name", "")
    specialization = form.cleaned_data.get("specialization")
    doctors = openings.search(name=name, specialization=specialization)
    page = Paginator(doctors, PAGE).get_page(request.GET.get("page"))
    specializations = list(specializations_with_openings())
    return render(
        request,
        "patient/search.html",
        {
            "form": form,
            "name": name,
            "chosen": specialization,
            "chosen_name": next((s.name for s in specializations if s.pk == specialization), None),
            "specializations": specializations,
            "page": page,
            "found": found(page.object_list, request),
        },
    )


def found(doctors: Iterable[Doctor], request: PageRequest) -> list[Found]:
    listed = list(doctors)
    soonest: dict[UUID, list[Slot]] = defaultdict(list)
    for slot in next_openings(listed):
        soonest[slot.doctor_id].append(slot)
    answer = []
    for doctor in listed:
        days = openings.by_day(soonest[doctor.pk], request.zone)
        # The last time may have gone since the doctors were read; then there is nobody to show.
        for day, times in list(days.items())[:1]:
            answer.append(Found(doctor, day, times))
    return answer


def next_openings(doctors: list[Doctor]) -> QuerySet[Slot]:
    """The first open slots of each, in one query."""
    place = Window(RowNumber(), partition_by=F("doctor"), order_by=F("starts_at").asc())
    slots = openings.open_slots().filter(doctor__in=doctors).annotate(place=place)
    return slots.filter(place__lte=CHIPS).order_by("starts_at")


def specializations_with_openings() -> QuerySet[Specialization]:
    """Those a patient can find somebody in, each with how many `doctors` have time."""
    with_time = openings.search().order_by().values("pk")
    counted = Specialization.objects.filter(doctor__in=with_time).annotate(doctors=Count("doctor"))
    return counted.order_by("name")


HOMES = {
    Role.PATIENT: "appointments",
    Role.DOCTOR: "agenda",
    Role.STAFF: "staff_home",
    Role.ADMIN: "staff_home",
}


@require_safe
@signed_in
def home(request: SignedInRequest) -> HttpResponse:
    """Where an account begins, by its role; and before that, what was held without one."""
    if as_guest := held.held_by(request):
        return redirect("claim", as_guest.appointment.pk)
    return redirect(HOMES[Role(request.user.role)])
