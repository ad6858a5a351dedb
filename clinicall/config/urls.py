"""The one list of addresses."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from clinicall.api import webhooks

# Signing in has one way, with all its checks, for the back office too.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include("clinicall.api.urls")),
    path("webhooks/stripe", webhooks.stripe, name="stripe_webhook"),
    path("webhooks/agora", webhooks.agora, name="agora_webhook"),
    path("account/", include("allauth.account.urls")),
    path("_allauth/", include("allauth.headless.urls")),
    path("admin/", admin.site.urls),
    path("", include("clinicall.web.urls")),
]
