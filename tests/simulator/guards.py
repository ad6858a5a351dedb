"""What keeps the promises, each taken away alone: then the simulator must find what goes wrong.

A simulator that was never seen finding anything proves nothing.
"""

import importlib
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from unittest.mock import patch

from django.db.models import QuerySet

from clinicall.messages import composing
from tests.races.racing import without
from tests.simulator.bank import SimulatedBank


@dataclass(frozen=True)
class Guard:
    says: str
    gone: Callable[[], AbstractContextManager[object]]
    cheap: bool = False  # found within a few histories


def edited(place: str, old: str, new: str) -> Callable[[], AbstractContextManager[object]]:
    """The function or query at `place`, `module:name`, with `new` where `old` stood, wherever it is used."""
    return partial(_edited, place, old, new)


@contextmanager
def _edited(place: str, old: str, new: str) -> Iterator[None]:
    module_name, name = place.split(":")
    module = importlib.import_module(f"clinicall.{module_name}")
    was = getattr(module, name)
    text = was if isinstance(was, str) else textwrap.dedent(inspect.getsource(inspect.unwrap(was)))
    assert text.count(old) == 1, f"{place} no longer reads {old!r}"
    now = text.replace(old, new)
    if not isinstance(was, str):
        exec(compile(now, place, "exec"), vars(module))  # which binds its name there
        now = getattr(module, name)
        setattr(module, name, was)
    with ExitStack() as patched:
        for user in [m for n, m in sys.modules.items() if n.startswith("clinicall.")]:
            for used, thing in list(vars(user).items()):
                if thing is was:
                    patched.enter_context(patch.object(user, used, now))
        yield


@contextmanager
def nobody_locks_rows() -> Iterator[None]:
    unlocked = edited("booking.settling:LOCK", "\nfor update", "")
    with unlocked(), patch.object(QuerySet, "select_for_update", lambda rows, **_: rows):
        yield


GUARDS = [
    Guard(
        "a slot is given once, by an index and an exclusion",
        lambda: without(
            "booking_appointment", "a_slot_is_given_once", "a_doctor_sees_one_patient_at_a_time"
        ),
        cheap=True,
    ),
    Guard(
        "a patient is in one place at a time",
        lambda: without("booking_appointment", "a_patient_is_in_one_place_at_a_time"),
        cheap=True,
    ),
    Guard(
        "a patient's two holds have two places",
        lambda: without("booking_appointment", "a_patient_holds_two_at_most"),
    ),
    Guard(
        "an appointment is for a slot that stands",
        lambda: without("booking_appointment", "an_appointment_is_for_a_slot_that_stands"),
    ),
    Guard("whoever changes a row has locked it", nobody_locks_rows),
    Guard(
        "a lapsed hold is taken out of a claim's way",
        edited("booking.holds:_hold", "lapse(IN_THE_WAY, facts)", "pass"),
        cheap=True,
    ),
    Guard(
        "only a hold whose time is over lapses",
        edited("booking.holds:LAPSE", "and a.held_until <= (select clinic_now())", ""),
    ),
    Guard(
        "only a time that is still to come is held",
        edited("booking.holds:HOLD", "and s.starts_at > clinic_now()", ""),
    ),
    Guard(
        "a request with a known key makes nothing",
        edited("booking.holds:_hold", "if once:", "if False:"),
        cheap=True,
    ),
    Guard(
        "a payment succeeds once",
        edited("booking.settling:PAID", "and state <> 'succeeded'", ""),
        cheap=True,
    ),
    Guard(
        "only a lapsed hold comes back",
        edited(
            "booking.settling:_confirmed",
            "(appointment.status, appointment.cancel_reason) not in (waiting, came_late)",
            "appointment.status not in (Status.PENDING, Status.CANCELLED)",
        ),
    ),
    Guard(
        "nothing is confirmed that has begun",
        edited("booking.settling:_confirmed", " or appointment.starts_at <= now", ""),
    ),
    Guard(
        "a refund is written down in the commit that owes it",
        edited(
            "booking.settling:_paid",
            "owe_back(payment_id, payment.amount, now=now)",
            "transaction.on_commit(lambda: owe_back(payment_id, payment.amount, now=now))",
        ),
    ),
    Guard(
        "what is paid on a second page is given back",
        edited("booking.settling:_paid", "    owe_back(", "    if appointment: owe_back("),
    ),
    Guard(
        "a cancelled visit that was paid for is owed back",
        edited(
            "booking.ending:_cancelled",
            "if status == Status.CONFIRMED and appointment.payment_id and owed.amount:",
            "if False:",
        ),
    ),
    Guard(
        "the bank's answer to an old question changes nothing",
        edited(
            "booking.checkout:OPENED",
            "and state = 'created' and (provider_ref is null or provider_ref = %(page)s)",
            "",
        ),
    ),
    Guard(
        "a payment that was asked about is due again",
        edited("booking.settling:_taken", "next_look_at=now + after", "next_look_at=None"),
        cheap=True,
    ),
    Guard(
        "a refund that was asked for is due again",
        edited("payments.refunds:_taken", "next_try_at=clinic_now() + after", "next_try_at=None"),
    ),
    Guard(
        "a lapsed hold is taken out of a mover's way",
        edited("booking.moving:move_locked", "lapse(IN_THE_WAY, facts)", "pass"),
    ),
    Guard(
        "a step is told in its own commit",
        edited(
            "booking.steps:cancel",
            "tell_patient(Kind.CANCELLED, appointment, now=now)",
            "__import__('django.db').db.transaction.on_commit("
            "lambda: tell_patient(Kind.CANCELLED, appointment, now=now))",
        ),
    ),
    Guard(
        "what is sent is true when it is sent",
        lambda: patch.dict(
            composing.TRUE_WHILE, dict.fromkeys(composing.TRUE_WHILE, lambda _telling: True)
        ),
    ),
    Guard(
        "a mail is sent again until somebody has noted that it went out",
        edited(
            "messages.sending:_take_due",
            'message.save(update_fields=["next_try_at", "tries"])',
            'message.save(update_fields=["next_try_at", "tries"]);'
            " _end(message.pk, Delivery.SENT, sent_at=now)",
        ),
    ),
    Guard(
        "a refund is asked for under one reference",
        lambda: patch.object(SimulatedBank, "heeds_keys", False),
    ),
]
