"""What readers searched for in a week, without anybody in it."""

from __future__ import annotations

import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

READABLE_FROM = 3  # askings a week: fewer may be one person's words
KEPT = datetime.timedelta(weeks=26)


class AskedTermQuerySet(models.QuerySet["AskedTerm"]):
    def readable(self) -> Self:
        return self.filter(times__gte=READABLE_FROM)

    def not_found(self) -> Self:
        return self.readable().filter(found=False)

    def past_use(self, week: datetime.date) -> Self:
        """Once their week is over, words that nobody can read any more; and all that is old."""
        return self.filter(week__lt=week, times__lt=READABLE_FROM) | self.filter(week__lt=week - KEPT)


class AskedTerm(models.Model):
    """One question of one week. Its words are written down with the third asking; until then a keyed digest stands
    for them, so that not even the tables tell what one person typed."""

    week = models.DateField(_("week from"), help_text=_("The Monday it begins with."))
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    digest = models.CharField(max_length=64)
    words = models.CharField(_("words"), max_length=100, blank=True, default="", db_default="")
    times = models.PositiveIntegerField(_("times asked"), default=0, db_default=0)
    found = models.BooleanField(_("something was found"), default=False, db_default=False)

    objects = AskedTermQuerySet.as_manager()

    class Meta:
        verbose_name = _("searched word")
        verbose_name_plural = _("what readers search for")
        ordering = ("-week", "-times", "words")
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(fields=["week", "digest"], name="asked_term_once_a_week"),
            models.CheckConstraint(
                condition=models.Q(words="") | models.Q(times__gte=READABLE_FROM),
                name="asked_term_readable_from_three",
            ),
        ]

    def __str__(self) -> str:
        return self.words
