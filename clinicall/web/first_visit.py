"""A first visit finds nothing kept in the browser. Its page brings its style along, and so is painted
without another way to us and back; every later page links to what the browser then keeps."""

from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from django_vite.core.asset_loader import DjangoViteAssetLoader

STYLE = "frontend/src/styles/index.css"


def knows_us(request: HttpRequest) -> bool:
    """Whether this browser has run our script before: that tells its zone to every later page."""
    return "timezone" in request.COOKIES


@cache
def style() -> SafeString:
    """The built style sheet. It is ours, and closes no element."""
    address = DjangoViteAssetLoader.instance().generate_vite_asset_url(STYLE, app="default")
    found = finders.find(address.removeprefix(settings.STATIC_URL))
    assert isinstance(found, str)
    return mark_safe(Path(found).read_text(encoding="utf-8").strip())  # noqa: S308 (our own build)
