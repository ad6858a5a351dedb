"""Calls over Agora.io. Its tokens are computed here: no REST call of Agora's issues them."""

from datetime import UTC, datetime

from clinicall.video import agora_token
from clinicall.video.provider import RoomPass, life_of_a_pass


class AgoraLine:
    name = "agora"

    def __init__(self, app_id: str, certificate: str) -> None:
        self._app_id = app_id
        self._certificate = certificate

    def issue(self, *, channel: str, uid: int, now: datetime, expires_at: datetime) -> RoomPass:
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
        )
