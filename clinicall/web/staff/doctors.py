"""The clinic's doctors: who has applied, who is there, and who goes.

Every press may come twice, or after somebody else's: then nothing is changed, and the page says so.
"""

from collections.abc import Callable
from contextlib import suppress
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, Count, OuterRef, Subquery, When
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinicall import wiring
from clinicall.booking import leaving
from clinicall.booking.leaving import MAY_LEAVE
from clinicall.booking.models import Appointment, ended
from clinicall.booking.states import Status
from clinicall.core.clock import ClinicNow
from clinicall.core.refusals import Refusal, TryAgain
from clinicall.messages.accounts import send_approval, send_declined, send_invitation
from clinicall.people import doctors
from clinicall.people.doctors import overseen_by
from clinicall.people.inviting import AlreadyHere
from clinicall.people.models import Clinic, Doctor, DoctorState, Specialization
from clinicall.schedule.models import Slot
from clinicall.web.profiles import NewDoctorForm, ProfileForm, said_of
from clinicall.web.signed_in import SignedInRequest
from clinicall.web.staff.staff_only import clinics_of, say_whether_sent, staff_only

CHIPS = {
    DoctorState.APPLIED: (pgettext_lazy("doctor", "Has applied"), "warn"),
    DoctorState.ACTIVE: (pgettext_lazy("doctor", "Active"), "ok"),
    DoctorState.SUSPENDED: (pgettext_lazy("doctor", "Suspended"), "danger"),
    DoctorState.LEAVING: (pgettext_lazy("doctor", "Leaving"), "info"),
    DoctorState.LEFT: (pgettext_lazy("doctor", "Has left"), "over"),
}
ORDER = [DoctorState.APPLIED, *(one for one in DoctorState if one != DoctorState.APPLIED)]
PAGE = 50
LONGEST = 200  # visits that the page about leaving lists


def of_chip(doctor: Doctor) -> dict[str, str]:
    chip, kind = CHIPS[DoctorState(doctor.state)]
    return {"chip": str(chip), "kind": kind}


