"""What a patient sends us: one consultation request or one wish to be called back."""

from __future__ import annotations

import datetime
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from immuno_site.consultations.crypto import EncryptedJSONField, EncryptedTextField, SealedRow
from immuno_site.consultations.models.access_event import AccessEvent, Action
from immuno_site.consultations.models.coordinator import SEE_ALL, TAKE, Coordinator, at_work
from immuno_site.consultations.models.outgoing_mail import OutgoingMail
from immuno_site.consultations.phone import country_of, phone_digits
from immuno_site.consultations.reference import LENGTH
from immuno_site.consultations.working_time import TimeToReply, WorkingTime
from immuno_site.keyring import blind_index

if TYPE_CHECKING:
    from django.contrib.auth.models import User

logger = logging.getLogger(__name__)

# How long a request is kept. The clinic may decide otherwise; the consent page reads these numbers out.
# An open one: from the last thing that anybody did. Each step, note or file, and each look of whoever has it,
# moves the day, so that none is erased while somebody works on it.
KEEP_UNANSWERED = datetime.timedelta(days=90)
# From the answer or the closing.
KEEP_CLOSED = datetime.timedelta(days=365)
# From the moment a person said that it is spam.
KEEP_SPAM = datetime.timedelta(days=30)
# So long before an open one is erased, whoever has it gets a letter, and lists name it.
WARN_BEFORE = datetime.timedelta(days=14)
# How long we wait for a patient before one letter reminds them.
SILENT_AFTER = datetime.timedelta(hours=48)
# When a clock goes on that had run out: time to read what came.
LEAST_LEFT = datetime.timedelta(hours=1)
# How long the letter with the way to a new return code opens it, if nobody has used it before.
LINK_LASTS = datetime.timedelta(hours=48)


class Conflict(Exception):
    """Somebody else changed the request after it was read. Nothing was written."""

    def __init__(self, *, mine: ConsultationRequest, theirs: ConsultationRequest | None) -> None:
        super().__init__(f"{mine.reference} was changed or erased by somebody else.")
        self.mine = mine
        self.theirs = theirs  # None: it is gone


class NotPossible(Exception):
    """The life of a request does not allow this change now, or not to this person. Nothing was written."""


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
# Whom we promised a reply: also those who look like a program, because they may be people.
PROMISED = (*OPEN, Status.SUSPECTED)
IS_PROMISED = Q(status__in=PROMISED)
# Where something is left to do for whoever has it.
WORKED_ON = (*OPEN, Status.ANSWERED)
# Said by a person, and anybody may say otherwise until it is erased.
IS_SPAM = Q(status=Status.CLOSED, closed_reason=ClosedReason.SPAM)

OUR_TURN = (Status.NEW, Status.READ)
ALWAYS = tuple(Status)


@dataclass(frozen=True)
class Transition:
    """In which statuses a change may be made, and by whom: whoever has the request, unless it says anybody."""

    statuses: tuple[Status, ...]
    by_anybody: bool = False
    only_if: Callable[[ConsultationRequest], bool] = lambda request: True


def _is_urgent(request: ConsultationRequest) -> bool:
    return request.is_urgent


def _is_not_urgent(request: ConsultationRequest) -> bool:
    return not request.is_urgent


def _is_no_spam(request: ConsultationRequest) -> bool:
    return not request.is_spam


def _is_doubted(request: ConsultationRequest) -> bool:
    return request.is_spam or request.status == Status.SUSPECTED


