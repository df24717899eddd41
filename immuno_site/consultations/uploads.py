"""The way of a patient's file: accept, check, encrypt, store; later scan and hand out.

The bytes are stored first and the row after them: a row always has its file. What has no row, because
something broke in between or because the row was erased, the sweep takes away (sweeping.py).
"""

from __future__ import annotations

import datetime
import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext

from immuno_site.consultations import sweeping
from immuno_site.consultations.files import antivirus, envelope
from immuno_site.consultations.files.checks import (
    MAX_FILES,
    Budget,
    Checked,
    Kind,
    Refused,
    check,
    check_again,
    check_number,
)
from immuno_site.consultations.files.names import another_than
from immuno_site.consultations.files.spool import MAX_FILE, MB, spooled
from immuno_site.consultations.files.storage import new_name, private_files
from immuno_site.consultations.files.storage_errors import FileLost, StorageUnavailable
from immuno_site.consultations.models import Attachment, Progress
from immuno_site.consultations.models.attachment import AttachmentQuerySet
from immuno_site.keyring import Undecryptable, blind_index

__all__ = ["Refused", "StorageUnavailable", "accept", "limits", "pieces", "scan_waiting"]

logger = logging.getLogger(__name__)

MAX_FAILURES = 3
# Why there are no bytes: they will not come back by waiting; or the store cannot be asked now.
UNREADABLE = (FileLost, envelope.BrokenEnvelope, Undecryptable)
OUT_OF_REACH = (StorageUnavailable, *UNREADABLE)


def limits() -> str:
    """What may be sent, in words."""
    return gettext(
        "PDF, JPG, PNG, HEIC, Word (.docx), DICOM, or a zip file of DICOM images. "
        "At most %(files)d files of up to %(mb)d MB each."
    ) % {"files": MAX_FILES, "mb": MAX_FILE // MB}


def room_for(progress: Progress) -> int:
    """How many more files it may have."""
    return max(0, MAX_FILES - _kept(progress).count())


# --- In -------------------------------------------------------------------------------------------------------


def accept(
    upload: UploadedFile, *, progress: Progress, now: datetime.datetime, budget: Budget | None = None
) -> Attachment:
    """The stored file. Raises Refused if it cannot be taken, StorageUnavailable if it cannot be stored now.

    Whoever got no answer sends the same file again: it is the one that was stored before.
    """
    if not private_files().has_room():
        raise StorageUnavailable("Too little space is left on the disk.")
    digest = _digest(upload)
    if earlier := _kept(progress).same(digest).first():
        return earlier
    check_number(upload, kept=_kept(progress).count())
    with check(upload, budget=budget) as checked:
        return _store(checked, digest=digest, progress=progress, now=now)


def _digest(upload: UploadedFile) -> str:
    """Tells a file, by name and content, from others. Keyed: nobody can look whether we have a certain one."""
    if not getattr(upload, "is_whole", True):
        return ""
    whole = hashlib.sha256()
    for piece in upload.chunks():
        whole.update(piece)
    return blind_index(f"{whole.hexdigest()}:{upload.name}", use="file")


def _kept(progress: Progress) -> AttachmentQuerySet:
    mine = Q(progress=progress)
    if progress.request_id:
        mine |= Q(request=progress.request_id) & ~Q(message__from_staff=True)  # ours take nobody's place
    return Attachment.objects.filter(mine)


def _store(checked: Checked, *, digest: str, progress: Progress, now: datetime.datetime) -> Attachment:
    key = envelope.new_key()
    attachment = Attachment(
        progress=progress,
        digest=digest,
        name=another_than({kept.name for kept in _kept(progress)}, checked.name),
        kind=checked.kind,
        size=checked.size,
        notes=checked.notes,
        entries=checked.entries,
        received_at=now,
        scan=Attachment.Scan.UNSCANNABLE if checked.is_unscannable else Attachment.Scan.WAITING,
    )
    attachment.wrap_key(key)
    sealed = envelope.SealedFile(checked.content, size=checked.size, key=key, bound_to=attachment.pk.bytes)
    attachment.stored_as = private_files().save(new_name(), sealed)
    try:
        with transaction.atomic():
            attachment.save(force_insert=True)
    except IntegrityError:
        # The same file arrived twice at once, and the other one was first. The sweep takes these bytes.
        return _kept(progress).same(digest).get()
    return attachment


# --- Out ------------------------------------------------------------------------------------------------------


def pieces(attachment: Attachment) -> Iterator[bytes]:
    """The file in the clear, a megabyte at a time. A file that is lost or broken at its start says so at once."""
    content = _unsealed(attachment)
    return _joined(next(content), content)


def _joined(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _unsealed(attachment: Attachment) -> Iterator[bytes]:
    key = attachment.unwrapped_key()
    with private_files().open(attachment.stored_as) as sealed:
        yield from envelope.unseal(sealed, key=key, bound_to=attachment.pk.bytes)


# --- Scanning -------------------------------------------------------------------------------------------------


@dataclass
class ScanReport:
    """What one pass did. `left` files still wait for a verdict."""

    clean: int = 0
    infected: int = 0
    unscannable: int = 0
    left: int = 0
    is_scanner_there: bool = True


def scan_waiting(*, again_before: datetime.datetime | None = None) -> ScanReport:
    """Scans what has never been scanned; with `again_before` also what was scanned before that moment.

    Two workers at once do no harm, and one that is stopped leaves nothing behind: a verdict is one write.
    """
    report = ScanReport()
    sweeping.find_again()
    waiting = list(Attachment.objects.to_scan())
    if again_before:
        waiting += Attachment.objects.to_scan_again(again_before)
    failures = 0
    for done, attachment in enumerate(waiting):
        try:
            _scan(attachment, report)
        except antivirus.ScannerUnavailable:
            report.is_scanner_there = False
        except Undecryptable:  # it stays locked, and the files behind it have their turn
            logger.error("File %s was not scanned: no key opens it.", attachment.pk)
            report.left += 1
        except (antivirus.NotScanned, StorageUnavailable, envelope.BrokenEnvelope) as error:
            logger.error("File %s was not scanned: %s", attachment.pk, type(error).__name__)
            report.left += 1
            failures += 1
        if not report.is_scanner_there or failures >= MAX_FAILURES:
            report.left += len(waiting) - done - report.is_scanner_there
            break
    return report


def _scan(attachment: Attachment, report: ScanReport) -> None:
    try:
        virus = antivirus.virus_in(pieces(attachment))
    except FileLost:
        # Taken away by the patient, or out of reach: whether it is lost only the sweep can say.
        report.left += Attachment.objects.filter(pk=attachment.pk).exists()
        return
    if not Attachment.objects.filter(pk=attachment.pk).exists():
        return
    if virus:
        attachment.found_infected(virus, now=timezone.now())
        report.infected += 1
    else:
        if "not_inspected" in attachment.notes:
            _look_inside(attachment)
        attachment.found_clean(now=timezone.now())
        report.clean += attachment.scan == Attachment.Scan.CLEAN
        report.unscannable += attachment.scan == Attachment.Scan.UNSCANNABLE


def _look_inside(attachment: Attachment) -> None:
    """There was no time for it when the file came."""
    with check_again(spooled(pieces(attachment)), Kind(attachment.kind), attachment.name) as checked:
        attachment.found_inside(checked)
