"""A post office that remembers every mail it was handed, and fails as such places do."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from unittest.mock import patch
from uuid import UUID

from clinicall.booking.models import Appointment, Delivery, Message, Transition
from clinicall.booking.states import Kind, Status
from clinicall.messages import composing, sending
from clinicall.messages.sender import Letter, SenderDown, Undeliverable
from tests.clinic_clock import ClinicClock
from tests.simulator.machine import Machine, Violation

DOWN = 0.06  # how often it fails, before it has taken a mail and again after
REFUSES = 0.02
OF_A_VISIT_TO_COME = (
    Kind.CONFIRMED,
    Kind.MOVED,
    Kind.REMINDER_DAY,
    Kind.REMINDER_HOUR,
    Kind.DEVICE_CHECK,
)


def stands(visit: Appointment, message: Message) -> bool:
    """As the message tells it."""
    return visit.status == Status.CONFIRMED and visit.starts_at == message.about


@dataclass
class SimulatedPost:
    random: Random
    machine: Machine
    clock: ClinicClock
    tally: Counter[str]
    say: Callable[[str], None]
    taken: Counter[UUID] = field(default_factory=Counter)
    refused: set[UUID] = field(default_factory=set)
    _began: list[datetime] = field(default_factory=list)  # sendings inside each other
    _seen_dropped: set[UUID] = field(default_factory=set)

    @contextmanager
    def open(self) -> Iterator[None]:
        """Takes all mail. What it says in which words costs time and is proven elsewhere."""
        really_send = sending.send

        def send(message_id: UUID, texts: None) -> None:
            self._began.append(self.clock.now)
            try:
                really_send(message_id, texts)
            finally:
                self._began.pop()

        with (
            patch.object(sending, "mail", self.take),
            patch.object(sending, "send", send),
            patch.object(composing, "_rendered", lambda template, _telling: template),
        ):
            yield

    def take(self, _letter: Letter, *, to: str, message_id: UUID) -> None:
        self.machine.at_another_company("the post before it takes a mail")
        if self._now_and_then(DOWN):
            self.tally["post: down"] += 1
            raise SenderDown("down")
        if self._now_and_then(REFUSES):
            self.tally["post: refused"] += 1
            self.refused.add(message_id)
            raise Undeliverable("refused")
        with self.machine.looking():
            self._look(message_id)
        self.tally["post: taken twice" if self.taken[message_id] else "post: taken"] += 1
        self.taken[message_id] += 1
        self.machine.at_another_company("the post after it took a mail")
        if self._now_and_then(DOWN):
            self.tally["post: taken, and does not say"] += 1
            raise SenderDown("down")

    def _now_and_then(self, chance: float) -> bool:
        return not self.machine.calm and self.random.random() < chance

    def _look(self, message_id: UUID) -> None:
        """Raises Violation where somebody is told what was not true when we began to send it."""
        message = Message.objects.filter(pk=message_id).select_related("appointment").first()
        if message is None or message.appointment is None:
            raise Violation("somebody is told what was never committed")
        visit = message.appointment
        self.say(f"the post takes {message.kind} of {visit.starts_at:%a %H:%M}")
        self.tally[f"told: {message.kind}"] += 1
        if message.kind not in OF_A_VISIT_TO_COME:
            return
        if not stands(visit, message) and not self._changed_since(message, self._began[-1]):
            raise Violation(
                f"{message.kind} goes out of a visit that is {visit.status}, or at another time"
            )

    def _changed_since(self, message: Message, began: datetime) -> bool:
        later = Transition.objects.filter(appointment=message.appointment, at__gt=began)
        away = later.filter(from_status=Status.CONFIRMED)
        return (
            away.exclude(to_status=Status.CONFIRMED).exists() or away.filter(why="moved").exists()
        )

    # --- What must be so ---

    def check_dropped(self) -> None:
        """After every sending. Raises Violation when something was dropped that was true."""
        dropped = Message.objects.filter(state=Delivery.DROPPED).exclude(pk__in=self._seen_dropped)
        for message in dropped.select_related("appointment"):
            self._seen_dropped.add(message.pk)
            visit = message.appointment
            assert visit is not None
            self.tally[f"not told any more: {message.kind}"] += 1
            over = visit.ends_at <= self.clock.now
            if message.kind in (Kind.REMINDER_DAY, Kind.REMINDER_HOUR, Kind.DEVICE_CHECK):
                over = visit.starts_at <= self.clock.now
            if message.kind == Kind.EARLIER_TIME:
                # It may have lapsed, or been answered on the page before any mail told of it.
                offer = Appointment.objects.get(pk=message.facts["offer"])
                over = over or offer.status_at(self.clock.now)[0] != Status.PENDING
            elif message.kind not in OF_A_VISIT_TO_COME:
                raise Violation(f"{message.kind} was not told")
            changed = self._changed_since(message, message.written_at)
            if stands(visit, message) and not changed and not over:
                raise Violation(f"{message.kind} was not told, though it was true")

    def check_end(self) -> None:
        """When everything has come to rest. Raises Violation when a message did not come to its end."""
        for message in Message.objects.all():
            match message.state:
                case Delivery.WAITING:
                    raise Violation(f"{message.kind} still waits: {message.trouble}")
                case Delivery.SENT:
                    right = self.taken[message.pk] > 0
                case Delivery.FAILED:
                    gave_up = message.trouble == "down" and message.tries > len(sending.TRY_AGAIN)
                    right = message.pk in self.refused or gave_up
                case _:
                    right = True
            if not right:
                raise Violation(f"{message.kind} is {message.state}, and that is not so")
        if strange := set(self.taken) - set(Message.objects.values_list("pk", flat=True)):
            raise Violation(f"the post has {len(strange)} mails that we know nothing of")
