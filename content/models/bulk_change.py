"""One change to many texts: which drafts it made or changed, so that it can be undone."""

from __future__ import annotations

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _


class BulkChange(models.Model):
    """What somebody changed in many texts at once. Readers see none of it until the drafts are published."""

    words = models.CharField(_("what was changed"), max_length=250)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("by")
    )
    made_at = models.DateTimeField(_("when"), auto_now_add=True)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)

    class Meta:
        verbose_name = _("change of many texts")
        verbose_name_plural = _("changes of many texts")
        ordering = ("-made_at", "-pk")

    def __str__(self) -> str:
        return self.words


class BulkDraft(models.Model):
    """One of its drafts: made for it, or there before and then changed."""

    change = models.ForeignKey(BulkChange, on_delete=models.CASCADE, related_name="drafts")
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveIntegerField()
    is_new = models.BooleanField(help_text="Made for this change: undoing it removes the draft.")
    name = models.CharField(max_length=300, help_text="What it was called then.")
    # "app.model.pk" of a row -> column -> value, for drafts that were there before.
    before = models.JSONField(default=dict, db_default={}, encoder=DjangoJSONEncoder)
    digest = models.CharField(
        max_length=64, help_text="Of the draft when it was changed; later work is kept."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["change", "content_type", "object_id"], name="bulk_draft_once")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def draft(self) -> models.Model | None:
        """The row, whatever became of it; nothing if it was deleted."""
        model = self.content_type.model_class()
        return model._base_manager.filter(pk=self.object_id).first() if model else None
