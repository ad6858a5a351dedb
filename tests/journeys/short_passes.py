"""The product's settings, but a pass to the room lasts for seconds: what takes hours is seen in a minute."""

from datetime import timedelta

from django.apps import AppConfig

from clinicall.config.settings import *  # noqa: F403
from clinicall.config.settings import INSTALLED_APPS

LASTS = timedelta(seconds=9)


class ShortPasses(AppConfig):
    name = "tests.journeys"

    def ready(self) -> None:
        from clinicall.consultation import room  # its models exist only now

        room.PASS_FOR = LASTS


INSTALLED_APPS += ["tests.journeys.short_passes.ShortPasses"]
