"""What we promise everybody: how these pages can be used, and what is kept of a person."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinicall.web.viewer import PageRequest


@require_safe
def accessibility(request: PageRequest) -> HttpResponse:
    context = {"paid_elsewhere": settings.PAYMENT_PROVIDER == "stripe"}
    return render(request, "accessibility.html", context)


@require_safe
def privacy(request: PageRequest) -> HttpResponse:
    """docs/data.md in plain words, for this clinic's settings."""
    context = {
        "keep_visits_years": settings.KEEP_VISITS_YEARS,
        "paid_elsewhere": settings.PAYMENT_PROVIDER == "stripe",
        "calls_on_agora": bool(settings.AGORA_APP_ID),
    }
    return render(request, "privacy.html", context)
