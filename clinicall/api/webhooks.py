"""What other companies tell us: written down once, a reason to ask, and never simply believed."""

from contextlib import suppress

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from clinicall import wiring
from clinicall.api.problems import problem
from clinicall.booking import settling
from clinicall.consultation import hearing
from clinicall.core.clock import now
from clinicall.core.limits import WEBHOOKS
from clinicall.core.refusals import BadRequest, SlowDown, TryAgain
from clinicall.payments import refunds
from clinicall.payments.gateway import GatewayDown, Unsigned
from clinicall.payments.models import Refund
from clinicall.video.provider import NotSigned


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
        WEBHOOKS.count(request.META["REMOTE_ADDR"])
        hint = wiring.payment_hint(request.body, signature, now=now())
    except Unsigned:
        return problem(request, BadRequest())
    except SlowDown as refusal:  # they send it again
        return problem(request, refusal)
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


@csrf_exempt  # as above
def agora(request: HttpRequest) -> HttpResponse:
    """Agora's notifications of who came to a call and who left; 404 where the clinic does not get them."""
    if not settings.AGORA_NOTIFICATION_SECRET:
        raise Http404
    return _noticed(request)


@require_POST
def _noticed(request: HttpRequest) -> HttpResponse:
    signature = request.headers.get("Agora-Signature-V2", "")
    try:
        WEBHOOKS.count(request.META["REMOTE_ADDR"])
        notice = wiring.call_notice(request.body, signature, now=now())
    except NotSigned:
        return problem(request, BadRequest())
    except SlowDown as refusal:  # as above
        return problem(request, refusal)
    if notice:
        hearing.hear(notice)
    return JsonResponse({})  # it asks for a JSON body
