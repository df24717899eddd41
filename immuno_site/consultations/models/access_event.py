"""Who looked at what, and when."""

from __future__ import annotations

import datetime
import uuid
from typing import TYPE_CHECKING, NoReturn

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from content.text.hints import HandedOn
from immuno_site.consultations.reference import LENGTH

if TYPE_CHECKING:
    from django.contrib.auth.models import User

KEEP_EVENTS = datetime.timedelta(days=731)  # 24 months, as Israel's security regulations ask


class Action(models.TextChoices):
    RECEIVED = "received", _("Received")
    FILE_ADDED = "file_added", _("File added by the patient")
    WROTE = "wrote", _("Message of the patient")
    RETURNED = "returned", _("Opened by the patient")
    WITHDRAWN = "withdrawn", _("Withdrawn by the patient")
    VIEWED = "viewed", _("Viewed")
    DOWNLOADED = "downloaded", _("Downloaded")
    UNLOCKED = "unlocked", _("Unlocked without a scan")
    EXPORTED = "exported", _("Exported")
    PRINTED = "printed", _("Printed")
    CHANGED = "changed", _("Changed")
    ERASED = "erased", _("Erased")


# Steps that need no member of staff: the patient's own, and the daily erasing.
WITHOUT_STAFF = (
    Action.RECEIVED,
    Action.FILE_ADDED,
    Action.WROTE,
    Action.RETURNED,
    Action.WITHDRAWN,
    Action.ERASED,
)


class AppendOnly(Exception):
    """The log of looks is written once."""

    def __init__(self) -> None:
        super().__init__("The log of looks is never changed; it ends after 24 months.")


class AccessEventQuerySet(models.QuerySet["AccessEvent"]):
    _is_past_its_time = False

    def update(self, **kwargs: HandedOn) -> NoReturn:
        raise AppendOnly

    def delete(self) -> tuple[int, dict[str, int]]:
        """Only what is past its time: older_than() has said so."""
        if not self._is_past_its_time:
            raise AppendOnly
        return super().delete()

    def older_than(self, moment: datetime.datetime) -> AccessEventQuerySet:
        rows = self.filter(at__lt=moment - KEEP_EVENTS)
        rows._is_past_its_time = True
        return rows

    def record(
        self,
        action: str,
        *,
        now: datetime.datetime,
        by: User | None = None,
        reference: str = "",
        attachment: uuid.UUID | None = None,
        address: str | None = None,
        detail: str = "",
        is_allowed: bool = True,
    ) -> AccessEvent:
        """`by` is nobody for the patient's own steps and for the daily erasing."""
        return self.create(
            action=action,
            at=now,
            by=by,
            reference=reference,
            attachment=attachment,
            address=address,
            detail=detail,
            is_allowed=is_allowed,
        )


class AccessEvent(models.Model):
    """One line of the log. It names the reference, never the patient, and outlives the request."""

    Action = Action

    at = models.DateTimeField(_("when"), db_index=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("who")
    )
    action = models.CharField(_("what"), max_length=20, choices=Action)
    reference = models.CharField(
        _("reference"), max_length=LENGTH, blank=True, default="", db_default="", db_index=True
    )
    attachment = models.UUIDField(_("file"), null=True)
    address = models.GenericIPAddressField(_("from address"), null=True)  # of staff; never a patient's
    detail = models.CharField(
        _("detail"), max_length=120, blank=True, default="", db_default=""
    )  # a status or a number, no words
    is_allowed = models.BooleanField(_("allowed"), default=True, db_default=True)

    objects = AccessEventQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(action__in=Action.values), name="access_event_action_known"
            ),
            models.CheckConstraint(
                condition=models.Q(by__isnull=False) | models.Q(action__in=WITHOUT_STAFF),
                name="access_event_names_staff",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.reference}".strip()

    def save(self, **kwargs: HandedOn) -> None:
        if self.pk:
            raise AppendOnly
        super().save(**kwargs)

    def delete(self, *args: HandedOn, **kwargs: HandedOn) -> NoReturn:
        raise AppendOnly
