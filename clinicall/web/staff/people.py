"""Who runs the clinics: an admin invites staff and closes accounts."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
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
        label="Email",
        error_messages={"required": "Enter an email address"},
        widget=forms.TextInput({"type": "email", "spellcheck": "false", "inputmode": "email"}),
    )
    clinic = forms.ModelChoiceField(
        Clinic.objects.order_by("name"),
        label="Clinic",
        empty_label=None,
        help_text="They see this clinic only.",
        error_messages={
            "required": "Choose a clinic",
            "invalid_choice": "Choose a clinic from the list",
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
            form.add_error("email", "There is an account with this email already")
        else:
            say_whether_sent(request, send_invitation(user), f"{user.email} is invited by mail.")
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
    say_whether_sent(request, send_invitation(person), f"{person.email} has a new link.")
    return redirect("staff_people")


@require_POST
@admin_only
def take_factors_away(request: SignedInRequest, user_id: UUID) -> HttpResponse:
    """Of a doctor, a member of staff or another admin; one's own go on one's own pages."""
    colleagues = User.objects.exclude(role=Role.PATIENT).exclude(pk=request.user.pk)
    person = get_object_or_404(colleagues.filter(is_active=True), pk=user_id)
    staffing.take_factors_away(person, by=request.user)
    said = f"{person.email} sets up a new second step at the next sign-in."
    say_whether_sent(request, send_factors_taken_away(person), said)
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
        messages.error(request, f"{refusal.detail}. Nothing was changed.")
    else:
        messages.success(request, f"The account of {person.email} is closed.")
    return redirect("staff_people")
