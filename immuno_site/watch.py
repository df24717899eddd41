"""What a person has to know before a patient notices: letters, promises, files, backups, disk. Only numbers.

Each check is an alarm of its name; deploy/ALARMS.md says for each what to do at 3 a.m.
"""

from __future__ import annotations

import datetime
import json
import shutil
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection

from immuno_site import certificate
from immuno_site.backup import COPIED, DRILL
from immuno_site.backup.making import PATTERN
from immuno_site.consultations import key_rotation, sweeping
from immuno_site.consultations.files import antivirus
from immuno_site.consultations.files.storage import KEEP_FREE
from immuno_site.consultations.models import Attachment, ConsultationRequest, OutgoingMail
from immuno_site.consultations.models.request import WARN_BEFORE

HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)
OLDEST_BACKUP = 26 * HOUR
OLDEST_DRILL = 40 * DAY
LAST_DAYS = 20 * DAY  # of a certificate: it should have been renewed ten days ago
MOST_NAMED = 20
OLDEST_SIGNATURES = 7 * DAY


def problems(*, now: datetime.datetime) -> dict[str, str]:
    """One sentence for each thing that needs somebody, by the name of its check."""
    if sentence := database(now):
        return told() | {database.__name__: sentence}  # nothing is known of the others
    return {check.__name__: sentence for check in CHECKS if (sentence := check(now))}


# --- What was told ----------------------------------------------------------------------------------------


def told() -> dict[str, str]:
    """What somebody has been told and what has not been well since."""
    try:
        return json.loads(_state().read_text())
    except (FileNotFoundError, ValueError):  # first time, or cut off by a full disk: told once more
        return {}


def remember(found: dict[str, str]) -> None:
    """That this was told."""
    part = _state().with_suffix(".part")
    part.write_text(json.dumps(found, indent=1))
    part.replace(_state())


def looked_at() -> datetime.datetime | None:
    return _written(_state())


def _state() -> Path:
    return settings.DATA_DIR / "watch.json"


def _written(path: Path) -> datetime.datetime | None:
    try:
        return datetime.datetime.fromtimestamp(path.stat().st_mtime, datetime.UTC)
    except FileNotFoundError:
        return None


# --- The checks -------------------------------------------------------------------------------------------


def database(now: datetime.datetime) -> str:
    try:
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        return f"The database does not answer: {type(error).__name__}."
    return ""


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
    newest = newest_backup()
    if newest is None:
        return f"There is no backup in {settings.BACKUP_DIR} yet. Run: systemctl start immuno-job@backup."
    if newest < now - OLDEST_BACKUP:
        return "The newest backup is older than a day. Look at immuno-job@backup."
    return ""


def newest_backup() -> datetime.datetime | None:
    return max(filter(None, map(_written, settings.BACKUP_DIR.glob(PATTERN))), default=None)


def copies(now: datetime.datetime) -> str:
    """A backup beside the site goes with its disk."""
    if not settings.BACKUP_RECIPIENTS:
        return ""
    if not settings.COPY_TO:
        return "Backups are copied nowhere. Set COPY_TO, or keep them on another machine in another way."
    copied = copied_at()
    if copied is None or copied < now - OLDEST_BACKUP:
        return "For a day no backup has arrived at COPY_TO. Look at immuno-copy_backups."
    return ""


def copied_at() -> datetime.datetime | None:
    return _written(settings.BACKUP_DIR / COPIED)


def drill(now: datetime.datetime) -> str:
    drilled = drilled_at()
    if settings.BACKUP_RECIPIENTS and (drilled is None or drilled < now - OLDEST_DRILL):
        return "Nobody has tried for 40 days whether a backup can be restored. Do the drill, then note_drill."
    return ""


def drilled_at() -> datetime.datetime | None:
    return _written(settings.BACKUP_DIR / DRILL)


def certificate_days(now: datetime.datetime) -> str:
    if not settings.CERTIFICATE_AT:
        return ""
    try:
        left = certificate.ends_at() - now
    except OSError:
        return f"Nobody shows a certificate at {settings.CERTIFICATE_AT}. Is nginx running?"
    if left < datetime.timedelta():
        return "The certificate has ended: browsers let nobody in. Renew it now: immuno certificate."
    if left < LAST_DAYS:
        return f"The certificate ends in {left.days} days. Was it renewed, and nginx reloaded?"
    return ""


def certificate_ends() -> datetime.datetime | None:
    return certificate.ends_at() if settings.CERTIFICATE_AT else None


def room_on_the_disk(now: datetime.datetime) -> str:
    """Said early: at KEEP_FREE patients' files are refused."""
    free = shutil.disk_usage(settings.DATA_DIR).free
    return f"Only {free // 2**20} MB are free in {settings.DATA_DIR}." if free < 4 * KEEP_FREE else ""


CHECKS: tuple[Callable[[datetime.datetime], str], ...] = (
    letters, late_requests, soon_erased, files, signatures, store, lost_files, unreadable, erasing, backups,
    copies, drill, certificate_days, room_on_the_disk,
)  # fmt: skip
