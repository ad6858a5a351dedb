"""A browser's WebSocket (RFC 6455), as small as the tests allow."""

import base64
import json
import os
import socket
import struct
from types import TracebackType
from typing import Any, Self

TEXT, BINARY, CLOSE = 0x1, 0x2, 0x8


class Refused(Exception):
    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(status)


class Closed(Exception):
    def __init__(self, code: int | None) -> None:
        self.code = code
        super().__init__(code)


class BrowserSocket:
    """Raises Refused when the server does not upgrade, and Closed once it is over."""

    def __init__(self, port: int, path: str, origin: str | None = None) -> None:
        self.connection = socket.create_connection(("127.0.0.1", port), timeout=20)
        self.stream = self.connection.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {path} HTTP/1.1",
            f"Host: 127.0.0.1:{port}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {key}",
            *([f"Origin: {origin}"] if origin else []),
        ]
        self.connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        status = int(self.stream.readline().split()[1])
        while self.stream.readline().strip():
            pass
        if status != 101:
            self.hang_up()
            raise Refused(status)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.hang_up()

    def hang_up(self) -> None:
        """Without a word, as when the network goes."""
        self.stream.close()
        self.connection.close()

    def say(self, **message: Any) -> None:
        self.send(TEXT, json.dumps(message).encode())

    def send(self, kind: int, payload: bytes) -> None:
        head = bytes([0x80 | kind])
        if len(payload) < 126:
            head += bytes([0x80 | len(payload)])
        elif len(payload) < 1 << 16:
            head += bytes([0x80 | 126]) + struct.pack(">H", len(payload))
        else:
            head += bytes([0x80 | 127]) + struct.pack(">Q", len(payload))
        mask = os.urandom(4)
        stretched = mask * (len(payload) // 4 + 1)
        masked = bytes(a ^ b for a, b in zip(payload, stretched, strict=False))
        self.connection.sendall(head + mask + masked)

    def hear(self) -> dict[str, Any]:
        """The next message."""
        kind, payload = self._frame()
        if kind == CLOSE:
            raise Closed(struct.unpack(">H", payload[:2])[0] if payload else None)
        message = json.loads(payload)
        assert isinstance(message, dict)
        return message

    def closed_with(self) -> int | None:
        """The code, after whatever else is still to be heard."""
        while True:
            try:
                self.hear()
            except Closed as closed:
                return closed.code

    def _frame(self) -> tuple[int, bytes]:
        head = self.stream.read(2)
        if len(head) < 2:
            raise Closed(None)
        length = head[1] & 0x7F
        if length == 126:
            (length,) = struct.unpack(">H", self.stream.read(2))
        elif length == 127:
            (length,) = struct.unpack(">Q", self.stream.read(8))
        return head[0] & 0x0F, self.stream.read(length)
