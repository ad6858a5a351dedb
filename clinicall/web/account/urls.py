"""Our own pages beside allauth's; they come first where both know an address."""

from django.urls import URLPattern, URLResolver, path

from clinicall.web.account import asking_again, devices, passkeys

urlpatterns: list[URLPattern | URLResolver] = [
    path("reauthenticate/code/", asking_again.by_code, name="reauthenticate_by_code"),
    path("second-step/webauthn/keys/<int:pk>/remove/", passkeys.remove, name="mfa_remove_webauthn"),
    path("devices/<int:session_id>/end/", devices.end_session, name="end_session"),
]
