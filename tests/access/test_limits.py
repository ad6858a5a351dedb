"""docs/limits.md is the promise. Each row of its table is asked for once too often, by the real thing."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

import pytest
from allauth.account.models import EmailAddress
from allauth.core.internal.ratelimit import parse_rates
from django.conf import settings as current
from django.core.mail import EmailMessage
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from clinicall.booking.models import Appointment, NicReveal
from clinicall.core import limits
from clinicall.core.limits import Limit, WorkerLimit
from clinicall.core.models import Tally
from clinicall.core.refusals import SlowDown
from clinicall.jobs.tidy import tidy
from clinicall.live import crowd, socket
from clinicall.people.models import Patient
from clinicall.schedule.models import Slot
from tests.booking.test_ending import paid
from tests.cast import PASSWORD
from tests.clinic_clock import ClinicClock
from tests.conftest import booked, wish_for
from tests.web.test_rights_pages import just_known
from tests.web.visitor import DETAILS, Answer, visitor, words

pytestmark = pytest.mark.django_db

TABLE = Path(__file__, "../../../docs/limits.md").resolve().read_text()
UNITS = {"s": 1, "min": 60, "h": 3600}


@dataclass(frozen=True)
class Row:
    what: str
    who: str
    most: int
    seconds: int
    where: str
    answer: str

    def __str__(self) -> str:
        return f"{self.what}, {self.who}, {self.most} in {self.seconds} s"


def row_of(line: str) -> Row:
    what, who, most, per, where, answer = (cell.strip() for cell in line.strip("|\n").split("|"))
    number, _, unit = per.partition(" ")
    seconds = int(number) * UNITS[unit] if unit else 0
    return Row(what, who, int(most), seconds, where, answer)


ROWS = [row_of(line) for line in re.findall(r"^\|.*\|$", TABLE, re.MULTILINE)[2:]]
OURS = {
    limit.name: limit for limit in vars(limits).values() if isinstance(limit, Limit | WorkerLimit)
}
SOCKETS = ("messages on a socket", "messages on a socket at once", "sockets at once")
# What allauth calls them.
ACTIONS = {
    "signing in": "login",
    "wrong passwords": "login_failed",
    "codes to sign in with": "request_login_code",
    "codes to verify an address": "confirm_email",
    "password resets": "reset_password",
    "links of password resets": "reset_password_from_key",
    "signing up": "signup",
    "changing a password": "change_password",
    "changing addresses": "manage_email",
    "confirming who one is": "reauthenticate",
    "signing in with a passkey": "webauthn_login",
}
WHO = {"ip": "address", "key": "account", "user": "account"}
OF_OURS = [row for row in ROWS if row.what in OURS]
OF_ALLAUTH = [row for row in ROWS if row.what in ACTIONS]


class StoppedTime:
    """What `time.monotonic` tells a worker."""

    def __init__(self) -> None:
        self.at = 1000.0

    def monotonic(self) -> float:
        return self.at


@pytest.fixture(autouse=True)
def worker_time(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> StoppedTime:
    """Limits are on, in a worker that has just begun."""
    settings.RATE_LIMITS = True
    stopped = StoppedTime()
    monkeypatch.setattr(limits, "time", stopped)
    for limit in OURS.values():
        if isinstance(limit, WorkerLimit):
            limit._until = 0.0
    return stopped


@dataclass
class Clinic:
    slots: list[Slot]
    ana: Patient
    settings: Settings

    def ask(self, path: str, body: dict[str, str] | None = None) -> Answer:
        """Ana at her browser."""
        client = visitor(self.ana)
        return client.get(path) if body is None else client.post(path, body)


@pytest.fixture
def clinic_open(slots: list[Slot], ana: Patient, settings: Settings) -> Clinic:
    return Clinic(slots, ana, settings)


Proof: TypeAlias = Callable[[Clinic], Answer]


def hold(clinic: Clinic) -> Answer:
    slot = clinic.slots[0]
    return clinic.ask(f"/doctors/{slot.doctor_id}/slots/{slot.pk}/", DETAILS)


def hold_by_program(clinic: Clinic) -> Answer:
    sent = vars(wish_for(clinic.slots[0]))
    body = {
        "slotId": str(clinic.slots[0].pk),
        "firstName": sent["first_name"],
        "lastName": sent["last_name"],
        **{name: sent[name] for name in ("phone", "nic", "email", "reason")},
    }
    return visitor(clinic.ana).post(
        "/api/v1/appointments",
        body,
        content_type="application/json",
        headers={"Idempotency-Key": "one"},
    )


def join(clinic: Clinic) -> Answer:
    visit = Appointment.objects.first() or booked(clinic.slots[0], clinic.ana)
    return visitor(clinic.ana).post(
        f"/api/v1/appointments/{visit.pk}/call", {}, content_type="application/json"
    )


def device_check(clinic: Clinic) -> Answer:
    found = dict.fromkeys(("camera", "microphone", "speaker", "connection"), "ok")
    return clinic.ask("/device-check/", found)


def a_visit(clinic: Clinic) -> Appointment:
    return Appointment.objects.first() or paid(clinic.slots[0], clinic.ana)


def reveal(clinic: Clinic) -> Answer:
    path = f"/appointments/{a_visit(clinic).pk}/nic/"
    return visitor(clinic.slots[0].doctor).post(path, {"purpose": "A prescription"})


def reveal_by_program(clinic: Clinic) -> Answer:
    path = f"/api/v1/appointments/{a_visit(clinic).pk}/nic"
    sent = {"purpose": "A prescription"}
    return visitor(clinic.slots[0].doctor).post(path, sent, content_type="application/json")


def export(clinic: Clinic) -> Answer:
    return just_known(clinic.ana).post("/record/export/")


def webhook(company: str) -> Proof:
    def sent(clinic: Clinic) -> Answer:
        clinic.settings.PAYMENT_PROVIDER = "stripe"
        clinic.settings.STRIPE_WEBHOOK_SECRET = "whsec_of_nobody"
        clinic.settings.AGORA_NOTIFICATION_SECRET = "of-nobody"
        return Client().post(f"/webhooks/{company}", b"{}", content_type="application/json")

    return sent


def page(path: str) -> Proof:
    return lambda clinic: Client().get(path.format(doctor=clinic.slots[0].doctor_id))


# Who is counted once for a row is counted for it in all of these ways.
PROOFS: dict[str, list[Proof]] = {
    "public reads": [
        page("/"),
        page("/doctors/{doctor}/"),
        page("/api/v1/specializations"),
        page("/api/v1/doctors"),
        page("/api/v1/doctors/{doctor}"),
        page("/api/v1/doctors/{doctor}/slots"),
        page("/feeds/not-a-feed.ics"),
    ],
    "sandbox pages": [page("/sandbox/not-a-payment/")],
    "webhooks": [webhook("stripe"), webhook("agora")],
    "holds of a patient": [hold, hold_by_program],
    "holds from an address": [hold, hold_by_program],
    "joins": [join],
    "device checks": [device_check],
    "NIC reveals": [reveal, reveal_by_program],
    "copies of a record": [export],
}


def test_the_table_has_all_of_our_limits_and_no_others() -> None:
    written = {(row.what, row.most, row.seconds) for row in OF_OURS}
    assert written == {(limit.name, limit.most, limit.seconds) for limit in OURS.values()}
    assert {row.what for row in ROWS} == {*OURS, *ACTIONS, *SOCKETS}
    assert set(PROOFS) == set(OURS)
    for row in OF_OURS:
        per_worker = isinstance(OURS[row.what], WorkerLimit)
        assert row.where == ("each worker" if per_worker else "database")


def test_the_table_has_all_of_allauths_limits_and_no_others(settings: Settings) -> None:
    configured = {
        (action, WHO[rate.per], rate.amount, rate.duration)
        for action, rates in (settings.SIGN_IN_LIMITS | settings.PASSKEY_LIMITS).items()
        for rate in parse_rates(rates)
    }
    written = {(ACTIONS[row.what], row.who, row.most, row.seconds) for row in OF_ALLAUTH}
    assert written == configured


def test_the_table_has_what_a_socket_may_say_and_how_many_there_may_be() -> None:
    # That one who says or opens more is closed: tests/live/test_abuse.py, test_crowd.py.
    written = {row.what: row.most for row in ROWS if row.what in SOCKETS}
    assert list(written.values()) == [socket.PER_SECOND, socket.BURST, crowd.MOST]


@pytest.mark.parametrize("row", OF_OURS, ids=str)
def test_one_more_than_the_table_says_is_refused_until_the_window_ends(
    row: Row, clinic_open: Clinic, clock: ClinicClock, worker_time: StoppedTime
) -> None:
    ways = PROOFS[row.what]
    limit = OURS[row.what]
    who = clinic_open.ana.pk if row.who == "account" else "127.0.0.1"
    if row.what == "holds from an address":
        # By other patients, as each of them has a limit of their own.
        for _ in range(row.most - len(ways)):
            limit.count(who)
        tries = [way(clinic_open) for way in ways]
    else:
        tries = [ways[n % len(ways)](clinic_open) for n in range(row.most)]
    assert 429 not in {answer.status_code for answer in tries}
    for way in ways:
        refused = way(clinic_open)
        assert (refused.status_code, row.answer) == (429, "429")
        assert row.seconds >= int(refused.get("Retry-After", "1")) >= 1
    clock.move(timedelta(seconds=row.seconds))
    worker_time.at += row.seconds
    assert ways[0](clinic_open).status_code != 429


# --- Signing in, which allauth counts ---


def post(name: str, **sent: str) -> Proof:
    return lambda clinic: Client().post(reverse(name), sent)


def post_signed_in(name: str) -> Proof:
    return lambda clinic: clinic.ask(reverse(name), {})


def sign_in(clinic: Clinic, password: str = PASSWORD, device: Client | None = None) -> Answer:
    sent = {"login": clinic.ana.user.email, "password": password}
    return (device or Client()).post(reverse("account_login"), sent)


def guess(clinic: Clinic) -> Answer:
    return sign_in(clinic, "not her password")


def verify(clinic: Clinic) -> Answer:
    EmailAddress.objects.update(verified=False)
    return sign_in(clinic)


ASKED: dict[str, Proof] = {
    "signing in": post("account_login"),
    "wrong passwords": guess,
    "codes to sign in with": post("account_request_login_code", email="ana@clinic.example"),
    "codes to verify an address": verify,
    "password resets": post("account_reset_password", email="ana@clinic.example"),
    "links of password resets": lambda clinic: Client().post("/account/password/reset/key/a-b/"),
    "signing up": post("account_signup"),
    "changing a password": post_signed_in("account_change_password"),
    "changing addresses": post_signed_in("account_email"),
    "confirming who one is": post_signed_in("account_reauthenticate"),
    "signing in with a passkey": lambda clinic: Client().post(
        "/_allauth/app/v1/auth/webauthn/login", {}, content_type="application/json"
    ),
}


def is_refused(answer: Answer) -> bool:
    return answer.status_code == 429 or "Too many attempts" in answer.content.decode()


@pytest.mark.parametrize("row", OF_ALLAUTH, ids=str)
def test_one_more_than_the_table_says_is_refused_where_people_sign_in(
    row: Row, clinic_open: Clinic, settings: Settings
) -> None:
    # Alone, as a row with a shorter window would refuse before this one.
    rates = (settings.SIGN_IN_LIMITS | settings.PASSKEY_LIMITS)[ACTIONS[row.what]].split(",")
    (one,) = (
        rate
        for rate in rates
        for read in parse_rates(rate)
        if (WHO[read.per], read.duration) == (row.who, row.seconds)
    )
    alone = {ACTIONS[row.what]: one}
    settings.ACCOUNT_RATE_LIMITS = dict.fromkeys(settings.SIGN_IN_LIMITS) | alone
    settings.MFA_RATE_LIMITS = alone
    ask = ASKED[row.what]
    for _ in range(row.most):
        assert not is_refused(ask(clinic_open))
    refused = ask(clinic_open)
    assert is_refused(refused)
    assert (refused.status_code == 429) is (row.answer == "429")


def sign_out(browser: Client) -> None:
    """The session is over; what else the browser keeps stays (`Client.logout` forgets all)."""
    del browser.cookies[current.SESSION_COOKIE_NAME]


@pytest.fixture
def limited_sign_in(settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = settings.SIGN_IN_LIMITS


def test_guests_forms_mail_no_address_more_codes_than_it_may_ask_for(
    clinic_open: Clinic, limited_sign_in: None, mailoutbox: list[EmailMessage]
) -> None:
    details = DETAILS | {"email": "someone@patient.example"}

    def sent_by_a_stranger(slot: Slot, email: str) -> Answer:
        path = reverse("book", args=[slot.doctor_id, slot.pk])
        return Client().post(path, details | {"email": email, "once": f"form-{slot.pk}"})

    *first, last = clinic_open.slots
    for slot in first:
        assert sent_by_a_stranger(slot, "someone@patient.example").status_code == 302
    refused = sent_by_a_stranger(last, "Someone@patient.example")
    assert refused.status_code == 429
    assert "Wait a minute" in words(refused)
    assert len(mailoutbox) == len(first) == 3
    assert not Appointment.objects.filter(slot=last).exists()
    assert sent_by_a_stranger(last, "another@patient.example").status_code == 302


def test_a_stranger_who_guesses_does_not_lock_ana_out(
    clinic_open: Clinic, limited_sign_in: None
) -> None:
    her_browser = Client()
    assert sign_in(clinic_open, device=her_browser).status_code == 302
    sign_out(her_browser)
    while not is_refused(guess(clinic_open)):
        pass
    assert sign_in(clinic_open, device=her_browser).status_code == 302


def test_on_a_strange_device_even_the_right_password_waits(
    clinic_open: Clinic, limited_sign_in: None
) -> None:
    while not is_refused(guess(clinic_open)):
        pass
    assert is_refused(sign_in(clinic_open))


def test_a_known_device_may_not_guess_without_end_either(
    clinic_open: Clinic, limited_sign_in: None
) -> None:
    her_browser = Client()
    sign_in(clinic_open, device=her_browser)
    sign_out(her_browser)
    tries = [is_refused(sign_in(clinic_open, "a guess", her_browser)) for _ in range(6)]
    assert tries == [False] * 5 + [True]


def test_a_device_is_known_for_the_account_that_signed_in_on_it_alone(
    clinic_open: Clinic, ben: Patient, limited_sign_in: None
) -> None:
    her_browser = Client()
    sign_in(clinic_open, device=her_browser)
    sign_out(her_browser)
    guess_at_ben = {"login": ben.user.email, "password": "a guess"}
    for _ in range(5):
        Client().post(reverse("account_login"), guess_at_ben)
    assert is_refused(her_browser.post(reverse("account_login"), guess_at_ben))


# --- What is kept, and the switch ---


def test_nothing_kept_tells_an_address_or_an_account(
    clinic_open: Clinic, limited_sign_in: None
) -> None:
    guess(clinic_open)
    hold(clinic_open)
    with connection.cursor() as cursor:
        cursor.execute("select cache_key from core_cache union all select key from core_tally")
        kept = [key for (key,) in cursor.fetchall()]
    assert len(kept) >= 5
    assert all(re.fullmatch("[0-9a-f]{32}", key) for key in kept)


def test_what_counts_no_longer_is_cleared_away(clinic_open: Clinic, clock: ClinicClock) -> None:
    hold(clinic_open)
    tidy()
    assert Tally.objects.count() == 2
    clock.move(timedelta(minutes=10))
    tidy()
    assert not Tally.objects.exists()


def test_two_addresses_of_one_household_count_as_one(
    clinic_open: Clinic, clock: ClinicClock
) -> None:
    limit = Limit("knocking", 2, 60)
    limit.count("2001:db8:1:2::1")
    limit.count("2001:db8:1:3::1")
    limit.count("2001:db8:1:2:ffff::2")
    with pytest.raises(SlowDown):
        limit.count("2001:db8:1:2::3")


def test_a_form_that_comes_too_often_keeps_what_was_typed(clinic_open: Clinic) -> None:
    for _ in range(6):
        hold(clinic_open)
    refused = hold(clinic_open)
    assert "Wait 10 minutes" in words(refused)
    assert "Cough for two weeks" in refused.content.decode()


def test_a_purpose_that_comes_too_often_is_kept_and_the_number_is_not_shown(
    clinic_open: Clinic,
) -> None:
    for _ in range(30):
        assert "199012345678" in words(reveal(clinic_open))
    refused = reveal(clinic_open)
    assert refused.status_code == 429
    assert refused["Retry-After"] == "3600"
    assert "Wait 60 minutes" in words(refused)
    assert "A prescription" in refused.content.decode()
    assert "199012345678" not in refused.content.decode()
    assert NicReveal.objects.count() == 30


def test_to_open_the_page_of_the_copy_is_no_copy(clinic_open: Clinic) -> None:
    client = just_known(clinic_open.ana)
    assert {client.get("/record/export/").status_code for _ in range(6)} == {200}


def test_the_page_for_who_asks_too_often_says_how_long_to_wait(clinic_open: Clinic) -> None:
    for _ in range(20):
        device_check(clinic_open)
    refused = device_check(clinic_open)
    assert "Wait a minute" in words(refused)
    assert refused["Retry-After"] == "60"


def test_a_program_is_told_when_to_come_back(clinic_open: Clinic) -> None:
    for _ in range(6):
        hold_by_program(clinic_open)
    refused = hold_by_program(clinic_open)
    assert refused.json()["code"] == "slow_down"
    assert refused["Retry-After"] == "600"


def test_the_switch_turns_all_of_it_off(clinic_open: Clinic, settings: Settings) -> None:
    settings.RATE_LIMITS = False
    answers = {hold(clinic_open).status_code for _ in range(8)}
    assert answers == {302}
