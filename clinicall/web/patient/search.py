"""Finding a doctor who has time."""

import re
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django import forms
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from clinicall.booking import openings, searching
from clinicall.booking.searching import Found, Results, Search
from clinicall.core.limits import PUBLIC_READS
from clinicall.people.models import Doctor, Role
from clinicall.schedule.models import Slot
from clinicall.web.patient import held
from clinicall.web.signed_in import SignedInRequest, signed_in
from clinicall.web.viewer import PageRequest

PAGE = 20
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
class Listed:
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
    chosen = form.cleaned_data.get("specialization")
    results, page = page_of(Search(name, chosen), request)
    specializations = searching.specializations()
    return render(
        request,
        "patient/search.html",
        {
            "form": form,
            "name": name,
            "chosen": chosen,
            "chosen_name": next((s.name for s in specializations if s.pk == chosen), None),
            "specializations": specializations,
            "page": page,
            "most": searching.MOST,
            "found": [listed(one, request.zone) for one in results.found],
            "now": results.at,
        },
    )


def page_of(wanted: Search, request: PageRequest) -> tuple[Results, "Page[int]"]:
    """Those on the page that `?page=` asks for, or on the last one, and where that lies."""
    asked = request.GET.get("page", "")
    number = int(asked) if re.fullmatch("[1-9][0-9]{0,5}", asked) else 1
    results = searching.search(wanted, skip=(number - 1) * PAGE, size=PAGE)
    page = Paginator(range(results.total), PAGE).get_page(number)
    if page.number != number:
        results = searching.search(wanted, skip=(page.number - 1) * PAGE, size=PAGE)
    return results, page


def listed(found: Found, zone: ZoneInfo) -> Listed:
    day, times = next(iter(openings.by_day(found.times, zone).items()))
    return Listed(found.doctor, day, times)


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
