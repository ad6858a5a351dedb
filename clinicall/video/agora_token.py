"""Agora's AccessToken2, the tokens that begin with "007": one channel for one person, for a while.

Agora publishes the format as source code: AgoraIO/Tools, DynamicKey/AgoraDynamicKey. A token is
"007" and the base64 of a deflated payload; the payload is a signature and what it signs. Numbers
are little endian, a text is its length in bytes and its UTF-8, lifetimes count from the issue.
"""

import base64
import hmac
import re
import secrets
import struct
import zlib
from dataclasses import dataclass
from typing import Final

VERSION: Final = "007"
HEX_ID: Final = re.compile(r"[0-9A-Fa-f]{32}")
# What the Web SDK accepts. `*` is missing on purpose: in a token it stands for every channel.
CHANNEL: Final = re.compile(r"[A-Za-z0-9 !#$%&()+\-:;<=.>?@\[\]^_{}|~,]{1,63}")
LONGEST: Final = 86_400  # Agora's servers cut anything longer, without saying so
RTC: Final = 1
JOIN, PUBLISH_AUDIO, PUBLISH_VIDEO, PUBLISH_DATA = 1, 2, 3, 4
INFLATED_AT_MOST: Final = 4096  # a real payload is under 400 bytes


class NotGrantable(ValueError):
    """A token with these facts would be useless, or would open more than was meant."""


class NotAToken(ValueError):
    """The text is not an AccessToken2 for one channel."""


@dataclass(frozen=True)
class Grant:
    """What a token says. The token and each privilege live so many seconds after `issued`."""

    app_id: str
    issued: int  # Unix seconds
    lifetime: int
    salt: int
    channel: str
    user: str  # an integer uid is written in decimal digits
    privileges: dict[int, int]


def build(
    app_id: str,
    certificate: str,
    *,
    channel: str,
    uid: int,
    issued: int,
    lifetime: int,
    salt: int | None = None,
) -> str:
    """The token with which `uid` may join `channel` and send sound, picture and data.

    `issued` is in Unix seconds, `lifetime` in seconds; the privileges live exactly as long as the
    token. Raises NotGrantable for anything Agora would misread, cut or take as a wildcard.
    """
    if not HEX_ID.fullmatch(app_id):
        raise NotGrantable("an app id is 32 hexadecimal characters")
    if not HEX_ID.fullmatch(certificate):
        raise NotGrantable("an app certificate is 32 hexadecimal characters")
    if not CHANNEL.fullmatch(channel):
        raise NotGrantable("a channel is 1 to 63 of the characters Agora allows")
    if not 1 <= uid < 2**32:
        raise NotGrantable("a uid is from 1 to 4294967295; 0 would let in anyone")
    if not 1 <= lifetime <= LONGEST:
        raise NotGrantable("a token lives from 1 second to 24 hours")
    salt = secrets.randbelow(99_999_999) + 1 if salt is None else salt
    # Privileges with no life of their own may end without the warning that makes the call renew.
    privileges = dict.fromkeys((JOIN, PUBLISH_AUDIO, PUBLISH_VIDEO, PUBLISH_DATA), lifetime)
    grant = Grant(app_id, issued, lifetime, salt, channel, str(uid), privileges)
    return VERSION + base64.b64encode(zlib.compress(pack(grant, certificate))).decode()


def pack(grant: Grant, certificate: str) -> bytes:
    """The signed payload, before it is deflated. Checks nothing; `build` does."""
    signed = (
        _text(grant.app_id.encode())
        + struct.pack("<IIIHH", grant.issued, grant.lifetime, grant.salt, 1, RTC)
        + struct.pack("<H", len(grant.privileges))
        + b"".join(struct.pack("<HI", *each) for each in sorted(grant.privileges.items()))
        + _text(grant.channel.encode())
        + _text(grant.user.encode())
    )
    return _text(_signature(grant, certificate, signed)) + signed


def parse(token: str) -> Grant:
    """What the token says, whoever signed it. Raises NotAToken."""
    return _open(token)[0]


def verify(token: str, certificate: str) -> bool:
    """Whether `certificate` signed this token. Says nothing about its age. Raises NotAToken."""
    grant, signature, signed = _open(token)
    return hmac.compare_digest(signature, _signature(grant, certificate, signed))


def _signature(grant: Grant, certificate: str, signed: bytes) -> bytes:
    # The numbers are the keys and the certificate, as its 32 characters, is the message.
    key = hmac.digest(struct.pack("<I", grant.issued), certificate.encode(), "sha256")
    key = hmac.digest(struct.pack("<I", grant.salt), key, "sha256")
    return hmac.digest(key, signed, "sha256")


def _text(raw: bytes) -> bytes:
    return struct.pack("<H", len(raw)) + raw


class _Reader:
    def __init__(self, raw: bytes) -> None:
        self.rest = raw

    def take(self, size: int) -> bytes:
        if size > len(self.rest):
            raise NotAToken("it ends too early")
        taken, self.rest = self.rest[:size], self.rest[size:]
        return taken

    def short(self) -> int:
        return int.from_bytes(self.take(2), "little")

    def long(self) -> int:
        return int.from_bytes(self.take(4), "little")

    def text(self) -> bytes:
        return self.take(self.short())


def _open(token: str) -> tuple[Grant, bytes, bytes]:
    """The grant, its signature, and the bytes that were signed."""
    if not token.startswith(VERSION):
        raise NotAToken("it is of another version")
    try:
        deflated = base64.b64decode(token.removeprefix(VERSION), validate=True)
        payload = _Reader(zlib.decompressobj().decompress(deflated, INFLATED_AT_MOST))
        signature, signed = payload.text(), payload.rest
        app_id = payload.text().decode()
        issued, lifetime, salt = payload.long(), payload.long(), payload.long()
        if (payload.short(), payload.short()) != (1, RTC):
            raise NotAToken("it is not for one channel alone")
        privileges = {payload.short(): payload.long() for _ in range(payload.short())}
        channel, user = payload.text().decode(), payload.text().decode()
    except (ValueError, zlib.error) as error:
        raise NotAToken("it cannot be read") from error
    if payload.rest:
        raise NotAToken("something follows it")
    return Grant(app_id, issued, lifetime, salt, channel, user, privileges), signature, signed
