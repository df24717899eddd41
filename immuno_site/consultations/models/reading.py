"""Who has a request open on the screen at this moment."""

from __future__ import annotations

import datetime
from typing import Self

from django.conf import settings
from django.db import models

from immuno_site.consultations.models.request import ConsultationRequest

# An open page says so every 45 seconds (static/admin/desk.js).
GONE_AFTER = datetime.timedelta(seconds=100)
KEEP_READINGS = datetime.timedelta(hours=1)


class ReadingQuerySet(models.QuerySet["Reading"]):
    def note(self, request: ConsultationRequest, *, by: int, now: datetime.datetime) -> None:
        """This person has it open now."""
        if not self.filter(request=request, by=by).update(seen_at=now):
            self.update_or_create(request=request, by_id=by, defaults={"seen_at": now})

    def others(self, *, but: int, now: datetime.datetime) -> Self:
        """What colleagues have open."""
        now_open = self.filter(seen_at__gt=now - GONE_AFTER).exclude(by=but)
        return now_open.select_related("by").order_by("by__first_name", "by__username")

    def older_than(self, moment: datetime.datetime) -> Self:
        return self.filter(seen_at__lt=moment - KEEP_READINGS)


class Reading(models.Model):
    """An open page, so that two people do not answer at once. The log of looks is another thing, and stays."""

    request = models.ForeignKey(ConsultationRequest, models.CASCADE, related_name="readings")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    objects = ReadingQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["request", "by"], name="reading_once_for_each_person")]

    def __str__(self) -> str:
        return f"Reading {self.pk}"
