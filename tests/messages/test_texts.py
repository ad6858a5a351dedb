"""Texts to the phone: short, with a way to the visit, and handed to whoever sends them."""

import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from pytest_django import Settings

from clinicall import wiring
from clinicall.booking import ending, moving
from clinicall.booking.models import Appointment, Channel, Delivery, Message
from clinicall.booking.states import Kind
from clinicall.booking.telling import tell_patient
from clinicall.config import checks
from clinicall.messages import sending
from clinicall.messages.composing import text_for
from clinicall.messages.gsm7 import parts, septets, typewritten
from clinicall.messages.models import OutboxMail
from clinicall.messages.sender import SenderDown, Undeliverable
from clinicall.messages.sms import HttpGateway, Twilio
from clinicall.people.models import Clinic, Patient
from clinicall.schedule.models import Slot
from tests.clinic_clock import ClinicClock
from tests.conftest import booked
from tests.web.visitor import visitor

ID = UUID(int=7)
PHONE, TEXT = (
    "+94712345678",
    "Lakeside: video & sound, 10:15am {to}. Join: https://c.example/a/2345ABCD/",
)
SECRET = "s3cret"


# --- How long a text is ---


@pytest.mark.parametrize(
    ("text", "counts"),
    [("", 0), ("Hello @ £5", 10), ("[€]", 6), ("ç", None), ("Ç", 1), ("ආ", None), ("‘", None)],
)
def test_the_short_alphabet(text: str, counts: int | None) -> None:
    assert septets(text) == counts


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 306, 2),
        ("x" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        # An escape and what it escapes are not split: 152 and one place left over.
        ("x" * 152 + "€" + "x" * 152, 3),
        ("ආ" * 70, 1),
        ("ආ" * 71, 2),
        ("ආ" * 134, 2),
        ("🙂" * 35, 1),
        ("🙂" * 36, 2),
        ("🙂" * 67, 3),  # 33 in each part, where 67 halves would fit
    ],
)
def test_in_how_many_parts_a_text_travels(text: str, sent: int) -> None:
    assert parts(text) == sent


def test_typographic_signs_do_not_cost_the_short_alphabet() -> None:
    assert typewritten("St Mary’s – “Heart”…") == 'St Mary\'s - "Heart"...'


# --- What it says ---


@pytest.fixture
def visit(settings: Settings, free_slots: list[Slot], ana: Patient) -> Appointment:
    """Confirmed, for Wednesday 09:00 in Colombo, at a clinic that sends texts."""
    settings.SMS_CONFIGURED = True
    return booked(free_slots[0], ana)


TEXTED = [
    (Kind.CONFIRMED, "video appointment confirmed: Wed 25 Nov, 9:00am (Colombo). Join: "),
    (Kind.REMINDER_DAY, "video appointment Wed 25 Nov, 9:00am (Colombo). Join: "),
    (Kind.REMINDER_HOUR, "video appointment soon, 9:00am (Colombo). Join from 8:50am: "),
    (Kind.MOVED, "video appointment moved, now Wed 25 Nov, 9:15am (Colombo). Join: "),
    (Kind.CANCELLED, "video appointment Wed 25 Nov, 9:00am (Colombo) is cancelled. See "),
]


def text_of(visit: Appointment, kind: Kind, clock: ClinicClock) -> str:
    line = wiring.video_line()
    match kind:
        case Kind.CANCELLED:
            doctor = visit.doctor.user
            ending.cancel(visit.pk, by=doctor, gateway_for=wiring.payment_gateway, line=line)
        case Kind.MOVED:
            later = Slot.objects.get(starts_at=visit.ends_at)
            moving.move(visit.pk, later.pk, by=visit.patient.user, line=line)
        case _:
            tell_patient(kind, visit, now=clock.now)
    text = text_for(Message.objects.filter(kind=kind, channel=Channel.SMS)[0], now=clock.now)
    assert text
    return text


@pytest.mark.parametrize(("kind", "says"), TEXTED)
def test_a_text_says_when_and_leads_to_the_visit(
    visit: Appointment, kind: Kind, says: str, clock: ClinicClock
) -> None:
    address = f"http://127.0.0.1:8000/a/{visit.reference}/"
    assert text_of(visit, kind, clock) == f"Lakeside: {says}{address}"


@pytest.mark.parametrize("kind", [kind for kind, _ in TEXTED])
def test_a_long_name_and_a_long_address_still_fit_one_text(
    visit: Appointment, kind: Kind, clock: ClinicClock, settings: Settings
) -> None:
    settings.SITE_URL = f"https://{'appointments.' * 2}lakeside.lk"
    settings.SITE_URL += "x" * (48 - len(settings.SITE_URL))
    Clinic.objects.update(name="Lakeside Medical Centre, Kandy")
    text = text_of(visit, kind, clock)
    assert text.startswith("Lakeside Medical Centre, Kandy: ")
    assert text.endswith(f"{settings.SITE_URL}/a/{visit.reference}/")
    assert septets(text) is not None
    assert parts(text) == 1


