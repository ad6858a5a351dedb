"""Agora's notifications: whether it signed them, and who came to or left which channel.

The header Agora-Signature-V2 is the HMAC-SHA256 of the raw body in lower-case hex (Agora's "Receive
notifications about channel events"). It holds no time, so an old message is known by `notifyMs` alone.
"""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from clinicall.video.provider import Notice, NotSigned

# Agora repeats a message three times at most, each time with the time of sending.
FRESH_FOR = timedelta(minutes=15)
REAL_TIME_CALLS = 1  # its number for the product
CAME = (
    103,
    105,
    107,
)  # as host, as audience, in a call of two; its documents disagree which we get
LEFT = (104, 106, 108)
LONGEST_SEQUENCE = 2**63 - 1
LONGEST_NAME = 100


def read_notice(body: bytes, signature: str, *, secret: str, now: datetime) -> Notice | None:
    """What the message says; None when that is nothing we keep: another product or kind of event, one
    sent too long ago, a trial from Agora's console. Raises NotSigned."""
    right = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if not secret or not hmac.compare_digest(right.encode(), signature.encode()):
        raise NotSigned
    try:
        message = json.loads(body.decode())
    except (ValueError, RecursionError):
        raise NotSigned from None
    if not isinstance(message, dict):
        raise NotSigned
    sent_at = _instant(message.get("notifyMs"), per_second=1_000)
    if message.get("productId") != REAL_TIME_CALLS or sent_at is None:
        return None
    return _notice(message) if abs(now - sent_at) <= FRESH_FOR else None


def _notice(message: dict[str, Any]) -> Notice | None:
    payload = message.get("payload")
    match message, payload:
        case (
            {"noticeId": str(notice_id), "eventType": int(kind)},
            {
                "channelName": str(channel),
                "uid": int(uid),
                "clientSeq": int(sequence),
                "ts": ts,
                **more,
            },
        ) if kind in CAME + LEFT and 0 <= sequence <= LONGEST_SEQUENCE:
            at = _instant(ts, per_second=1)
            if at is None or not 0 < len(notice_id) <= LONGEST_NAME:
                return None
            stayed = _seconds(more.get("duration")) if kind in LEFT else None
            return Notice(notice_id, kind, channel, uid, sequence, at, kind in CAME, stayed)
    return None


def _instant(value: object, *, per_second: int) -> datetime | None:
    if not isinstance(value, int):
        return None
    try:
        return datetime.fromtimestamp(value / per_second, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _seconds(value: object) -> timedelta | None:
    is_sensible = isinstance(value, int) and 0 <= value <= timedelta(days=1).total_seconds()
    return timedelta(seconds=value) if is_sensible and isinstance(value, int) else None
