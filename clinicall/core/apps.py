from django.apps import AppConfig


class CoreConfig(AppConfig):
    """It owns the migration of what all tables rest on, extensions and the clock, and counts limits."""

    name = "clinicall.core"
