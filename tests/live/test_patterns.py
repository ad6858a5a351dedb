"""Each pattern of who came when, lived through the sockets and closed by the clock, ends as the rule says."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product

import pytest
from django.test import Client
from pytest_django import Settings

from clinicall.booking.models import Appointment
from clinicall.booking.states import CancelReason, Outcome, Status
from clinicall.consultation.closing import close_visits, verdict_on
from clinicall.consultation.evidence import Verdict, When
from clinicall.consultation.models import ChannelNotice, Presence, Side
from clinicall.payments.models import Refund
from clinicall.people.models import Patient
from clinicall.schedule.models import Slot
from clinicall.video.provider import DOCTOR_UID, PATIENT_UID
from tests.booking.test_ending import paid
from tests.clinic_clock import NOON, ClinicClock
from tests.live.browser_socket import BrowserSocket
from tests.live.test_presence import come
from tests.server.serving import Server, wait_for

pytestmark = pytest.mark.django_db(transaction=True)

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
CLOSED = 17 * MINUTE  # after the end: 15 for the room, and 2 for late word of it
SECRET = "a secret of the console's"
CAME, LEFT = 103, 104

# In minutes after the start of a visit of 15, and nobody meets anybody.
DOCTOR = {When.NEVER: None, When.BEFORE: (-9, -8), When.DURING: (0, 8), When.AFTER: (16, 18)}
PATIENT = {When.NEVER: None, When.BEFORE: (-7, -5), When.DURING: (9, 14), When.AFTER: (20, 24)}
MEETINGS = {When.BEFORE: (-4, -2), When.DURING: (11, 12), When.AFTER: (26, 28)}


@dataclass(frozen=True)
class End:
    """How the visit stands once its room has closed, and how a day after its end."""

    verdict: Verdict
    soon: tuple[Status, str]
    a_day_later: tuple[Status, str]
    paid_back: bool


def once(verdict: Verdict, status: Status, why: str, *, paid_back: bool) -> End:
    return End(verdict, (status, why), (status, why), paid_back)


ATTENDED = once(Verdict.ATTENDED, Status.COMPLETED, Outcome.ATTENDED, paid_back=False)
PATIENT_MISSED_IT = once(
    Verdict.NO_SHOW_PATIENT, Status.COMPLETED, Outcome.NO_SHOW_PATIENT, paid_back=False
)
DOCTOR_MISSED_IT = once(
    Verdict.NO_SHOW_DOCTOR, Status.CANCELLED, CancelReason.DOCTOR_NO_SHOW, paid_back=True
)
THE_DOCTOR_IS_ASKED = End(
    Verdict.UNCLEAR, (Status.CONFIRMED, ""), (Status.CANCELLED, CancelReason.NOT_HELD), True
)
# (the doctor, the patient): all others are for the doctor to say.
CLEAR = {
    (When.DURING, When.NEVER): PATIENT_MISSED_IT,
    (When.NEVER, When.BEFORE): DOCTOR_MISSED_IT,
    (When.NEVER, When.DURING): DOCTOR_MISSED_IT,
    (When.NEVER, When.AFTER): DOCTOR_MISSED_IT,
}
PATTERNS = [
    pytest.param(
        {Side.DOCTOR: [DOCTOR[doctor]], Side.PATIENT: [PATIENT[patient]]},
        CLEAR.get((doctor, patient), THE_DOCTOR_IS_ASKED),
        id=f"doctor {doctor}, patient {patient}",
    )
    for doctor, patient in product(When, When)
] + [
    pytest.param(
        {Side.DOCTOR: [DOCTOR[when], meeting], Side.PATIENT: [PATIENT[when], meeting]},
        ATTENDED,
        id=f"both {when}, and meeting",
    )
    for when, meeting in MEETINGS.items()
]
Minutes = tuple[int, int]
Stays = dict[Side, list[Minutes | None]]


@pytest.fixture
def visit(slots: list[Slot], ana: Patient) -> Appointment:
    return paid(slots[0], ana)


def live_through(server: Server, visit: Appointment, stays: Stays, clock: ClinicClock) -> None:
    """Every coming and going in the order of time, each of them with a socket of its own."""
    steps = sorted(
        (minute, came, side, stay)
        for side, of_side in stays.items()
        for stay in of_side
        if stay
        for minute, came in zip(stay, (True, False), strict=True)
    )
    there: dict[tuple[Side, Minutes], BrowserSocket] = {}
    for minute, came, side, stay in steps:
        clock.set(visit.starts_at + minute * MINUTE)
        if came:
            there[side, stay], _ = come(server, visit, getattr(visit, side).user)
        else:
            leaves(there.pop((side, stay)), visit, side)


def leaves(browser: BrowserSocket, visit: Appointment, side: Side) -> None:
    """Once this is over, it has been written down."""
    open_rows = Presence.objects.filter(appointment=visit, side=side, gone=False)
    left = open_rows.count() - 1
    with browser:
        browser.say(type="leave")
        browser.closed_with()
    wait_for(lambda: open_rows.count() == left)


# --- Agora's word of the same ---


def word(visit: Appointment, side: Side, minute: int, kind: int) -> dict[str, object]:
    at = int((visit.starts_at + minute * MINUTE).timestamp())
    return {
        "noticeId": f"{side} {minute} {kind}",
        "productId": 1,
        "eventType": kind,
        "payload": {
            "channelName": visit.channel_name,
            "uid": DOCTOR_UID if side is Side.DOCTOR else PATIENT_UID,
            "clientSeq": at * 10 + kind % 10,
            "ts": at,
        },
    }


def words_of(
    visit: Appointment, stays: Stays, kinds: Mapping[Side, int]
) -> list[dict[str, object]]:
    return [
        word(visit, side, stay[kind == LEFT], kind)
        for side, kind in kinds.items()
        for stay in stays[side]
        if stay
    ]


def tell(words: Sequence[dict[str, object]], now: datetime) -> None:
    """Sent now, however long ago it was."""
    for one in words:
        body = json.dumps({**one, "notifyMs": int(now.timestamp() * 1000)}).encode()
        signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        headers = {"Agora-Signature-V2": signature}
        answer = Client().post("/webhooks/agora", body, "application/json", headers=headers)
        assert answer.status_code == 200


def stands(visit: Appointment) -> tuple[str, str]:
    visit.refresh_from_db()
    return visit.status, visit.outcome or visit.cancel_reason


@pytest.mark.parametrize(("stays", "end"), PATTERNS)
def test_a_visit_ends_as_the_rule_says_whatever_agora_tells_beside_it(
    stays: Stays,
    end: End,
    server: Server,
    visit: Appointment,
    clock: ClinicClock,
    settings: Settings,
) -> None:
    settings.AGORA_NOTIFICATION_SECRET = SECRET
    live_through(server, visit, stays, clock)
    assert verdict_on(visit) is end.verdict

    clock.set(visit.ends_at + CLOSED)
    in_time = words_of(visit, stays, {Side.DOCTOR: LEFT, Side.PATIENT: CAME})
    late = words_of(visit, stays, {Side.DOCTOR: CAME, Side.PATIENT: LEFT})
    for words in (in_time, in_time, late[::-1], in_time + late):
        tell(words, clock.now)
        assert verdict_on(Appointment.objects.get(pk=visit.pk)) is end.verdict
    assert ChannelNotice.objects.count() == len(in_time + late)

    close_visits()
    assert stands(visit) == end.soon
    clock.set(visit.ends_at + DAY)
    close_visits()
    assert stands(visit) == end.a_day_later
    amounts = list(Refund.objects.values_list("amount", flat=True))
    assert amounts == ([visit.price_amount] if end.paid_back else [])
    clock.set(NOON)  # or the refund would be overdue, as nobody gives it back here
