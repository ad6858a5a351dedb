"""Our own pages beside allauth's; they come first where both know an address."""

from allauth.account.decorators import reauthentication_required
from allauth.account.views import password_set
from django.urls import URLPattern, URLResolver, path

from clinicall.web.account import asking_again, devices, passkeys, profile, signing_out, told

urlpatterns: list[URLPattern | URLResolver] = [
    path("", profile.account, name="account"),
    path("told/", told.told, name="told"),
    # Who has no password yet is not asked for the old one.
    path("password/set/", reauthentication_required(password_set), name="account_set_password"),
    path("logout/", signing_out.sign_out, name="account_logout"),
    path("reauthenticate/code/", asking_again.by_code, name="reauthenticate_by_code"),
    path("second-step/webauthn/keys/<int:pk>/remove/", passkeys.remove, name="mfa_remove_webauthn"),
    path("devices/<int:session_id>/end/", devices.end_session, name="end_session"),
]
