from django.apps import AppConfig


class ServerConfig(AppConfig):
    name = "clinicall.server"

    def ready(self) -> None:
        from clinicall.config import checks

        checks.register_all()
