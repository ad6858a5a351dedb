"""Which languages pages are offered in: English, and every one whose catalogue is compiled."""

from collections.abc import Iterable
from pathlib import Path

from django.conf.locale import LANG_INFO

ENGLISH = ("en", "English")


def found_in(folders: Iterable[Path]) -> list[tuple[str, str]]:
    """Codes as `Accept-Language` has them, with each language's name for itself; English first."""
    catalogues = {path for folder in folders for path in folder.glob("*/LC_MESSAGES/django.mo")}
    codes = {path.parents[1].name.replace("_", "-").lower() for path in catalogues}
    return [ENGLISH, *((code, _name(code)) for code in sorted(codes - {"en"}))]


def _name(code: str) -> str:
    for known in (code, code.partition("-")[0]):
        if name := LANG_INFO.get(known, {}).get("name_local"):
            return str(name)
    return code
