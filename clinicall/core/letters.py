"""How a mail looks: its plain text, and the same words on a sheet like our pages."""

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string


def dressed(mail: EmailMultiAlternatives) -> EmailMultiAlternatives:
    """The mail with its text in HTML beside it, paragraph by paragraph; nothing in that is fetched."""
    sheet = {
        "subject": mail.subject,
        "paragraphs": [part.strip() for part in str(mail.body).split("\n\n") if part.strip()],
    }
    mail.attach_alternative(render_to_string("core/letter.html", sheet), "text/html")
    return mail