# Each change of a request by the name of its method. Nothing else is possible, whoever asks.
TRANSITIONS = {
    "mark_read": Transition((Status.NEW,), by_anybody=True),
    "take": Transition(WORKED_ON, by_anybody=True),
    "hand_over": Transition(OPEN, by_anybody=True),
    "pass_on": Transition(WORKED_ON, by_anybody=True),
    "plan": Transition(OPEN),
    "check_records": Transition(WORKED_ON),
    "wait": Transition((*OUR_TURN, Status.WITH_DOCTOR)),
    # Also a second time: the clock stands still since the first.
    "ask": Transition((*OUR_TURN, Status.WITH_DOCTOR, Status.WAITING)),
    "go_on": Transition((Status.WAITING,)),
    "show_to_doctor": Transition(OUR_TURN),
    "hear_from_doctor": Transition((Status.WITH_DOCTOR,)),
    "answer": Transition(WORKED_ON),
    "close": Transition(WORKED_ON),
    # What is spam comes back by saying that it is none.
    "reopen": Transition((Status.ANSWERED, Status.CLOSED), only_if=_is_no_spam),
    "flag": Transition(OPEN, by_anybody=True, only_if=_is_not_urgent),
    "unflag": Transition(OPEN, only_if=_is_urgent),
    "mark_spam": Transition(PROMISED, by_anybody=True),
    # Whoever said that it is spam, and whoever had it.
    "clear_of_suspicion": Transition(
        (Status.SUSPECTED, Status.CLOSED),
        by_anybody=True,
        only_if=_is_doubted,
    ),
    "link": Transition(ALWAYS, by_anybody=True),
    "unlink": Transition(ALWAYS, by_anybody=True),
    "hear_from_patient": Transition(ALWAYS, by_anybody=True),
    "stay": Transition(ALWAYS, by_anybody=True),
    "renew_code": Transition(ALWAYS),
    "correct": Transition(ALWAYS),
    "erase": Transition(ALWAYS, by_anybody=True),
}


def contact_indexes(email: str, phone: str) -> dict[str, str]:
    """By which the same contact is found again although both are encrypted."""
    return {
        "email_index": blind_index(email) if email else "",
        "phone_index": blind_index(phone_digits(phone)) if phone else "",
    }


def is_late(now: datetime.datetime) -> Q:
    """The promise is broken, and it is our turn."""
    return IS_PROMISED & ~Q(status=Status.WAITING) & Q(reply_due_at__lt=now)


def is_soon_erased(now: datetime.datetime) -> Q:
    """Nobody has worked on it for long, and somebody still waits."""
    return IS_PROMISED & Q(erase_after__lt=now + WARN_BEFORE)


def is_covered_by(user: User) -> Q:
    """Of colleagues who are away and named this person to stand in."""
    away = Coordinator.objects.away().filter(covered_by=user)
    return Q(owner__in=away.values("user"), status__in=WORKED_ON)


def has_nobody() -> Q:
    """No owner, or one who cannot work on it: without account or role, or away without somebody who stands in."""
    return ~Q(owner__in=at_work())


def _untold(told: str, of: str) -> Q:
    """No letter has told of this one; of an earlier one, perhaps."""
    return Q(**{f"{told}__isnull": True}) | ~Q(**{told: F(of)})


