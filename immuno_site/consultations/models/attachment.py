"""A file that a patient sent, and whether staff may open it."""

from __future__ import annotations

import datetime
import logging
import uuid
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from content.text.hints import HandedOn
from immuno_site.consultations.crypto import EncryptedJSONField, EncryptedTextField, SealedRow, place_of
from immuno_site.consultations.files.checks import NOTES, Checked, Kind
from immuno_site.consultations.files.storage import private_files
from immuno_site.consultations.models.access_event import AccessEvent
from immuno_site.consultations.models.message import Message
from immuno_site.consultations.models.progress import Progress
from immuno_site.consultations.models.request import ConsultationRequest
from immuno_site.keyring import keyring

if TYPE_CHECKING:
    from django.contrib.auth.models import User

logger = logging.getLogger(__name__)


class Scan(models.TextChoices):
    WAITING = "waiting", _("Not scanned yet")
    CLEAN = "clean", _("No virus found")
    INFECTED = "infected", _("Virus found")
    UNSCANNABLE = "unscannable", _("Cannot be scanned")
    LOST = "lost", _("File lost")


CANNOT_BE_UNLOCKED = (Scan.INFECTED, Scan.LOST)


class StaysLocked(Exception):
    """An infected or lost file is never unlocked, and the others not without a reason."""


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def to_scan(self) -> Self:
        """Never scanned, oldest first. Also what no scan can vouch for: it may find something all the same."""
        never = Q(scan=Scan.WAITING) | Q(scan=Scan.UNSCANNABLE, scanned_at__isnull=True)
        return self.filter(never).order_by("received_at", "pk")

    def to_scan_again(self, before: datetime.datetime) -> Self:
        """Scanned when today's signatures were not known yet."""
        known = self.filter(scan__in=(Scan.CLEAN, Scan.UNSCANNABLE), scanned_at__lt=before)
        return known.order_by("scanned_at", "pk")

    def same(self, digest: str) -> Self:
        """The one file that was stored before with this name and content. One that is lost has to be sent again."""
        return self.filter(digest=digest).exclude(digest="").exclude(scan=Scan.LOST)

    def lost(self) -> Self:
        return self.filter(scan=Scan.LOST)

    def infected(self) -> Self:
        return self.filter(scan=Scan.INFECTED)


