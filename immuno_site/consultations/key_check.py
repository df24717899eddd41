"""Refuses to start with keys that do not open what is stored: better no site than a second, unreadable half."""

from __future__ import annotations

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from immuno_site.consultations.crypto import Undecryptable, keyring
from immuno_site.consultations.models import KeyCanary

WRONG_KEYS = (
    "CONSULTATION_KEYS cannot open what is stored. Start with the keys of the last run, newest first; "
    "two copies of them are kept outside this machine."
)
WRONG_INDEX_KEY = "CONSULTATION_INDEX_KEY is not the one of the last run. Start with that one."


def problem() -> str:
    """What is wrong with the keys and what to do; empty when they fit."""
    try:
        keyring()
        canary = KeyCanary.objects.filter(pk=1).first()
    except ImproperlyConfigured as error:
        return str(error)
    except Undecryptable:
        return WRONG_KEYS
    except DatabaseError:  # no tables yet, or no database: nothing is stored that could become unreadable
        return ""
    if not settings.CONSULTATION_INDEX_KEY:
        return "Set CONSULTATION_INDEX_KEY to a long random text."
    return WRONG_INDEX_KEY if canary and not canary.index_fits() else ""


@checks.register(checks.Tags.security)
def keys_open_what_is_stored(**options: object) -> list[checks.CheckMessage]:
    """Every command that checks the system stops here, not only the web server."""
    sentence = problem()
    return [checks.Error(sentence, id="consultations.E001")] if sentence else []


def refuse_wrong_keys() -> None:
    """The web server runs no system checks: wsgi.py calls this instead."""
    if sentence := problem():
        raise ImproperlyConfigured(sentence)
    try:
        KeyCanary.leave()
    except DatabaseError:  # before `migrate`, or while the database is away: pages that need it will say so
        return
