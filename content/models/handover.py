"""A draft on its way between who writes it and who checks it. Rows are added, never changed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from djangocms_versioning.models import Version

from content.models.clinician import Clinician


class Handover(models.Model):
    """It was sent to be signed, came back with what to change, or was signed."""

    class Step(models.TextChoices):
        SENT = "sent", _("Sent for sign-off")
        BACK = "back", _("Changes asked")
        SIGNED = "signed", _("Signed")

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="handovers")
    step = models.CharField(max_length=10, choices=Step.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    to = models.ForeignKey(
        Clinician,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Whom it is sent to; nobody named: whichever clinician comes first."),
    )
    words = models.TextField(_("note"), blank=True, default="", db_default="")
    publish_when_signed = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering = ("-at", "-pk")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.get_step_display()}: {self.version_id}"


class Remark(models.Model):
    """What to change in one section."""

    handover = models.ForeignKey(Handover, on_delete=models.CASCADE, related_name="remarks")
    section = models.CharField(max_length=60, help_text="The name of its field, or of a block.")
    words = models.TextField()

    class Meta:
        ordering = ("pk",)
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.section}: {self.words[:40]}"
