"""A small WSGI application behind the real bridge and the real server: `python -m tests.server.echo PORT`.

Its paths do what a browser or a fault could do to Django.
"""

import asyncio
import json
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from ipaddress import ip_network
from typing import Any

from django.conf import settings
from granian.constants import Interfaces
from granian.server import Server
from starlette.types import Receive, Scope, Send

from clinicall.server.bridge import Bridge

LARGEST_BODY = 100_000
PART = b"x" * 100_000
PARTS = 10_000

go_on = threading.Event()
counts = {"parts": 0, "closed": 0}


class Stream:
    """Says, as Django's do, that it is one."""

    streaming = True

    def __init__(self, parts: Iterable[bytes]) -> None:
        self.parts = parts

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.parts)

    def close(self) -> None:
        counts["closed"] += 1


def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    headers = [("Content-Type", "text/plain")]
    match environ["PATH_INFO"]:
        case "/fault":
            raise RuntimeError("before it answered")
        case "/two-parts":
            start_response("200 OK", headers)
            return Stream(two_parts())
        case "/go-on":
            go_on.set()
            start_response("200 OK", headers)
            return [b""]
        case "/long":
            start_response("200 OK", headers)
            return Stream(long())
        case "/file":
            file = PART * 9
            start_response("200 OK", [*headers, ("Content-Length", str(len(file)))])
            return Stream([file])
        case "/counts":
            start_response("200 OK", headers)
            return [json.dumps(counts).encode()]
        case _:
            body = environ["wsgi.input"].read()
            seen = {
                "body": body.decode(),
                "length": environ["CONTENT_LENGTH"],
                "method": environ["REQUEST_METHOD"],
                "path": environ["PATH_INFO"].encode("latin1").decode(),
                "client": environ["REMOTE_ADDR"],
                "query": environ["QUERY_STRING"],
                "scheme": environ["wsgi.url_scheme"],
                "headers": {k: v for k, v in environ.items() if k.startswith("HTTP_")},
            }
            start_response("200 OK", headers)
            return [json.dumps(seen).encode()]


def two_parts() -> Iterator[bytes]:
    yield b"first "
    go_on.wait(20)
    yield b"second"


def long() -> Iterator[bytes]:
    for _ in range(PARTS):
        counts["parts"] += 1
        yield PART


def application() -> Callable[[Scope, Receive, Send], Any]:
    settings.configure(USE_I18N=False)  # what is refused is said in words of the catalogue
    return Bridge(
        echo,
        threads=4,
        largest_body=LARGEST_BODY,
        scheme="https",
        trusted_proxies=[ip_network("127.0.0.1"), ip_network("10.0.0.0/8")],
        closing=asyncio.Event(),
    )


if __name__ == "__main__":
    Server(
        "echo", port=int(sys.argv[1]), interface=Interfaces.ASGINL, workers_kill_timeout=1
    ).serve(target_loader=application, wrap_loader=False)
