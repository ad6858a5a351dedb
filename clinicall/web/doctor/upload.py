"""Hours by file: a doctor uploads a schedule that a spreadsheet wrote, and takes it away the same way."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from clinicall.core import clock
from clinicall.core.refusals import TooLarge, WrongType
from clinicall.people.models import Doctor
from clinicall.schedule import uploading
from clinicall.schedule.hours_file import LARGEST, MOST_ROWS, UnusableFile
from clinicall.schedule.slotting import FARTHEST, LONGEST, MOST_SLOTS, SHORTEST
from clinicall.schedule.uploading import Uploaded
from clinicall.web.doctor.doctors_only import doctors_only
from clinicall.web.doctor.forms import NO_DATE
from clinicall.web.signed_in import SignedInRequest


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Your file"),
        help_text=gettext_lazy("A CSV file in UTF-8. It is read once and not kept."),
        allow_empty_file=True,  # what is wrong with it is told as for any other
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "missing": gettext_lazy("Choose a file."),
            "invalid": gettext_lazy("Choose a file."),
        },
        widget=forms.FileInput({"accept": ".csv,text/csv"}),
    )


class ExportForm(forms.Form):
    """The dates to take away, both included. Not bound: everything from tomorrow on."""

    def __init__(self, *args: Any, today: date) -> None:
        super().__init__(*args)
        first, last = today + timedelta(days=1), today + FARTHEST
        # `from` cannot be an attribute of a class.
        for name, label, initial, required in (
            ("from", _("From"), first, _("Choose a date to export from.")),
            ("to", _("To"), last, _("Choose a date to export to.")),
        ):
            self.fields[name] = forms.DateField(
                label=label,
                initial=initial,
                input_formats=["%Y-%m-%d"],
                error_messages={
                    "required": required,
                    "invalid": NO_DATE,
                },
                widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            )

    def clean(self) -> dict[str, date]:
        data = self.cleaned_data
        if not self.errors and data["to"] < data["from"]:
            self.add_error("to", _("Choose an end that is not before the start."))
        return data


@require_http_methods(["GET", "HEAD", "POST"])
@doctors_only
def upload_hours(request: SignedInRequest, doctor: Doctor) -> HttpResponse:
    """Publish all of a file, or nothing of it and say what is wrong in which line."""
    if request.method != "POST":
        return _page(request, doctor, UploadForm())
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, doctor, form, status=422)
    file = form.cleaned_data["file"]
    try:
        done = uploading.upload(doctor, file.read(LARGEST + 1), now=clock.now())
    except (TooLarge, WrongType) as refusal:
        form.add_error("file", refusal.detail)
        return _page(request, doctor, form, status=refusal.status)
    except UnusableFile as refusal:
        form.add_error(None, _what_is_wrong(refusal))
        return _page(request, doctor, form, status=refusal.status, unusable=refusal)
    messages.success(request, _what_was_added(done))
    return redirect(f"{reverse('schedule')}?week={done.days[0]}")


def _page(
    request: SignedInRequest, doctor: Doctor, form: forms.Form, *, status: int = 200, **more: object
) -> HttpResponse:
    context = {
        "form": form,
        "export": ExportForm(today=_today(doctor)),
        "doctor_zone": ZoneInfo(doctor.timezone),
        "largest_kib": LARGEST >> 10,
        "most_rows": MOST_ROWS,
        "most_slots": MOST_SLOTS,
        "shortest": SHORTEST,
        "longest": LONGEST,
        "farthest": FARTHEST.days,
    }
    return render(request, "doctor/upload_hours.html", context | more, status=status)


def _what_is_wrong(refusal: UnusableFile) -> str:
    return ngettext(
        "One thing in the file is wrong. Nothing was saved.",
        "%(count)s things in the file are wrong. Nothing was saved.",
        refusal.count,
    ) % {"count": refusal.count}


def _what_was_added(done: Uploaded) -> str:
    count, days = len(done.days), date_format(done.days[0])
    if count > 1:
        days = ngettext(
            "%(count)s day, %(first)s to %(last)s", "%(count)s days, %(first)s to %(last)s", count
        ) % {"count": count, "first": days, "last": date_format(done.days[-1])}
    added = ngettext(
        "%(slots)s slot added on %(days)s.", "%(slots)s slots added on %(days)s.", done.slots
    ) % {"slots": done.slots, "days": days}
    if not done.left_over:
        return added
    left = ngettext(
        "On %(count)s day some minutes at the end are too short for a slot and are not offered.",
        "On %(count)s days some minutes at the end are too short for a slot and are not offered.",
        len(done.left_over),
    ) % {"count": len(done.left_over)}
    return f"{added} {left}"


@require_safe
@doctors_only
def template(request: SignedInRequest, doctor: Doctor) -> HttpResponse:  # noqa: ARG001 (Django gives it)
    """A file to fill in, with examples for the doctor's coming week."""
    return _file(uploading.template(_today(doctor)), "hours-template")


@require_safe
@doctors_only
def export(request: SignedInRequest, doctor: Doctor) -> HttpResponse:
    """The hours of the dates `?from=&to=` as a file that can be uploaded elsewhere."""
    form = ExportForm(request.GET, today=_today(doctor))
    if not form.is_valid():
        return _page(request, doctor, UploadForm(), status=422, export=form)
    first, last = form.cleaned_data["from"], form.cleaned_data["to"]
    return _file(uploading.exported(doctor, first, last), f"hours-{first}-to-{last}")


def _file(text: str, name: str) -> HttpResponse:
    response = HttpResponse(text, content_type="text/csv; charset=utf-8; header=present")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _today(doctor: Doctor) -> date:
    return clock.now().astimezone(ZoneInfo(doctor.timezone)).date()
