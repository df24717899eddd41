"""A message on its way into the thread: with its files, its log line and its letter, or not at all."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable

from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from content.models import SiteProfile
from immuno_site.consultations import uploads
from immuno_site.consultations.files.checks import Budget
from immuno_site.consultations.models import (
    AccessEvent,
    ConsultationRequest,
    Draft,
    Message,
    OutgoingMail,
    Progress,
)
from immuno_site.consultations.urgent_words import lay_words_of_emergencies, sounds_urgent
from immuno_site.consultations.working_time import TimeToReply, reply_due

KEEP_UPLOADS = datetime.timedelta(hours=1)


@transaction.atomic
def hear(progress: Progress, *, form_id: uuid.UUID, words: str, now: datetime.datetime) -> Message | None:
    """What the patient wrote, with the files this visit has stored. However often one form comes, it is one message;
    nothing if there is nothing new. Raises DoesNotExist if the request is erased."""
    # Whoever comes second waits here until the first has finished.
    found = ConsultationRequest.objects.select_for_update().get(pk=progress.request_id or 0)
    earlier = Message.objects.filter(form_id=form_id).first()
    if earlier and earlier.request_id == found.pk:
        progress.attachments.update(request=found, progress=None, message=earlier)
        return earlier
    has_files = progress.attachments.exists()
    if not words and not has_files:
        return None
    message = Message.objects.create(
        # A number that is taken elsewhere came from no form of this request.
        form_id=uuid.uuid4() if earlier else form_id,
        request=found,
        from_staff=False,
        text=words,
        written_at=now,
    )
    progress.attachments.update(request=found, progress=None, message=message)
    is_urgent = _bring_back(found, words, now=now)
    log, kinds = AccessEvent.objects, OutgoingMail.Kind
    if has_files:
        log.record(AccessEvent.Action.FILE_ADDED, now=now, reference=found.reference)
    if words:
        log.record(AccessEvent.Action.WROTE, now=now, reference=found.reference)
    kind = kinds.CANNOT_WAIT if is_urgent else kinds.NEW_MESSAGE if words else kinds.NEW_FILES
    OutgoingMail.objects.queue(kind, reference=found.reference, now=now)
    return message


def _bring_back(
    request: ConsultationRequest, words: str, *, now: datetime.datetime, by: User | None = None
) -> bool:
    """It is work again, by its promise; sooner if the words cannot wait, which is what it returns."""
    profile = SiteProfile.current()
    is_urgent = bool(words) and sounds_urgent(words, lay_words=lay_words_of_emergencies())
    hours = TimeToReply.of(profile, is_urgent=is_urgent or request.is_urgent).hours
    due = reply_due(now, profile, is_urgent=is_urgent)
    request.hear_from_patient(now=now, hours=hours, due=due, is_urgent=is_urgent, by=by)
    return is_urgent


def take_in(
    request: ConsultationRequest,
    *,
    way: str,
    words: str,
    files: Progress | None,
    by: User,
    now: datetime.datetime,
) -> None:
    """What the patient sent or said elsewhere, entered by staff. Inside the transaction of a step."""
    message = Message.objects.create(
        request=request, from_staff=False, way=way, text=words, written_at=now, seen_at=now
    )
    if files:
        files.attachments.update(request=request, progress=None, message=message)
    is_urgent = _bring_back(request, words, now=now, by=by)
    if is_urgent or not request.may_be_worked_on(by=by):
        kinds = OutgoingMail.Kind
        kind = kinds.CANNOT_WAIT if is_urgent else kinds.NEW_MESSAGE if words else kinds.NEW_FILES
        OutgoingMail.objects.queue(kind, reference=request.reference, now=now)


def store_files(
    request: ConsultationRequest, files: Iterable[UploadedFile], *, now: datetime.datetime
) -> Progress:
    """Files of staff on their way: checked and stored like a patient's, before the message they go with. Raises
    uploads.Refused."""
    progress, _token = Progress.objects.start(now=now, keep=KEEP_UPLOADS, request=request)
    budget = Budget()
    for file in files:
        uploads.accept(file, progress=progress, now=now, budget=budget)
    return progress


def say(
    request: ConsultationRequest,
    *,
    words: str,
    by: User,
    now: datetime.datetime,
    form_id: uuid.UUID,
    translation: str = "",
    files: Progress | None = None,
) -> Message:
    """A message of staff to the patient, and the letter that it is there. Inside the transaction of a step."""
    message = Message.objects.create(
        form_id=form_id,
        request=request,
        from_staff=True,
        by=by,
        text=words,
        translation=translation,
        written_at=now,
    )
    if files:
        files.attachments.update(request=request, progress=None, message=message)
    Draft.objects.filter(request=request, by=by).delete()
    tell_patient(OutgoingMail.Kind.MESSAGE, request, now=now)
    return message


def tell_patient(kind: str, request: ConsultationRequest, *, now: datetime.datetime) -> None:
    """A letter in their language, if they gave an address."""
    if request.email:
        OutgoingMail.objects.queue(
            kind, reference=request.reference, now=now, language=request.language, recipient=request.email
        )


def was_said(request_id: int, form_id: uuid.UUID, *, by: User) -> bool:
    """Has this form already become a message?"""
    return Message.objects.filter(form_id=form_id, request=request_id, by=by).exists()
