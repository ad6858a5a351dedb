"""Keys that nobody has to think about: made once, kept in the data folder, readable by their owner only."""

import contextlib
import os
import secrets
from pathlib import Path


def kept_in(path: Path) -> str:
    """The key in this file, made on first use: 32 random bytes as URL-safe text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Two commands may start at once on a new folder: the first complete file wins, atomically.
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(32), encoding="ascii")
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text(encoding="ascii").strip()
