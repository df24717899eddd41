"""Refuses to start with keys that do not open what is stored: better no site than a second, unreadable half."""

from __future__ import annotations

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from immuno_site.consultations import key_rotation
from immuno_site.consultations.models import KeyCanary
from immuno_site.keyring import keyring

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
        if canary and not canary.is_readable():
            return WRONG_KEYS
    except ImproperlyConfigured as error:
        return str(error)
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


@checks.register(deploy=True)
def everything_can_be_read(**options: object) -> list[checks.CheckMessage]:
    """Said, not refused: the site must not stand still for one row."""
    try:
        found = [] if problem() else key_rotation.unreadable()
    except DatabaseError:
        return []
    return [checks.Info(f"No key opens {place}.", id="consultations.I001") for place in found]


@checks.register(deploy=True)
def ciphertext_is_bound(**options: object) -> list[checks.CheckMessage]:
    try:
        is_bound = keyring().is_bound
    except ImproperlyConfigured:
        return []
    words = (
        "The first of CONSULTATION_KEYS is of the old kind: who can write to the database can show one patient’s words "
        "as another’s. Once this release stays, change the key (handbook, Keys)."
    )
    return [] if is_bound else [checks.Info(words, id="consultations.I002")]


def refuse_wrong_keys() -> None:
    """The web server runs no system checks: wsgi.py calls this instead."""
    if sentence := problem():
        raise ImproperlyConfigured(sentence)
    try:
        KeyCanary.leave()
    except DatabaseError:  # before `migrate`, or while the database is away: pages that need it will say so
        return
