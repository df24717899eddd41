"""What a patient sends us: one consultation request or one wish to be called back."""

from __future__ import annotations

import datetime
import logging
import uuid
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from immuno_site.consultations.crypto import EncryptedJSONField, EncryptedTextField, SealedRow
from immuno_site.consultations.models.access_event import AccessEvent, Action
from immuno_site.consultations.models.outgoing_mail import OutgoingMail
from immuno_site.consultations.reference import LENGTH
from immuno_site.consultations.working_time import WorkingTime

if TYPE_CHECKING:
    from django.contrib.auth.models import User

logger = logging.getLogger(__name__)

# How long a request is kept. The clinic may decide otherwise; the consent page reads these numbers out.
KEEP_UNANSWERED = datetime.timedelta(days=90)
KEEP_CLOSED = datetime.timedelta(days=365)
KEEP_SPAM = datetime.timedelta(days=30)


class Conflict(Exception):
    """Somebody else changed the request after it was read. Nothing was written."""

    def __init__(self, *, mine: ConsultationRequest, theirs: ConsultationRequest | None) -> None:
        super().__init__(f"{mine.reference} was changed or erased by somebody else.")
        self.mine = mine
        self.theirs = theirs  # None: it is gone


class Kind(models.TextChoices):
    CONSULTATION = "consultation", _("Consultation")
    CALLBACK = "callback", _("Call back")


class Status(models.TextChoices):
    NEW = "new", _("New")
    READ = "read", _("Read")
    WAITING = "waiting", _("Waiting for patient")
    WITH_DOCTOR = "with_doctor", _("With doctor")
    ANSWERED = "answered", _("Answered")
    CLOSED = "closed", _("Closed")
    SUSPECTED = "suspected", _("Suspected spam")


class ClosedReason(models.TextChoices):
    ANSWERED = "answered", _("Answered")
    NO_REPLY = "no_reply", _("The patient did not reply")
    NOT_OURS = "not_ours", _("Not something we can help with")
    DUPLICATE = "duplicate", _("Sent twice")
    SPAM = "spam", _("Spam")


OPEN = (Status.NEW, Status.READ, Status.WAITING, Status.WITH_DOCTOR)
IS_OPEN = Q(status__in=OPEN)


def is_late(now: datetime.datetime) -> Q:
    """The promise is broken, and it is our turn."""
    return IS_OPEN & ~Q(status=Status.WAITING) & Q(reply_due_at__lt=now)


class RequestQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> Self:
        """A coordinator's own requests and those nobody has taken yet; all of them for whoever may see all."""
        if user.has_perm("consultations.see_all_consultationrequest"):
            return self
        free = Q(owner__isnull=True, status__in=(*OPEN, Status.SUSPECTED))
        return self.filter(free | Q(owner=user))

    def open(self) -> Self:
        """Somebody still has to do something."""
        return self.filter(IS_OPEN)

    def suspected(self) -> Self:
        return self.filter(status=Status.SUSPECTED)

    def queue(self) -> Self:
        """Open ones, what cannot wait first: safety, then the clock; who waits for the patient comes last."""
        waiting = models.Case(models.When(status=Status.WAITING, then=1), default=0)
        return self.open().order_by(waiting, "-is_urgent", "reply_due_at", "pk")

    def late(self, now: datetime.datetime) -> Self:
        return self.filter(is_late(now))

    def older_than(self, moment: datetime.datetime) -> Self:
        """Whose time to be erased has come."""
        return self.filter(erase_after__lt=moment)

    def of_same_contact(self, request: ConsultationRequest) -> Self:
        """Earlier and later requests with the same e-mail or phone. A hint for people, never a merge."""
        same = Q()
        if request.email_index:
            same |= Q(email_index=request.email_index)
        if request.phone_index:
            same |= Q(phone_index=request.phone_index)
        return self.filter(same).exclude(pk=request.pk) if same else self.none()


