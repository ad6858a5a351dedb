"""Contact sheets: a page for each group, a row for each screen, all its looks side by side."""

from html import escape
from pathlib import Path

from tests.screens.gallery import LOOKS, slug

STYLE = """
body { margin: 24px; font: 14px/1.4 sans-serif; color: #222; background: #ccc }
.row { display: flex; flex-wrap: wrap; gap: 8px; align-items: flex-start }
figure { margin: 0 }
figcaption { font-size: 11px }
img { height: 340px; max-width: 360px; object-fit: cover; object-position: top left; background: #fff }
"""


def write(folder: Path) -> list[Path]:
    """Of all the pictures there are, also of earlier runs."""
    sheets = []
    for group in sorted(one for one in folder.iterdir() if one.is_dir()):
        rows = "".join(_row(screen) for screen in sorted(group.iterdir(), key=_when_taken))
        sheets.append(folder / f"{group.name}.html")
        sheets[-1].write_text(
            f'<!doctype html><meta charset="utf-8"><title>{escape(group.name)}</title>'
            f"<style>{STYLE}</style><h1>{escape(group.name)}</h1>{rows}"
        )
    return sheets


def _row(screen: Path) -> str:
    pictures = "".join(_picture(screen, look.name) for look in LOOKS)
    return f'<h2>{escape(screen.name)}</h2><div class="row">{pictures}</div>'


def _picture(screen: Path, look: str) -> str:
    there = f"{screen.parent.name}/{screen.name}/{slug(look)}.png"
    return (
        f"<figure><figcaption>{escape(look)}</figcaption>"
        f'<a href="{there}"><img src="{there}" loading="lazy"></a></figure>'
    )


def _when_taken(screen: Path) -> float:
    return screen.stat().st_mtime
