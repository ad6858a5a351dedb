"""What both lines promise, and what is the peer line's own."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.core.signing import Signer
from hypothesis import given, settings
from hypothesis import strategies as st

from clinicall.video import agora_token
from clinicall.video.agora import AgoraLine
from clinicall.video.peer import PeerLine
from clinicall.video.provider import (
    DOCTOR_UID,
    LONGEST,
    PATIENT_UID,
    NotAPass,
    Pass,
    RoomPass,
    VideoLine,
    channel_name,
)

APP_ID = "0123456789abcdef0123456789abcdef"
CERTIFICATE = "fedcba9876543210fedcba9876543210"
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=30)
CHANNEL = channel_name(UUID("550e8400-e29b-41d4-a716-446655440000"))
OTHER_CHANNEL = channel_name(UUID("650e8400-e29b-41d4-a716-446655440000"))

PEER = PeerLine("the clinic's key", turn_url="", turn_secret="")
AGORA = AgoraLine(APP_ID, CERTIFICATE)
either_line = pytest.mark.parametrize("line", [AGORA, PEER], ids=lambda line: str(line.name))


def pass_on(
    line: VideoLine,
    *,
    channel: str = CHANNEL,
    uid: int = PATIENT_UID,
    now: datetime = NOON,
    life: timedelta = HALF_AN_HOUR,
) -> RoomPass:
    return line.issue(
        channel=channel, uid=uid, now=now, expires_at=now + life, session="of this browser"
    )


def test_a_visits_channel_is_named_after_it() -> None:
    assert CHANNEL == "appt_550e8400-e29b-41d4-a716-446655440000"


def test_doctor_and_patient_are_two_people_in_the_channel() -> None:
    assert (DOCTOR_UID, PATIENT_UID) == (1, 2)


@either_line
def test_a_pass_says_who_may_go_where_until_when(line: VideoLine) -> None:
    room_pass = pass_on(line)
    assert room_pass.provider == line.name
    assert (room_pass.channel, room_pass.uid) == (CHANNEL, PATIENT_UID)
    assert room_pass.expires_at == NOON + HALF_AN_HOUR


@either_line
def test_a_pass_is_cut_to_a_day(line: VideoLine) -> None:
    assert pass_on(line, life=timedelta(days=7)).expires_at == NOON + LONGEST
    assert timedelta(hours=24) == LONGEST


@either_line
def test_a_pass_of_exactly_a_day_is_left_alone(line: VideoLine) -> None:
    late_in_its_second = NOON + timedelta(microseconds=999_999)
    room_pass = pass_on(line, now=late_in_its_second, life=LONGEST)
    assert room_pass.expires_at == NOON + LONGEST


@either_line
@pytest.mark.parametrize("life", [timedelta(0), timedelta(seconds=-1)])
def test_no_pass_is_issued_that_is_over_at_once(line: VideoLine, life: timedelta) -> None:
    with pytest.raises(ValueError, match="at least one second"):
        pass_on(line, life=life)


@either_line
@settings(deadline=None)
@given(
    microseconds=st.integers(0, 999_999),
    life=st.timedeltas(timedelta(seconds=1), timedelta(days=3)),
)
def test_a_pass_never_outlives_what_was_asked(
    line: VideoLine, microseconds: int, life: timedelta
) -> None:
    now = NOON + timedelta(microseconds=microseconds)
    room_pass = pass_on(line, now=now, life=life)
    latest = min(now + life, now + LONGEST)
    assert latest - timedelta(seconds=1) < room_pass.expires_at <= latest


@either_line
def test_a_printed_pass_does_not_give_the_token_away(line: VideoLine) -> None:
    room_pass = pass_on(line)
    assert room_pass.token not in repr(room_pass)


def test_a_printed_pass_does_not_give_the_relay_away() -> None:
    assert "turn:" not in repr(pass_on(with_turn("turn:turn.clinic.example")))


def test_agora_gets_a_token_for_that_person_on_that_channel_alone() -> None:
    room_pass = pass_on(AGORA, uid=DOCTOR_UID)
    grant = agora_token.parse(room_pass.token)
    assert room_pass.app_id == grant.app_id == APP_ID
    assert (grant.channel, grant.user) == (CHANNEL, "1")
    assert (grant.issued, grant.lifetime) == (int(NOON.timestamp()), 1800)
    assert set(grant.privileges.values()) == {1800}
    assert agora_token.verify(room_pass.token, CERTIFICATE)
    assert room_pass.ice_servers == []


@settings(deadline=None)
@given(uid=st.sampled_from([DOCTOR_UID, PATIENT_UID]), visit=st.uuids())
def test_our_own_pass_reads_back_as_it_was_issued(uid: int, visit: UUID) -> None:
    room_pass = pass_on(PEER, uid=uid, channel=channel_name(visit))
    assert room_pass.app_id is None
    read = PEER.read(room_pass.token, NOON)
    assert read == Pass(channel_name(visit), uid, "of this browser", NOON + HALF_AN_HOUR)


def test_our_own_pass_needs_no_escaping_in_a_message() -> None:
    token = pass_on(PEER).token
    assert token.isascii()
    assert not set(token) & set(" \"'\\/+%&?#")


def test_our_own_pass_is_good_until_its_last_moment_and_not_after() -> None:
    token = pass_on(PEER).token
    assert PEER.read(token, NOON + HALF_AN_HOUR - timedelta(microseconds=1)).uid == PATIENT_UID
    with pytest.raises(NotAPass):
        PEER.read(token, NOON + HALF_AN_HOUR)


def test_a_pass_signed_with_another_key_is_forged() -> None:
    forged = pass_on(PeerLine("a guess", turn_url="", turn_secret="")).token
    with pytest.raises(NotAPass):
        PEER.read(forged, NOON)


def test_what_the_clinic_signed_for_something_else_is_no_pass() -> None:
    expires = int((NOON + HALF_AN_HOUR).timestamp())
    foreign = Signer(key="the clinic's key", salt="sign-in", fallback_keys=[]).sign_object(
        [CHANNEL, PATIENT_UID, expires]
    )
    with pytest.raises(NotAPass):
        PEER.read(foreign, NOON)


def test_an_agora_token_is_no_pass_of_ours() -> None:
    with pytest.raises(NotAPass):
        PEER.read(pass_on(AGORA).token, NOON)


def test_a_pass_for_one_visit_cannot_be_rewritten_for_another() -> None:
    mine = pass_on(PEER).token
    facts, _, signature = mine.rpartition(":")
    elsewhere = pass_on(PEER, channel=OTHER_CHANNEL).token.rpartition(":")[0]
    assert PEER.read(f"{facts}:{signature}", NOON).channel == CHANNEL
    with pytest.raises(NotAPass):
        PEER.read(f"{elsewhere}:{signature}", NOON)


def test_changing_any_character_of_a_pass_spoils_it() -> None:
    token = pass_on(PEER).token
    for place, was in enumerate(token):
        tampered = token[:place] + ("A" if was != "A" else "B") + token[place + 1 :]
        with pytest.raises(NotAPass):
            PEER.read(tampered, NOON)


@settings(deadline=None)
@given(st.text())
def test_whatever_a_stranger_sends_is_no_pass(text: str) -> None:
    with pytest.raises(NotAPass):
        PEER.read(text, NOON)


def test_half_a_character_is_no_pass() -> None:
    with pytest.raises(NotAPass):
        PEER.read("\ud800:\ud800", NOON)


def with_turn(turn_url: str) -> PeerLine:
    return PeerLine("the clinic's key", turn_url=turn_url, turn_secret="north")


def test_without_a_relay_browsers_are_told_of_none() -> None:
    assert pass_on(PEER).ice_servers == []


def test_a_relay_is_lent_for_as_long_as_the_pass() -> None:
    [relay] = pass_on(with_turn("turn:turn.clinic.example:3478")).ice_servers
    assert relay["urls"] == ["turn:turn.clinic.example:3478"]
    assert relay["username"] == f"1795609800:{CHANNEL}"


def test_the_relay_finds_the_credential_it_would_compute_itself() -> None:
    [relay] = pass_on(with_turn("turn:turn.clinic.example:3478")).ice_servers
    # printf %s "$username" | openssl dgst -sha1 -hmac north -binary | base64
    assert relay["credential"] == "YN7Wi6dqZq8S1yyn9IV2M57HhdA="


def test_a_clinic_may_name_several_relays() -> None:
    [relay] = pass_on(
        with_turn("turn:turn.clinic.example:3478, turns:turn.clinic.example:443?transport=tcp,")
    ).ice_servers
    assert relay["urls"] == [
        "turn:turn.clinic.example:3478",
        "turns:turn.clinic.example:443?transport=tcp",
    ]
