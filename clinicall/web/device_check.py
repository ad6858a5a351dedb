"""Trying out camera, microphone, sound and connection, on any day before a visit."""

from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from clinicall.consultation import device_check as checks
from clinicall.consultation.device_check import Findings
from clinicall.consultation.models import (
    ConnectionState,
    DeviceCheck,
    DeviceState,
    SpeakerState,
)
from clinicall.core.limits import DEVICE_CHECKS
from clinicall.web.headers import admit_devices
from clinicall.web.signed_in import SignedInRequest, signed_in


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def device_check(request: SignedInRequest) -> HttpResponse:
    """The check, and what the last one found; the page posts what this one finds."""
    if request.method == "POST":
        DEVICE_CHECKS.count(request.user.pk)
        checks.keep(request.user, _findings(request))
        return HttpResponse(status=204)
    last = DeviceCheck.objects.filter(user=request.user).first()
    context = {"last": last, "troubles": checks.troubles_in(last) if last else []}
    return admit_devices(render(request, "device_check.html", context))


def _findings(request: SignedInRequest) -> Findings:
    told = request.POST
    try:
        return Findings(
            camera=DeviceState(told.get("camera", "")),
            microphone=DeviceState(told.get("microphone", "")),
            speaker=SpeakerState(told.get("speaker", "")),
            connection=ConnectionState(told.get("connection", "")),
        )
    except ValueError as error:
        raise BadRequest from error
