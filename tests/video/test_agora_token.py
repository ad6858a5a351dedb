"""Agora's own implementation is the referee: its tokens stand in agora_token_vectors.json.

Payloads are compared, not token texts: two builds of zlib deflate the same bytes differently.
"""

import base64
import json
import zlib
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from clinicall.video.agora_token import (
    JOIN,
    PUBLISH_AUDIO,
    PUBLISH_DATA,
    PUBLISH_VIDEO,
    Grant,
    NotAToken,
    NotGrantable,
    build,
    pack,
    parse,
    verify,
)

VECTORS: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("agora_token_vectors.json").read_text(encoding="utf-8")
)["vectors"]
every_vector = pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["name"]))

APP_ID = "0123456789abcdef0123456789abcdef"
CERTIFICATE = "fedcba9876543210fedcba9876543210"
CHANNEL = "appt_550e8400-e29b-41d4-a716-446655440000"
ISSUED = 1_795_305_600
EVERYTHING = (JOIN, PUBLISH_AUDIO, PUBLISH_VIDEO, PUBLISH_DATA)


def inflated(token: str) -> bytes:
    return zlib.decompress(base64.b64decode(token.removeprefix("007")))


def text_of(payload: bytes) -> str:
    return "007" + base64.b64encode(zlib.compress(payload)).decode()


def grant_of(vector: dict[str, Any]) -> Grant:
    """A vector's inputs in our words: what Agora's builders make of a role or of uid 0."""
    match vector:
        case {"account": str(account)}:
            user = account
        case {"uid": 0}:
            user = ""
        case {"uid": int(uid)}:
            user = str(uid)
        case _:
            raise AssertionError("a vector is for a uid or for an account")
    match vector:
        case {"privileges": dict(own)}:
            privileges = {int(privilege): seconds for privilege, seconds in own.items()}
        case {"role_name": "publisher"}:
            privileges = dict.fromkeys(EVERYTHING, vector["privilege_expire"])
        case _:
            privileges = {JOIN: vector["privilege_expire"]}
    return Grant(
        app_id=vector["app_id"],
        issued=vector["issue_ts"],
        lifetime=vector["token_expire"],
        salt=vector["salt"],
        channel=vector["channel"],
        user=user,
        privileges=privileges,
    )


def a_token(**facts: Any) -> str:
    """A doctor's token for half an hour, but for the facts given."""
    usual: dict[str, Any] = {
        "app_id": APP_ID,
        "certificate": CERTIFICATE,
        "channel": CHANNEL,
        "uid": 1,
        "issued": ISSUED,
        "lifetime": 1800,
    }
    return build(**usual | facts)


def test_all_fifteen_of_agoras_tokens_are_here() -> None:
    assert len(VECTORS) == 15


@every_vector
def test_we_pack_byte_for_byte_what_agora_packs(vector: dict[str, Any]) -> None:
    packed = pack(grant_of(vector), vector["app_certificate"])
    assert packed.hex() == vector["payload_hex"]


def test_the_order_in_which_privileges_are_named_does_not_matter() -> None:
    [vector] = [each for each in VECTORS if each["name"] == "separate privileges"]
    grant = grant_of(vector)
    backwards = replace(grant, privileges=dict(reversed(grant.privileges.items())))
    assert pack(backwards, vector["app_certificate"]).hex() == vector["payload_hex"]


@every_vector
def test_a_token_made_by_agora_says_what_was_asked_of_it(vector: dict[str, Any]) -> None:
    assert parse(vector["token"]) == grant_of(vector)


@every_vector
def test_a_token_made_by_agora_is_known_by_its_certificate(vector: dict[str, Any]) -> None:
    assert verify(vector["token"], vector["app_certificate"])
    assert not verify(vector["token"], vector["app_certificate"][::-1])


def test_the_public_way_to_a_token_ends_in_agoras_own_bytes() -> None:
    doctors = VECTORS[0]
    token = build(
        doctors["app_id"],
        doctors["app_certificate"],
        channel=doctors["channel"],
        uid=doctors["uid"],
        issued=doctors["issue_ts"],
        lifetime=doctors["token_expire"],
        salt=doctors["salt"],
    )
    assert inflated(token).hex() == doctors["payload_hex"]


