"""What payment companies tell us: written down once, acted on at once, and never simply believed."""

from contextlib import suppress

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from clinicall import wiring
from clinicall.api.problems import problem
from clinicall.booking import settling
from clinicall.core.clock import now
from clinicall.core.refusals import BadRequest, TryAgain
from clinicall.payments import refunds
from clinicall.payments.gateway import GatewayDown, Unsigned
from clinicall.payments.models import Refund


@csrf_exempt  # its signature says who sent it
def stripe(request: HttpRequest) -> HttpResponse:
    """Stripe's messages; 404 where the clinic does not use it. Whatever was signed is answered with 200,
    as telling us again would change nothing."""
    if settings.PAYMENT_PROVIDER != "stripe":
        raise Http404
    return _heard(request)


@require_POST
def _heard(request: HttpRequest) -> HttpResponse:
    signature = request.headers.get("Stripe-Signature", "")
    try:
        hint = wiring.payment_hint(request.body, signature, now=now())
    except Unsigned:
        return problem(request, BadRequest())
    payment_id = settling.hear("stripe", hint)
    if payment_id is None:
        return HttpResponse()
    # Both are due by now, so what fails here is done by the poller.
    with suppress(GatewayDown, TryAgain):
        settling.settle(payment_id, gateway_for=wiring.payment_gateway, line=wiring.video_line())
        ours = Refund.objects.filter(payment=payment_id, by_hand=None)
        if hint.refund and ours.filter(pk=hint.refund).exists():
            refunds.give_back(hint.refund, gateway_for=wiring.payment_gateway)
    return HttpResponse()
