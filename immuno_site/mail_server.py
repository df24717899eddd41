"""Where letters leave from: one address in the environment, as Django's mail settings."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from django.core.mail.backends.console import EmailBackend

CONSOLE = "console:"
HOW_TO_NAME_A_SERVER = (
    "EMAIL_URL cannot be read; write it as smtp+tls://user:password@host:587, smtps://user:password@host:465, "
    "smtp://localhost:25 or console: to print letters."
)
TLS_NEEDED = "EMAIL_URL names another machine without TLS; write smtp+tls:// or smtps://."
PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


def mail_settings(url: str) -> dict[str, object]:
    """EMAIL_URL as the settings that Django reads. Letters never cross a network in the clear."""
    if url == CONSOLE:
        return {"EMAIL_BACKEND": "immuno_site.mail_server.PrintedLetters"}
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or PORTS[parts.scheme]
    except (KeyError, ValueError) as error:
        raise ImproperlyConfigured(HOW_TO_NAME_A_SERVER) from error
    if not host:
        raise ImproperlyConfigured(HOW_TO_NAME_A_SERVER)
    if parts.scheme == "smtp" and host not in THIS_MACHINE:
        raise ImproperlyConfigured(TLS_NEEDED)
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": host,
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
    }


class PrintedLetters(EmailBackend):
    """Prints letters instead of sending them. What is printed ends up in a log: it does not say to whom."""

    def write_message(self, message: EmailMessage) -> None:
        self.stream.write(f"Letter: {message.subject}\n\n{message.body.strip()}\n{'-' * 79}\n")
