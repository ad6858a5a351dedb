"""What the event loop serves beside Django, and who gets in: the table for its routes.

None of them looks at a cookie. The public ones tell everybody the same; a socket asks for what the page or
the call handed out to whom the other table lets through, and lives no longer than their session.
"""

from dataclasses import dataclass

GET, SOCKET = "GET HEAD", "socket"
READ = "GET"  # and all else is handed on to Django


@dataclass(frozen=True)
class Row:
    path: str
    methods: str
    # What the first message must bring, and the answer to it.
    needs: str = ""
    answer: str = ""


TABLE = [
    Row("/healthz", GET),
    Row("/readyz", GET),
    Row("/api/v1/doctors/{doctor:uuid}/slots/stream", GET),
    Row("/api/v1/doctors", READ),
    Row("/api/v1/specializations", READ),
    Row("/api/v1/doctors/{doctor:uuid}/slots", READ),
    Row("/api/v1/doctors/{doctor:uuid}/days", READ),
    Row("/ws/calls/{appointment:uuid}", SOCKET, needs="token", answer="welcome"),
    Row("/ws/visits/{appointment:uuid}", SOCKET, needs="ticket", answer="here"),
    Row("/ws/agenda", SOCKET, needs="ticket", answer="welcome"),
]
