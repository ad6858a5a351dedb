from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "clinicall.people"

    def ready(self) -> None:
        from clinicall.people import unproven  # noqa: F401 (it listens for sign-ins)
