"""“Is it you?” for people who have neither a password nor a second factor: by a mailed code."""

from typing import Any

from allauth.account.forms import ConfirmLoginCodeForm
from allauth.account.views import BaseReauthenticateView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from clinicall.people.asking_again import MailedCode


class CodeView(BaseReauthenticateView):  # type: ignore[misc]
    form_class = ConfirmLoginCodeForm
    template_name = "account/reauthenticate_by_code.html"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer: HttpResponse
        if "code" in request.POST and MailedCode.pending(request):
            answer = super().post(request, *args, **kwargs)
            return answer
        MailedCode.begin(request, self.request.user)
        answer = self.render_to_response(self.get_context_data())
        return answer

    def get_form_kwargs(self) -> dict[str, Any]:
        process = MailedCode.pending(self.request)
        kwargs: dict[str, Any] = super().get_form_kwargs() | {
            "code": process.code if process else ""
        }
        if "code" not in self.request.POST:
            kwargs.pop("data", None)  # a wish for a code is no wrong code
        return kwargs

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"is_sent": MailedCode.pending(self.request) is not None}

    def form_valid(self, form: ConfirmLoginCodeForm) -> HttpResponse:
        process = MailedCode.pending(self.request)
        assert process
        process.finish()
        answer: HttpResponse = super().form_valid(form)
        return answer

    def form_invalid(self, form: ConfirmLoginCodeForm) -> HttpResponse:
        process = MailedCode.pending(self.request)
        if process and not process.record_invalid_attempt():
            messages.error(self.request, _("That was wrong too often. Ask for a new code."))
        context = self.get_context_data(form=form)
        answer: HttpResponse = self.render_to_response(context, status=422)
        return answer


by_code = never_cache(login_required(CodeView.as_view()))
