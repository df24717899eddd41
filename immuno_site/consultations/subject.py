"""Everything we hold about one person: found by reference or contact, handed out as a zip file."""

from __future__ import annotations

import datetime
import json
import os
import shutil
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from immuno_site.consultations import email_address, uploads
from immuno_site.consultations.crypto import unreadable_is_said
from immuno_site.consultations.files.spool import spooled
from immuno_site.consultations.models import AccessEvent, ConsultationRequest, OutgoingMail
from immuno_site.consultations.phone import digits_it_may_have
from immuno_site.consultations.reference import typed_reference
from immuno_site.consultations.retention import RULES
from immuno_site.keyring import blind_index

if TYPE_CHECKING:
    from django.contrib.auth.models import User

M = TypeVar("M", bound=models.Model)
# Our own bookkeeping; it says nothing about the person.
NOT_EXPORTED = {
    "id",
    "form_id",
    "form_digest",
    "version",
    "codes_ended",
    "code_link_until",
    "warned_of",
    "soon_due_told_of",
    "late_told_of",
    "step_told_of",
    "silence_told_of",
    "email_index",
    "phone_index",
    "owner",
    # Of a file: where and how its bytes lie.
    "stored_as",
    "digest",
    "wrapped_key",
    # Of a look: the colleague it was.
    "by",
    "address",
}


def requests_of(*, references: Iterable[str] = (), contact: str = "") -> models.QuerySet[ConsultationRequest]:
    """By reference as somebody typed it, or by the e-mail address or phone number given in the form."""
    wanted = Q(reference__in=[typed_reference(reference) for reference in references])
    if contact.strip():
        wanted |= of_contact(contact, countries=[settings.DESK_COUNTRY])
    return ConsultationRequest.objects.filter(wanted).order_by("received_at", "pk")


def of_contact(contact: str, *, countries: Iterable[str]) -> Q:
    """Who gave this address or number, in whatever form; a number may be one of these countries without its code."""
    emails = email_address.forms_it_may_have(contact) if "@" in contact else []
    phones = digits_it_may_have(contact, countries)
    return Q(email_index__in=[*map(blind_index, emails)]) | Q(phone_index__in=[*map(blind_index, phones)])


@unreadable_is_said()  # what can be handed out is
def export(requests: Iterable[ConsultationRequest], path: Path, *, by: User, now: datetime.datetime) -> None:
    """Writes a zip file that only its owner can read. It is in the clear: hand it over and delete it."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for request in requests:
                AccessEvent.objects.record(
                    AccessEvent.Action.EXPORTED, by=by, now=now, reference=request.reference
                )
                _write(request, archive)
    except BaseException:
        path.unlink()  # nobody would know of it, and it is in the clear
        raise


def _write(request: ConsultationRequest, archive: zipfile.ZipFile) -> None:
    text = json.dumps(everything(request), cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
    archive.writestr(f"{request.reference}/request.json", text)
    for name, content in _files(request):
        with content, archive.open(f"{request.reference}/files/{name}", "w") as target:
            shutil.copyfileobj(content, target)


def everything(request: ConsultationRequest) -> dict[str, object]:
    """What the database says about the person who sent this, as plain data."""
    fields = [field for field in request._meta.concrete_fields if field.name not in NOT_EXPORTED]
    return {
        **{field.name: field.value_from_object(request) for field in fields},
        "notes": _rows(request.notes.all(), "written_at"),
        "messages": _rows(request.messages.all(), "written_at", "from_staff", "way", "seen_at"),
        "drafts": _rows(request.drafts.all(), "changed_at"),
        "files": _rows(request.attachments.all(), "kind", "size", "received_at", "scan"),
        "letters": _rows(
            OutgoingMail.objects.filter(reference=request.reference), "kind", "created_at", "sent_at"
        ),
        "looks": _rows(AccessEvent.objects.filter(reference=request.reference), "at", "action"),
    }


def _rows(rows: models.QuerySet[M], *about: str) -> list[dict[str, object]]:
    """What is personal of each, and what these columns say about it."""
    personal = next(rule.personal.split() for rule in RULES if rule.model is rows.model)
    names = [*about, *(name for name in personal if name not in NOT_EXPORTED)]
    return [{name: getattr(row, name) for name in names} for row in rows]


def _files(request: ConsultationRequest) -> Iterator[tuple[str, BinaryIO]]:
    """Infected ones too: they are the patient's own. One that is lost or unreadable is listed, but has no bytes.

    Each is read to its end first: the archive holds it whole or not at all.
    """
    for number, attachment in enumerate(request.attachments.all(), start=1):
        try:
            content = spooled(uploads.pieces(attachment))
        except uploads.UNREADABLE:
            continue
        yield f"{number}-{attachment.name}", content
