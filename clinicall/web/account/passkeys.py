"""Passkeys: allauth's pages, and what they leave out."""

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn.views import RemoveWebAuthnView
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from clinicall.people import second_factor


class RemovePasskeyView(RemoveWebAuthnView):  # type: ignore[misc]
    """Also keeps the last one of an account that must have one, as allauth does for apps alone."""

    # Django's DELETE would ask no form, and so not keep it.
    http_method_names = ("get", "head", "post", "options")

    def form_valid(self, form: object) -> HttpResponse:
        if not second_factor.may_lose(self.object):
            messages.error(
                self.request, get_adapter().error_messages["cannot_delete_authenticator"]
            )
            return redirect("mfa_list_webauthn")
        answer: HttpResponse = super().form_valid(form)
        return answer


remove = RemovePasskeyView.as_view()
