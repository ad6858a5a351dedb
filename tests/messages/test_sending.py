"""What becomes of a message that does not go out."""

from datetime import date, time, timedelta

import pytest

from clinicall.booking.models import Delivery, Message
from clinicall.messages import sending
from clinicall.messages.sender import Letter, SenderDown, Undeliverable
from clinicall.people.models import Doctor, Patient
from clinicall.schedule.models import Slot
from clinicall.schedule.publish import publish
from clinicall.schedule.slotting import Window
from tests.clinic_clock import NOON, ClinicClock
from tests.conftest import booked


@pytest.fixture
def slots_in_december(dr_silva: Doctor) -> list[Slot]:
    publish(dr_silva, [Window(date(2026, 12, 4), time(9), time(10), 15)], now=NOON)
    return list(Slot.objects.order_by("starts_at"))


@pytest.fixture
def message(slots_in_december: list[Slot], ana: Patient) -> Message:
    visit = booked(slots_in_december[0], ana)
    return Message.objects.get(appointment=visit)


class Post:
    """A mail server that says what it is told to, and remembers what it took."""

    def __init__(self) -> None:
        self.says: Exception | None = None
        self.asked = 0
        self.took: list[str] = []

    def __call__(self, letter: Letter, *, to: str, message_id: object) -> None:
        self.asked += 1
        if self.says:
            raise self.says
        self.took.append(to)


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    post = Post()
    monkeypatch.setattr(sending, "mail", post)
    return post


def test_a_mail_waits_out_an_hour_without_a_server(
    message: Message, post: Post, clock: ClinicClock
) -> None:
    post.says = SenderDown("SMTPServerDisconnected")
    for _ in range(60):
        sending.send_due(texts=None)
        clock.move(timedelta(minutes=1))
    assert post.asked < 10
    message.refresh_from_db()
    assert (message.state, message.trouble) == (Delivery.WAITING, "SMTPServerDisconnected")
    post.says = None
    clock.move(timedelta(minutes=30))
    sending.send_due(texts=None)
    message.refresh_from_db()
    assert message.state == Delivery.SENT
    assert post.took == ["ana@clinic.example"]


@pytest.mark.parametrize("fault", [SenderDown("TimeoutError"), KeyError("a template's fact")])
def test_what_never_goes_out_is_given_up_and_sent_again_by_hand(
    message: Message, post: Post, clock: ClinicClock, fault: Exception
) -> None:
    post.says = fault
    for _ in range(60):
        sending.send_due(texts=None)
        clock.move(timedelta(hours=1))
    message.refresh_from_db()
    assert message.state == Delivery.FAILED
    post.says = None
    sending.send_again(message.pk)
    sending.send_due(texts=None)
    message.refresh_from_db()
    assert message.state == Delivery.SENT


def test_an_address_that_is_refused_for_good_is_asked_once(
    message: Message, post: Post, clock: ClinicClock
) -> None:
    post.says = Undeliverable("refused [550]")
    for _ in range(3):
        sending.send_due(texts=None)
        clock.move(timedelta(hours=1))
    message.refresh_from_db()
    assert (message.state, message.trouble) == (Delivery.FAILED, "refused [550]")
    assert post.asked == 1


@pytest.mark.breaks_rules
def test_one_message_with_a_fault_keeps_no_other(
    message: Message, slots_in_december: list[Slot], ben: Patient, post: Post, clock: ClinicClock
) -> None:
    Message.objects.filter(pk=message.pk).update(kind="moved", facts={})  # from nowhere
    booked(slots_in_december[1], ben)
    sending.send_due(texts=None)
    assert post.took == ["ben@clinic.example"]
