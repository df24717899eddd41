"""From answers to a stored request: one transaction, and only after it the word "received"."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import json
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from content.models import SiteProfile
from immuno_site.consultations.forms import CONSENT_VERSION
from immuno_site.consultations.journey import Consent
from immuno_site.consultations.models import (
    AccessEvent,
    Clue,
    ConsultationRequest,
    Kind,
    OutgoingMail,
    Progress,
    Status,
)
from immuno_site.consultations.models.request import KEEP_UNANSWERED, contact_indexes
from immuno_site.consultations.reference import new_reference
from immuno_site.consultations.spam import Sender
from immuno_site.consultations.thread.writing import tell_patient
from immuno_site.consultations.urgent_words import lay_words_of_emergencies, sounds_urgent
from immuno_site.consultations.working_time import reply_due

# What is searched for words that cannot wait.
TELLING = ("question", "symptoms", "treatments", "medicines", "conditions", "stage", "cancer_words")


@dataclass(frozen=True)
class Sending:
    """One form on its way in. However often it arrives, `form_id` makes it one request."""

    form_id: uuid.UUID
    values: dict[str, object]  # by the names of the request's columns
    seen_in: str  # the language the consent was read in
    sender: Sender | None  # nobody to doubt, where staff have talked to them
    kind: str = Kind.CONSULTATION
    progress: Progress | None = None
    by: User | None = None  # who of the staff entered it
    way: str = ""  # and how it came to them
    consent: Consent | None = None  # as it was given before; without it, it comes with the form

    @property
    def digest(self) -> str:
        """Tells the same text from another one. Keyed: it must not say what the text might be."""
        text = json.dumps(self.values, sort_keys=True, default=str)
        key = settings.CONSULTATION_INDEX_KEY.encode()
        return hmac.new(key, b"form:" + text.encode(), hashlib.sha256).hexdigest()


def receive(sending: Sending, *, now: datetime.datetime) -> ConsultationRequest:
    """The stored request: a new one, or the one this form has already become. Returns after the COMMIT."""
    try:
        with transaction.atomic():
            return _store(sending, now=now)
    except IntegrityError:
        # The same form arrived twice at once, and the other one was first.
        earlier = ConsultationRequest.objects.filter(form_id=sending.form_id).first()
        if earlier is None:
            raise
        return earlier


def _store(sending: Sending, *, now: datetime.datetime) -> ConsultationRequest:
    progress = sending.progress
    if progress:
        # Whoever comes second waits here until the first has finished.
        progress = Progress.objects.select_for_update().get(pk=progress.pk)
        if progress.request:
            return progress.request
    earlier = ConsultationRequest.objects.filter(form_id=sending.form_id).first()
    if earlier:
        return earlier
    request = _create(sending, now=now)
    Clue.objects.renew(request)
    if progress:
        progress.attachments.update(request=request, progress=None)
        progress.belongs_to(request)
    if sending.by:
        _announce_entered(request, by=sending.by, way=sending.way, now=now)
    else:
        _announce(request, now=now)
    return request


def _kind_of_letter(request: ConsultationRequest) -> str:
    """Urgent words come first: a suspicion may be wrong, and then somebody waited."""
    if request.is_urgent:
        return OutgoingMail.Kind.CANNOT_WAIT
    is_suspected = request.status == Status.SUSPECTED
    return OutgoingMail.Kind.SUSPECTED_REQUEST if is_suspected else OutgoingMail.Kind.NEW_REQUEST


def _create(sending: Sending, *, now: datetime.datetime) -> ConsultationRequest:
    values = sending.values
    told = [str(values.get(name, "")) for name in TELLING]
    is_urgent = sounds_urgent(*told, lay_words=lay_words_of_emergencies())
    words = "\n".join([*told, str(values["name"])])
    suspicion = sending.sender.suspicion(words=words, now=now) if sending.sender else ""
    consent = sending.consent or Consent(now, sending.seen_in, CONSENT_VERSION)
    return ConsultationRequest.objects.create(
        **values,
        reference=_free_reference(),
        form_id=sending.form_id,
        form_digest=sending.digest,
        kind=sending.kind,
        status=Status.SUSPECTED if suspicion else Status.NEW,
        suspected_because=suspicion,
        is_urgent=is_urgent,
        **contact_indexes(str(values.get("email", "")), str(values.get("phone", ""))),
        received_at=now,
        changed_at=now,
        reply_due_at=reply_due(now, SiteProfile.current(), is_urgent=is_urgent),
        erase_after=now + KEEP_UNANSWERED,
        consented_at=consent.at,
        consent_version=f"{consent.version} {sending.way}".strip(),
        consent_language=consent.language,
    )


def _free_reference() -> str:
    while ConsultationRequest.objects.filter(reference=(word := new_reference())).exists():
        continue
    return word


def _announce_entered(request: ConsultationRequest, *, by: User, way: str, now: datetime.datetime) -> None:
    """Whoever talked to them has it. The patient saw no page, so a letter is their way to a return code."""
    reference, mails = request.reference, OutgoingMail.objects
    AccessEvent.objects.record(AccessEvent.Action.RECEIVED, by=by, now=now, reference=reference, detail=way)
    request.take(by=by, now=now)
    if request.is_urgent:
        mails.queue(OutgoingMail.Kind.CANNOT_WAIT, reference=reference, now=now)
    if request.email:
        request.renew_code(by=by, now=now)
        tell_patient(OutgoingMail.Kind.ENTERED, request, now=now)


def _announce(request: ConsultationRequest, *, now: datetime.datetime) -> None:
    """The log and the letters, in the same transaction as the request they tell about."""
    AccessEvent.objects.record(AccessEvent.Action.RECEIVED, now=now, reference=request.reference)
    OutgoingMail.objects.queue(_kind_of_letter(request), reference=request.reference, now=now)
    tell_patient(OutgoingMail.Kind.RECEIPT, request, now=now)
