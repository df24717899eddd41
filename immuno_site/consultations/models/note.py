"""What coordinators write to each other about a request."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from content.text.hints import HandedOn
from immuno_site.consultations.crypto import EncryptedTextField, SealedRow
from immuno_site.consultations.models.request import ConsultationRequest


class About(models.TextChoices):
    INTERNAL = "internal", _("Note")
    HAND_OVER = "hand_over", _("Handed over")
    PATIENT = "patient", _("Told the patient")
    CORRECTED = "corrected", _("Corrected")


class Note(SealedRow):
    """A remark for colleagues, or what the patient was told. Nobody changes it afterwards."""

    About = About

    # What its words are bound to; notes from before have none until the keys are changed.
    form_id = models.UUIDField(unique=True, null=True, default=uuid.uuid4, editable=False)
    about = models.CharField(
        _("about"), max_length=20, choices=About, default=About.INTERNAL, db_default=About.INTERNAL
    )
    request = models.ForeignKey(ConsultationRequest, models.CASCADE, related_name="notes")
    text = EncryptedTextField(_("note"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    written_at = models.DateTimeField(_("written"))

    class Meta:
        ordering = ("written_at", "pk")
        default_permissions = ("add", "view")
        constraints = [
            models.CheckConstraint(condition=models.Q(about__in=About.values), name="note_about_known")
        ]

    def __str__(self) -> str:
        return f"Note on {self.request.reference}"

    def save(self, **kwargs: HandedOn) -> None:
        if self.pk:
            raise NoteIsFinal
        super().save(**kwargs)


class NoteIsFinal(Exception):
    """Notes are only added."""

    def __init__(self) -> None:
        super().__init__("A note is not changed afterwards. Write another one.")
