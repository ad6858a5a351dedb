"""Money that has not come to its end: what happened, what happens by itself, and what a person can do.

Every press may come twice, or late: what has meanwhile been settled stays so, and the page says it.
"""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clinicall.booking import settling
from clinicall.booking.unsettled import events_of, payments_of, refunds_of, unsettled
from clinicall.core import clock
from clinicall.payments import refunds
from clinicall.payments.models import PaymentState, RefundState
from clinicall.web.signed_in import SignedInRequest
from clinicall.web.staff.staff_only import staff_only

LONGEST = 100  # rows of one kind on the page


@require_safe
@staff_only
def money(request: SignedInRequest) -> HttpResponse:
    now = clock.now()
    open_things = unsettled(request.user, now=now)
    context = {
        "for_a_person": open_things.for_a_person,
        "paid_without_a_visit": open_things.paid_without_a_visit[:LONGEST],
        "refunds_for_a_person": open_things.refunds_for_a_person[:LONGEST],
        "payments_for_a_person": open_things.payments_for_a_person[:LONGEST],
        "events_set_aside": open_things.events_set_aside[:LONGEST],
        "refunds_on_their_way": open_things.refunds_on_their_way[:LONGEST],
        "payments_open_for_long": open_things.payments_open_for_long[:LONGEST],
        "longest": LONGEST,
        "now": now,
    }
    return render(request, "staff/money.html", context)


@require_POST
@staff_only
def refund_again(request: SignedInRequest, refund_id: UUID) -> HttpResponse:
    refund = get_object_or_404(refunds_of(request.user), pk=refund_id)
    refunds.try_again(refund_id)
    refund.refresh_from_db()
    if refund.state == RefundState.SUCCEEDED:
        said = _("%(sum)s is given back already. Nothing was changed.")
        messages.info(request, said % {"sum": refund.money})
    else:
        said = _("The provider is asked for %(sum)s again.")
        messages.success(request, said % {"sum": refund.money})
    return redirect("money")


@require_POST
@staff_only
def refund_by_hand(request: SignedInRequest, refund_id: UUID) -> HttpResponse:
    """Only with the box ticked: nobody asks the provider any more after this."""
    refund = get_object_or_404(refunds_of(request.user), pk=refund_id)
    if "given" not in request.POST:
        said = _("Tick the box to say that %(sum)s has been given back. Nothing was changed.")
        messages.error(request, said % {"sum": refund.money})
        return redirect("money")
    refunds.given_by_hand(refund_id, by=request.user.pk)
    refund.refresh_from_db()
    if refund.by_hand:
        said = _("Noted: %(sum)s was given back by hand.")
        messages.success(request, said % {"sum": refund.money})
    elif refund.state == RefundState.SUCCEEDED:
        said = _(
            "The provider has given %(sum)s back meanwhile. If you gave it back as well, the"
            " patient has it twice."
        )
        messages.warning(request, said % {"sum": refund.money})
    else:
        said = _(
            "The provider is being asked for %(sum)s again. Nothing was changed: wait for"
            " what it says."
        )
        messages.warning(request, said % {"sum": refund.money})
    return redirect("money")


@require_POST
@staff_only
def payment_again(request: SignedInRequest, payment_id: UUID) -> HttpResponse:
    payment = get_object_or_404(payments_of(request.user), pk=payment_id)
    settling.ask_again(payment_id)
    if payment.state != PaymentState.SUCCEEDED:
        said = _("The provider is asked about %(sum)s again.")
        messages.success(request, said % {"sum": payment.money})
    else:
        said = _("The payment of %(sum)s is settled. Nothing was changed.")
        messages.info(request, said % {"sum": payment.money})
    return redirect("money")


@require_POST
@staff_only
def payment_by_hand(request: SignedInRequest, payment_id: UUID) -> HttpResponse:
    """Only with the box ticked, as above."""
    payment = get_object_or_404(payments_of(request.user), pk=payment_id)
    if "ended" not in request.POST:
        said = _("Tick the box to say that nobody’s %(sum)s is left there. Nothing was changed.")
        messages.error(request, said % {"sum": payment.money})
        return redirect("money")
    settling.end_by_hand(payment_id, by=request.user.pk)
    payment.refresh_from_db()
    if payment.by_hand:
        said = _("Noted: the payment of %(sum)s was ended by hand.")
        messages.success(request, said % {"sum": payment.money})
    else:
        said = _("The payment of %(sum)s is settled. Nothing was changed.")
        messages.info(request, said % {"sum": payment.money})
    return redirect("money")


@require_POST
@staff_only
def event_seen(request: SignedInRequest, event_id: int) -> HttpResponse:
    event = get_object_or_404(events_of(request.user), pk=event_id)
    settling.mark_seen(event.pk, by=request.user.pk)
    messages.success(request, _("Noted that you have seen to it."))
    return redirect("money")
