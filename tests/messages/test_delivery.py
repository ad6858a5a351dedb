"""A mail server that is away, refuses or takes a mail without saying so: everybody gets what they should."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from pytest_django import Settings

from clinicall import wiring
from clinicall.booking import ending
from clinicall.booking.models import Appointment, Delivery, Message
from clinicall.booking.states import Kind
from clinicall.messages import sending
from clinicall.people.models import Patient
from clinicall.schedule.models import Slot
from tests.clinic_clock import ClinicClock
from tests.conftest import booked
from tests.mail_server import MailServer, mail_server
from tests.server.serving import free_port

STEP = 5  # minutes


@pytest.fixture(autouse=True)
def by_smtp(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_USE_TLS = False
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = free_port()  # where nobody listens yet


@pytest.fixture
def post() -> Iterator[MailServer]:
    with mail_server(settings.EMAIL_PORT) as post:
        yield post


def send_for(clock: ClinicClock, minutes: int) -> None:
    for _ in range(0, minutes, STEP):
        sending.send_due(texts=None)
        clock.move(timedelta(minutes=STEP))


def called_off(visit: Appointment) -> None:
    ending.cancel(
        visit.pk,
        by=visit.patient.user,
        gateway_for=wiring.payment_gateway,
        line=wiring.video_line(),
    )


def states() -> dict[str, Delivery]:
    return {message.kind: Delivery(message.state) for message in Message.objects.all()}


def ids() -> set[str]:
    """As the mails should have them."""
    sent = Message.objects.filter(state=Delivery.SENT)
    return {f"<{pk}@127.0.0.1>" for pk in sent.values_list("pk", flat=True)}


def test_after_an_hour_without_a_mail_server_everybody_is_told_what_is_still_true_once(
    free_slots: list[Slot], ana: Patient, ben: Patient, clock: ClinicClock
) -> None:
    booked(free_slots[0], ana)
    send_for(clock, 30)
    called_off(booked(free_slots[1], ben))  # mail being down stops no booking
    send_for(clock, 30)
    assert not Message.objects.filter(state=Delivery.SENT).exists()
    with mail_server(settings.EMAIL_PORT) as post:
        send_for(clock, 30)
    assert sorted((mail["To"], mail["Subject"][:21]) for mail in post.mails) == [
        ("ana@clinic.example", "Appointment confirmed"),
        ("ben@clinic.example", "Appointment cancelled"),
        ("silva@clinic.example", "Appointment cancelled"),
    ]
    assert set(post.copies()) == ids()
    of_ben = Message.objects.get(to=ben.user, kind=Kind.CONFIRMED)
    assert of_ben.state == Delivery.DROPPED


@pytest.mark.parametrize("asked", ["MAIL", "RCPT", "DATA"])
def test_what_is_refused_for_now_is_tried_again(
    free_slots: list[Slot], ana: Patient, clock: ClinicClock, post: MailServer, asked: str
) -> None:
    booked(free_slots[0], ana)
    post.answers = {asked: "451 come back later"}
    send_for(clock, 15)
    waiting = Message.objects.get()
    assert (waiting.state, waiting.tries) == (Delivery.WAITING, 3)
    assert waiting.trouble
    post.answers = {}
    send_for(clock, 30)
    assert list(post.copies().values()) == [1]
    assert states() == {Kind.CONFIRMED: Delivery.SENT}


def test_an_address_that_is_refused_for_good_is_given_up_and_keeps_nobody_waiting(
    free_slots: list[Slot], ana: Patient, ben: Patient, clock: ClinicClock, post: MailServer
) -> None:
    booked(free_slots[0], ana)
    post.answers = {"RCPT": "550 no such box"}
    send_for(clock, 5)
    post.answers = {}
    booked(free_slots[1], ben)
    send_for(clock, 60)
    failed, sent = Message.objects.order_by("written_at")
    assert (failed.state, failed.tries, failed.trouble) == (Delivery.FAILED, 1, "refused [550]")
    assert sent.state == Delivery.SENT
    assert [mail["To"] for mail in post.mails] == ["ben@clinic.example"]


def test_a_mail_that_was_taken_without_a_word_comes_again_under_its_own_id(
    free_slots: list[Slot], ana: Patient, clock: ClinicClock, post: MailServer
) -> None:
    booked(free_slots[0], ana)
    post.answers = {"DATA": ""}
    send_for(clock, 15)
    post.answers = {}
    send_for(clock, 30)
    assert states() == {Kind.CONFIRMED: Delivery.SENT}
    [(message_id, copies)] = post.copies().items()
    assert {message_id} == ids()
    assert copies == 4
    assert post.subjects() == ["Appointment confirmed: Wed 25 Nov, 9:00am"]


def test_a_server_that_stays_away_for_two_days_is_waited_for_no_longer(
    free_slots: list[Slot], ana: Patient, clock: ClinicClock
) -> None:
    called_off(booked(free_slots[0], ana))
    cancellings = Message.objects.filter(kind=Kind.CANCELLED)
    for _ in range(len(sending.TRY_AGAIN)):
        clock.move(
            timedelta(days=1)
        )  # our own worker may be away, too: that alone gives nothing up
        send_for(clock, 10)  # one for the patient, one for the doctor
    assert {one.state for one in cancellings.all()} == {Delivery.WAITING}
    clock.move(timedelta(hours=1))
    send_for(clock, 10)
    assert {(one.state, one.trouble) for one in cancellings.all()} == {
        (Delivery.FAILED, "ConnectionRefusedError")
    }
