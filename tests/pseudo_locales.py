"""Two made-up languages, to see pages in: `en-xa`, longer and bracketed, and `ar-xb`, right to left.

    python -m tests.pseudo_locales FOLDER

writes both catalogues there; in the data folder's `locale` they are offered like any other language.
What is not in brackets then was never marked for translation, or the `.pot` files are out of date.
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path

import polib

TEMPLATES = Path(__file__).resolve().parents[1] / "clinicall" / "locale"
# What a translator leaves as it is: facts, tags and entities.
KEPT = re.compile(r"(%\(\w+\)[sd]|%[sd%]|\{\w*\}|<[^>]+>|&#?\w+;|\n)")
ACCENTS = str.maketrans("aeiounycAEIOUNYC", "áéíóúñýçÁÉÍÓÚÑÝÇ")
LONGER = re.compile(r"([aeiou])(?=\w)")
RIGHT_TO_LEFT, END_OF_IT = "\u202e", "\u202c"


def longer(text: str) -> str:
    """A third longer, which is what German or Tamil make of short English."""
    said = "".join(
        part if KEPT.fullmatch(part) else LONGER.sub(r"\1\1", part).translate(ACCENTS)
        for part in KEPT.split(text)
    )
    return _around(text, "⟦", said.strip("\n"), "⟧")


def right_to_left(text: str) -> str:
    said = "".join(
        part if KEPT.fullmatch(part) or not part.strip() else RIGHT_TO_LEFT + part + END_OF_IT
        for part in KEPT.split(text)
    )
    return _around(text, "⟦", said.strip("\n"), "⟧")


def _around(text: str, before: str, said: str, after: str) -> str:
    """Line breaks at the ends stay at the ends, which catalogues insist on."""
    first = "\n" if text.startswith("\n") else ""
    last = "\n" if text.endswith("\n") else ""
    return f"{first}{before}{said}{after}{last}"


PSEUDO: dict[str, Callable[[str], str]] = {"en_XA": longer, "ar_XB": right_to_left}


def write(folder: Path) -> None:
    """Both, for pages and for scripts, compiled."""
    for locale, said in PSEUDO.items():
        into = folder / locale / "LC_MESSAGES"
        into.mkdir(parents=True, exist_ok=True)
        for domain in ("django", "djangojs"):
            translated = polib.pofile(str(TEMPLATES / f"{domain}.pot"))
            translated.metadata["Plural-Forms"] = "nplurals=2; plural=(n != 1);"
            for entry in translated:
                if entry.msgid_plural:
                    entry.msgstr_plural = {0: said(entry.msgid), 1: said(entry.msgid_plural)}
                else:
                    entry.msgstr = said(entry.msgid)
                entry.flags = []
            translated.save_as_mofile(str(into / f"{domain}.mo"))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
