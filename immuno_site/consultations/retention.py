"""How long each thing of the private room is kept, and why; and the daily erasing of what is past its time.

Every column stands here, sorted into what says something about a person and what does not. A test holds this
list against the models, so that nobody can add a question and forget how its answers end.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from django.db import models, transaction

from content.text.hints import HandedOn
from immuno_site.consultations.models import (
    AccessEvent,
    Attachment,
    Clue,
    ConsultationRequest,
    Coordinator,
    Draft,
    Feedback,
    FileStore,
    KeyCanary,
    Message,
    Note,
    OutgoingMail,
    Progress,
    RateCounter,
    Reading,
    ReplyTemplate,
    RunningProcess,
)
from immuno_site.consultations.models.access_event import KEEP_EVENTS
from immuno_site.consultations.models.feedback import KEEP_FEEDBACK
from immuno_site.consultations.models.outgoing_mail import KEEP_MAIL
from immuno_site.consultations.models.progress import KEEP_PROGRESS
from immuno_site.consultations.models.reading import KEEP_READINGS
from immuno_site.consultations.models.request import KEEP_CLOSED, KEEP_SPAM, KEEP_UNANSWERED
from immuno_site.consultations.models.running_process import KEEP_PROCESSES
from immuno_site.rate_counter import KEEP_COUNTERS


@dataclass(frozen=True)
class Rule:
    """One model: until when its rows stay, why, and which of its columns are about a person."""

    model: type[models.Model]
    kept: str
    reason: str
    personal: str = ""
    plain: str = ""
    # Erases what is past its time and says how many; None where the rows end with another model's.
    erase: Callable[[datetime.datetime], int] | None = None

    @property
    def fields(self) -> set[str]:
        return {*self.personal.split(), *self.plain.split()}


# --- Erasing ----------------------------------------------------------------------------------------------


def _erase_requests(now: datetime.datetime) -> int:
    erased = 0
    for pk in list(ConsultationRequest.objects.older_than(now).values_list("pk", flat=True)):
        with transaction.atomic():
            # Asked again under the lock: a coordinator may have opened it anew meanwhile.
            request = ConsultationRequest.objects.older_than(now).select_for_update().filter(pk=pk).first()
            if request:
                request.erase(by=None, now=now)
                erased += 1
    return erased


def _erase_progresses(now: datetime.datetime) -> int:
    erased = 0
    for pk in list(Progress.objects.older_than(now).values_list("pk", flat=True)):
        with transaction.atomic():
            # Whoever is sending it at this moment holds the lock; afterwards its files are the request's.
            progress = Progress.objects.select_for_update().filter(pk=pk).first()
            if progress:
                for attachment in progress.attachments.all():
                    attachment.delete()  # one by one: each takes its bytes along
                progress.delete()
                erased += 1
    return erased


class Aging(Protocol):
    """Rows that know which of them are past their time."""

    def older_than(self, moment: datetime.datetime) -> models.QuerySet[HandedOn]: ...


def _erase_old(rows: Aging) -> Callable[[datetime.datetime], int]:
    def erase_rows(now: datetime.datetime) -> int:
        old = rows.older_than(now)
        _total, by_model = old.delete()
        return by_model.get(old.model._meta.label, 0)

    return erase_rows


def warn_of_erasing(*, now: datetime.datetime) -> int:
    """A letter for each open request that is erased soon, once for each day that is set; how many."""
    warned = 0
    for pk, reference in list(ConsultationRequest.objects.to_warn_of(now).values_list("pk", "reference")):
        with transaction.atomic():
            # Whoever marks it writes the letter: two workers write one.
            rows = ConsultationRequest.objects.to_warn_of(now).filter(pk=pk)
            if rows.update(warned_of=models.F("erase_after")):
                OutgoingMail.objects.queue(OutgoingMail.Kind.SOON_ERASED, reference=reference, now=now)
                warned += 1
    return warned


def erase_expired(*, now: datetime.datetime) -> dict[str, int]:
    """What is past its time, by the name of its model."""
    return {str(rule.model._meta.verbose_name_plural): rule.erase(now) for rule in RULES if rule.erase}


# --- The rules --------------------------------------------------------------------------------------------


def _hours(period: datetime.timedelta) -> int:
    return period // datetime.timedelta(hours=1)


RULES = (
    Rule(
        ConsultationRequest,
        kept=f"{KEEP_UNANSWERED.days} days after the last work on it if never answered, {KEEP_CLOSED.days} days after "
        f"the answer or the closing, {KEEP_SPAM.days} days after a person said that it is spam; withdrawn: at once",
        reason="Long enough to answer, to treat and to settle complaints; the consent page reads these periods out.",
        personal="reference form_id form_digest name email phone contact_by contact_when may_leave_message time_zone "
        "email_index phone_index for_whom cancer_words stage birth_year question medicine_asked treatments medicines "
        "symptoms conditions tests records next_action cancer language country is_urgent same_person",
        plain="id kind status closed_reason suspected_because version codes_ended code_link_until "
        "owner next_action_on received_at reply_due_at "
        "changed_at taken_at waiting_since answered_at answered_in_time closed_at erase_after warned_of news_since "
        "soon_due_told_of late_told_of step_told_of silence_told_of "
        "consent_version consent_language consented_at may_share",
        erase=_erase_requests,
    ),
    Rule(
        Progress,
        kept=f"{_hours(KEEP_PROGRESS)} hours",
        reason="So that a closed browser does not lose what was typed. Nobody reads it before it is sent.",
        personal="answers token_hash form_id",
        plain="id request started_at expires_at",
        erase=_erase_progresses,
    ),
    Rule(
        Attachment,
        kept="as long as its request, or as what was typed",
        reason="It belongs to the question.",
        personal="name notes entries stored_as digest wrapped_key virus unlock_reason",
        plain="id request progress message kind size received_at scan before_loss scanned_at unlocked_by unlocked_at",
    ),
    Rule(
        Note,
        kept="as long as its request",
        reason="It is about the same person.",
        personal="text",
        plain="id form_id about request by written_at",
    ),
    Rule(
        Clue,
        kept="as long as its request",
        reason="So that a name or a part of a phone number finds it, although both are encrypted.",
        personal="index",
        plain="id request",
    ),
    Rule(
        Message,
        kept="as long as its request",
        reason="It is the question and its answer.",
        personal="text translation",
        plain="id form_id request from_staff by way written_at seen_at",
    ),
    Rule(
        Draft,
        kept="until it is sent; with its request, if that ends sooner",
        reason="So that a closed browser loses no answer. Only its writer reads it.",
        personal="text translation",
        plain="id form_id request by changed_at",
    ),
    Rule(
        OutgoingMail,
        kept=f"{KEEP_MAIL.days} days; with its request, if that ends sooner",
        reason="To tell a patient who got no letter what became of it.",
        personal="reference recipient",
        plain="id kind language created_at next_try_at tries sent_at given_up_at last_error",
        erase=_erase_old(OutgoingMail.objects),
    ),
    Rule(
        Feedback,
        kept=f"{KEEP_FEEDBACK.days} days",
        reason="Until the page was checked again. People write about themselves although we ask them not to.",
        personal="words",
        plain="id form_id page about language suspected_because received_at done_at done_by",
        erase=_erase_old(Feedback.objects),
    ),
    Rule(
        AccessEvent,
        kept=f"{KEEP_EVENTS.days} days",
        reason="Israel's security regulations ask for a log of access for 24 months. It names no patient.",
        personal="reference by address",
        plain="id at action attachment detail is_allowed",
        erase=_erase_old(AccessEvent.objects),
    ),
    Rule(
        RateCounter,
        kept=f"{_hours(KEEP_COUNTERS)} hours",
        reason="Counts the present hour, and forms begun in a day.",
        personal="key",
        plain="id window times",
        erase=_erase_old(RateCounter.objects),
    ),
    Rule(
        Coordinator,
        kept="as long as the account",
        reason="How a colleague works; nothing of patients.",
        personal="languages views away_until",
        plain="id user covered_by",
    ),
    Rule(
        ReplyTemplate,
        kept="until somebody deletes it",
        reason="Texts of ours.",
        plain="id stage language title text",
    ),
    Rule(
        Reading,
        kept=f"{_hours(KEEP_READINGS)} hour",
        reason="Tells colleagues who has a request open on the screen now.",
        plain="id request by seen_at",
        erase=_erase_old(Reading.objects),
    ),
    Rule(
        RunningProcess,
        kept=f"{_hours(KEEP_PROCESSES)} hour",
        reason="Tells which processes of ours run with which key; nothing of patients.",
        plain="id name host pid newest_key seen_at",
        erase=_erase_old(RunningProcess.objects),
    ),
    Rule(
        KeyCanary,
        kept="always",
        reason="Known words that show whether the keys fit.",
        personal="words",  # not really: but what is encrypted counts as personal
        plain="id index",
    ),
    Rule(
        FileStore,
        kept="always",
        reason="A random word that shows which files belong to this database.",
        plain="id mark",
    ),
)
