"""A mail server on loopback that remembers every copy of each mail it has taken (RFC 5321)."""

import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from socketserver import StreamRequestHandler, ThreadingTCPServer

TAKEN = "250 so be it"


@dataclass
class MailServer:
    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    # By the first letters of what is asked; nothing at all is to hang up.
    answers: Mapping[str, str] = field(default_factory=dict)

    def copies(self) -> Counter[str]:
        """Of each Message-ID: how often it has come."""
        return Counter(mail["Message-ID"] for mail in self.mails)

    def subjects(self) -> list[str]:
        """Of each mail once, as its reader sees them."""
        return list({mail["Message-ID"]: mail["Subject"] for mail in self.mails}.values())

    def keep(self, lines: list[bytes]) -> None:
        mail = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)


@contextmanager
def mail_server(port: int = 0) -> Iterator[MailServer]:
    post = MailServer()

    class Session(StreamRequestHandler):
        def handle(self) -> None:
            self.say("220 here")
            while asked := self.rfile.readline()[:4].decode().upper():
                answer = post.answers.get(asked, TAKEN)
                if asked == "DATA" and answer in (TAKEN, ""):
                    self.say("354 go on")
                    post.keep(list(iter(self.rfile.readline, b".\r\n")))
                if not answer:
                    return
                self.say("221 bye" if asked == "QUIT" else answer)

        def say(self, answer: str) -> None:
            self.wfile.write(f"{answer}\r\n".encode())

    class Listening(ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Listening(("127.0.0.1", port), Session) as server:
        post.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield post
        server.shutdown()
        thread.join()
