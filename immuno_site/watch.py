"""What a person has to know before a patient notices: letters, promises, files, backups, disk. Only numbers."""

from __future__ import annotations

import datetime
import shutil
from collections.abc import Callable

from django.conf import settings

from immuno_site.backup.making import PATTERN
from immuno_site.consultations import key_rotation, sweeping
from immuno_site.consultations.files import antivirus
from immuno_site.consultations.files.storage import KEEP_FREE
from immuno_site.consultations.models import Attachment, ConsultationRequest, OutgoingMail
from immuno_site.consultations.models.request import WARN_BEFORE

HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)
OLDEST_BACKUP = 26 * HOUR
MOST_NAMED = 20
OLDEST_SIGNATURES = 7 * DAY


def problems(*, now: datetime.datetime) -> list[str]:
    """One sentence for each thing that needs somebody."""
    return [sentence for check in CHECKS if (sentence := check(now))]


def letters(now: datetime.datetime) -> str:
    number = OutgoingMail.objects.late(now).count()
    return (
        f"{number} letters have not left. Is the mail server there, and immuno-worker@send_mail?"
        if number
        else ""
    )


def files(now: datetime.datetime) -> str:
    """Without a scanner files wait for a person, which is no fault."""
    if not antivirus.is_configured():
        return ""
    number = Attachment.objects.to_scan().filter(received_at__lt=now - HOUR).count()
    return f"{number} files wait for a scan. Is immuno-worker@scan_files running?" if number else ""


def signatures(now: datetime.datetime) -> str:
    if not antivirus.is_configured():
        return ""
    try:
        made = antivirus.signatures_of()
    except (antivirus.ScannerUnavailable, antivirus.NotScanned):
        return "ClamAV does not answer; new files stay locked."
    if made is None or made < now - OLDEST_SIGNATURES:
        return "ClamAV's signatures are older than 7 days. Is clamav-freshclam running?"
    return ""


def store(now: datetime.datetime) -> str:
    """What stops the sweep, said while it lasts."""
    return sweeping.problem(now=now)


def lost_files(now: datetime.datetime) -> str:
    sweeping.find_again()
    number = Attachment.objects.lost().count()
    return f"{number} files have a row, but no bytes. Restore them from a backup." if number else ""


def unreadable(now: datetime.datetime) -> str:
    if places := key_rotation.unreadable():
        named = "".join(f"\n  {place}" for place in places[:MOST_NAMED])
        more = f"\n  and {len(places) - MOST_NAMED} more" if len(places) > MOST_NAMED else ""
        return f"No key of CONSULTATION_KEYS opens {len(places)} rows. Was a key taken out too early?{named}{more}"
    return ""


def erasing(now: datetime.datetime) -> str:
    number = ConsultationRequest.objects.older_than(now - 2 * DAY).count()
    return (
        f"{number} requests should have been erased. Does immuno-erase_expired.timer run?" if number else ""
    )


def late_requests(now: datetime.datetime) -> str:
    number = ConsultationRequest.objects.late(now).count()
    return f"{number} patients wait longer than they were promised. Tell the coordinators." if number else ""


def soon_erased(now: datetime.datetime) -> str:
    number = ConsultationRequest.objects.soon_erased(now).count()
    return (
        f"{number} open requests are erased within {WARN_BEFORE.days} days. Tell the coordinators."
        if number
        else ""
    )


def backups(now: datetime.datetime) -> str:
    if not settings.BACKUP_RECIPIENTS:
        return "No backups are made. Set BACKUP_RECIPIENTS."
    newest = max((path.stat().st_mtime for path in settings.BACKUP_DIR.glob(PATTERN)), default=0.0)
    if newest < (now - OLDEST_BACKUP).timestamp():
        return "The newest backup is older than a day. Look at immuno-job@backup."
    return ""


def room_on_the_disk(now: datetime.datetime) -> str:
    """Said early: at KEEP_FREE patients' files are refused."""
    free = shutil.disk_usage(settings.DATA_DIR).free
    return f"Only {free // 2**20} MB are free in {settings.DATA_DIR}." if free < 4 * KEEP_FREE else ""


CHECKS: tuple[Callable[[datetime.datetime], str], ...] = (
    letters, late_requests, soon_erased, files, signatures, store, lost_files, unreadable, erasing, backups,
    room_on_the_disk,
)  # fmt: skip