class Attachment(SealedRow):
    """One file. Its bytes lie encrypted in the private storage; erasing this row, and with it the only copy of
    the file's key, erases them."""

    Scan = Scan
    # Whether their bytes are there changes nothing: given up before, or locked for good.
    NOT_MISSED = (Scan.LOST, Scan.INFECTED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    request = models.ForeignKey(
        ConsultationRequest, models.CASCADE, null=True, blank=True, related_name="attachments"
    )
    progress = models.ForeignKey(Progress, models.CASCADE, null=True, blank=True, related_name="attachments")
    message = models.ForeignKey(Message, models.SET_NULL, null=True, blank=True, related_name="attachments")

    name = EncryptedTextField(_("name"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    size = models.PositiveIntegerField(_("size"))
    notes = EncryptedJSONField(_("findings"), default=list, blank=True)  # words of files.checks.NOTES
    entries = EncryptedJSONField(_("contents"), default=list, blank=True)  # what a folder of images holds
    received_at = models.DateTimeField(_("received"))

    stored_as = models.CharField(max_length=80, unique=True, editable=False)
    digest = models.CharField(
        max_length=64, blank=True, default="", db_default="", editable=False
    )  # keyed, of name and content
    wrapped_key = models.TextField(editable=False)

    scan = models.CharField(
        _("scan"), max_length=20, choices=Scan, default=Scan.WAITING, db_default=Scan.WAITING
    )
    before_loss = models.CharField(max_length=20, blank=True, default="", db_default="", editable=False)
    scanned_at = models.DateTimeField(_("scanned"), null=True, blank=True)
    virus = models.CharField(_("virus"), max_length=120, blank=True, default="", db_default="")
    unlocked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    unlocked_at = models.DateTimeField(_("unlocked"), null=True, blank=True)
    unlock_reason = EncryptedTextField(_("unlocked because"), blank=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ("received_at", "pk")
        default_permissions = ("view",)
        permissions = [("unlock_attachment", "May unlock a file that no scan has found clean")]
        indexes = [models.Index(fields=["scan", "received_at"], name="attachment_scan")]
        constraints = [
            models.CheckConstraint(
                condition=Q(request__isnull=True, progress__isnull=False)
                | Q(request__isnull=False, progress__isnull=True),
                name="attachment_belongs_to_one",
            ),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="attachment_kind_known"),
            models.CheckConstraint(condition=Q(scan__in=Scan.values), name="attachment_scan_known"),
            models.CheckConstraint(condition=Q(size__gt=0), name="attachment_not_empty"),
            models.CheckConstraint(
                condition=~Q(stored_as="") & ~Q(wrapped_key=""), name="attachment_stored_with_key"
            ),
            models.UniqueConstraint(
                fields=["progress", "digest"],
                condition=~Q(digest="") & ~Q(scan=Scan.LOST),
                name="attachment_same_file_once",
            ),
            models.CheckConstraint(
                condition=~Q(scan__in=(Scan.CLEAN, Scan.INFECTED)) | Q(scanned_at__isnull=False),
                name="attachment_verdict_has_time",
            ),
            models.CheckConstraint(
                condition=(Q(scan=Scan.INFECTED) & ~Q(virus="")) | (~Q(scan=Scan.INFECTED) & Q(virus="")),
                name="attachment_infected_names_virus",
            ),
            models.CheckConstraint(
                condition=Q(unlocked_by__isnull=True, unlocked_at__isnull=True)
                | Q(unlocked_by__isnull=False, unlocked_at__isnull=False),
                name="attachment_unlocked_by_and_at_together",
            ),
            models.CheckConstraint(
                condition=~Q(scan=Scan.INFECTED) | Q(unlocked_at__isnull=True),
                name="attachment_infected_stays_locked",
            ),
        ]

    def __str__(self) -> str:
        return f"File {self.pk}"  # its name may say who it is about

    @property
    def is_locked(self) -> bool:
        """Staff cannot open it: it is not there, or no scan found it clean and nobody has unlocked it."""
        return self.scan == Scan.LOST or (self.scan != Scan.CLEAN and self.unlocked_at is None)

    @property
    def can_be_unlocked(self) -> bool:
        return self.is_locked and self.scan not in CANNOT_BE_UNLOCKED

    @property
    def warnings(self) -> list[str]:
        """What coordinators should know before they open it."""
        return [str(NOTES[word]) for word in self.notes if word in NOTES]

    # --- The file's own key: erasing it erases the file ------------------------------------------------------

    def wrap_key(self, key: bytes) -> None:
        self.wrapped_key = keyring().seal(key, place_of(type(self), "wrapped_key", self.pk))

    def unwrapped_key(self) -> bytes:
        return keyring().open(self.wrapped_key, place_of(type(self), "wrapped_key", self.pk))

    # --- Changes: the only code that writes these columns ---------------------------------------------------

    def found_clean(self, *, now: datetime.datetime) -> None:
        """A clean answer does not vouch for what could not be looked into."""
        scan = Scan.UNSCANNABLE if self.scan == Scan.UNSCANNABLE else Scan.CLEAN
        self._write(scan=scan, scanned_at=now)

    def found_inside(self, checked: Checked) -> None:
        """Looked into later than when it came."""
        scan = Scan.UNSCANNABLE if checked.is_unscannable else Scan.WAITING
        self._write(
            scan=scan, kind=checked.kind, name=checked.name, notes=checked.notes, entries=checked.entries
        )

    def found_infected(self, virus: str, *, now: datetime.datetime) -> None:
        """Locked for good, also where it had been clean or unlocked before."""
        self._write(scan=Scan.INFECTED, scanned_at=now, virus=virus, unlocked_by=None, unlocked_at=None)
        logger.error("Virus found in file %s: %s", self.pk, virus)

    def found_lost(self) -> None:
        """What was known of it is kept for the day when it is there again."""
        self._write(scan=Scan.LOST, before_loss=self.scan)
        logger.critical("File %s has a row, but is not in the storage.", self.pk)

    def found_again(self) -> None:
        """As it was before. Where that is not known, it waits for a scan."""
        rows = type(self).objects.filter(progress=self.progress_id).exclude(progress=None)
        digest = "" if rows.same(self.digest).exists() else self.digest  # it was sent again meanwhile
        self._write(scan=self.before_loss or Scan.WAITING, before_loss="", digest=digest)
        logger.warning("File %s is in the storage again.", self.pk)

    @transaction.atomic
    def unlock(self, *, reason: str, by: User, now: datetime.datetime) -> None:
        """Somebody takes it upon themselves to open what no scan found clean."""
        row = type(self).objects.select_for_update().get(pk=self.pk)
        if not reason.strip() or not row.can_be_unlocked:
            raise StaysLocked
        self._write(unlocked_by=by, unlocked_at=now, unlock_reason=reason.strip())
        AccessEvent.objects.record(
            AccessEvent.Action.UNLOCKED,
            by=by,
            now=now,
            reference=self.request.reference if self.request else "",
            attachment=self.pk,
            detail=self.scan,
        )

    def _write(self, **values: object) -> None:
        """Nothing happens to a row that is gone. What was found infected stays so."""
        rows = type(self).objects.filter(pk=self.pk).exclude(scan=Scan.INFECTED)
        if rows.update(**self.sealed(values)):
            for name, value in values.items():
                setattr(self, name, value)

    def delete(self, *args: HandedOn, **kwargs: HandedOn) -> tuple[int, dict[str, int]]:
        """The bytes go after the row is gone for good; if that fails, the sweep takes them."""
        name = self.stored_as
        deleted = super().delete(*args, **kwargs)
        transaction.on_commit(lambda: _delete_bytes(name))
        return deleted


def _delete_bytes(name: str) -> None:
    try:
        private_files().delete(name)
    except OSError:  # no reason to alarm anybody: without its row, and so its key, it is unreadable
        logger.warning("An erased file waits for the sweep.")
