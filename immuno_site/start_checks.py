"""What must be right before visitors come. `check --deploy` says it; the web server refuses to start without."""

from __future__ import annotations

from sqlite3 import dbapi2  # the driver that Django takes

from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connection

from content.review import gate, signing
from immuno_site.consultations import who_asks
from immuno_site.consultations.files.inspection import confinement
from immuno_site.mail_server import PrintedLetters

# Older ones can damage a database that several processes write to.
SQLITE_WITHOUT_THE_BUG = (3, 51, 3)
SHOWN = 20


def unsigned() -> str:
    """Which public versions nobody has signed off, and what to do; empty when there are none."""
    if settings.CLINICAL_REVIEW != "required":
        return ""
    try:
        versions = gate.unsigned_public_versions()
    except DatabaseError:  # no tables yet, or no database: nothing is public
        return ""
    if not versions:
        return ""
    names = "".join(f"\n  {_name(version.content)}" for version in versions[:SHOWN])
    more = f"\n  and {len(versions) - SHOWN} more" if len(versions) > SHOWN else ""
    return (
        f"CLINICAL_REVIEW is required, but {len(versions)} public versions have no valid sign-off. Start with "
        f"CLINICAL_REVIEW=label, have them signed off or unpublished, and start again:{names}{more}"
    )


def _name(content: signing.Reviewable) -> str:
    return f"{content._meta.verbose_name}: {content} ({content.language})"


def refuse_unsigned_versions() -> None:
    """The web server runs no system checks: wsgi.py calls this instead."""
    if sentence := unsigned():
        raise ImproperlyConfigured(sentence)


@checks.register(checks.Tags.database)
def sqlite_is_sound(**options: object) -> list[checks.CheckMessage]:
    if connection.vendor != "sqlite" or dbapi2.sqlite_version_info >= SQLITE_WITHOUT_THE_BUG:
        return []
    needed = ".".join(map(str, SQLITE_WITHOUT_THE_BUG))
    found = dbapi2.sqlite_version
    return [checks.Error(f"SQLite {found} can damage the database. Install {needed}.", id="immuno_site.E001")]


@checks.register(deploy=True)
def public_versions_are_signed(**options: object) -> list[checks.CheckMessage]:
    return [checks.Error(sentence, id="immuno_site.E002")] if (sentence := unsigned()) else []


@checks.register(deploy=True)
def patients_are_told_who_asks(**options: object) -> list[checks.CheckMessage]:
    try:
        unsaid = who_asks.unsaid()
    except DatabaseError:  # no tables yet
        return []
    if not unsaid:
        return []
    sentence = f"The request form is closed. Fill in the site profile: {', '.join(map(str, unsaid))}."
    return [checks.Warning(sentence, id="immuno_site.W003")]


@checks.register(deploy=True)
def letters_leave(**options: object) -> list[checks.CheckMessage]:
    if not settings.EMAIL_BACKEND.endswith(f".{PrintedLetters.__name__}"):
        return []
    return [checks.Warning("Letters are printed, not sent. Set EMAIL_URL.", id="immuno_site.W001")]


@checks.register(deploy=True)
def backups_are_made(**options: object) -> list[checks.CheckMessage]:
    if settings.BACKUP_RECIPIENTS:
        return []
    return [checks.Warning("No backups can be made. Set BACKUP_RECIPIENTS.", id="immuno_site.W002")]


@checks.register(deploy=True)
def files_are_read_in_confinement(**options: object) -> list[checks.CheckMessage]:
    if confinement.library():
        return []
    sentence = "Files of patients cannot be looked into, and all stay locked. Install libseccomp2."
    return [checks.Error(sentence, id="immuno_site.E003")]
