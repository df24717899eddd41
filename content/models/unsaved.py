"""What somebody typed into a form of the admin and has not saved."""

from __future__ import annotations

import datetime

from django.conf import settings
from django.db import models

# Whoever has not come back for it by then has written it anew.
KEPT_FOR = datetime.timedelta(days=90)
# Somebody who typed so lately is still at it.
AT_WORK = datetime.timedelta(minutes=15)


class UnsavedQuerySet(models.QuerySet["Unsaved"]):
    def of_form(self, form: str) -> UnsavedQuerySet:
        """Begun anew beside an older one that nobody has decided on, it has a number of its own."""
        return self.filter(models.Q(form=form) | models.Q(form__startswith=f"{form}#")).order_by("-kept_at")

    def at_work(self, form: str, *, now: datetime.datetime) -> UnsavedQuerySet:
        """Who is typing into this form, in the order they began."""
        lately = self.of_form(form).filter(kept_at__gt=now - AT_WORK)
        return lately.select_related("user").order_by("begun_at")

    def outlived(self, *, now: datetime.datetime) -> UnsavedQuerySet:
        return self.filter(kept_at__lt=now - KEPT_FOR)


class Unsaved(models.Model):
    """The fields of one form as one person left them: offered when they come back, gone once they save."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    form = models.CharField(max_length=200, help_text="Which text, in which language: drug:85:en.")
    stamp = models.CharField(max_length=64, help_text="The text they began with, as a digest.")
    typed = models.JSONField(help_text="Name of a field -> its values.")
    begun_at = models.DateTimeField(auto_now_add=True)
    kept_at = models.DateTimeField()

    objects = UnsavedQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "form"], name="unsaved_once_a_form")]

    def __str__(self) -> str:
        return f"{self.user}, {self.form}"
