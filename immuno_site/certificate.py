"""Until when the certificate that visitors are shown is good: asked for as they ask, so that a renewed one that
nginx has not loaded does not count."""

from __future__ import annotations

import datetime
import socket
import ssl
from urllib.parse import urlsplit

from cryptography import x509
from django.conf import settings

SECONDS = 3


def ends_at() -> datetime.datetime:
    """OSError if nobody answers at CERTIFICATE_AT."""
    host, _, port = settings.CERTIFICATE_AT.rpartition(":")
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # an expired one is looked at, too
    with (
        socket.create_connection((host.strip("[]"), int(port)), timeout=SECONDS) as plain,
        context.wrap_socket(plain, server_hostname=urlsplit(settings.SITE_URL).hostname) as connection,
    ):
        shown = connection.getpeercert(binary_form=True)
    if not shown:
        raise OSError(f"No certificate at {settings.CERTIFICATE_AT}.")
    return x509.load_der_x509_certificate(shown).not_valid_after_utc