@settings(deadline=None)
@given(
    channel=st.from_regex(r"[A-Za-z0-9 !#$%&()+\-:;<=.>?@\[\]^_{}|~,]{1,63}", fullmatch=True),
    uid=st.integers(1, 2**32 - 1),
    issued=st.integers(0, 2**32 - 1),
    lifetime=st.integers(1, 86_400),
    salt=st.integers(1, 99_999_999),
)
def test_a_token_of_ours_says_what_was_asked_of_it(
    channel: str, uid: int, issued: int, lifetime: int, salt: int
) -> None:
    token = a_token(channel=channel, uid=uid, issued=issued, lifetime=lifetime, salt=salt)
    assert token.startswith("007")
    assert parse(token) == Grant(
        app_id=APP_ID,
        issued=issued,
        lifetime=lifetime,
        salt=salt,
        channel=channel,
        user=str(uid),
        privileges=dict.fromkeys(EVERYTHING, lifetime),
    )
    assert verify(token, CERTIFICATE)
    assert not verify(token, APP_ID)


def test_a_token_of_ours_is_salted_anew_each_time() -> None:
    salts = {parse(a_token()).salt for _ in range(20)}
    assert len(salts) > 1
    assert all(1 <= salt <= 99_999_999 for salt in salts)


def test_a_changed_token_no_longer_verifies() -> None:
    payload = inflated(a_token(uid=2))
    assert payload.endswith(b"\x01\x002")
    assert not verify(text_of(payload[:-1] + b"1"), CERTIFICATE)


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"app_id": ""}, id="no app id"),
        pytest.param({"app_id": APP_ID[1:]}, id="an app id of 31 characters"),
        pytest.param({"app_id": APP_ID[1:] + "g"}, id="an app id that is not hexadecimal"),
        pytest.param({"app_id": APP_ID + "\n"}, id="an app id with a line end"),
        pytest.param({"certificate": ""}, id="no certificate"),
        pytest.param({"certificate": CERTIFICATE + "0"}, id="a certificate of 33 characters"),
        pytest.param({"certificate": "z" * 32}, id="a certificate that is not hexadecimal"),
        pytest.param({"channel": ""}, id="a blank channel, which means every channel"),
        pytest.param({"channel": "*"}, id="the wildcard"),
        pytest.param({"channel": "appt_*"}, id="a pattern"),
        pytest.param({"channel": "a" * 64}, id="a channel of 64 bytes"),
        pytest.param({"channel": "appt/1"}, id="a slash"),
        pytest.param({"channel": "appt_1\n"}, id="a channel with a line end"),
        pytest.param({"channel": "visite_d'été"}, id="an accent"),
        pytest.param({"uid": 0}, id="uid 0, which means anyone"),
        pytest.param({"uid": -1}, id="a negative uid"),
        pytest.param({"uid": 2**32}, id="a uid beyond 32 bits"),
        pytest.param({"lifetime": 0}, id="no life"),
        pytest.param({"lifetime": -60}, id="a negative life"),
        pytest.param({"lifetime": 86_401}, id="more than a day"),
        pytest.param({"lifetime": ISSUED + 3600}, id="an instant in place of a lifetime"),
    ],
)
def test_no_token_is_made_that_agora_would_misread(facts: dict[str, Any]) -> None:
    with pytest.raises(NotGrantable):
        a_token(**facts)


def test_a_refusal_never_prints_the_certificate() -> None:
    with pytest.raises(NotGrantable) as refusal:
        a_token(certificate=CERTIFICATE + "0")
    assert CERTIFICATE not in str(refusal.value)


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="nothing"),
        pytest.param("006" + a_token()[3:], id="the version before"),
        pytest.param("007", id="only the version"),
        pytest.param("007not base64!", id="not base64"),
        pytest.param("007\ud800", id="half a character"),
        pytest.param("007" + base64.b64encode(b"not deflated").decode(), id="not deflated"),
        pytest.param(text_of(b""), id="an empty payload"),
        pytest.param(text_of(inflated(a_token())[:-1]), id="a payload cut short"),
        pytest.param(text_of(inflated(a_token()) + b"\0"), id="a payload with a tail"),
        pytest.param(text_of(b"\0" * 1_000_000), id="a payload that inflates without end"),
        pytest.param(
            text_of(inflated(a_token()).replace(b"\x01\x00\x01\x00", b"\x02\x00\x01\x00", 1)),
            id="two services",
        ),
    ],
)
def test_what_is_not_a_token_is_called_so(token: str) -> None:
    with pytest.raises(NotAToken):
        parse(token)


@settings(deadline=None)
@given(kept=st.integers(0, 150), noise=st.binary(max_size=60))
def test_a_damaged_token_never_verifies(kept: int, noise: bytes) -> None:
    whole = inflated(a_token())
    damaged = whole[:kept] + noise
    assume(damaged != whole)
    with suppress(NotAToken):
        assert not verify(text_of(damaged), CERTIFICATE)
