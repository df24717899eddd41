"""Readers tell us what is wrong or unclear on a page."""

from __future__ import annotations

import datetime
import uuid
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from immuno_site.consultations.crypto import EncryptedTextField, SealedRow

if TYPE_CHECKING:
    from django.contrib.auth.models import User

KEEP_FEEDBACK = datetime.timedelta(days=365)


class About(models.TextChoices):
    WRONG = "wrong", _("Something is wrong")
    UNCLEAR = "unclear", _("Something is hard to understand")
    MISSING = "missing", _("Something is missing")
    BROKEN = "broken", _("Something does not work")


class FeedbackQuerySet(models.QuerySet["Feedback"]):
    def open(self) -> Self:
        return self.filter(done_at__isnull=True, suspected_because="")

    def suspected(self) -> Self:
        return self.filter(done_at__isnull=True).exclude(suspected_because="")

    def older_than(self, moment: datetime.datetime) -> Self:
        return self.filter(received_at__lt=moment - KEEP_FEEDBACK)


class Feedback(SealedRow):
    """A remark on a page. We ask for nothing personal; people write it all the same, so it is encrypted."""

    About = About

    form_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    page = models.CharField(_("page"), max_length=300, blank=True, default="", db_default="")
    about = models.CharField(_("about"), max_length=20, choices=About)
    words = EncryptedTextField(_("words"))
    language = models.CharField(_("language"), max_length=10)
    suspected_because = models.CharField(
        _("suspected because"), max_length=80, blank=True, default="", db_default=""
    )
    received_at = models.DateTimeField(_("received"))
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "feedback"
        ordering = ("-received_at",)
        default_permissions = ("change", "view")
        constraints = [
            models.CheckConstraint(condition=models.Q(about__in=About.values), name="feedback_about_known"),
            models.CheckConstraint(
                condition=models.Q(done_at__isnull=True, done_by__isnull=True)
                | models.Q(done_at__isnull=False, done_by__isnull=False),
                name="feedback_done_at_and_by_together",
            ),
        ]

    def __str__(self) -> str:
        return f"Feedback {self.pk}"

    def settle(self, *, by: User, now: datetime.datetime) -> None:
        self.done_at, self.done_by = now, by
        self.save(update_fields=["done_at", "done_by"])
