"""What somebody has answered so far, before sending it."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import secrets
import uuid
from typing import Self

from django.conf import settings
from django.db import models, transaction

from immuno_site.consultations.crypto import EncryptedJSONField, SealedRow
from immuno_site.consultations.models.request import ConsultationRequest

KEEP_PROGRESS = datetime.timedelta(hours=24)


class ProgressQuerySet(models.QuerySet["Progress"]):
    def of_token(self, token: str, *, now: datetime.datetime) -> Progress | None:
        """The progress of a browser's cookie, unless its day is over."""
        return self.filter(token_hash=_hash(token), expires_at__gt=now).select_related("request").first()

    def older_than(self, moment: datetime.datetime) -> Self:
        return self.filter(expires_at__lte=moment)

    def start(
        self,
        *,
        now: datetime.datetime,
        answers: dict[str, object] | None = None,
        keep: datetime.timedelta = KEEP_PROGRESS,
        request: ConsultationRequest | None = None,
    ) -> tuple[Progress, str]:
        """A new progress and the token that belongs into the browser's cookie; we keep only its hash."""
        token = secrets.token_urlsafe(32)
        progress = self.create(
            token_hash=_hash(token),
            answers=answers or {},
            request=request,
            started_at=now,
            expires_at=now + keep,
        )
        return progress, token

    def of_sent_form(self, request: ConsultationRequest, *, now: datetime.datetime) -> str:
        """The token of a form that was sent in one go. However often it is sent again, this is one row."""
        token = _sent_form_token(request.form_id)
        times = {"started_at": now, "expires_at": now + KEEP_PROGRESS}
        self.update_or_create(token_hash=_hash(token), defaults={"request": request, **times})
        return token


class Progress(SealedRow):
    """Answers on their way to becoming a request: 24 hours, encrypted, reachable only by the cookie's token.

    After sending, the answers are emptied and the row says which request came of them, so that a double
    click, a reload or the back button shows the same page again.
    """

    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    form_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    answers = EncryptedJSONField(default=dict)  # page of the journey -> what was typed there
    request = models.ForeignKey(
        ConsultationRequest, models.CASCADE, null=True, blank=True, related_name="progresses"
    )
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    objects = ProgressQuerySet.as_manager()

    class Meta:
        verbose_name = "progress"
        verbose_name_plural = "progresses"
        default_permissions = ()  # nobody reads what was not sent
        constraints = [
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("started_at")),
                name="progress_expires_after_start",
            )
        ]

    def __str__(self) -> str:
        return f"Progress {self.pk}"

    @property
    def is_sent(self) -> bool:
        return self.request_id is not None

    def keep(self, page: str, answers: dict[str, object]) -> None:
        """What was typed on one page. Other pages, filled in in another tab, stay as they are."""
        with transaction.atomic():
            row = type(self).objects.select_for_update().get(pk=self.pk)
            row.answers[page] = answers
            row.answers.pop(unfinished(page), None)
            row.save(update_fields=["answers"])
        self.answers = row.answers

    def belongs_to(self, request: ConsultationRequest) -> None:
        """It was sent: the answers live in the request now."""
        self.request = request
        self.answers = {}
        self.save(update_fields=["request", "answers"])


def unfinished(page: str) -> str:
    """The name under which words of a page are kept that somebody left before they pressed "Continue"."""
    return f"{page}:unfinished"


def _sent_form_token(form_id: uuid.UUID) -> str:
    """Computed, so that the same form finds its row again; secret, because only we have the key."""
    key = settings.CONSULTATION_INDEX_KEY.encode()
    return hmac.new(key, b"sent form:" + form_id.bytes, hashlib.sha256).hexdigest()


def _hash(token: str) -> str:
    # The token has 256 random bits: nothing to guess, so a plain hash is enough.
    return hashlib.sha256(token.encode()).hexdigest()
