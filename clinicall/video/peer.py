"""Calls from browser to browser, with no company between. We sign the passes ourselves."""

import base64
import hmac
from datetime import UTC, datetime

from django.core.signing import BadSignature, Signer

from clinicall.video.provider import NotAPass, Pass, RoomPass, life_of_a_pass


class PeerLine:
    """`turn_url` is one TURN address or several with commas between; empty means none, and then
    two browsers behind strict routers may not reach each other."""

    name = "peer"
    needs_secret = False  # WebRTC encrypts from browser to browser

    def __init__(self, secret_key: str, turn_url: str, turn_secret: str) -> None:
        # A salt of its own: nothing else that this key signs can be shown as a pass.
        self._signer = Signer(key=secret_key, salt="clinicall.video.peer", fallback_keys=[])
        self._turn_urls = [url.strip() for url in turn_url.split(",") if url.strip()]
        self._turn_secret = turn_secret

    def issue(
        self,
        *,
        channel: str,
        uid: int,
        now: datetime,
        expires_at: datetime,
        secret: str = "",  # noqa: ARG002 (there is nobody between to keep it from)
        session: str = "",
    ) -> RoomPass:
        _, expires = life_of_a_pass(now=now, expires_at=expires_at)
        return RoomPass(
            provider=self.name,
            app_id=None,
            channel=channel,
            uid=uid,
            token=self._signer.sign_object([channel, uid, session, expires]),
            expires_at=datetime.fromtimestamp(expires, UTC),
            ice_servers=self._ice_servers(channel, expires),
        )

    def read(self, token: str, now: datetime) -> Pass:
        """The pass behind a token of ours. The caller compares its channel with the room's.

        Raises NotAPass for a token that is forged, foreign or over.
        """
        try:
            channel, uid, session, expires = self._signer.unsign_object(token)
        except (BadSignature, ValueError) as error:  # not signed, not ASCII, or of another shape
            raise NotAPass from error
        expires_at = datetime.fromtimestamp(expires, UTC)
        if now >= expires_at:
            raise NotAPass
        return Pass(channel, uid, session, expires_at)

    def _ice_servers(self, channel: str, expires: int) -> list[dict[str, object]]:
        """TURN credentials that end with the pass, as coturn's `use-auth-secret` expects them
        (draft-uberti-behave-turn-rest-00)."""
        if not self._turn_urls:
            return []
        username = f"{expires}:{channel}"
        credential = hmac.digest(self._turn_secret.encode(), username.encode(), "sha1")
        return [
            {
                "urls": self._turn_urls,
                "username": username,
                "credential": base64.b64encode(credential).decode(),
            }
        ]
