"""One morning at a clinic with all that an address can name, and everybody who may ask for it.

Built once for all cases; whatever a request did is rolled back before the next one.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime, time
from urllib.parse import parse_qsl
from uuid import UUID, uuid4

import pytest
from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.webauthn.internal.auth import WebAuthn
from allauth.usersessions.models import UserSession
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.client import ClientHandler
from django.test.utils import override_settings
from django.urls import URLPattern, URLResolver, get_resolver
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from clinicall.booking import ending, waitlist
from clinicall.booking.models import Appointment, Delivery, Message
from clinicall.booking.states import Outcome, Status
from clinicall.messages.models import OutboxMail
from clinicall.payments.models import Payment, Refund, RefundState, Trouble
from clinicall.people import calendar_feeds
from clinicall.people.models import Clinic, Doctor, DoctorState, Patient, Role, User
from clinicall.schedule.models import Slot
from clinicall.schedule.publish import publish
from clinicall.schedule.slotting import Window
from clinicall.schedule.usual import write_usual_week
from tests import cast
from tests.access.matrix.table import PARTICULARS, Row
from tests.booking.test_ending import cancel, paid
from tests.booking.test_unsettled import an_admin, set_aside, staff_of
from tests.clinic_clock import NOON, ClinicClock
from tests.conftest import booked
from tests.web.visitor import Answer as Response

WEDNESDAY, THURSDAY, FRIDAY = date(2026, 11, 25), date(2026, 11, 26), date(2026, 11, 27)
LEADS_TO = {
    "/account/login/": "-",
    "/admin/login/": "-",
    "/application/": "A",
    "/account/reauthenticate/": "again",
}
ENROL = "/account/second-step/"
LOOKING = ("GET", "HEAD")
MUCH_LATER = 2_000_000_000  # a second of 2033
IN_THE_VISIT = datetime.fromisoformat("2026-11-25T03:32Z")  # 09:02 in Colombo
BEFORE_IT_ENDED = datetime.fromisoformat("2026-11-25T03:27Z")


def routes() -> set[str]:
    """Every address that Django knows, as the URL conf writes it."""

    def below(patterns: list[URLPattern | URLResolver], above: str) -> Iterator[str]:
        for one in patterns:
            here = above + str(one.pattern)
            if isinstance(one, URLResolver):
                yield from below(one.url_patterns, here)
            else:
                yield here

    return set(below(get_resolver().url_patterns, ""))


@dataclass(frozen=True)
class Answer:
    """What came back, as a mark of the table; and the tables that were written on the way."""

    mark: str
    status: int
    body: bytes
    headers: Mapping[str, str]
    written: frozenset[str]


@dataclass(eq=False)
class Scene:
    names: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)  # by actor
    token: str = ""  # of Ana's program
    answers: dict[tuple[object, ...], Answer] = field(default_factory=dict)
    # Shared by all clients, as it is slow to start.
    handler: ClientHandler = field(default_factory=lambda: ClientHandler(enforce_csrf_checks=False))

    def ask(self, actor: str, method: str, row: Row, *, named: str | None = None) -> Answer:
        """The same question is asked once. `named`: other ids than the row's, by a prefix of `names`."""
        key = actor, method, row.path, row.of, named
        if key not in self.answers:
            self.answers[key] = self._ask(actor, method, row, named)
        return self.answers[key]

    def _ask(self, actor: str, method: str, row: Row, named: str | None) -> Answer:
        missing = override_settings(REQUIRE_SECOND_FACTOR=True)
        with (
            missing if actor == "unenrolled" else nullcontext(),
            undone(),
            written_tables() if method in LOOKING else nullcontext(set[str]()) as written,
        ):
            response = self.send(self.client(actor), method, row, named)
            body = response.getvalue()
        return Answer(
            mark_of(response),
            response.status_code,
            body,
            dict(response.items()),
            frozenset(written),
        )

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        addresses = {path for _, _, path, *_ in self.answers}
        if addresses:
            terminalreporter.write_line(
                f"access: {len(self.answers):,} questions asked about {len(addresses)} addresses"
            )

    def client(self, actor: str) -> Client:
        client = Client(raise_request_exception=False)
        client.handler = self.handler
        if actor == "program":
            client.defaults["HTTP_X_SESSION_TOKEN"] = self.token
        elif actor in self.cookies:
            client.cookies[settings.SESSION_COOKIE_NAME] = self.cookies[actor]
        return client

    def send(self, client: Client, method: str, row: Row, named: str | None = None) -> Response:
        sent = "" if method in ("GET", "HEAD") else self.filled(row.sends)
        programs = row.path.startswith(("api/", "_allauth/"))
        kind = "application/json" if programs else "application/x-www-form-urlencoded"
        return client.generic(
            method, self.path(row, named), sent, kind if sent else "", headers=row.headers
        )

    def filled(self, text: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda found: self.names[found[1]], text)

    def path(self, row: Row, named: str | None = None) -> str:
        def value(found: re.Match[str]) -> str:
            name = found[1]
            if named and f"{named}_{name}" in self.names:
                return self.names[f"{named}_{name}"]
            if row.of and name == "appointment_id":
                return self.names[row.of]
            return self.names[name]

        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", value, row.at or row.path)


