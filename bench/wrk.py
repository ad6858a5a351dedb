"""Many clients over HTTP, by wrk: compiled, so that what it costs is little beside what it measures."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Load:
    """What clients saw who ask again as soon as they are answered. Times are in milliseconds."""

    rate: float  # per second, of what was answered rightly
    done: int
    spent: int  # lines of the file that are not to be used again
    failed: int
    why: str  # the last one failed
    p50: float
    p95: float
    p99: float


def drive(script: str, lines: Path, port: int, *words: str, clients: int, seconds: int) -> Load:
    """Raises SystemExit when there are not enough lines for so many seconds."""
    command = [
        "wrk",
        *("-t", str(clients), "-c", str(clients), "-d", f"{seconds}s", "--timeout", "30s"),
        *("-s", str(HERE / script), f"http://127.0.0.1:{port}", "--"),
        *(str(lines), str(clients), *words),
    ]
    environment = {**os.environ, "LUA_PATH": f"{HERE}/?.lua;;"}
    told = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    if told.returncode or not told.stdout.endswith("}\n"):
        raise SystemExit(f"wrk failed: {told.stdout}{told.stderr}")
    found = json.loads(told.stdout.splitlines()[-1])
    if found["ran_out"]:
        raise SystemExit(f"{lines} is too short for {seconds} seconds of {script}")
    return Load(
        rate=found["done"] / found["seconds"],
        **{name: found[name] for name in ("done", "spent", "failed", "why", "p50", "p95", "p99")},
    )
