"""The language of pages: the browser's, until somebody chooses another; and the words of their scripts."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import JavaScriptCatalog, set_language

from clinicall.people.reading import remember


@require_safe
def choose_language(request: HttpRequest) -> HttpResponse:
    """A page of its own, so that public pages need no form, and so no cookie; Django keeps the choice."""
    return render(request, "language.html", {"next": request.GET.get("next", "")})


@require_POST
def language_chosen(request: HttpRequest) -> HttpResponseBase:
    chosen = request.POST.get("language", "")
    if request.user.is_authenticated and chosen in dict(settings.LANGUAGES):
        remember(request.user, language=chosen)
    return set_language(request)


@require_safe
@cache_control(public=True, max_age=3600)
def words_of_scripts(request: HttpRequest, language: str) -> HttpResponseBase:
    """Django's JavaScript catalogue, at an address for each language so that caches keep them apart."""
    if language not in dict(settings.LANGUAGES):
        raise Http404
    with translation.override(language):
        return JavaScriptCatalog.as_view()(request)
