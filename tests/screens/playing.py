"""Plays the scenes one after another, and tells what could not be seen."""

import shutil
import time
import traceback
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

from tests.journeys.conftest import RunningClinic, launched
from tests.screens import account, ahead, doctor, errors, names, patient, sheet, staff
from tests.screens.gallery import Gallery
from tests.screens.stage import Stage

FOLDER = Path("screens")
# Who comes last changes most.
GROUPS = (patient, account, doctor, staff, errors, names, ahead)


def play(only: str, clinic: RunningClinic, steps: Path) -> bool:
    """Those scenes whose group or name has this word, so all for none. Whether each went to its end."""
    if not only:
        shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(exist_ok=True)
    gallery, failed = Gallery(FOLDER), []
    with sync_playwright() as playwright:
        stage = Stage(launched(playwright.chromium), clinic, gallery, steps)
        for group in GROUPS:
            gallery.group = group.__name__.rpartition(".")[2]
            for scene in group.SCENES:
                name, began = f"{gallery.group} {scene.__name__}", time.monotonic()
                if only in name:
                    try:
                        scene(stage)
                    except (AssertionError, Error, StopIteration):
                        failed.append(name)
                        _say(traceback.format_exc())
                    _say(f"{name} {time.monotonic() - began:.0f} s")
        stage.browser.close()
    _say(f"{gallery.taken} pictures. Look at {', '.join(map(str, sheet.write(FOLDER)))}.")
    for what, lines in (("Wider than the window", gallery.overhanging), ("Not seen", failed)):
        if lines:
            _say(f"\n{what}:", *lines)
    return not failed


def _say(*lines: str) -> None:
    print("\n".join(lines), flush=True)  # noqa: T201