class ConsultationRequest(SealedRow):
    """A person asks for help, in their own words. Everything that says who or what is encrypted."""

    # What the queue and the charts need, in clear.
    reference = models.CharField(max_length=LENGTH, unique=True, editable=False)
    form_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)  # one form, one request
    form_digest = models.CharField(max_length=64, editable=False)  # keyed: tells a second, different text
    kind = models.CharField(
        _("kind"), max_length=20, choices=Kind, default=Kind.CONSULTATION, db_default=Kind.CONSULTATION
    )
    status = models.CharField(
        _("status"), max_length=20, choices=Status, default=Status.NEW, db_default=Status.NEW
    )
    closed_reason = models.CharField(
        _("closed because"), max_length=20, choices=ClosedReason, blank=True, default="", db_default=""
    )
    suspected_because = models.CharField(
        _("suspected because"), max_length=80, blank=True, default="", db_default=""
    )
    is_urgent = models.BooleanField(_("urgent words"), default=False, db_default=False)
    cancer = models.CharField(_("cancer"), max_length=80, blank=True, default="", db_default="")
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    country = models.CharField(_("country"), max_length=2, blank=True, default="", db_default="")
    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="requests"
    )
    next_action_on = models.DateField(_("next step due"), null=True, blank=True)

    received_at = models.DateTimeField(_("received"))
    reply_due_at = models.DateTimeField(_("reply due"))
    changed_at = models.DateTimeField(_("changed"))
    taken_at = models.DateTimeField(_("taken"), null=True, blank=True)
    waiting_since = models.DateTimeField(_("waiting since"), null=True, blank=True)
    answered_at = models.DateTimeField(_("first answered"), null=True, blank=True)
    answered_in_time = models.BooleanField(_("promise kept"), null=True, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    erase_after = models.DateTimeField(_("erased after"))

    # What the patient agreed to.
    consent_version = models.CharField(_("consent text"), max_length=20)
    consent_language = models.CharField(_("consent language"), max_length=10)
    consented_at = models.DateTimeField(_("consent given"))
    may_share = models.BooleanField(
        _("may be shown to doctors"),
        default=False,
        db_default=False,
        help_text=_("If not, ask the patient first."),
    )

    # Who they are and how to reach them.
    name = EncryptedTextField(_("name"))
    email = EncryptedTextField(_("e-mail"), blank=True)
    phone = EncryptedTextField(_("phone"), blank=True)
    contact_by = EncryptedTextField(_("contact by"), blank=True)
    contact_when = EncryptedTextField(_("when"), blank=True)
    may_leave_message = EncryptedTextField(_("may we leave a message"), blank=True)
    time_zone = EncryptedTextField(_("city or time zone"), blank=True)
    email_index = models.CharField(
        max_length=64, blank=True, default="", db_default="", db_index=True, editable=False
    )
    phone_index = models.CharField(
        max_length=64, blank=True, default="", db_default="", db_index=True, editable=False
    )

    # What it is about.
    for_whom = EncryptedTextField(_("for whom"), blank=True)
    cancer_words = EncryptedTextField(_("cancer, in their words"), blank=True)
    stage = EncryptedTextField(_("stage"), blank=True)
    birth_year = EncryptedTextField(_("year of birth"), blank=True)
    question = EncryptedTextField(_("question"), blank=True)
    medicine_asked = EncryptedTextField(_("medicine asked about"), blank=True)
    treatments = EncryptedTextField(_("treatments so far"), blank=True)
    medicines = EncryptedTextField(_("medicines now"), blank=True)
    symptoms = EncryptedTextField(_("symptoms now"), blank=True)
    conditions = EncryptedTextField(_("autoimmune disease or transplant"), blank=True)
    tests = EncryptedJSONField(_("tests"), default=dict, blank=True)

    # What we mean to do next: a coordinator's words about a patient are personal too.
    next_action = EncryptedTextField(_("next step"), blank=True)
    # Which records we hold: name -> "have", "missing" or "illegible". That a test was done is health data.
    records = EncryptedJSONField(_("records"), default=dict, blank=True)
    # Linked by a person who looked at both; nothing is merged.
    same_person = models.ManyToManyField("self", blank=True, verbose_name=_("same person"))

    objects = RequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request")
        ordering = ("-received_at",)
        default_permissions = ("change", "view")
        permissions = [
            ("take_consultationrequest", "May take, answer and close requests"),
            ("see_all_consultationrequest", "May see requests that colleagues have taken"),
            ("export_consultationrequest", "May export requests"),
            ("erase_consultationrequest", "May erase a request for a patient who asks for it"),
        ]
        indexes = [
            models.Index(fields=["status", "reply_due_at"], name="request_queue"),
            models.Index(fields=["erase_after"], name="request_erase"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="request_kind_known"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="request_status_known"),
            models.CheckConstraint(condition=~Q(reference=""), name="request_has_reference"),
            models.CheckConstraint(condition=Q(version__gte=1), name="request_version_counts"),
            models.CheckConstraint(
                condition=Q(owner__isnull=True, taken_at__isnull=True)
                | Q(owner__isnull=False, taken_at__isnull=False),
                name="request_owner_and_taken_at_together",
            ),
            models.CheckConstraint(
                condition=(Q(status=Status.CLOSED, closed_at__isnull=False) & ~Q(closed_reason=""))
                | (~Q(status=Status.CLOSED) & Q(closed_at__isnull=True, closed_reason="")),
                name="request_closed_with_reason",
            ),
            models.CheckConstraint(
                condition=Q(status=Status.WAITING, waiting_since__isnull=False)
                | (~Q(status=Status.WAITING) & Q(waiting_since__isnull=True)),
                name="request_waiting_has_since",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.ANSWERED) | Q(answered_at__isnull=False),
                name="request_answered_has_time",
            ),
            models.CheckConstraint(
                condition=Q(reply_due_at__gte=F("received_at")), name="request_due_after_received"
            ),
            models.CheckConstraint(
                condition=Q(erase_after__gt=F("received_at")), name="request_erased_after_received"
            ),
            models.CheckConstraint(
                condition=~Q(consent_version="") & ~Q(consent_language=""), name="request_has_consent"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def cannot_wait(self) -> bool:
        """Urgent words, and nobody has answered. Suspicion changes nothing: it may be wrong."""
        return self.is_urgent and self.status in (*OPEN, Status.SUSPECTED)

    def share_of_time_used(self, *, now: datetime.datetime, hours: WorkingTime) -> float:
        """0 when it came, 1 when the promise is due: working time only, standing still while waiting."""
        until = self.waiting_since or now
        whole = hours.between(self.received_at, self.reply_due_at)
        used = hours.between(self.received_at, until)
        return used / whole if whole else float(until >= self.reply_due_at)

    # --- Changes: the only code that writes these columns ---------------------------------------------------

    def mark_read(self, *, by: User, now: datetime.datetime) -> None:
        """Somebody opened it. Only the first look at a new one changes anything."""
        if self.status == Status.NEW:
            self._change(by=by, now=now, status=Status.READ)

    def take(self, *, by: User, now: datetime.datetime) -> None:
        status = Status.READ if self.status == Status.NEW else self.status
        self._change(by=by, now=now, owner=by, taken_at=now, status=status)

    def hand_over(self, *, to: User, by: User, now: datetime.datetime) -> None:
        self._change(by=by, now=now, owner=to, taken_at=now)

    def plan(self, *, words: str, on: datetime.date | None, by: User, now: datetime.datetime) -> None:
        """The one next step and its day."""
        self._change(by=by, now=now, next_action=words, next_action_on=on)

    def check_records(self, *, records: dict[str, str], by: User, now: datetime.datetime) -> None:
        """What has come, what is missing, what cannot be read."""
        self._change(by=by, now=now, records=records)

    def flag(self, *, is_urgent: bool, by: User, now: datetime.datetime) -> None:
        """A person decides: to the top of the queue, or no longer."""
        self._change(by=by, now=now, is_urgent=is_urgent)

    @transaction.atomic
    def link(self, *, to: ConsultationRequest, by: User, now: datetime.datetime) -> None:
        """The same person wrote twice. Both stay as they are."""
        self._change(by=by, now=now)
        self.same_person.add(to)

    @transaction.atomic
    def unlink(self, *, other: ConsultationRequest, by: User, now: datetime.datetime) -> None:
        self._change(by=by, now=now)
        self.same_person.remove(other)

    def wait(self, *, by: User, now: datetime.datetime) -> None:
        """The patient has to send something: the clock stands still."""
        self._change(by=by, now=now, status=Status.WAITING, waiting_since=now)

    def go_on(self, *, by: User | None, now: datetime.datetime, hours: WorkingTime) -> None:
        """The patient replied: the clock goes on with what was left of it."""
        if self.status != Status.WAITING or self.waiting_since is None:
            return
        left = hours.between(self.waiting_since, self.reply_due_at)
        self._change(
            by=by,
            now=now,
            status=Status.READ,
            waiting_since=None,
            reply_due_at=max(hours.add(now, left), self.received_at),
        )

    def show_to_doctor(self, *, by: User, now: datetime.datetime) -> None:
        self._change(by=by, now=now, status=Status.WITH_DOCTOR, waiting_since=None)

    def hear_from_doctor(self, *, by: User, now: datetime.datetime) -> None:
        """It is our turn again."""
        self._change(by=by, now=now, status=Status.READ)

    def answer(self, *, by: User, now: datetime.datetime) -> None:
        # Kept or not is decided by the first answer: a later reopening sets a new clock.
        is_first = self.answered_at is None
        in_time = (self.waiting_since or now) <= self.reply_due_at
        self._change(
            by=by,
            now=now,
            status=Status.ANSWERED,
            answered_at=self.answered_at or now,
            answered_in_time=in_time if is_first else self.answered_in_time,
            waiting_since=None,
            closed_at=None,
            closed_reason="",
            erase_after=now + KEEP_CLOSED,
        )

    def close(self, *, reason: str, by: User, now: datetime.datetime) -> None:
        keep = KEEP_SPAM if reason == ClosedReason.SPAM else KEEP_CLOSED
        self._change(
            by=by,
            now=now,
            status=Status.CLOSED,
            closed_reason=reason,
            closed_at=now,
            waiting_since=None,
            erase_after=now + keep,
        )

    def reopen(
        self, *, by: User | None, now: datetime.datetime, due: datetime.datetime | None = None
    ) -> None:
        """There is something to do again, by a new promise if there is one."""
        self._change(
            by=by,
            now=now,
            status=Status.READ,
            reply_due_at=due or self.reply_due_at,
            closed_reason="",
            closed_at=None,
            waiting_since=None,
            erase_after=now + KEEP_UNANSWERED,
        )

    def mark_spam(self, *, by: User, now: datetime.datetime) -> None:
        self.close(reason=ClosedReason.SPAM, by=by, now=now)

    def clear_of_suspicion(self, *, by: User, now: datetime.datetime) -> None:
        """A person after all: into the queue, and kept as long as the others there."""
        self._change(
            by=by, now=now, status=Status.NEW, suspected_because="", erase_after=now + KEEP_UNANSWERED
        )

    @transaction.atomic
    def erase(self, *, by: User | None, now: datetime.datetime, action: str = Action.ERASED) -> None:
        """Nothing stays but a line in the log."""
        AccessEvent.objects.record(action, by=by, now=now, reference=self.reference)
        OutgoingMail.objects.filter(reference=self.reference).delete()
        for attachment in self.attachments.all():
            attachment.delete()  # one by one: each takes its bytes along
        self.delete()
        # Also outside the database: whoever restores an older backup has to erase the same ones again.
        transaction.on_commit(lambda: logger.info("Erased %s", self.reference))

    def _change(self, *, by: User | None, now: datetime.datetime, **values: object) -> None:
        """Writes unless somebody else wrote first; the row itself says so, not what we read earlier."""
        values["changed_at"] = now
        rows = type(self).objects.filter(pk=self.pk, version=self.version)
        if not rows.update(version=F("version") + 1, **self.sealed(values)):
            raise Conflict(mine=self, theirs=type(self).objects.filter(pk=self.pk).first())
        self.version += 1
        for name, value in values.items():
            setattr(self, name, value)
