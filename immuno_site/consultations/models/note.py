"""What coordinators write to each other about a request."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from immuno_site.consultations.crypto import EncryptedTextField
from immuno_site.consultations.models.request import ConsultationRequest


class Note(models.Model):
    """An internal remark. The patient never sees it, and nobody changes it afterwards."""

    request = models.ForeignKey(ConsultationRequest, models.CASCADE, related_name="notes")
    text = EncryptedTextField(_("note"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    written_at = models.DateTimeField(_("written"))

    class Meta:
        ordering = ("written_at", "pk")
        default_permissions = ("add", "view")

    def __str__(self) -> str:
        return f"Note on {self.request.reference}"

    def save(self, **kwargs: object) -> None:
        if self.pk:
            raise NoteIsFinal
        super().save(**kwargs)


class NoteIsFinal(Exception):
    """Notes are only added."""

    def __init__(self) -> None:
        super().__init__("A note is not changed afterwards. Write another one.")
