"""Who runs the clinics: an admin invites staff and closes accounts."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from clinicall.booking import particulars
from clinicall.core.refusals import Refusal
from clinicall.messages.accounts import send_factors_taken_away, send_invitation
from clinicall.people import staffing
from clinicall.people.inviting import AlreadyHere
from clinicall.people.models import Clinic, Role, User
from clinicall.people.staffing import dismiss, invite_staff, who_run_clinics
from clinicall.web.filled_in import usable
from clinicall.web.signed_in import SignedInRequest
from clinicall.web.staff.staff_only import admin_only, say_whether_sent


class InviteStaffForm(forms.Form):
    email = forms.CharField(
        label=_("Email"),
        error_messages={"required": _("Enter an email address.")},
        widget=forms.TextInput({"type": "email", "spellcheck": "false", "inputmode": "email"}),
    )
    clinic = forms.ModelChoiceField(
        Clinic.objects.order_by("name"),
        label=_("Clinic"),
        empty_label=None,
        help_text=_("They see this clinic only."),
        error_messages={
            "required": _("Choose a clinic."),
            "invalid_choice": _("Choose a clinic from the list."),
        },
    )

    def clean_email(self) -> str:
        return usable(particulars.email, self.cleaned_data["email"])


@require_http_methods(["GET", "HEAD", "POST"])
@admin_only
def staff_people(request: SignedInRequest) -> HttpResponse:
    form = InviteStaffForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            user = invite_staff(data["email"], data["clinic"], by=request.user)
        except AlreadyHere:
            form.add_error("email", _("There is an account with this email already."))
        else:
            said = _("%(person)s is invited by mail.") % {"person": user.email}
            say_whether_sent(request, send_invitation(user), said)
            return redirect("staff_people")
    context = {
        "form": form,
        "people": who_run_clinics().order_by("-is_active", "role", "email"),
    }
    return render(request, "staff/people.html", context, status=422 if form.errors else 200)


@require_POST
@admin_only
def invite_staff_again(request: SignedInRequest, user_id: UUID) -> HttpResponse:
    person = get_object_or_404(who_run_clinics().filter(is_active=True), pk=user_id)
    said = _("%(person)s has a new link.") % {"person": person.email}
    say_whether_sent(request, send_invitation(person), said)
    return redirect("staff_people")


@require_POST
@admin_only
def take_factors_away(request: SignedInRequest, user_id: UUID) -> HttpResponse:
    """Of a doctor, a member of staff or another admin; one's own go on one's own pages."""
    colleagues = User.objects.exclude(role=Role.PATIENT).exclude(pk=request.user.pk)
    person = get_object_or_404(colleagues.filter(is_active=True), pk=user_id)
    staffing.take_factors_away(person, by=request.user)
    said = _("%(email)s sets up a new second step at the next sign-in.")
    sent = send_factors_taken_away(person)
    say_whether_sent(request, sent, said % {"email": person.email})
    return (
        redirect("staff_doctor", user_id)
        if person.role == Role.DOCTOR
        else redirect("staff_people")
    )


@require_POST
@admin_only
def close_staff_account(request: SignedInRequest, user_id: UUID) -> HttpResponse:
    person = get_object_or_404(who_run_clinics(), pk=user_id)
    try:
        dismiss(user_id, by=request.user)
    except Refusal as refusal:
        said = _("%(why)s. Nothing was changed.") % {"why": refusal.detail}
        messages.error(request, said)
    else:
        said = _("The account of %(email)s is closed.") % {"email": person.email}
        messages.success(request, said)
    return redirect("staff_people")
