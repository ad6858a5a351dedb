"""The one list of addresses."""

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import URLPattern, URLResolver, include, path

from clinicall.api import webhooks

# Signing in has one way, with all its checks, for the back office too.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_title = admin.site.site_header = "Clinicall’s back office"
# The back office notes nobody's looks, so it shows nobody's address, devices or second factor.
# Groups give nobody a right here: a role is the whole of it.
admin.site.unregister([EmailAddress, UserSession, Authenticator, Group])

handler400 = "clinicall.web.faults.unreadable"
handler500 = "clinicall.web.faults.fault"

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include("clinicall.api.urls")),
    path("webhooks/stripe", webhooks.stripe, name="stripe_webhook"),
    path("webhooks/agora", webhooks.agora, name="agora_webhook"),
    path("account/", include("clinicall.web.account.urls")),
    path("account/", include("allauth.account.urls")),
    path("account/second-step/", include("allauth.mfa.urls")),
    path("account/devices/", include("allauth.usersessions.urls")),
    path("_allauth/app/v1/account/", include("clinicall.web.account.programs")),
    path("_allauth/", include("allauth.headless.urls")),
    path("admin/", admin.site.urls),
    path("", include("clinicall.web.urls")),
]
