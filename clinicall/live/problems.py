"""Refusals as the contract writes errors: RFC 9457, whatever the request accepts."""

import uuid

from starlette.responses import JSONResponse

from clinicall.core.refusals import Refusal


def problem(refusal: Refusal) -> JSONResponse:
    return JSONResponse(
        {
            "type": f"/problems/{refusal.code}",
            "title": refusal.title,
            "status": refusal.status,
            "detail": refusal.detail,
            "code": refusal.code,
            "requestId": str(uuid.uuid4()),
            **refusal.facts,
        },
        status_code=refusal.status,
        media_type="application/problem+json",
    )