@pytest.mark.parametrize(
    ("name", "reads"),
    [
        ("St Mary’s Heart Clinic", "St Mary's Heart Clinic: video"),
        (
            "The " + "very " * 12 + "old hospital",
            "The very very very very very very very very very very very.: video",
        ),
        # Cut, it would need two messages all the same.
        ("ආරෝග්‍යශාලාව", "ආරෝග්‍යශාලාව: video"),
    ],
)
def test_a_clinics_name_is_cut_only_where_that_spares_a_message(
    visit: Appointment, name: str, reads: str, clock: ClinicClock
) -> None:
    Clinic.objects.update(name=name)
    text = text_of(visit, Kind.CONFIRMED, clock)
    assert text.startswith(reads)
    assert text.endswith(f"/a/{visit.reference}/")


def test_the_short_address_leads_its_patient_to_the_visit(visit: Appointment, ben: Patient) -> None:
    address = f"/a/{visit.reference}/"
    led = visitor(visit.patient).get(address)
    assert (led.status_code, led["Location"]) == (302, f"/appointments/{visit.pk}/")
    assert visitor(ben).get(address).status_code == 404


# --- Whom it is handed to ---


@dataclass
class Gateway:
    """Answers as it is told to, and remembers what it was asked: method, path, query, form."""

    status: int = 200
    answer: bytes = b"{}"
    asked: list[tuple[str, str, dict[str, str], dict[str, str]]] = field(default_factory=list)
    credentials: str | None = None
    host: str = ""


def read(query: str) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(query).items()}


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    there = Gateway()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            form = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            url = urlsplit(self.path)
            there.asked.append((self.command, url.path, read(url.query), read(form)))
            there.credentials = self.headers["Authorization"]
            self.send_response(there.status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(there.answer)))
            self.end_headers()
            self.wfile.write(there.answer)

        do_POST = do_GET  # noqa: N815 (the standard library's name)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    there.host = f"http://127.0.0.1:{server.server_port}"
    yield there
    server.shutdown()
    thread.join()
    server.server_close()


def gateway_at(host: str) -> HttpGateway:
    return HttpGateway(
        f"{host}/send?user=u&key={SECRET}&to={{to}}&nr={{digits}}&text={{text}}&id={{id}}"
    )


def twilio_at(host: str) -> Twilio:
    return Twilio("AC0", SECRET, "+15551234567", host=host)


SAID = {"user": "u", "key": SECRET, "to": PHONE, "nr": PHONE[1:], "text": TEXT, "id": str(ID)}


def test_a_gateway_is_asked_by_an_address_of_the_clinics_own(gateway: Gateway) -> None:
    gateway_at(gateway.host).send(TEXT, to=PHONE, message_id=ID)
    gateway_at(f"post+{gateway.host}").send(TEXT, to=PHONE, message_id=ID)
    assert gateway.asked == [("GET", "/send", SAID, {}), ("POST", "/send", {}, SAID)]


def test_twilio_is_asked_as_it_documents(gateway: Gateway) -> None:
    gateway.status = 201
    twilio_at(gateway.host).send(TEXT, to=PHONE, message_id=ID)
    Twilio("AC0", SECRET, "MG9", host=gateway.host).send(TEXT, to=PHONE, message_id=ID)
    path = "/2010-04-01/Accounts/AC0/Messages.json"
    said = {"To": PHONE, "Body": TEXT}
    assert gateway.asked == [
        ("POST", path, {}, {**said, "From": "+15551234567"}),
        ("POST", path, {}, {**said, "MessagingServiceSid": "MG9"}),
    ]
    assert gateway.credentials == "Basic QUMwOnMzY3JldA=="  # AC0:s3cret


@pytest.mark.parametrize("at", [gateway_at, twilio_at])
@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 408, 429, 500, 503])
def test_a_no_that_may_be_a_yes_later_is_tried_again(
    gateway: Gateway, at: Any, status: int
) -> None:
    gateway.status = status
    # Twilio's for a wrong password; another company's could mean anything.
    gateway.answer = b'{"code": 20003}' if at is twilio_at else b'{"code": 21211}'
    with pytest.raises(SenderDown) as down:
        at(gateway.host).send(TEXT, to=PHONE, message_id=ID)
    assert str(down.value) == f"answered {status}"
    assert len(gateway.asked) == 1


@pytest.mark.parametrize("code", [21211, 21610, 21614])
def test_a_number_that_gets_no_texts_is_given_up(gateway: Gateway, code: int) -> None:
    gateway.status, gateway.answer = 400, json.dumps({"code": code, "message": PHONE}).encode()
    with pytest.raises(Undeliverable) as refused:
        twilio_at(gateway.host).send(TEXT, to=PHONE, message_id=ID)
    assert str(refused.value) == f"refused 400 {code}"


