"""Giving money back: asked of the provider again and again with one reference, until it is done or a
person has to help.
"""

from datetime import timedelta
from uuid import UUID

from django.db.models import Case, F, IntegerField, When

from clinicall.core.clock import now as clinic_now
from clinicall.payments.gateway import Gateway, GatewayDown, GatewayFor, Given
from clinicall.payments.models import Refund, RefundState, Trouble

# After each try; then the last, for good.
TRY_AGAIN = [timedelta(minutes=m) for m in (1, 2, 5, 10, 20, 30, 60)]
# From then on a person should know of a provider that does not answer, or a bank that takes so long.
SILENT_AFTER = timedelta(hours=1)
SLOW_AFTER = timedelta(days=7)

ON_THEIR_WAY = (RefundState.REQUESTED, RefundState.PENDING)


def take_due(limit: int) -> list[UUID]:
    """The refunds to ask for now, longest due first; each is due again later, whatever comes of it."""
    now = clinic_now()
    due = Refund.objects.filter(next_try_at__lte=now).order_by("next_try_at")[:limit]
    return [refund.pk for refund in due if _taken(refund)]


def _taken(refund: Refund) -> bool:
    after = TRY_AGAIN[min(refund.tries, len(TRY_AGAIN) - 1)]
    as_seen = Refund.objects.filter(pk=refund.pk, next_try_at=refund.next_try_at)
    return bool(as_seen.update(tries=F("tries") + 1, next_try_at=clinic_now() + after))


def give_back(refund_id: UUID, *, gateway_for: GatewayFor) -> None:
    """Ask the provider to give it back, or how that goes on. Raises GatewayDown."""
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    gateway = gateway_for(refund.payment.provider)
    if gateway is None:
        _worry(refund, SILENT_AFTER)
        return
    try:
        given = _ask(refund, gateway)
    except GatewayDown:
        _worry(refund, SILENT_AFTER)
        raise
    # An answer may arrive after a later one. What has been recorded, taken to be asked about or tried
    # anew since we asked is due again, or done.
    as_asked = Refund.objects.filter(
        pk=refund_id, by_hand=None, attempt=refund.attempt, next_try_at=refund.next_try_at
    )
    match given:
        case Given.BACK:
            as_asked.update(state=RefundState.SUCCEEDED, trouble=Trouble.NONE, next_try_at=None)
        case Given.UNDER_WAY if clinic_now() - refund.created_at < SLOW_AFTER:
            unfinished = as_asked.exclude(state=RefundState.SUCCEEDED)
            unfinished.update(state=RefundState.PENDING, trouble=Trouble.NONE)
        case Given.UNDER_WAY:
            _worry(refund, SLOW_AFTER)
        case Given.REFUSED:
            as_asked.update(
                state=RefundState.NEEDS_HUMAN,
                trouble=Trouble.REFUSED,
                alerted_at=None,
                next_try_at=None,
            )


def _ask(refund: Refund, gateway: Gateway) -> Given:
    provider_ref = refund.payment.provider_ref
    assert provider_ref is not None  # a_payment_beyond_us_has_the_providers_name
    return gateway.give_back(
        provider_ref, reference=refund.pk, money=refund.money, attempt=refund.attempt
    )


def _worry(refund: Refund, after: timedelta) -> None:
    """A person should know; and it goes on being tried."""
    if clinic_now() - refund.created_at < after:
        return
    unfinished = Refund.objects.filter(pk=refund.pk, state__in=ON_THEIR_WAY)
    unfinished.update(state=RefundState.NEEDS_HUMAN, trouble=Trouble.NO_ANSWER, alerted_at=None)


def try_again(refund_id: UUID) -> None:
    """A person has seen to what kept the provider from it, and has it asked now.

    Anew only after it refused: one that said nothing may have done it, and anew would be twice.
    """
    waiting = Refund.objects.filter(pk=refund_id, state=RefundState.NEEDS_HUMAN)
    waiting.update(
        state=RefundState.REQUESTED,
        trouble=Trouble.NONE,
        attempt=Case(
            When(trouble=Trouble.REFUSED, then=F("attempt") + 1),
            default=F("attempt"),
            output_field=IntegerField(),
        ),
        tries=0,
        next_try_at=clinic_now(),
    )


def given_by_hand(refund_id: UUID, *, by: UUID) -> None:
    """A person has given it back outside the system and stands for that; repeating it changes nothing."""
    waiting = Refund.objects.filter(pk=refund_id, state=RefundState.NEEDS_HUMAN)
    waiting.update(state=RefundState.SUCCEEDED, trouble=Trouble.NONE, by_hand=by, next_try_at=None)
