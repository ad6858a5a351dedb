"""Agora's REST interface (docs.agora.io, "Channel management"): emptying a channel, and trying an account.

It may be slow or away, so nothing that a person waits for depends on it.
"""

import base64
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from clinicall.video.provider import ProviderDown, ProviderRefused

HOSTS: Final = (
    "https://api.agora.io",
    "https://api.sd-rtn.com",
)  # the second, when the first fails
TIMEOUT: Final = 20  # seconds, as Agora asks for
PASSING: Final = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
PAUSES: Final = (1, 3, 6)  # seconds between tries


class AgoraRest:
    """Every call raises ProviderDown and ProviderRefused."""

    def __init__(
        self,
        app_id: str,
        *,
        key: str,
        secret: str,
        hosts: tuple[str, ...] = HOSTS,
        wait: Callable[[float], object] = time.sleep,
    ) -> None:
        self._app_id = app_id
        self._credentials = base64.b64encode(f"{key}:{secret}".encode()).decode()
        self._hosts = hosts
        self._wait = wait

    def empty(self, channel: str) -> None:
        """Put everybody out of it now. Whoever has a valid token may come back."""
        rule = {
            "appid": self._app_id,
            "cname": channel,
            "time": 0,
            "privileges": ["join_channel"],
        }
        self._ask("POST", "/dev/v1/kicking-rule", rule)

    def people_in(self, channel: str) -> list[int]:
        """The uids there at this moment, as far as Agora has heard."""
        name = urllib.parse.quote(channel, safe="")
        data = self._ask("GET", f"/dev/v1/channel/user/{self._app_id}/{name}").get("data", {})
        found = [*data.get("users", []), *data.get("broadcasters", []), *data.get("audience", [])]
        return [uid for uid in found if isinstance(uid, int)]

    def knows_project(self) -> bool:
        """Whether the key belongs to the account that has our App ID."""
        projects = self._ask("GET", "/dev/v1/projects").get("projects", [])
        return any(project.get("vendor_key") == self._app_id for project in projects)

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        for nth, pause in enumerate((*PAUSES, None)):
            try:
                return self._try(self._hosts[nth % len(self._hosts)], method, path, body)
            except ProviderDown:
                if pause is None:
                    raise
                self._wait(pause)
        raise AssertionError("unreachable")

    def _try(
        self, host: str, method: str, path: str, body: dict[str, Any] | None
    ) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 (the hosts are ours to choose)
            host + path,
            data=json.dumps(body).encode() if body else None,
            method=method,
            headers={
                "Authorization": f"Basic {self._credentials}",
                "Content-Type": "application/json",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
                told = json.load(answer)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code >= HTTPStatus.INTERNAL_SERVER_ERROR or error.code in PASSING:
                raise ProviderDown from error
            raise ProviderRefused(error.code) from error
        except (OSError, ValueError) as error:
            raise ProviderDown from error
        if not isinstance(told, dict):
            raise ProviderDown
        return told
