"""Which processes of the site run now, and under which key they encrypt."""

from __future__ import annotations

import datetime
from typing import Self

from django.db import models

# Who said nothing for so long is gone, whether or not it could say goodbye.
GONE_AFTER = datetime.timedelta(minutes=10)
KEEP_PROCESSES = datetime.timedelta(hours=1)


class RunningProcessQuerySet(models.QuerySet["RunningProcess"]):
    def older_than(self, moment: datetime.datetime) -> Self:
        return self.filter(seen_at__lt=moment - KEEP_PROCESSES)

    def left_behind(self, newest_key: str, *, now: datetime.datetime) -> Self:
        """Those that would still encrypt with another key."""
        return (
            self.filter(seen_at__gt=now - GONE_AFTER).exclude(newest_key=newest_key).order_by("host", "pid")
        )


class RunningProcess(models.Model):
    """A web or mail worker that said so a minute ago. Nothing about anybody."""

    name = models.CharField(max_length=40)
    host = models.CharField(max_length=120)
    pid = models.PositiveIntegerField()
    newest_key = models.CharField(max_length=12)  # its fingerprint, never the key
    seen_at = models.DateTimeField()

    objects = RunningProcessQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["host", "pid"], name="running_process_once")]

    def __str__(self) -> str:
        return f"{self.name} on {self.host}, process {self.pid}"
