"""The demo's letter box: mails and texts that were kept instead of sent."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from clinicall.messages.models import OutboxMail
from clinicall.web.headers import SHEET, admit_frame
from clinicall.web.viewer import PageRequest

P = ParamSpec("P")
PAGE = 20


def where_mail_is_kept(
    view: Callable[Concatenate[PageRequest, P], HttpResponse],
) -> Callable[Concatenate[PageRequest, P], HttpResponse]:
    """Elsewhere there is no such page; and as it shows sign-in codes, `serve` refuses it in production."""

    @wraps(view)
    def guarded(request: PageRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not settings.OUTBOX_PAGE:
            raise Http404
        return view(request, *args, **kwargs)

    return require_safe(never_cache(guarded))


@where_mail_is_kept
def outbox(request: PageRequest) -> HttpResponse:
    mails = OutboxMail.objects.order_by("-at", "-pk")
    page = Paginator(mails, PAGE).get_page(request.GET.get("page"))
    return render(request, "patient/outbox.html", {"page": page})


@where_mail_is_kept
def mail(request: PageRequest, mail_id: int) -> HttpResponse:
    """Its sheet, and the plain text beside it."""
    kept = get_object_or_404(OutboxMail, pk=mail_id)
    return admit_frame(request, render(request, "patient/outbox_mail.html", {"mail": kept}))


@where_mail_is_kept
@xframe_options_sameorigin
def sheet(request: PageRequest, mail_id: int) -> HttpResponse:  # noqa: ARG001 (Django hands it over)
    """The HTML of a mail as its programs get it, for the frame on its page."""
    kept = get_object_or_404(OutboxMail.objects.exclude(sheet=""), pk=mail_id)
    # What a link in it leads to is no page for a frame.
    html = kept.sheet.replace("<head>", '<head><base target="_top">', 1)
    return HttpResponse(html, headers={"Content-Security-Policy": SHEET})
