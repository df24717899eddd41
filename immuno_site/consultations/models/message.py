"""What a patient and staff write to each other inside a request, and an answer somebody is still writing."""

from __future__ import annotations

import datetime
import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from content.text.hints import HandedOn
from immuno_site.consultations.crypto import EncryptedTextField, SealedRow
from immuno_site.consultations.models.request import ConsultationRequest

LONGEST_MESSAGE = 10_000


class Way(models.TextChoices):
    HERE = "here", _("On the return page")
    PHONE = "phone", _("By phone")
    WHATSAPP = "whatsapp", _("By WhatsApp or Viber")
    EMAIL = "email", _("By e-mail")


# What was said elsewhere is recorded, not sent.
ELSEWHERE = [choice for choice in Way.choices if choice[0] != Way.HERE]


class MessageQuerySet(models.QuerySet["Message"]):
    def unseen(self, *, from_staff: bool) -> Self:
        return self.filter(from_staff=from_staff, way=Way.HERE, seen_at__isnull=True)


class Message(SealedRow):
    """One message. Nobody changes its words afterwards; the form that brought it makes it once."""

    Way = Way

    form_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    request = models.ForeignKey(ConsultationRequest, models.CASCADE, related_name="messages")
    from_staff = models.BooleanField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    way = models.CharField(max_length=20, choices=Way, default=Way.HERE, db_default=Way.HERE)
    text = EncryptedTextField(_("message"), blank=True)  # empty: files alone, or what was said elsewhere
    # A coordinator's own, for colleagues who do not read the patient's language; the patient never sees it.
    translation = EncryptedTextField(_("our translation"), blank=True)
    written_at = models.DateTimeField(_("written"))
    seen_at = models.DateTimeField(_("seen"), null=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        ordering = ("written_at", "pk")
        default_permissions = ()  # written by steps of the request, read on its page
        constraints = [
            models.CheckConstraint(condition=Q(way__in=Way.values), name="message_way_known"),
            models.CheckConstraint(
                condition=Q(from_staff=True, by__isnull=False) | Q(from_staff=False, by__isnull=True),
                name="message_of_staff_names_them",
            ),
        ]

    def __str__(self) -> str:
        return f"Message {self.pk}"

    def save(self, **kwargs: HandedOn) -> None:
        if self.pk:
            raise MessageIsFinal
        super().save(**kwargs)

    def translate(self, words: str) -> None:
        """Beside the original, which stays."""
        rows = type(self).objects.filter(pk=self.pk)
        rows.update(**self.sealed({"translation": words}))


class MessageIsFinal(Exception):
    """Messages are only added."""

    def __init__(self) -> None:
        super().__init__("A message is not changed afterwards. Write another one.")


class DraftQuerySet(models.QuerySet["Draft"]):
    def keep(
        self, request: ConsultationRequest, *, by: int, text: str, translation: str, now: datetime.datetime
    ) -> Draft:
        """The one draft of this person on this request. What it held before is overwritten."""
        draft = self.filter(request=request, by=by).first()
        if draft is None:
            draft, _made = self.get_or_create(request=request, by_id=by, defaults={"changed_at": now})
        values = {"text": text, "translation": translation, "changed_at": now}
        self.filter(pk=draft.pk).update(**draft.sealed(values))
        return draft


class Draft(SealedRow):
    """An answer that is not sent yet. Its number becomes the message's, so that it is sent once."""

    form_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    request = models.ForeignKey(ConsultationRequest, models.CASCADE, related_name="drafts")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = EncryptedTextField(blank=True)
    translation = EncryptedTextField(blank=True)
    changed_at = models.DateTimeField()

    objects = DraftQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["request", "by"], name="draft_one_for_each_person")]

    def __str__(self) -> str:
        return f"Draft {self.pk}"
