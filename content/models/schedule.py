"""When a version goes public or off the site by itself."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from djangocms_versioning.models import Version


class ScheduleQuerySet(models.QuerySet["Schedule"]):
    def due_to_publish(self, now: datetime.datetime) -> ScheduleQuerySet:
        return self.filter(publish_at__lte=now).select_related("version", "by").order_by("publish_at")

    def due_to_expire(self, now: datetime.datetime) -> ScheduleQuerySet:
        return self.filter(publish_at=None, expire_at__lte=now).select_related("version", "by")


class Schedule(models.Model):
    """What a person planned for one version. Each moment is emptied once it is done, or could not be."""

    version = models.OneToOneField(Version, on_delete=models.CASCADE, related_name="schedule")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    publish_at = models.DateTimeField(_("publish at"), null=True, blank=True)
    expire_at = models.DateTimeField(_("take off the site at"), null=True, blank=True)

    objects = ScheduleQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(expire_at__gt=models.F("publish_at")),
                name="schedule_in_order",
                violation_error_message=_("It can only be taken off after it was published."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.publish_at} - {self.expire_at}"
