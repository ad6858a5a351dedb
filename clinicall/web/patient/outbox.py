"""The demo's letter box: mail that was kept instead of sent."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clinicall.messages.models import OutboxMail
from clinicall.web.viewer import PageRequest

PAGE = 20


@require_safe
@never_cache
def outbox(request: PageRequest) -> HttpResponse:
    if not settings.OUTBOX_PAGE:
        raise Http404
    mails = OutboxMail.objects.order_by("-at", "-pk")
    page = Paginator(mails, PAGE).get_page(request.GET.get("page"))
    return render(request, "patient/outbox.html", {"page": page})
