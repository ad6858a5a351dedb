"""Sending what was written down: each message at least once, under one id, until it is taken or untrue.

Safe to run in any number of workers at once. Who is killed between handing a message over and noting that
leaves it to be sent once more, under the same id.
"""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import translation

from clinicall.booking.models import Channel, Delivery, Message
from clinicall.core.clock import now as clinic_now
from clinicall.messages.composing import language_of, letter_for, text_for
from clinicall.messages.mail import mail
from clinicall.messages.sender import SenderDown, TextSender, Undeliverable

log = logging.getLogger(__name__)
BATCH = 100
# After each try; then the last, until GIVE_UP_AFTER.
TRY_AGAIN = [timedelta(minutes=m) for m in (1, 2, 5, 10, 15, 30, 60)]
GIVE_UP_AFTER = timedelta(days=2)
WITH_ALL = ("to", "appointment__patient", "appointment__doctor__clinic")


def send_due(texts: TextSender | None) -> None:
    """One round. `texts` is None where the clinic sends no texts (any more)."""
    down: set[str] = set()
    for _ in range(BATCH):
        message = _take_due(down)
        if message is None:
            return
        try:
            send(message.pk, texts)
        except SenderDown as error:
            log.warning("message %s waits: %s", message.pk, error)
            down.add(message.channel)  # the next would not go out either
        except Exception:  # a fault in one message must not keep another
            log.exception("message %s is left as it is for now", message.pk)
            _not_yet(message, "a fault of ours")


@transaction.atomic
def _take_due(down: set[str]) -> Message | None:
    """The one that is due for longest; it is due again later, whatever comes of it."""
    now = clinic_now()
    waiting = Message.objects.select_for_update(skip_locked=True).exclude(channel__in=down)
    due = waiting.filter(state=Delivery.WAITING, next_try_at__lte=now)
    message = due.order_by("next_try_at", "pk").first()
    if message:
        message.next_try_at = now + TRY_AGAIN[min(message.tries, len(TRY_AGAIN) - 1)]
        message.tries += 1
        message.save(update_fields=["next_try_at", "tries"])
    return message


def send(message_id: UUID, texts: TextSender | None) -> None:
    """Compose it by how things stand now, and hand it over. Raises SenderDown."""
    now = clinic_now()
    message = Message.objects.select_related(*WITH_ALL).get(pk=message_id)
    try:
        handed_over = _handed_over(message, texts, now)
    except Undeliverable as error:
        _note(message_id, str(error))
        _end(message_id, Delivery.FAILED)
    except SenderDown as error:
        _not_yet(message, str(error))
        raise
    else:
        if handed_over:
            # It was true then, and perhaps not any more when it had been handed over.
            _end(message_id, Delivery.SENT, sent_at=now)
        else:
            _end(message_id, Delivery.DROPPED)


def _handed_over(message: Message, texts: TextSender | None, now: datetime) -> bool:
    if message.channel == Channel.SMS:
        text = text_for(message, now=now) if texts else None
        if texts is None or text is None:
            return False
        assert message.appointment is not None
        texts.send(text, to=message.appointment.phone, message_id=message.pk)
        return True
    letter = letter_for(message, now=now)
    if letter is None:
        return False
    with translation.override(language_of(message.to)):
        mail(letter, to=message.to.email, message_id=message.pk)
    return True


def send_again(message_id: UUID) -> None:
    """A person has seen to what kept it from going out."""
    failed = Message.objects.filter(pk=message_id, state=Delivery.FAILED)
    failed.update(
        state=Delivery.WAITING, tries=0, written_at=clinic_now(), next_try_at=clinic_now()
    )


def _not_yet(message: Message, trouble: str) -> None:
    """It is tried again, but not for ever."""
    _note(message.pk, trouble)
    # Not at the first tries: it may be ourselves who were away so long.
    if message.tries > len(TRY_AGAIN) and clinic_now() - message.written_at >= GIVE_UP_AFTER:
        _end(message.pk, Delivery.FAILED)


def _end(message_id: UUID, state: Delivery, *, sent_at: datetime | None = None) -> None:
    waiting = Message.objects.filter(pk=message_id, state=Delivery.WAITING)
    waiting.update(state=state, next_try_at=None, sent_at=sent_at)


def _note(message_id: UUID, trouble: str) -> None:
    Message.objects.filter(pk=message_id).update(trouble=trouble[:60])
