"""How a mail looks: its plain text, and the same words on a sheet like our pages."""

from dataclasses import dataclass

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string


@dataclass(frozen=True)
class Paragraph:
    """`kind` is "slip" for the appointment itself, and "button" where an address stands under its name."""

    text: str
    kind: str = ""
    url: str = ""

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()


def dressed(mail: EmailMultiAlternatives, *, slip: str = "") -> EmailMultiAlternatives:
    """The mail with its text in HTML beside it, paragraph by paragraph; nothing in that is fetched.

    The paragraph that reads like `slip` looks like the appointment's slip on our pages.
    """
    parts = (part.strip() for part in str(mail.body).split("\n\n"))
    sheet = {
        "subject": mail.subject,
        "paragraphs": [_paragraph(part, slip.strip()) for part in parts if part],
    }
    mail.attach_alternative(render_to_string("core/letter.html", sheet), "text/html")
    return mail


def _paragraph(text: str, slip: str) -> Paragraph:
    if text == slip:
        return Paragraph(text, "slip")
    name, _, last = text.rpartition("\n")
    if name and last.startswith(("https://", "http://")) and " " not in last:
        return Paragraph(name.rstrip(":"), "button", last)
    return Paragraph(text)
