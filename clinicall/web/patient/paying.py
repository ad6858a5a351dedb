"""Coming back from a payment company unpaid; and the sandbox's page, which stands for such a company.

On that page a patient of the demo decides what becomes of a payment. It knows an amount, and neither
account nor appointment.
"""

from contextlib import suppress
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from clinicall import wiring
from clinicall.booking import settling
from clinicall.booking.checkout import unpaid
from clinicall.booking.models import Appointment
from clinicall.core.limits import SANDBOX_PAGES
from clinicall.core.money import Money
from clinicall.core.refusals import TryAgain
from clinicall.payments.gateway import GatewayDown
from clinicall.payments.models import SandboxCheckout
from clinicall.web.signed_in import SignedInRequest, patients_only
from clinicall.web.viewer import PageRequest

# What the page offers: its word on the wire, the button, and what it does.
CHOICES = {
    "succeed": (_("Succeed"), _("The card is accepted.")),
    "decline": (_("Decline"), _("The card is refused for good.")),
    "cancel": (_("Cancel"), _("The payer changes their mind.")),
    "slow": (_("Slow"), _("The bank takes 10 seconds, then accepts.")),
    "late": (_("Late"), _("The money arrives 10 seconds after the time is no longer held.")),
}
NEWS_COMES_LATER = ("slow", "late")


@require_safe
@never_cache
@patients_only
def turn_back(request: SignedInRequest, appointment_id: UUID) -> HttpResponse:
    """Where a payment page sends those who do not want to pay: the time is released at once.

    Only by the address that we gave to that page, as following any link must change nothing.
    """
    mine = Appointment.objects.visible_to(request.user).exclude(payment=None)
    appointment = get_object_or_404(mine, pk=appointment_id)
    proof = unpaid.signature(str(appointment.pk))
    if constant_time_compare(request.GET.get("proof", ""), proof):
        with suppress(GatewayDown, TryAgain):  # the poller goes on
            settling.turn_back(
                appointment.pk, gateway_for=wiring.payment_gateway, line=wiring.video_line()
            )
    return redirect("appointment", appointment_id)


@csrf_exempt  # a program may pay too; the address is the secret
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sandbox(request: PageRequest, token: str) -> HttpResponse:
    """The first choice counts and is settled before the answer; the same again answers the same."""
    SANDBOX_PAGES.count(request.META["REMOTE_ADDR"])
    choice = request.POST.get("outcome")
    if choice in CHOICES and (paid := wiring.sandbox_pay(token, choice)):
        tell_booking(paid)
        return HttpResponseRedirect(paid.return_url, status=303)
    asked = wiring.sandbox_checkout(token)
    if asked is None:
        raise Http404
    unknown = request.method == "POST"
    context = {
        "asked": asked,
        "price": Money(asked.amount, asked.currency),
        "choices": CHOICES,
        "over": bool(asked.outcome) or asked.closed,
        "unknown": unknown,
    }
    return render(request, "patient/sandbox.html", context, status=422 if unknown else 200)


def tell_booking(paid: SandboxCheckout) -> None:
    """What a real company would send to our webhook."""
    if paid.outcome in NEWS_COMES_LATER and paid.succeeds_at:
        settling.look_at(paid.reference, paid.succeeds_at)
        return
    with suppress(TryAgain):  # the poller asks again
        settling.settle(
            paid.reference, gateway_for=wiring.payment_gateway, line=wiring.video_line()
        )
