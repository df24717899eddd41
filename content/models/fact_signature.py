"""The record of who looked at a fact and stands for it. Nothing here is edited."""

from __future__ import annotations

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _

from content.models.clinician import Clinician


class FactSignature(models.Model):
    """A clinician read exactly this row of a fact. What is public never changes, so it holds as long as the row."""

    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    object_id = models.PositiveIntegerField()
    fact = GenericForeignKey("content_type", "object_id")
    reviewer = models.ForeignKey(Clinician, on_delete=models.PROTECT, related_name="fact_signatures")
    signed_on = models.DateField(_("signed on"))
    digest = models.CharField(max_length=64, help_text="SHA-256 of the row as it was on the screen.")

    class Meta:
        ordering = ("-signed_on", "-pk")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["content_type", "object_id", "reviewer"], name="fact_signed_once_by_each"
            )
        ]

    def __str__(self) -> str:
        return f"{self.reviewer}, {self.signed_on}"
