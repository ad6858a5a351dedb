from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "clinicall.people"

    def ready(self) -> None:
        from allauth.account.signals import (
            authentication_step_completed,
            password_changed,
            password_reset,
            password_set,
        )
        from allauth.mfa.signals import (
            authenticator_added,
            authenticator_removed,
            authenticator_reset,
        )
        from django.contrib.auth.signals import user_logged_in

        from clinicall.people import sessions, signed_in_elsewhere, unproven

        authentication_step_completed.connect(unproven.forget_a_strangers_password)
        user_logged_in.connect(sessions.begin)
        for changed in (
            password_changed,
            password_reset,
            password_set,
            authenticator_added,
            authenticator_removed,
            authenticator_reset,
        ):
            changed.connect(signed_in_elsewhere.end)
