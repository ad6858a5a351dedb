"""How a mail looks: its plain text, and the same words on a sheet like our pages."""

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import get_language, get_language_bidi


def dressed(mail: EmailMultiAlternatives) -> EmailMultiAlternatives:
    """The mail with its text in HTML beside it, paragraph by paragraph; nothing in that is fetched."""
    sheet = {
        "subject": mail.subject,
        "paragraphs": [part.strip() for part in str(mail.body).split("\n\n") if part.strip()],
        "language": get_language(),
        "direction": "rtl" if get_language_bidi() else "ltr",
    }
    mail.attach_alternative(render_to_string("core/letter.html", sheet), "text/html")
    return mail