class RequestQuerySet(models.QuerySet["ConsultationRequest"]):
    def visible_to(self, user: User, *, nobody: Q | None = None) -> Self:
        """A coordinator's own requests, those they cover, those nobody has, and spam, which may be a patient after
        all; all of them for whoever may see all. `nobody` is `has_nobody()`, from who asked it already."""
        if user.has_perm(SEE_ALL):
            return self
        free = Q(status__in=(*WORKED_ON, Status.SUSPECTED)) & (nobody or has_nobody())
        return self.filter(free | Q(owner=user) | is_covered_by(user) | IS_SPAM)

    def open(self) -> Self:
        """Somebody still has to do something."""
        return self.filter(IS_OPEN)

    def suspected(self) -> Self:
        return self.filter(status=Status.SUSPECTED)

    def held_by(self, person: User) -> Self:
        """What is left without hands if they leave. Without what patients wrote."""
        clear = ("reference", "status", "version", "owner", "taken_at", "erase_after")
        return self.filter(owner=person, status__in=WORKED_ON).only(*clear)

    @transaction.atomic
    def pass_on(self, person: User, *, to: User | None, by: User, now: datetime.datetime) -> int:
        """Somebody leaves: all they have goes to a colleague, or to everybody; how many."""
        held = list(self.held_by(person))
        for request in held:
            request.pass_on(to=to, by=by, now=now)
            AccessEvent.objects.record(
                Action.CHANGED, by=by, now=now, reference=request.reference, detail="hand-over"
            )
            OutgoingMail.objects.queue(OutgoingMail.Kind.HANDED_OVER, reference=request.reference, now=now)
        return len(held)

    def late(self, now: datetime.datetime) -> Self:
        return self.filter(is_late(now))

    def soon_erased(self, now: datetime.datetime) -> Self:
        return self.filter(is_soon_erased(now))

    def to_warn_of(self, now: datetime.datetime) -> Self:
        """Soon erased, and nobody was told of that day."""
        is_told = Q(warned_of__isnull=False, warned_of=F("erase_after"))
        return self.soon_erased(now).filter(~is_told, erase_after__gte=now)

    def soon_due_untold(self, now: datetime.datetime) -> Self:
        """A promise that runs; how much of it is used only working hours tell."""
        runs = IS_PROMISED & ~Q(status=Status.WAITING) & Q(reply_due_at__gt=now)
        return self.filter(runs & _untold("soon_due_told_of", "reply_due_at"))

    def late_untold(self, now: datetime.datetime) -> Self:
        return self.late(now).filter(_untold("late_told_of", "reply_due_at"))

    def step_due_untold(self, today: datetime.date) -> Self:
        due = IS_OPEN & Q(next_action_on__lte=today)
        return self.filter(due & _untold("step_told_of", "next_action_on"))

    def silent_untold(self, now: datetime.datetime) -> Self:
        """The patient has not sent what we wait for."""
        silent = Q(status=Status.WAITING, waiting_since__lte=now - SILENT_AFTER)
        return self.filter(silent & _untold("silence_told_of", "waiting_since"))

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
    # How many return codes were ended: each new one is another.
    codes_ended = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    # A letter with a link to the new one is out, and works once until then.
    code_link_until = models.DateTimeField(null=True, editable=False)
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
    # Which day of erasing its owner was warned of; a later day is warned of anew.
    warned_of = models.DateTimeField(null=True, editable=False)
    # In the same way: which promise was almost over and which was broken, which day of a next step had come, and
    # since when the patient was waited for, when a letter told of it.
    soon_due_told_of = models.DateTimeField(null=True, editable=False)
    late_told_of = models.DateTimeField(null=True, editable=False)
    step_told_of = models.DateField(null=True, editable=False)
    silence_told_of = models.DateTimeField(null=True, editable=False)
    news_since = models.DateTimeField(_("new from the patient"), null=True, blank=True)

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
            # All that the numbers of the lists are counted by: no row with its ciphertext is read for them.
            models.Index(
                fields=[
                    "status",
                    "owner",
                    "is_urgent",
                    "reply_due_at",
                    "news_since",
                    "next_action_on",
                    "erase_after",
                ],
                name="request_numbers",
            ),
            # And by which the lists of what is done are leafed through, years deep.
            models.Index(
                fields=["-changed_at", "-id", "status", "owner", "closed_reason"], name="request_latest"
            ),
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
    def in_charge(self) -> User | None:
        """Who works on it today: its owner, or who stands in for them; nobody if neither can."""
        absent = getattr(self.owner, "coordinator", None) if self.owner else None
        person = absent.covered_by if absent and absent.is_away else self.owner
        if person is None or not (person.is_active and person.has_perm(TAKE)):
            return None
        is_away = person != self.owner and Coordinator.objects.of(person).is_away
        return None if is_away else person

    @property
    def is_promised(self) -> bool:
        return self.status in PROMISED

    @property
    def status_in_words(self) -> str:
        """Not as Django says it, which makes a dictionary of all choices for each row of a list."""
        return str(Status(self.status).label)

    @property
    def is_spam(self) -> bool:
        return self.closed_reason == ClosedReason.SPAM

    @property
    def cannot_wait(self) -> bool:
        """Urgent words, and nobody has answered. Suspicion changes nothing: it may be wrong."""
        return self.is_urgent and self.is_promised

    @property
    def lives_in(self) -> str:
        """The country, as they said or as their number says."""
        return self.country or country_of(self.phone)

    @property
    def was_reminded(self) -> bool:
        """The patient, of what we wait for."""
        return self.waiting_since is not None and self.silence_told_of == self.waiting_since

    def share_of_time_used(self, *, now: datetime.datetime, time: TimeToReply) -> float:
        """Of what we promise, whenever it began: 1 when the answer is due. It stands still while we wait."""
        return time.used(self.reply_due_at, now=self.waiting_since or now)

    # --- Changes: the only code that writes these columns ---------------------------------------------------

    def may(self, change: str, *, by: User | None) -> bool:
        """Does its life allow this change now, to this person?"""
        transition = TRANSITIONS[change]
        is_theirs = transition.by_anybody or (by is not None and self.may_be_changed(by=by))
        return is_theirs and self.status in transition.statuses and transition.only_if(self)

    def mark_read(self, *, by: User, now: datetime.datetime) -> None:
        """Somebody opened it. Only the first look at a new one changes anything."""
        if self.may("mark_read", by=by):
            self._change("mark_read", by=by, now=now, status=Status.READ)

    def take(self, *, by: User, now: datetime.datetime) -> None:
        status = Status.READ if self.status == Status.NEW else self.status
        self._change("take", by=by, now=now, owner=by, taken_at=now, status=status)

    def hand_over(self, *, to: User, by: User, now: datetime.datetime) -> None:
        self._change("hand_over", by=by, now=now, owner=to, taken_at=now)

    def pass_on(self, *, to: User | None, by: User, now: datetime.datetime) -> None:
        """Whoever had it leaves: a colleague has it, or nobody, and then everybody sees it."""
        self._change("pass_on", by=by, now=now, owner=to, taken_at=now if to else None)

    def plan(self, *, words: str, on: datetime.date | None, by: User, now: datetime.datetime) -> None:
        """The one next step and its day."""
        self._change("plan", by=by, now=now, next_action=words, next_action_on=on)

    def check_records(self, *, records: dict[str, str], by: User, now: datetime.datetime) -> None:
        """What has come, what is missing, what cannot be read."""
        self._change("check_records", by=by, now=now, records=records)

    def flag(self, *, by: User, now: datetime.datetime, due: datetime.datetime | None = None) -> None:
        """A person decides: to the top of the queue, and answered by `due` if that is sooner."""
        sooner = min(self.reply_due_at, due or self.reply_due_at)
        self._change("flag", by=by, now=now, is_urgent=True, reply_due_at=sooner)

    def unflag(self, *, by: User, now: datetime.datetime) -> None:
        """By its clock again. What the patient was promised stays promised."""
        self._change("unflag", by=by, now=now, is_urgent=False)

    @transaction.atomic
    def link(self, *, to: ConsultationRequest, by: User, now: datetime.datetime) -> None:
        """The same person wrote twice. Both stay as they are."""
        self._change("link", by=by, now=now)
        self.same_person.add(to)

    @transaction.atomic
    def unlink(self, *, other: ConsultationRequest, by: User, now: datetime.datetime) -> None:
        self._change("unlink", by=by, now=now)
        self.same_person.remove(other)

    def wait(self, *, by: User, now: datetime.datetime) -> None:
        """The patient has to send something: the clock stands still."""
        waiting = {"status": Status.WAITING, "waiting_since": now}
        self._change("wait", by=by, now=now, **waiting, **self._if_too_late(now))

    def ask(self, *, by: User, now: datetime.datetime) -> None:
        """A message asked the patient for something: the clock stands still."""
        since = self.waiting_since or now
        waiting = {"status": Status.WAITING, "waiting_since": since}
        self._change("ask", by=by, now=now, **waiting, **self._if_too_late(now))

    def renew_code(self, *, by: User, now: datetime.datetime, by_letter: bool = True) -> None:
        """The return code that the patient has opens nothing any more; another one does. Whoever is in is out, and
        links of earlier letters are over. `by_letter`: a link to the new one is good for a while."""
        until = now + LINK_LASTS if by_letter else None
        values = {"codes_ended": self.codes_ended + 1, "code_link_until": until}
        self._change("renew_code", by=by, now=now, **values)
        self.progresses.filter(started_at__lt=now).update(expires_at=now)

    def use_code_link(self, *, now: datetime.datetime) -> bool:
        """Once, and in its time: of two who come at once the second comes too late."""
        return self._write_aside(Q(code_link_until__gt=now), code_link_until=None)

    def correct(self, *, values: dict[str, str], by: User, now: datetime.datetime) -> None:
        """What was mistyped: how to reach them, the language, the cancer. The step keeps the old values."""
        reached = {"email": self.email, "phone": self.phone} | values
        self._change(
            "correct", by=by, now=now, **values, **contact_indexes(reached["email"], reached["phone"])
        )

    def go_on(self, *, by: User, now: datetime.datetime, hours: WorkingTime) -> None:
        """The patient replied: the clock goes on with what was left of it."""
        self._change("go_on", by=by, now=now, **self._clock_going_on(now=now, hours=hours))

    def _clock_going_on(self, *, now: datetime.datetime, hours: WorkingTime) -> dict[str, Any]:
        # Nothing may be left: who replies on a day off would be promised the minute in which we open.
        left = max(hours.between(self.waiting_since or now, self.reply_due_at), LEAST_LEFT)
        due = max(hours.add(now, left), self.received_at)
        return {"status": Status.READ, "waiting_since": None, "reply_due_at": due}

    def hear_from_patient(
        self,
        *,
        now: datetime.datetime,
        hours: WorkingTime,
        due: datetime.datetime,
        by: User | None = None,
        is_urgent: bool = False,
    ) -> None:
        """Whatever the patient sends, a file or words, brings the request back before somebody's eyes: a clock that
        stood still goes on, what was answered or closed is open again and promised by `due`; urgent words bring that
        promise forward wherever it stands. It is marked until whoever has it has opened it. `by` is the member of staff
        who enters it for the patient."""
        has_seen_it = by is not None and self.may_be_worked_on(by=by)
        values: dict[str, Any] = {
            "news_since": self.news_since if has_seen_it else self.news_since or now,
            "is_urgent": self.is_urgent or is_urgent,  # calm words take no earlier urgent ones back
        }
        if self.status == Status.WAITING:
            values |= self._clock_going_on(now=now, hours=hours)
        elif not self.is_promised:
            values |= self._open_again(now=now, due=due)
        if is_urgent:
            values["reply_due_at"] = min(values.get("reply_due_at", self.reply_due_at), due)
        self._change("hear_from_patient", by=by, now=now, **values)

    def look(self, *, by: User, now: datetime.datetime) -> None:
        """Somebody opened it. Changes nothing on anybody's screen, so the version stays; only the first look at a
        new one is a step."""
        if self.may_be_worked_on(by=by):
            if self.news_since:
                self._write_aside(news_since=None)
            self.stay(now=now)
        self.mark_read(by=by, now=now)

    def stay(self, *, now: datetime.datetime) -> None:
        """Somebody works on it: an open one is not erased for a while."""
        until = now + KEEP_UNANSWERED
        if self.is_promised and self._write_aside(IS_PROMISED, Q(erase_after__lt=until), erase_after=until):
            self.erase_after = until

    def may_be_worked_on(self, *, by: User) -> bool:
        """Theirs, or that of a colleague who is away and named them."""
        if self.owner_id is None or self.owner_id == by.pk:
            return self.owner_id == by.pk
        coordinator = getattr(self.owner, "coordinator", None)
        return coordinator is not None and coordinator.is_covered(by=by)

    def may_be_changed(self, *, by: User) -> bool:
        """Theirs to work on, or they lead and see what all have. First somebody takes it."""
        return (self.owner_id is not None and by.has_perm(SEE_ALL)) or self.may_be_worked_on(by=by)

    def show_to_doctor(self, *, by: User, now: datetime.datetime) -> None:
        self._change("show_to_doctor", by=by, now=now, status=Status.WITH_DOCTOR, waiting_since=None)

    def hear_from_doctor(self, *, by: User, now: datetime.datetime) -> None:
        """It is our turn again."""
        self._change("hear_from_doctor", by=by, now=now, status=Status.READ)

    def answer(self, *, by: User, now: datetime.datetime) -> None:
        self._change(
            "answer",
            by=by,
            now=now,
            **self._first_answer(now),
            status=Status.ANSWERED,
            waiting_since=None,
            news_since=None,
            closed_at=None,
            closed_reason="",
            erase_after=now + KEEP_CLOSED,
        )

    def close(self, *, reason: str, by: User, now: datetime.datetime) -> None:
        decided = {
            ClosedReason.ANSWERED: self._first_answer(now),
            ClosedReason.DUPLICATE: {},  # the other one has the answer
        }.get(ClosedReason(reason), self._if_too_late(now))
        closed = self._closed(reason, now=now, keep=KEEP_CLOSED)
        self._change("close", by=by, now=now, **closed, **decided)

    def _first_answer(self, now: datetime.datetime) -> dict[str, object]:
        """Kept or not is decided once: a later answer and a new clock change nothing of it."""
        if self.answered_at:
            return {}
        return {"answered_at": now, "answered_in_time": True, **self._if_too_late(now)}

    def _if_too_late(self, now: datetime.datetime) -> dict[str, object]:
        """The promise is broken if its time was over before anybody answered, however it goes on."""
        is_over = (self.waiting_since or now) > self.reply_due_at or self.answered_in_time is False
        return {"answered_in_time": False} if is_over and not self.answered_at else {}

    def mark_spam(self, *, by: User, now: datetime.datetime) -> None:
        self._change("mark_spam", by=by, now=now, **self._closed(ClosedReason.SPAM, now=now, keep=KEEP_SPAM))

    def _closed(self, reason: str, *, now: datetime.datetime, keep: datetime.timedelta) -> dict[str, object]:
        return {
            "status": Status.CLOSED,
            "closed_reason": reason,
            "closed_at": now,
            "waiting_since": None,
            "news_since": None,
            "erase_after": now + keep,
        }

    def reopen(self, *, by: User, now: datetime.datetime, due: datetime.datetime | None = None) -> None:
        """There is something to do again, by a new promise if there is one."""
        self._change("reopen", by=by, now=now, **self._open_again(now=now, due=due or self.reply_due_at))

    def _open_again(self, *, now: datetime.datetime, due: datetime.datetime) -> dict[str, object]:
        return {
            "status": Status.READ if self.owner_id else Status.NEW,
            "reply_due_at": due,
            "suspected_because": "",
            "closed_reason": "",
            "closed_at": None,
            "waiting_since": None,
            # Never sooner than it was said when it was answered; what a person took for spam had little time left.
            "erase_after": max(self.erase_after, now + KEEP_UNANSWERED),
        }

    def clear_of_suspicion(self, *, by: User, now: datetime.datetime) -> None:
        """A person after all, whoever said otherwise: into the queue, by the promise they got when they wrote."""
        self._change(
            "clear_of_suspicion",
            by=by,
            now=now,
            status=Status.READ if self.owner_id else Status.NEW,
            suspected_because="",
            closed_reason="",
            closed_at=None,
            erase_after=now + KEEP_UNANSWERED,
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

    def _change(self, change: str, *, by: User | None, now: datetime.datetime, **values: object) -> None:
        """Writes what its life allows, unless somebody else wrote first; the row itself says so, not what we read
        earlier."""
        if not self.may(change, by=by):
            raise NotPossible(f"{self.reference}: {self._why_not(change)}")
        values["changed_at"] = now
        if values.get("status", self.status) in PROMISED:
            values.setdefault("erase_after", max(self.erase_after, now + KEEP_UNANSWERED))
        rows = type(self).objects.filter(pk=self.pk, version=self.version)
        if not rows.update(version=F("version") + 1, **self.sealed(values)):
            raise Conflict(mine=self, theirs=type(self).objects.filter(pk=self.pk).first())
        self.version += 1
        for name, value in values.items():
            setattr(self, name, value)

    def _why_not(self, change: str) -> str:
        transition = TRANSITIONS[change]
        if self.status not in transition.statuses:
            return f"“{change}” is not possible while it is “{self.status}”."
        if not transition.only_if(self):
            return f"“{change}” does not fit what it is now."
        return f"“{change}” is for whoever has it. Take it first."

    def _write_aside(self, *conditions: Q, **values: object) -> bool:
        """Without a new version: nobody decides by it, so two people never get into each other's way with it."""
        return bool(type(self).objects.filter(*conditions, pk=self.pk).update(**values))
