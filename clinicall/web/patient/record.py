"""A patient's own record: who opened it, when, and what for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from clinicall.booking.models import Appointment, NicReveal
from clinicall.people.models import Doctor, Role
from clinicall.records.models import Action, AuditEntry
from clinicall.web.signed_in import SignedInRequest, patients_only

PAGE = 20

# By what it was, where that says more than what kind of thing was done.
WHAT = {
    (Action.LISTED, "agenda"): gettext_lazy("Saw it on the agenda"),
    (Action.VIEWED, "room"): gettext_lazy("Opened the page of the call"),
    (Action.VIEWED, "call"): gettext_lazy("Entered the call"),
    (Action.CHANGED, "cancel"): gettext_lazy("Cancelled the appointment"),
    (Action.CHANGED, "complete"): gettext_lazy("Marked how the visit went"),
    (Action.CHANGED, "running_late"): gettext_lazy("Said how late the visit begins"),
    (Action.CHANGED, "reopen"): gettext_lazy("Took back how the visit was marked"),
}
DONE = {
    Action.VIEWED: gettext_lazy("Looked at it"),
    Action.LISTED: gettext_lazy("Saw it in a list"),
    Action.REVEALED: gettext_lazy("Looked at your whole NIC"),
    Action.CHANGED: gettext_lazy("Changed it"),
    Action.EXPORTED: gettext_lazy("Took a copy of your record"),
    Action.ERASED: gettext_lazy("Erased something of your record"),
}


@dataclass(frozen=True)
class Look:
    """What one entry of the audit says to the patient it is about."""

    at: datetime
    who: str
    what: str
    reveals: Sequence[NicReveal]
    appointments: Sequence[Appointment]


@require_safe
@patients_only
def record(request: SignedInRequest) -> HttpResponse:
    """The latest on top. What patients do with their own record is no news to them."""
    others = AuditEntry.objects.filter(subjects__contains=[request.user.pk])
    others = others.exclude(actor_id=request.user.pk).order_by("-pk")
    page = Paginator(others, PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "looks": _looks(list(page.object_list), request.user.pk)}
    return render(request, "patient/record.html", context)


def _looks(entries: Sequence[AuditEntry], patient_id: UUID) -> list[Look]:
    seen = {one for entry in entries for one in entry.objects_seen}
    # A list names other people's appointments too.
    mine = Appointment.objects.filter(patient=patient_id).in_bulk(seen)
    reveals = NicReveal.objects.filter(appointment__patient=patient_id).in_bulk(seen)
    actors = {entry.actor_id for entry in entries}
    names = dict(Doctor.objects.filter(pk__in=actors).values_list("pk", "name"))
    return [
        Look(
            at=entry.at,
            who=_who(entry, names),
            what=str(WHAT.get((Action(entry.action), entry.what), DONE[Action(entry.action)])),
            reveals=[reveals[one] for one in entry.objects_seen if one in reveals],
            appointments=[mine[one] for one in entry.objects_seen if one in mine],
        )
        for entry in entries
    ]


def _who(entry: AuditEntry, names: dict[UUID, str]) -> str:
    if entry.actor_id is None:
        return _("The clinic’s operator")
    if entry.actor_role == Role.DOCTOR:
        return names.get(entry.actor_id, _("A doctor"))
    return _("The clinic’s staff")
