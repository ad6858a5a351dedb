from django.apps import AppConfig


class CoreConfig(AppConfig):
    """No models; it owns the migration of what all tables rest on: extensions and the clock."""

    name = "clinicall.core"
