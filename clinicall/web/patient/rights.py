"""A copy of one's record, and its erasure; both only for who has just shown again who they are."""

from allauth.account.decorators import reauthentication_required
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from clinicall import wiring
from clinicall.booking.ending import NotPossibleNow
from clinicall.core.limits import EXPORTS
from clinicall.rights import erasing
from clinicall.rights.exporting import export
from clinicall.web.signed_in import SignedInRequest, patients_only
from clinicall.web.viewer import PageRequest


@require_http_methods(["GET", "HEAD", "POST"])
@patients_only
@reauthentication_required  # type: ignore[untyped-decorator]
def export_record(request: SignedInRequest) -> HttpResponse:
    """What is in the copy; then the copy."""
    if request.method != "POST":
        return render(request, "patient/export.html")
    EXPORTS.count(request.user.pk)
    return HttpResponse(
        export(request.user, by=request.user),
        content_type="application/zip",
        headers={"Content-Disposition": 'attachment; filename="my-record.zip"'},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@patients_only
@reauthentication_required  # type: ignore[untyped-decorator]
def erase_record(request: SignedInRequest) -> HttpResponse:
    """What goes and what stays; then, with the box ticked, the erasing."""
    if request.method != "POST":
        return render(request, "patient/erase.html")
    if "understood" not in request.POST:
        return render(request, "patient/erase.html", {"unticked": True}, status=422)
    try:
        erasing.erase(
            request.user,
            gateway_for=wiring.payment_gateway,
            line=wiring.video_line(),
            by=request.user,
        )
    except NotPossibleNow as refusal:
        return render(request, "patient/erase.html", {"refusal": refusal}, status=refusal.status)
    logout(request)
    return redirect("erased")


@require_safe
def erased(request: PageRequest) -> HttpResponse:
    return render(request, "patient/erased.html")
