"""Refusals as the contract writes errors: RFC 9457, whatever the request accepts."""

import uuid

from starlette.responses import JSONResponse

from clinicall.core.refusals import PROBLEM, Refusal, problem_document, waiting_time


def problem(refusal: Refusal) -> JSONResponse:
    request_id = str(uuid.uuid4())
    return JSONResponse(
        problem_document(refusal, request_id=request_id),
        status_code=refusal.status,
        headers={
            "x-request-id": request_id,
            "cache-control": "no-store",
            **waiting_time(refusal),
        },
        media_type=PROBLEM,
    )
