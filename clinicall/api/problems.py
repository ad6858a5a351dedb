"""The one place where a refusal becomes HTTP: RFC 9457 problem documents, whatever Accept says."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError

from clinicall.api.reading import invalid
from clinicall.api.schemas import SlotOut, rfc3339
from clinicall.core.refusals import (
    PROBLEM,
    BadRequest,
    CsrfFailed,
    DatabaseAway,
    Invalid,
    NotFound,
    Refusal,
    TooLarge,
    problem_document,
    waiting_time,
)
from clinicall.core.requests import id_of
from clinicall.schedule.models import Slot

FOR_PROGRAMS = ("/api/", "/webhooks/")
MOST_FAULTS = 100  # told at once; a small request can hold thousands


class MethodNotAllowed(Refusal):
    code, status, title = "method_not_allowed", 405, "This address does not take this method"


class OurFault(Refusal):
    """The log has more, under the same request id."""

    code, status, title = "fault", 500, "Something went wrong on our side"


# `status` is HTTP's in a problem document (RFC 9457, 3.1.2).
IN_OTHER_WORDS = {"status": "appointmentStatus"}

# What Django answers before an operation is reached, or in its place.
OF_DJANGO: dict[int, type[Refusal]] = {
    400: BadRequest,
    403: CsrfFailed,
    404: NotFound,
    405: MethodNotAllowed,
    413: TooLarge,
    503: DatabaseAway,
}


def answer_refusals(api: NinjaAPI) -> None:
    @api.exception_handler(Refusal)
    def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
        return problem(request, refusal)

    @api.exception_handler(ValidationError)
    def not_usable(request: HttpRequest, error: ValidationError) -> HttpResponse:
        return problem(request, invalid(error))


def problem(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    content = problem_document(refusal, request_id=id_of(request))
    if isinstance(refusal, Invalid):
        content["errors"] = [vars(fault) for fault in refusal.faults[:MOST_FAULTS]]
    for name, fact in refusal.facts.items():
        content[IN_OTHER_WORDS.get(name, name)] = _on_the_wire(fact)
    return JsonResponse(
        content,
        status=refusal.status,
        content_type=PROBLEM,
        headers=waiting_time(refusal),
    )


def _on_the_wire(fact: Any) -> Any:
    match fact:
        case datetime():
            return rfc3339(fact)
        case Slot():
            return SlotOut.of(fact).model_dump(by_alias=True)
        case list():
            return [_on_the_wire(one) for one in fact]
        case _:
            return fact


class ApiMiddleware:
    """Makes problems of all errors that programs get, also of those that are Django's; and no cache keeps
    an answer that did not ask for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path_info.startswith(FOR_PROGRAMS):
            return response
        if response.status_code >= 400 and response.get("Content-Type") != PROBLEM:
            refusal = OF_DJANGO.get(response.status_code, OurFault)
            told = problem(request, refusal())
            if "Allow" in response:
                told["Allow"] = response["Allow"]
            response = told
        response.setdefault("Cache-Control", "no-store")
        return response
