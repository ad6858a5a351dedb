"""Applying as a doctor: the form, a code that proves the e-mail, and the wait for the clinic.

Until the code comes back nothing is kept but in the visitor's session, and nobody learns from any answer
whether an address has an account: that is told to the address.
"""

import secrets
import time
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from clinicall.messages.accounts import send_application_code, send_no_application
from clinicall.people import doctors
from clinicall.people.inviting import AlreadyHere, one_time_path
from clinicall.people.models import Clinic, Doctor, DoctorState, User
from clinicall.web.profiles import ApplicationForm
from clinicall.web.signed_in import SignedInRequest, signed_in
from clinicall.web.viewer import PageRequest

KEPT = "application"
TRIES = 3
# As a code to sign in.
MINUTES = settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT // 60


class CodeForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=20,
        error_messages={"required": gettext_lazy("Enter the code from the mail.")},
        widget=forms.TextInput({"autocomplete": "one-time-code", "spellcheck": "false"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def apply(request: PageRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return render(request, "doctor/apply_signed_out.html", status=403)
    clinics = Clinic.objects.all()
    if request.method != "POST":
        form = ApplicationForm(clinics=clinics, initial={"timezone": request.zone.key})
        return _form(request, form)
    if limited := ratelimit.consume_or_429(request, action="signup"):
        answer: HttpResponse = limited
        return answer
    form = ApplicationForm(request.POST, clinics=clinics)
    if not form.is_valid():
        return _form(request, form)
    _mail_the_code(request, form.cleaned_data["email"])
    return redirect("apply_code")


def _form(request: PageRequest, form: ApplicationForm) -> HttpResponse:
    return render(request, "doctor/apply.html", {"form": form}, status=422 if form.errors else 200)


def _mail_the_code(request: PageRequest, email: str) -> None:
    """Keeps what was sent until the code comes back. For an address with an account no code will do."""
    code = ""
    if User.objects.filter(email=email.lower()).exists():
        send_no_application(email)
    else:
        code = get_adapter().generate_email_verification_code()
        send_application_code(email, code, minutes=MINUTES)
    request.session[KEPT] = {
        "sent": request.POST.dict(),
        "code": code,
        "until": time.time() + MINUTES * 60,
        "tries": TRIES,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def confirm(request: PageRequest) -> HttpResponse:
    """The code from the mail; three wrong ones, or a late one, and it begins anew."""
    kept: dict[str, Any] | None = request.session.get(KEPT)
    if kept is None or kept["until"] < time.time():
        return redirect("apply")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if _is_right(form.cleaned_data["code"], kept["code"]):
            return _applied(request, kept["sent"])
        kept["tries"] -= 1
        request.session[KEPT] = kept
        form.add_error("code", _("This is not the code we sent. Check it."))
        if not kept["tries"]:
            del request.session[KEPT]
            return render(request, "doctor/apply_again.html", status=422)
    context = {"form": form, "email": kept["sent"]["email"], "minutes": MINUTES}
    return render(request, "doctor/apply_code.html", context, status=422 if form.errors else 200)


def _is_right(told: str, code: str) -> bool:
    """However it is spelled: capitals and dashes are for the eye."""

    def plain(text: str) -> bytes:
        return text.replace("-", "").replace(" ", "").lower().encode()

    return bool(code) and secrets.compare_digest(plain(told), plain(code))


def _applied(request: PageRequest, sent: dict[str, str]) -> HttpResponse:
    """The account is made, and its doctor goes on to choose a password."""
    del request.session[KEPT]
    form = ApplicationForm(sent, clinics=Clinic.objects.all())
    if not form.is_valid():  # the clinic has changed its lists meanwhile
        return _form(request, form)
    data = form.cleaned_data
    try:
        doctor = doctors.apply(data["email"], form.profile(), form.clinic(), data["timezone"])
    except AlreadyHere:  # made in another window just now
        return redirect("account_login")
    # Forms may lead nowhere but to the address they came from, which need not be SITE_URL.
    return redirect(one_time_path(doctor.user))


@require_safe
@signed_in
def application(request: SignedInRequest) -> HttpResponse:
    """All that somebody sees whose application nobody has decided yet."""
    doctor = Doctor.objects.select_related("clinic").filter(user=request.user).first()
    if doctor is None:
        raise PermissionDenied
    if doctor.state != DoctorState.APPLIED:
        return redirect("agenda")
    return render(request, "doctor/application.html", {"doctor": doctor})
