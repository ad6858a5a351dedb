"""allauth answers a form that it refuses with 200, as if all were well; here it is 422, as everywhere."""

from collections.abc import Callable

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.template.response import SimpleTemplateResponse


class RefusedFormsMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_template_response(
        self, request: HttpRequest, response: SimpleTemplateResponse
    ) -> SimpleTemplateResponse:
        if request.method == "POST" and response.status_code == 200:
            shown = (response.context_data or {}).values()
            if any(isinstance(one, BaseForm) and one.errors for one in shown):
                response.status_code = 422
        return response
