"""What allauth offers programs, where ours differs: the last factor of an account that must have one stays,
and accounts have no phone."""

from http import HTTPStatus
from typing import Any

from allauth.headless.constants import Client
from allauth.headless.internal.restkit.response import ErrorResponse
from allauth.headless.mfa.views import ManageTOTPView, ManageWebAuthnView
from allauth.mfa.adapter import get_adapter
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from clinicall.people import second_factor


class AppView(ManageTOTPView):  # type: ignore[misc]
    def delete(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        factor = self._get_authenticator()
        if factor and not second_factor.may_lose(factor):
            return refused(request)
        answer: HttpResponse = super().delete(request, *args, **kwargs)
        return answer


class PasskeysView(ManageWebAuthnView):  # type: ignore[misc]
    def delete(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not second_factor.may_lose(*self.input.cleaned_data["authenticators"]):
            return refused(request)
        answer: HttpResponse = super().delete(request, *args, **kwargs)
        return answer


def refused(request: HttpRequest) -> HttpResponse:
    error = get_adapter().validation_error("cannot_delete_authenticator")
    answer: HttpResponse = ErrorResponse(request, status=HTTPStatus.CONFLICT, exception=error)
    return answer


@csrf_exempt
def phone(_request: HttpRequest) -> HttpResponse:
    """allauth has an address for it all the same, and a fault behind it."""
    raise Http404


# Before allauth's own list, which has the same addresses.
urlpatterns = [
    path("phone", phone),
    path("authenticators/totp", AppView.as_api_view(client=Client.APP), name="app_by_program"),
    path(
        "authenticators/webauthn",
        PasskeysView.as_api_view(client=Client.APP),
        name="passkeys_by_program",
    ),
]
