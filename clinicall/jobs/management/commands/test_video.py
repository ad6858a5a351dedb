"""Try what the calls are to run on, and say what is missing."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from clinicall import wiring
from clinicall.core.clock import now
from clinicall.video.provider import LONGEST, PATIENT_UID, ProviderDown, ProviderRefused

A_CHANNEL = "clinicall test-video"


class Command(BaseCommand):
    help = "Try the video line: Agora's account where one is set, else the peer line."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            line = wiring.video_line()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        instant = now()
        line.issue(channel="appt_test", uid=PATIENT_UID, now=instant, expires_at=instant + LONGEST)
        self._say(f"New visits run on the line {line.name!r}, and a room pass can be made for it.")
        if line.name == "peer":
            self._peer()
        else:
            self._agora()

    def _peer(self) -> None:
        if settings.TURN_URL:
            self._say("TURN_URL is set, so that people behind strict networks can meet too.")
        else:
            self._say("TURN_URL is not set: people behind strict networks may not be able to meet.")

    def _agora(self) -> None:
        rest = wiring.agora_rest()
        if not settings.AGORA_NOTIFICATION_SECRET:
            self._say("AGORA_NOTIFICATION_SECRET is not set: Agora tells us nothing of the calls.")
        if rest is None:
            self._say(
                "AGORA_CUSTOMER_KEY is not set: whether Agora knows the App ID was not tried."
            )
            return
        try:
            is_ours = rest.knows_project()
            rest.people_in(A_CHANNEL)
        except ProviderRefused as refused:
            raise CommandError(
                f"Agora refuses AGORA_CUSTOMER_KEY and its secret (HTTP {refused.status})."
            ) from refused
        except ProviderDown as down:
            raise CommandError(
                "Agora could not be reached; nothing is known of the account."
            ) from down
        if not is_ours:
            raise CommandError(
                "The account of AGORA_CUSTOMER_KEY has no project with AGORA_APP_ID."
            )
        self._say("Agora knows the project, and takes our key.")

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