def mark_of(response: Response) -> str:
    status = response.status_code
    if status in (301, 302, 303):
        if hasattr(response.wsgi_request, "must_enrol") and response["Location"] == ENROL:
            return "E"
        return LEADS_TO.get(response["Location"].partition("?")[0], "+")
    marks = {401: "-", 403: "F", 404: "N", 405: "M"}
    if status >= 500:
        return "fault"
    return marks.get(status, "R") if status >= 400 else "+"


# --- Doing and undoing ---


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def written_tables() -> Iterator[set[str]]:
    """The tables to whose rows anything was done meanwhile, also where nothing is left of it."""
    before, written = _touched(), set[str]()
    yield written
    after = _touched()
    written |= {table for table in after if after[table] != before.get(table)}


def _touched() -> dict[str, tuple[int, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select relname, n_tup_ins, n_tup_upd, n_tup_del from pg_stat_xact_user_tables"
        )
        return {name: tuple(counts) for name, *counts in cursor.fetchall()}


# --- The morning ---


def a_morning() -> Scene:
    clock = ClinicClock()
    clock.set(NOON)
    lakeside, hillside = cast.a_clinic(), cast.a_clinic()
    Clinic.objects.filter(pk=hillside.pk).update(name="Hillside")
    osei = cast.a_doctor(lakeside, "Dr Kofi Osei", "Cardiology")
    ana, ben, gita = (cast.a_patient(name) for name in ("Ana", "Ben", "Gita"))
    Patient.objects.filter(pk=gita.pk).update(guest=True)
    mensah = cast.a_doctor(lakeside, "Dr Yaa Mensah", "Cardiology")
    Doctor.objects.filter(pk=mensah.pk).update(state=DoctorState.SUSPENDED)
    addo = cast.a_doctor(lakeside, "Dr Esi Addo", "Cardiology")
    Doctor.objects.filter(pk=addo.pk).update(state=DoctorState.APPLIED)
    gone = cast.a_patient("Ivo")
    people: dict[str, User] = {
        "Ana": ana.user,
        "Ben": ben.user,
        "Gita": gita.user,
        "Osei": osei.user,
        "Silva": cast.a_doctor(lakeside, "Dr Nimal Silva", "General practice").user,
        "Ruiz": cast.a_doctor(hillside, "Dr Eva Ruiz", "Cardiology").user,
        "Mensah": mensah.user,
        "staff": staff_of(lakeside),
        "far_staff": staff_of(hillside, "farstaff"),
        "admin": an_admin(),
        "inactive": gone.user,
        "applied": addo.user,
        "unenrolled": cast.a_doctor(lakeside, "Dr Ama Boye", "Cardiology").user,
    }
    User.objects.update(password=cast.PASSWORD_HASH)
    # As the command makes an admin.
    User.objects.filter(role=Role.ADMIN).update(is_superuser=True)
    for user in people.values():
        EmailAddress.objects.get_or_create(user=user, email=user.email, verified=True, primary=True)
    scene = Scene(
        cookies={name: _signed_in(User.objects.get(pk=user.pk)) for name, user in people.items()}
    )
    scene.token = _program_of(ana.user)
    User.objects.filter(pk=gone.pk).update(is_active=False)
    scene.cookies["long_ago"] = _signed_in(ana.user, answered=False)
    scene.names = _names(osei, ana, ben, clock) | {
        "clinic_id": str(lakeside.pk),
        "user_id": str(people["staff"].pk),
        **_factors_and_device(ana.user),
    }
    scene.cookies["holder"], scene.names["as_guest"] = _a_guest(scene.names)
    _with_canaries(scene.names, osei)
    return scene


def _names(osei: Doctor, ana: Patient, ben: Patient, clock: ClinicClock) -> dict[str, str]:
    publish(
        osei,
        [
            Window(WEDNESDAY, time(8, 45), time(10), 15),
            Window(THURSDAY, time(9), time(11), 15),
            Window(FRIDAY, time(9), time(10), 15),
        ],
        now=NOON,
    )
    write_usual_week(osei, [Window(FRIDAY, time(14), time(15), 15)])
    slots = list(Slot.objects.filter(doctor=osei).order_by("starts_at"))
    wednesday, thursday = slots[:5], slots[5:13]
    done, visit = paid(wednesday[0], ana), paid(wednesday[1], ana)
    later, cancelled = paid(thursday[0], ana), cancel(paid(thursday[1], ana), ana.user)
    lapsed = booked(thursday[2], ana)
    clock.set(BEFORE_IT_ENDED)
    ending.complete(done.pk, Outcome.ATTENDED, by=osei.user)
    clock.set(IN_THE_VISIT)
    hold, stuck = booked(thursday[3], ana), booked(thursday[4], ben)
    waiting = paid(thursday[5], ana)
    waitlist.wait(waiting.pk, by=ana.user)
    waitlist.offer_times()
    assert hold.payment
    assert stuck.payment_id
    Payment.objects.filter(pk=stuck.payment_id).update(trouble=Trouble.MISMATCH, next_look_at=None)
    refund = Refund.objects.get(payment=cancelled.payment_id)
    Refund.objects.update(state=RefundState.NEEDS_HUMAN, trouble=Trouble.REFUSED, next_try_at=None)
    event = set_aside()
    mail = OutboxMail.objects.create(to="x@y.example", subject="S", body="B", sheet="<p>B", at=NOON)
    message = Message.objects.filter(appointment=visit)[0]
    Message.objects.filter(pk=message.pk).update(state=Delivery.FAILED, next_try_at=None)
    nowhere = uuid4()
    return {
        "appointment_id": str(visit.pk),
        "reference": visit.reference,
        "later": str(later.pk),
        "ana": str(ana.pk),
        "cancelled": str(cancelled.pk),
        "hold": str(hold.pk),
        "waiting": str(waiting.pk),
        "offer": str(waiting.offers.get().pk),
        "offer_id": str(waiting.offers.get().pk),
        "done": str(done.pk),
        "lapsed": str(lapsed.pk),
        "doctor_id": str(osei.pk),
        "slot_id": str(thursday[6].pk),
        "guest_slot_id": str(thursday[7].pk),
        "day": str(FRIDAY),
        "empty_day": "2026-11-28",
        "token": str(hold.payment.provider_ref),
        "feed_token": calendar_feeds.renew(osei, shows_initials=True),
        "refund_id": str(refund.pk),
        "payment_id": str(stuck.payment_id),
        "event_id": str(event.pk),
        "message_id": str(message.pk),
        "mail_id": str(mail.pk),
        "content_type_id": "1",
        "object_id": "999999",
        # What there is none of.
        **{
            f"no_{name}_id": str(nowhere)
            for name in (
                "appointment",
                "doctor",
                "refund",
                "payment",
                "clinic",
                "user",
                "message",
                "offer",
            )
        },
        "no_event_id": "999999",
        "no_mail_id": "999999",
        "no_day": "2026-12-24",
        "no_token": "nothing",
        "no_reference": "22222222",
    }


def _factors_and_device(user: User) -> dict[str, str]:
    """All the second factors that there are, and one more browser that is signed in."""
    TOTP.activate(user, generate_totp_secret())
    RecoveryCodes.activate(user)
    passkey = WebAuthn.add(user, "Key", _credential()).instance
    device = UserSession.objects.create(
        user=user, ip="127.0.0.1", user_agent="", session_key="elsewhere"
    )
    return {"pk": str(passkey.pk), "session_id": str(device.pk), "no_pk": "0", "no_session_id": "0"}


def _credential() -> dict[str, object]:
    """What a browser hands over when it makes a passkey."""
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    key = ES256.from_cryptography_key(public)  # type: ignore[no-untyped-call]
    data = AuthenticatorData.create(
        sha256(b"127.0.0.1"),
        AuthenticatorData.FLAG.USER_PRESENT | AuthenticatorData.FLAG.ATTESTED,
        0,
        AttestedCredentialData.create(Aaguid.NONE, b"passkey", key),
    )
    made = CollectedClientData.TYPE.CREATE
    client = CollectedClientData.create(made, b"challenge", settings.SITE_URL)
    attested = AttestationObject.create("none", data, {})
    return {
        "id": websafe_encode(b"passkey"),
        "rawId": websafe_encode(b"passkey"),
        "type": "public-key",
        "response": {
            "clientDataJSON": websafe_encode(client),
            "attestationObject": websafe_encode(attested),
        },
        "clientExtensionResults": {},
    }


# Values that stand nowhere else, in all that Ana has booked with Dr Osei; each by what it is.
CANARIES = {
    "first": "Zerlina",
    "last": "Quistorp",
    "phone": "+94712345987",
    "email": "canary@post.example",
    "nic": "198523409753",
    "reason": "Wheezing since Martinmas",
    "note": "The boiler room is flooded",
    "licence": "SLMC-86420",
    "password": cast.PASSWORD_HASH,
}


def _with_canaries(names: dict[str, str], osei: Doctor) -> None:
    for one in Appointment.objects.filter(patient_id=UUID(names["ana"]), offer_for=None):
        one.first_name, one.last_name = CANARIES["first"], CANARIES["last"]
        one.phone, one.email = CANARIES["phone"], CANARIES["email"]
        one.nic, one.reason = CANARIES["nic"], CANARIES["reason"]
        if one.status == Status.CANCELLED:
            one.cancel_note = CANARIES["note"]
        one.save()
    Doctor.objects.filter(pk=osei.pk).update(licence=CANARIES["licence"])
    names["room_token"] = Appointment.objects.get(pk=names["appointment_id"]).token


def _signed_in(user: User, *, answered: bool = True) -> str:
    """The cookie of a session, as signing in leaves it; for as long as all the tests take."""
    client = Client()
    client.force_login(user)
    if answered:
        session = client.session
        session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": MUCH_LATER}]
        session.save()
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def _a_guest(names: Mapping[str, str]) -> tuple[str, str]:
    """The cookie of a browser that holds a time without an account, and the appointment's id."""
    client = Client()
    client.post(
        f"/doctors/{names['doctor_id']}/slots/{names['guest_slot_id']}/",
        dict(parse_qsl(PARTICULARS)) | {"once": "of-a-guest"},
    )
    return client.cookies[settings.SESSION_COOKIE_NAME].value, client.session["held"]


def _program_of(user: User) -> str:
    answer = Client().post(
        "/_allauth/app/v1/auth/login",
        {"email": user.email, "password": cast.PASSWORD},
        content_type="application/json",
    )
    token = answer.json()["meta"]["session_token"]
    assert isinstance(token, str)
    return token
