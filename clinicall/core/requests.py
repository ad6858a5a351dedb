"""Every request has an id: what a person quotes, and what the log says of the same moment."""

import uuid
from collections.abc import Callable
from contextvars import ContextVar
from typing import cast

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

# Of the request that is being answered; empty in commands and jobs.
current_id: ContextVar[str] = ContextVar("current_id", default="")


class NamedRequest(HttpRequest):
    """A request that came through RequestIdMiddleware."""

    request_id: str


class RequestIdMiddleware:
    """Gives each request an id of ours and answers it as `X-Request-Id`; a client's own is not believed."""

    def __init__(self, get_response: Callable[[NamedRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: NamedRequest) -> HttpResponse:
        request.request_id = str(uuid.uuid4())
        token = current_id.set(request.request_id)
        try:
            response = self.get_response(request)
        finally:
            current_id.reset(token)
        response["X-Request-Id"] = request.request_id
        return response


FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class FormsInUtf8Middleware:
    """Refuses forms that say they are in another encoding. Django would read them by any codec of Python's
    they name, also by those that are none for text, which is a fault before any page is reached."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        parameters = request.content_params or {}
        if request.content_type in FORMS and parameters.get("charset", "utf-8").lower() != "utf-8":
            raise BadRequest(request.content_type)
        return self.get_response(request)


def id_of(request: HttpRequest) -> str:
    return cast("NamedRequest", request).request_id
