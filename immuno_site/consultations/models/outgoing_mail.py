"""Letters waiting to leave: written together with what they tell about, sent later by a worker."""

from __future__ import annotations

import datetime
import uuid
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from immuno_site.consultations.crypto import EncryptedTextField, SealedRow
from immuno_site.consultations.reference import LENGTH

KEEP_MAIL = datetime.timedelta(days=30)
# A minute after the first try, then twice as long each time. A worker that dies with a letter in its hands
# leaves it to the next one after that minute.
FIRST_PAUSE = datetime.timedelta(minutes=1)
LONGEST_PAUSE = datetime.timedelta(hours=4)
GIVE_UP_AFTER = datetime.timedelta(days=3)
LATE = datetime.timedelta(minutes=15)


class Kind(models.TextChoices):
    RECEIPT = "receipt", _("Receipt to the patient")
    ENTERED = "entered", _("Receipt of what staff entered, to the patient")
    NEW_REQUEST = "new_request", _("A request came, to the coordinators")
    SUSPECTED_REQUEST = "suspected_request", _("Suspected spam came, to the coordinators")
    NEW_FILES = "new_files", _("The patient added files, to who has the request")
    NEW_MESSAGE = "new_message", _("The patient wrote, to who has the request")
    CANNOT_WAIT = "cannot_wait", _("The patient wrote urgent words, to who has the request")
    MESSAGE = "message", _("A message is there, to the patient")
    NEW_CODE = "new_code", _("A new return code, to the patient")
    HANDED_OVER = "handed_over", _("A request was handed over, to who has it now")
    SOON_ERASED = "soon_erased", _("An open request is erased soon, to who has it")
    SOON_DUE = "soon_due", _("An answer is due soon, to who has the request and managers")
    LATE = "late", _("An answer is late, to who has the request and managers")
    STEP_DUE = "step_due", _("A next step is due, to who has the request")
    STILL_WAITING = "still_waiting", _("We still wait for something, to the patient")


class OutgoingMailQuerySet(models.QuerySet["OutgoingMail"]):
    def due(self, now: datetime.datetime) -> Self:
        """To be sent now, oldest first. What was never tried waits for nothing: its moment may be one of a clock that
        was ahead."""
        is_due = models.Q(tries=0) | models.Q(next_try_at__lte=now)
        return self.waiting().filter(is_due).order_by("next_try_at", "created_at")

    def waiting(self) -> Self:
        """Not left yet, and still tried."""
        return self.filter(sent_at__isnull=True, given_up_at__isnull=True)

    def late(self, now: datetime.datetime) -> Self:
        """Should have left by now, those that were given up too: somebody needs to look at it."""
        return self.filter(sent_at__isnull=True, created_at__lt=now - LATE)

    def older_than(self, moment: datetime.datetime) -> Self:
        return self.filter(created_at__lt=moment - KEEP_MAIL)

    def readdress(self, reference: str, *, to: str) -> None:
        """Letters to the patient that have not left yet go to the corrected address; without one, nowhere."""
        waiting = self.waiting().filter(reference=reference)
        for mail in [mail for mail in waiting if mail.recipient]:
            unsent = self.filter(pk=mail.pk, sent_at__isnull=True)
            if to:
                unsent.update(**mail.sealed({"recipient": to}))
            else:
                unsent.delete()

    def queue(
        self, kind: str, *, reference: str, now: datetime.datetime, language: str = "en", recipient: str = ""
    ) -> OutgoingMail:
        return self.create(
            kind=kind,
            reference=reference,
            language=language,
            recipient=recipient,
            created_at=now,
            next_try_at=now,
        )


class OutgoingMail(SealedRow):
    """One letter. Its words are made when it is sent: a reference and a link, nothing about health."""

    Kind = Kind

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)  # also in the Message-ID
    kind = models.CharField(max_length=20, choices=Kind)
    reference = models.CharField(max_length=LENGTH)
    language = models.CharField(max_length=10)
    recipient = EncryptedTextField(blank=True)  # empty: staff, whoever it is when it is sent
    created_at = models.DateTimeField()
    next_try_at = models.DateTimeField(db_index=True)
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    sent_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    last_error = models.CharField(
        max_length=80, blank=True, default="", db_default=""
    )  # the kind of error, never the server's words

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "outgoing mail"
        default_permissions = ("view",)
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=Kind.values), name="outgoing_mail_kind_known"),
            models.CheckConstraint(
                condition=models.Q(sent_at__isnull=True) | models.Q(given_up_at__isnull=True),
                name="outgoing_mail_sent_or_given_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.reference}"

    @property
    def pause(self) -> datetime.timedelta:
        """How long after the present try the next one comes."""
        times: int = 2 ** min(self.tries, 16)
        return min(FIRST_PAUSE * times, LONGEST_PAUSE)

    # --- Changes: the only code that writes these columns ---------------------------------------------------

    def take_turn(self, *, now: datetime.datetime) -> bool:
        """Books the next try before this one begins. False: another worker has the letter."""
        rows = type(self).objects.filter(pk=self.pk, tries=self.tries, sent_at=None, given_up_at=None)
        values = {"tries": self.tries + 1, "next_try_at": now + self.pause}
        return self._write(rows, **values)

    def note_sent(self, *, now: datetime.datetime) -> None:
        self._write(type(self).objects.filter(pk=self.pk), sent_at=now, last_error="")

    def note_failure(self, error: Exception, *, now: datetime.datetime) -> None:
        """Another worker may have sent it meanwhile; then nothing failed."""
        given_up_at = now if now >= self.created_at + GIVE_UP_AFTER else None
        rows = type(self).objects.filter(pk=self.pk, sent_at=None)
        self._write(rows, last_error=type(error).__name__[:80], given_up_at=given_up_at)

    def _write(self, rows: models.QuerySet[OutgoingMail], **values: object) -> bool:
        if not rows.update(**values):
            return False
        for name, value in values.items():
            setattr(self, name, value)
        return True
