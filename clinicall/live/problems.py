"""Refusals as the contract writes errors: RFC 9457, whatever the request accepts."""

import uuid

from starlette.responses import JSONResponse

from clinicall.core.refusals import Refusal


def problem(refusal: Refusal) -> JSONResponse:
    request_id = str(uuid.uuid4())
    return JSONResponse(
        {
            "type": f"/problems/{refusal.code}",
            "title": refusal.title,
            "status": refusal.status,
            "detail": refusal.detail,
            "code": refusal.code,
            "requestId": request_id,
        },
        status_code=refusal.status,
        headers={"x-request-id": request_id, "cache-control": "no-store"},
        media_type="application/problem+json",
    )
