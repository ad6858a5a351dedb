"""The page for who asked too often, where the page they asked for has no word of its own for it.

allauth shows the same template.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clinicall.core.refusals import SlowDown


class SlowDownMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, SlowDown):
            return None
        page = render(request, "429.html", {"wait": error.detail}, status=error.status)
        page["Retry-After"] = str(error.seconds)
        return page
