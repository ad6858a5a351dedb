"""Reading the environment. A wrong value is refused by name, before anything starts."""

import os
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from clinicall.core.zones import is_timezone


class Env:
    """Typed views of one mapping of strings (`os.environ` but in tests)."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self.values = os.environ if values is None else values

    def text(self, name: str, default: str = "") -> str:
        """The value, or that of the file which `NAME_FILE` points at; whitespace around it does not count."""
        if path := self.values.get(f"{name}_FILE"):
            if self.values.get(name):
                raise ImproperlyConfigured(f"Set {name} or {name}_FILE, not both.")
            try:
                return Path(path).read_text(encoding="utf-8").strip()
            except OSError as error:
                raise ImproperlyConfigured(f"{name}_FILE={path!r}: {error.strerror}.") from error
        return self.values.get(name, "").strip() or default

    def all_of(self, prefix: str) -> dict[str, str]:
        """What each variable that begins so says, by the rest of its name; read as by `text`."""
        names = {name.removesuffix("_FILE") for name in self.values if name.startswith(prefix)}
        return {name.removeprefix(prefix): self.text(name) for name in sorted(names)}

    def database(self, name: str, default: str = "") -> dict[str, str]:
        """How to connect, by the names that libpq has for it; empty where nothing says so."""
        try:
            found = conninfo_to_dict(self.text(name, default))
        except ProgrammingError:  # whose words may quote the password
            raise ImproperlyConfigured(
                f"{name}: use an address like postgresql://user:password@host/name."
            ) from None
        return {key: str(value) for key, value in found.items()}

    def number(self, name: str, default: int, low: int, high: int) -> int:
        text = self.text(name, str(default))
        if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
            raise ImproperlyConfigured(f"{name}={text!r}: use a whole number from {low} to {high}.")
        return int(text)

    def choice(self, name: str, *choices: str) -> str:
        """One of `choices`; the first is the default."""
        text = self.text(name, choices[0])
        if text not in choices:
            raise ImproperlyConfigured(f"{name}={text!r}: use one of {', '.join(choices)}.")
        return text

    def networks(self, name: str) -> list[IPv4Network | IPv6Network]:
        """Addresses and networks by comma, like `127.0.0.1, 10.0.0.0/8`."""
        found = []
        for text in filter(None, (part.strip() for part in self.text(name).split(","))):
            try:
                found.append(ip_network(text))
            except ValueError:
                raise ImproperlyConfigured(
                    f"{name}={text!r}: use addresses or networks by comma, like 127.0.0.1, 10.0.0.0/8."
                ) from None
        return found

    def timezone(self, name: str, default: str) -> str:
        text = self.text(name, default)
        if not is_timezone(text):
            raise ImproperlyConfigured(f"{name}={text!r}: use a tz database name, like {default}.")
        return text
