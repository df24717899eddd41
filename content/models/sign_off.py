"""The record of review: who changed a draft, who signed it off, when it went public. Nothing here is edited."""

from __future__ import annotations

from cms.utils.permissions import get_current_user
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.db import models
from django.utils.translation import gettext_lazy as _
from djangocms_versioning.constants import DRAFT
from djangocms_versioning.models import Version

from content.models.clinician import Clinician
from content.models.versions import Versioned


class SignOff(models.Model):
    """A clinician read exactly this text and stands for it until a date."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="sign_offs")
    reviewer = models.ForeignKey(Clinician, on_delete=models.PROTECT, related_name="sign_offs")
    signed_on = models.DateField(_("signed on"))
    next_review_due = models.DateField(_("next review due"))
    digest = models.CharField(max_length=64)
    digest_format = models.PositiveSmallIntegerField()
    notes = models.TextField(_("notes"), blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("sign-off")
        verbose_name_plural = _("sign-offs")
        ordering = ("-signed_on", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(next_review_due__gt=models.F("signed_on")),
                name="sign_off_due_after_signing",
                violation_error_message=_("The next review must be due after the day of this one."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.reviewer}, {self.signed_on}"


class DraftEdit(models.Model):
    """That somebody saved a change to a draft; whoever did cannot sign it off."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="edits")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    edited_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "user"], name="draft_edit_once")]

    def __str__(self) -> str:
        return f"{self.user} edited version {self.version_id}"

    @classmethod
    def record(cls, content: Versioned, user: User | AnonymousUser | None = None) -> None:
        """Notes who saved this draft. Without a user (a command) there is nobody to bar from signing."""
        user = user or get_current_user()
        if not getattr(user, "pk", None):
            return
        version = content.versions.first()
        if version and version.state == DRAFT:
            cls.objects.update_or_create(version=version, user=user)


class Publication(models.Model):
    """When a version went public, with the note readers see. Versioning's own tracking is not kept for good."""

    version = models.OneToOneField(Version, on_delete=models.PROTECT, related_name="publication")
    published_at = models.DateTimeField(_("published at"))
    change_note = models.CharField(max_length=250)
    sign_off = models.ForeignKey(
        SignOff, on_delete=models.PROTECT, null=True, blank=True, related_name="publications"
    )

    class Meta:
        ordering = ("-published_at",)

    def __str__(self) -> str:
        return f"version {self.version_id}, {self.published_at:%Y-%m-%d}"
