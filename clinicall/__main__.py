"""The command `clinicall`, the same as `python -m clinicall`."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line, get_commands, load_command_class
from django.db import OperationalError

from clinicall.config.env import Env
from clinicall.server import postgres

# What Django and procrastinate bring works too; a clinic needs these.
OF_DJANGO = ("migrate", "shell", "dbshell")


def main() -> None:
    """Run one command. A mistake of the set-up is one line on stderr and exit code 2."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinicall.config.settings")
    try:
        match sys.argv[1:]:
            case [] | ["help" | "--help" | "-h"]:
                django.setup()
                sys.stdout.write(overview())
            case ["help", command]:
                run(command, "--help")
            case [*_, "--help" | "-h"]:
                run(*sys.argv[1:])
            case words:
                with ExitStack() as stack:
                    end_on_signals()
                    stack.enter_context(database())
                    run(*words)
    except (ImproperlyConfigured, postgres.PostgresUnavailable) as error:
        mistake(error)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None):
            raise  # a database that answers has refused: that is a fault of ours
        mistake(error)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


def run(command: str, *words: str) -> None:
    django.setup()
    # Commands are modules, and those have no dashes in their names.
    execute_from_command_line(["clinicall", command.replace("-", "_"), *words])


def mistake(error: Exception) -> None:
    sys.stderr.write(f"clinicall: {' '.join(str(error).split())}\n")
    sys.exit(2)


@contextmanager
def database() -> Iterator[None]:
    """Start or join the embedded server, unless the environment names another one."""
    env = Env()
    if env.text("DATABASE_URL"):
        yield
        return
    with postgres.Embedded(Path(env.text("CLINICALL_DATA", "data"))) as server:
        os.environ["DATABASE_URL"] = server.url
        postgres.in_use = server
        try:
            yield
        finally:
            # An impatient second Ctrl-C must not leave the server running.
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)


def end_on_signals() -> None:
    """SIGTERM and a closed terminal end a command in order, as Ctrl-C does."""

    def end(number: int, _frame: FrameType | None) -> None:
        sys.exit(128 + number)

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup asks
            signal.signal(number, end)


def overview() -> str:
    commands = get_commands()
    ours = sorted(name for name, app in commands.items() if app.startswith("clinicall."))
    lines = ["Clinicall: a self-hosted appointment book and video clinic.", ""]
    for name in (*ours, *OF_DJANGO):
        about = load_command_class(commands[name], name).help.partition("\n")[0]
        lines.append(f"  {name.replace('_', '-'):20}{about}")
    lines += ["", "`clinicall help COMMAND` tells more about one.", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
