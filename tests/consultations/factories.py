"""Rows of the private room for tests, valid unless a test says otherwise. Keyword-only, typed, no library."""

from __future__ import annotations

import datetime
import itertools
import secrets

from django.contrib.auth.models import User
from django.db import models

from immuno_site.consultations.models import (
    ConsultationRequest,
    Feedback,
    Note,
    OutgoingMail,
    Progress,
    ReplyTemplate,
)
from immuno_site.keyring import Keyring, Place

# A Sunday, 11:00 in Israel: somebody works.
NOW = datetime.datetime(2026, 11, 22, 9, 0, tzinfo=datetime.UTC)
_numbers = itertools.count(1)


def new_key() -> str:
    """One more for CONSULTATION_KEYS, as the handbook makes them."""
    return f"bound:{secrets.token_urlsafe(32)}"


def create_user(*, username: str = "") -> User:
    number = next(_numbers)
    return User.objects.create_user(username or f"user-{number}", f"user-{number}@example.org", is_staff=True)


def _next_reference() -> str:
    """Ten characters however many requests a test makes; PostgreSQL takes no more."""
    number = f"{next(_numbers):06X}"
    return f"IM-{number[:4]}-{number[4:]}"


def request_values(**changes: object) -> dict[str, object]:
    return {
        "reference": _next_reference(),
        "form_digest": "0" * 64,
        "language": "en",
        "cancer": "melanoma",
        "country": "US",
        "name": "Anna",
        "email": "anna@example.org",
        "question": "What can I do?",
        "received_at": NOW,
        "changed_at": NOW,
        "consented_at": NOW,
        "consent_version": "test",
        "consent_language": "en",
        "reply_due_at": NOW + datetime.timedelta(days=1),
        "erase_after": NOW + datetime.timedelta(days=90),
        **changes,
    }


def create_request(**changes: object) -> ConsultationRequest:
    return ConsultationRequest.objects.create(**request_values(**changes))


def create_taken(*, by: User, **changes: object) -> ConsultationRequest:
    request = create_request(**changes)
    request.take(by=by, now=NOW)
    return request


def create_progress(**changes: object) -> tuple[Progress, str]:
    return Progress.objects.start(now=NOW, **changes)


def create_note(*, request: ConsultationRequest | None = None, by: User | None = None) -> Note:
    return Note.objects.create(
        request=request or create_request(), text="Called, no answer.", by=by or create_user(), written_at=NOW
    )


def create_mail(**changes: object) -> OutgoingMail:
    return OutgoingMail.objects.queue(
        **{"kind": OutgoingMail.Kind.RECEIPT, "reference": "IM-AAAA-AA", "now": NOW, **changes}
    )


def create_feedback(**changes: object) -> Feedback:
    return Feedback.objects.create(
        **{"about": "unclear", "words": "What is this?", "language": "en", "received_at": NOW, **changes}
    )


def create_reply_template(**changes: object) -> ReplyTemplate:
    return ReplyTemplate.objects.create(
        **{"stage": "received", "language": "en", "title": "First letter", "text": "Hello {name}.", **changes}
    )


def put(model: type[models.Model], column: str, token: str, **which: object) -> None:
    """Ciphertext into a column, as who can write to the database but has no key would do it."""
    as_it_is = models.Value(token, output_field=models.TextField())
    assert model._base_manager.filter(**which).update(**{column: as_it_is}) >= 1


def make_unreadable(model: type[models.Model], column: str, **which: object) -> None:
    """As if its key had been taken out too early."""
    lost = Keyring([new_key()])
    put(model, column, lost.seal(b"x", Place("requests", "gone", "gone")), **which)
