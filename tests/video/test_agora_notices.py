"""Agora's notifications: the digests are those that its documents and its own samples print or give."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clinicall.video.agora_notices import read_notice
from clinicall.video.provider import Notice, NotSigned

SECRET = "agora-ncs-demo-secret"
CAME = (
    b'{"noticeId":"2000001428:4330:107","productId":1,"eventType":103,"notifyMs":1795305725123,'
    b'"sid":"sid-0001","payload":{"channelName":"appt_1","uid":1001,"platform":7,'
    b'"clientSeq":1795305724000,"ts":1795305725}}'
)
LEFT = (
    b'{"noticeId":"2000001428:4331:108","productId":1,"eventType":108,"notifyMs":1795307525456,'
    b'"payload":{"channelName":"appt_1","uid":2002,"platform":7,"clientSeq":1795307524000,'
    b'"reason":1,"ts":1795307525,"duration":1800}}'
)
NAMED = (
    '{"noticeId":"n-utf8","productId":1,"eventType":103,"notifyMs":1795305725123,"payload":'
    '{"channelName":"appt_1","uid":1001,"account":"د.نور","platform":7,"clientSeq":5,'
    '"ts":1795305725}}'
).encode()
OLD_SAMPLE = (
    b'{"eventMs":1560408533119,"eventType":10,"noticeId":"4eb720f0-8da7-11e9-a43e-53f411c2761f",'
    b'"notifyMs":1560408533119,"payload":{"a":"1","b":2},"productId":1}'
)
DIGESTS = [
    ("secret", OLD_SAMPLE, "6d3320c60b11101395b7fc8f9068748808a0aa1bfa064438e39d1bc2c7d74d99"),
    (SECRET, CAME, "7fbf7aa02c3dc4552125319e59865d770af93165809158e91ffd2b39ff6efbd3"),
    (SECRET, LEFT, "ae407c0054552a9f68124865df10fbf0f99659cd02a2dd38d13b8200ff387a45"),
    (SECRET, NAMED, "3c467c7ba69877a41e588e7cba3e15f20fb11e5e44756950f48cf4b8edca3ffe"),
]
# When each was sent, in seconds; nearly so.
SENT = datetime.fromtimestamp(1795305726, UTC)


def read(body: bytes, now: datetime = SENT, *, secret: str = SECRET) -> Notice | None:
    """A message that Agora has signed."""
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return read_notice(body, signature, secret=secret, now=now)


@pytest.mark.parametrize(("secret", "body", "digest"), DIGESTS)
def test_the_known_digests_are_taken_and_no_others(secret: str, body: bytes, digest: str) -> None:
    read_notice(body, digest, secret=secret, now=SENT)
    for wrong in (digest[:-1] + "0", digest.upper(), "", "é"):
        with pytest.raises(NotSigned):
            read_notice(body, wrong, secret=secret, now=SENT)


def test_the_same_message_written_otherwise_is_another() -> None:
    digest = DIGESTS[1][2]
    with pytest.raises(NotSigned):
        read_notice(json.dumps(json.loads(CAME)).encode(), digest, secret=SECRET, now=SENT)


def test_without_a_secret_nothing_is_believed() -> None:
    with pytest.raises(NotSigned):
        read(CAME, secret="")


def test_a_coming_and_a_leaving() -> None:
    came = datetime.fromtimestamp(1795305725, UTC)
    assert read(CAME) == Notice(
        "2000001428:4330:107", 103, "appt_1", 1001, 1795305724000, came, came=True, stayed=None
    )
    left = datetime.fromtimestamp(1795307525, UTC)
    assert read(LEFT, left) == Notice(
        *("2000001428:4331:108", 108, "appt_1", 2002, 1795307524000, left),
        came=False,
        stayed=timedelta(minutes=30),
    )


def test_a_message_sent_a_quarter_of_an_hour_ago_is_no_news() -> None:
    assert read(CAME, SENT + timedelta(minutes=14))
    assert read(CAME, SENT + timedelta(minutes=16)) is None
    assert read(CAME, SENT - timedelta(minutes=16)) is None


def changed(**members: Any) -> bytes:
    message = json.loads(CAME)
    for name, value in members.items():
        (message if name in message else message["payload"])[name] = value
    return json.dumps(message).encode()


@pytest.mark.parametrize(
    "body",
    [
        changed(productId=3),
        changed(eventType=101),
        changed(eventType="103"),
        changed(notifyMs="yesterday"),
        changed(notifyMs=10**400),
        changed(payload=[]),
        changed(channelName=7),
        changed(uid="1"),
        changed(clientSeq=2**63),
        changed(clientSeq=-1),
        changed(ts=10**30),
        changed(noticeId="n" * 101),
        changed(noticeId=""),
    ],
)
def test_what_says_nothing_of_a_person_in_a_call_is_passed_over(body: bytes) -> None:
    assert read(body) is None


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"[]", b"7", b"[" * 100_000, b"{"])
def test_what_is_signed_and_cannot_be_read_is_refused(body: bytes) -> None:
    with pytest.raises(NotSigned):
        read(body)
