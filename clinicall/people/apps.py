from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "clinicall.people"

    def ready(self) -> None:
        from allauth.account import signals as account
        from allauth.mfa import signals as mfa
        from django.contrib.auth.signals import user_logged_in

        from clinicall.people import (
            known_devices,
            reading,
            sessions,
            signed_in_elsewhere,
            unproven,
        )

        account.authentication_step_completed.connect(unproven.forget_a_strangers_password)
        account.user_logged_in.connect(known_devices.remember)
        user_logged_in.connect(sessions.begin)
        user_logged_in.connect(reading.remember_browser)
        for changed in (
            account.password_changed,
            account.password_reset,
            account.password_set,
            mfa.authenticator_added,
            mfa.authenticator_removed,
            mfa.authenticator_reset,
        ):
            changed.connect(signed_in_elsewhere.end)