@pytest.mark.parametrize("answer", [b"<html>", b"[]", b'{"code": ["21211"]}', b""])
def test_an_answer_that_is_not_twilios_is_tried_again(gateway: Gateway, answer: bytes) -> None:
    gateway.status, gateway.answer = 400, answer
    with pytest.raises(SenderDown):
        twilio_at(gateway.host).send(TEXT, to=PHONE, message_id=ID)


@pytest.mark.parametrize("at", [gateway_at, twilio_at])
def test_one_that_does_not_answer_is_down(at: Any) -> None:
    with pytest.raises(SenderDown) as down:
        at("http://127.0.0.1:1").send(TEXT, to=PHONE, message_id=ID)
    assert str(down.value) == "URLError"
    assert down.value.__suppress_context__


def test_a_patient_gets_the_mail_and_the_text(
    visit: Appointment, gateway: Gateway, settings: Settings
) -> None:
    settings.SMS_URL = f"{gateway.host}/?to={{to}}&text={{text}}&id={{id}}"
    sending.send_due(wiring.text_sender())
    sent = Message.objects.get(channel=Channel.SMS)
    [(_, _, said, _)] = gateway.asked
    assert said["to"] == "+94112345678"
    assert said["text"].startswith("Lakeside: video appointment confirmed")
    assert said["id"] == str(sent.pk)
    assert {message.state for message in Message.objects.all()} == {Delivery.SENT}


def test_neither_a_number_nor_a_word_nor_a_key_is_logged(
    visit: Appointment,
    gateway: Gateway,
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
    clock: ClinicClock,
) -> None:
    caplog.set_level(logging.DEBUG)
    gateway.status = 503
    settings.SMS_URL = f"{gateway.host}/?key={SECRET}&to={{to}}&text={{text}}"
    sending.send_due(wiring.text_sender())
    assert "answered 503" in caplog.text
    for private in ("94112345678", "video", SECRET):
        assert private not in caplog.text
    assert Message.objects.get(channel=Channel.SMS).trouble == "answered 503"


def test_who_wants_no_texts_gets_none(visit: Appointment, gateway: Gateway) -> None:
    Patient.objects.update(texts=False)
    sending.send_due(gateway_at(gateway.host))
    assert gateway.asked == []
    assert Message.objects.get(channel=Channel.SMS).state == Delivery.DROPPED


def test_on_ones_own_machine_texts_are_kept_beside_the_mails(
    visit: Appointment, settings: Settings
) -> None:
    settings.SMS_URL = "outbox:"
    sending.send_due(wiring.text_sender())
    kept = OutboxMail.objects.get()
    assert kept.to == "+94112345678"
    assert kept.body.startswith("Lakeside: video")


@pytest.mark.parametrize("production", [True, False])
def test_the_console_says_who_is_texted_what_on_ones_own_machine_alone(
    settings: Settings,
    production: bool,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    settings.PRODUCTION, settings.SMS_URL = production, "console:"
    sender = wiring.text_sender()
    assert sender
    sender.send(TEXT, to=PHONE, message_id=ID)
    assert str(ID) in caplog.text
    assert PHONE not in caplog.text
    assert capsys.readouterr().out == ("" if production else f"To {PHONE}: {TEXT}\n")


# --- Its setting ---

WHOLE = f"https://sms.example/send?key={SECRET}&to={{to}}&text={{text}}"


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("", ""),
        ("console:", ""),
        (WHOLE, ""),
        (f"post+{WHOLE}", ""),
        (f"twilio://AC0:{SECRET}@/+15551234567", ""),
        (f"twilio://AC0:{SECRET}@/MG9", ""),
        (f"twilio://{SECRET}@/+15551234567", "is not like twilio://"),
        (f"twilio://AC0:{SECRET}@", "is not like twilio://"),
        (WHOLE.replace("{text}", ""), "needs {text}"),
        (WHOLE.replace("{to}", "{phone}"), "needs {text}"),
        (WHOLE.replace("sms.example", f"u:{SECRET}@sms.example"), "no name or password"),
        (WHOLE.replace("https", "http"), "would travel readable"),
        (WHOLE.replace("https", "post+http"), "would travel readable"),
    ],
)
def test_a_wrong_setting_says_what_is_wrong_and_nothing_else(
    settings: Settings, url: str, wrong: str
) -> None:
    settings.PRODUCTION, settings.SMS_URL = True, url
    told = [str(error.msg) for error in checks.providers_are_complete()]
    assert [wrong in one for one in told] == ([True] if wrong else [])
    assert SECRET not in str(told)
