"""Calls over Agora.io. Its tokens are computed here: no REST call of Agora's issues them."""

import hmac
from datetime import UTC, datetime

from clinicall.video import agora_token
from clinicall.video.provider import Encryption, RoomPass, life_of_a_pass


class AgoraLine:
    name = "agora"
    needs_secret = True

    def __init__(self, app_id: str, certificate: str) -> None:
        self._app_id = app_id
        self._certificate = certificate

    def issue(
        self,
        *,
        channel: str,
        uid: int,
        now: datetime,
        expires_at: datetime,
        secret: str = "",
        session: str = "",  # noqa: ARG002 (Agora knows of no sessions)
    ) -> RoomPass:
        issued, expires = life_of_a_pass(now=now, expires_at=expires_at)
        token = agora_token.build(
            self._app_id,
            self._certificate,
            channel=channel,
            uid=uid,
            issued=issued,
            lifetime=expires - issued,
        )
        return RoomPass(
            provider=self.name,
            app_id=self._app_id,
            channel=channel,
            uid=uid,
            token=token,
            expires_at=datetime.fromtimestamp(expires, UTC),
            ice_servers=[],
            encryption=encryption(secret, channel) if secret else None,
        )


def encryption(secret: str, channel: str) -> Encryption:
    """As the Web SDK's setEncryptionConfig takes it; of the salt it wants 32 bytes."""
    salt = hmac.digest(secret.encode(), channel.encode(), "sha256")
    return Encryption("aes-256-gcm2", secret, salt)