@require_safe
@staff_only
def staff_doctors(request: SignedInRequest) -> HttpResponse:
    """Who has applied comes first, and who has left last."""
    visits = Appointment.objects.filter(
        ~ended(ClinicNow()), doctor=OuterRef("pk"), status=Status.CONFIRMED
    )
    # Counted by themselves: a join would read all that each of them ever offered.
    times = Slot.objects.filter(doctor=OuterRef("pk"), starts_at__gt=ClinicNow()).order_by()
    counted = times.values("doctor").annotate(count=Count("pk"))
    found = (
        overseen_by(request.user)
        .annotate(
            times_ahead=Coalesce(Subquery(counted.values("count")), 0),
            next_visit=Subquery(visits.order_by("starts_at").values("starts_at")[:1]),
            order=Case(*(When(state=one, then=n) for n, one in enumerate(ORDER))),
        )
        .order_by("order", "name", "pk")
    )
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    rows = [{"doctor": doctor, **of_chip(doctor)} for doctor in page.object_list]
    several_clinics = clinics_of(request.user).count() > 1
    context = {"rows": rows, "page": page, "several_clinics": several_clinics}
    return render(request, "staff/doctors.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def invite_doctor(request: SignedInRequest) -> HttpResponse:
    clinics = clinics_of(request.user)
    if request.method != "POST":
        first = clinics.order_by("name").first()
        form = NewDoctorForm(clinics=clinics, initial={"timezone": first and first.timezone})
        return _invitation(request, form)
    form = NewDoctorForm(request.POST, clinics=clinics)
    if not form.is_valid():
        return _invitation(request, form)
    data = form.cleaned_data
    try:
        doctor = doctors.invite_doctor(
            data["email"], form.profile(), form.clinic(), data["timezone"], by=request.user
        )
    except AlreadyHere:
        form.add_error("email", _("There is an account with this email already."))
        return _invitation(request, form)
    said = _("%(person)s is invited by mail.") % {"person": doctor.name}
    say_whether_sent(request, send_invitation(doctor.user), said)
    return redirect("staff_doctor", doctor.pk)


def _invitation(request: SignedInRequest, form: NewDoctorForm) -> HttpResponse:
    context = {"form": form, "specializations": Specialization.objects.order_by("name")}
    status = 422 if form.errors else 200
    return render(request, "staff/invite_doctor.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def staff_doctor(request: SignedInRequest, doctor_id: UUID) -> HttpResponse:
    """What is said of one doctor, to be changed, and the steps that can be taken with them."""
    doctor = get_object_or_404(overseen_by(request.user), pk=doctor_id)
    clinic = Clinic.objects.filter(pk=doctor.clinic_id)
    if request.method == "POST":
        form = ProfileForm(request.POST, clinics=clinic)
        if form.is_valid():
            doctors.edit(doctor_id, form.profile(), by=request.user)
            messages.success(request, _("Saved. Visits that are booked keep their fee."))
            return redirect("staff_doctor", doctor_id)
    else:
        form = ProfileForm(clinics=clinic, initial=said_of(doctor))
    context = {
        "doctor": doctor,
        **of_chip(doctor),
        "form": form,
        "specializations": Specialization.objects.order_by("name"),
        "may_leave": doctor.state in MAY_LEAVE,
        "has_signed_in": doctor.user.last_login is not None,
        "to_come": leaving.to_come(doctor_id).count(),
    }
    status = 422 if form.errors else 200
    return render(request, "staff/doctor.html", context, status=status)


@require_POST
@staff_only
def resend_invitation(request: SignedInRequest, doctor_id: UUID) -> HttpResponse:
    found = overseen_by(request.user).filter(user__is_active=True)
    doctor = get_object_or_404(found, pk=doctor_id)
    said = _("%(person)s has a new link.") % {"person": doctor.name}
    say_whether_sent(request, send_invitation(doctor.user), said)
    return redirect("staff_doctor", doctor_id)


@require_POST
@staff_only
def approve_doctor(request: SignedInRequest, doctor_id: UUID) -> HttpResponse:
    doctor = get_object_or_404(overseen_by(request.user), pk=doctor_id)
    if _stepped(request, lambda: doctors.approve(doctor_id, by=request.user)):
        said = _("%(doctor)s can publish hours now.") % {"doctor": doctor.name}
        say_whether_sent(request, send_approval(doctor), said)
    return redirect("staff_doctor", doctor_id)


@require_POST
@staff_only
def decline_doctor(request: SignedInRequest, doctor_id: UUID) -> HttpResponse:
    doctor = get_object_or_404(overseen_by(request.user), pk=doctor_id)
    if _stepped(request, lambda: doctors.decline(doctor_id, by=request.user)):
        said = _("The application of %(doctor)s is declined.") % {"doctor": doctor.name}
        say_whether_sent(request, send_declined(doctor), said)
    return redirect("staff_doctor", doctor_id)


@require_POST
@staff_only
def suspend_doctor(request: SignedInRequest, doctor_id: UUID) -> HttpResponse:
    doctor = get_object_or_404(overseen_by(request.user), pk=doctor_id)
    if _stepped(request, lambda: doctors.suspend(doctor_id, by=request.user)):
        said = _("%(doctor)s is suspended: nobody can book them. The visits that stand take place.")
        messages.success(request, said % {"doctor": doctor.name})
    return redirect("staff_doctor", doctor_id)


@require_POST
@staff_only
def bring_back_doctor(request: SignedInRequest, doctor_id: UUID) -> HttpResponse:
    doctor = get_object_or_404(overseen_by(request.user), pk=doctor_id)
    if _stepped(request, lambda: doctors.bring_back(doctor_id, by=request.user)):
        said = _("%(doctor)s is back and can be booked.") % {"doctor": doctor.name}
        messages.success(request, said)
    return redirect("staff_doctor", doctor_id)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def doctor_leaves(request: SignedInRequest, doctor_id: UUID) -> HttpResponse:
    """What stands with a doctor who is to leave, and `visits=hold` or `visits=call-off` for it."""
    doctor = get_object_or_404(overseen_by(request.user), pk=doctor_id)
    if doctor.state not in MAY_LEAVE:
        said = _("%(doctor)s is not with the clinic. Nothing was changed.")
        messages.info(request, said % {"doctor": doctor.name})
        return redirect("staff_doctor", doctor_id)
    choice = request.POST.get("visits")
    if request.method == "POST" and choice in ("hold", "call-off"):
        return _left(request, doctor, call_off=choice == "call-off")
    to_come = leaving.to_come(doctor_id)
    context = {
        "doctor": doctor,
        "doctor_zone": ZoneInfo(doctor.timezone),
        "count": to_come.count(),
        "to_come": to_come[:LONGEST],
        "longest": LONGEST,
        "owed": to_come.filter(status=Status.CONFIRMED).exclude(price_amount=0).count(),
        "nothing_chosen": request.method == "POST",
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "staff/doctor_leaves.html", context, status=status)


def _left(request: SignedInRequest, doctor: Doctor, *, call_off: bool) -> HttpResponse:
    if _stepped(request, lambda: leaving.begin(doctor.pk, call_off=call_off, by=request.user)):
        with suppress(TryAgain):  # it has begun, and the worker goes on with it
            leaving.go_on(doctor.pk, gateway_for=wiring.payment_gateway, line=wiring.video_line())
        doctor.refresh_from_db()
        if doctor.state == DoctorState.LEFT:
            said = _("%(doctor)s has left, and their account is closed.")
        else:
            said = _(
                "%(doctor)s is leaving: nobody can book them any more. Their account is closed by"
                " itself once the last visit is over."
            )
        messages.success(request, said % {"doctor": doctor.name})
    return redirect("staff_doctor", doctor.pk)


def _stepped(request: SignedInRequest, step: Callable[[], None]) -> bool:
    """Whether it was taken; if not, the next page says why."""
    try:
        step()
    except Refusal as refusal:
        said = _("%(why)s. Nothing was changed.") % {"why": refusal.detail.rstrip(".")}
        messages.error(request, said)
        return False
    return True
