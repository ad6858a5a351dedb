"""A doctor's visits in their own calendar program: the secret address of the feed, and the feed."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    conditional_page,
    require_http_methods,
    require_POST,
    require_safe,
)

from clinicall.core import clock
from clinicall.core.limits import PUBLIC_READS
from clinicall.messages import calendar
from clinicall.messages.composing import language_of
from clinicall.people import calendar_feeds
from clinicall.people.models import CalendarFeed, Doctor
from clinicall.web.doctor.doctors_only import doctors_only
from clinicall.web.signed_in import SignedInRequest


@require_http_methods(["GET", "HEAD", "POST"])
@doctors_only
def calendar_feed(request: SignedInRequest, doctor: Doctor) -> HttpResponse:
    """What the feed is and says; what it says may be changed, and the address stays."""
    made = CalendarFeed.objects.filter(doctor=doctor).first()
    if request.method == "POST" and made:
        calendar_feeds.say(made, shows_initials="shows_initials" in request.POST)
        messages.success(request, _("Saved. Calendars show it when they read the feed again."))
        return redirect("calendar_feed")
    return _page(request, doctor, made)


@require_POST
@doctors_only
def renew_feed(request: SignedInRequest, doctor: Doctor) -> HttpResponse:
    """The first address, or another one; shown in this answer and nowhere else."""
    token = calendar_feeds.renew(doctor, shows_initials="shows_initials" in request.POST)
    return _page(request, doctor, CalendarFeed.objects.get(doctor=doctor), token)


@require_POST
@doctors_only
def revoke_feed(request: SignedInRequest, doctor: Doctor) -> HttpResponse:
    calendar_feeds.revoke(doctor)
    messages.success(request, _("The feed is closed. Its address opens nothing any more."))
    return redirect("calendar_feed")


def _page(
    request: SignedInRequest, doctor: Doctor, made: CalendarFeed | None, token: str = ""
) -> HttpResponse:
    context = {
        "made": made,
        "is_read": doctor.state in calendar_feeds.READ_BY,
        "address": settings.SITE_URL + reverse("feed", args=[token]) if token else "",
    }
    return render(request, "doctor/calendar_feed.html", context)


@require_safe
@conditional_page
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """For calendar programs, which cannot sign in: whoever has the address may read it."""
    PUBLIC_READS.count(request.META["REMOTE_ADDR"])
    of = calendar_feeds.opened_by(token)
    if of is None:
        raise Http404
    with translation.override(language_of(of.doctor.user)):
        told = calendar.feed(of, now=clock.now())
    response = HttpResponse(told, content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "private, no-cache"
    response["Referrer-Policy"] = "no-referrer"
    return response
