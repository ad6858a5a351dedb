"""Who asks a live route."""

from django.conf import settings
from starlette.requests import HTTPConnection

from clinicall.core.addresses import client_address


def address_of(connection: HTTPConnection) -> str:
    """Where it comes from, as far as our own proxies are believed."""
    peer = connection.client.host if connection.client else ""
    forwarded_for = ",".join(connection.headers.getlist("x-forwarded-for"))
    return client_address(peer, forwarded_for, settings.TRUSTED_PROXIES)
