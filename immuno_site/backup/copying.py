"""Backups on their way to another machine, and beside them the list of whose requests were erased since."""

from __future__ import annotations

import datetime
import shutil
import subprocess

from django.conf import settings

from immuno_site.backup import COPIED, ERASED
from immuno_site.backup.making import PATTERN
from immuno_site.consultations.models import AccessEvent

# Longer than any backup is kept, so that the oldest is known what to forget of.
KEEP_ERASED = datetime.timedelta(days=100)
# Once there a backup never changes; the list and the day of the drill do.
WHAT = (
    "--recursive",
    "--times",
    f"--include={PATTERN}",
    f"--include={ERASED}",
    "--include=drill",
    "--exclude=*",
)


class NotCopied(Exception):
    """The message says why."""


def copy() -> int:
    """How many backups lie there, each of them as it lies here."""
    source, target = f"{settings.BACKUP_DIR}/", settings.COPY_TO
    _rsync(*WHAT, source, target)
    # Asks the other side to read all of it again: that rsync was content is not that the disk there is sound.
    if differing := _rsync(*WHAT, "--checksum", "--dry-run", "--out-format=%n", source, target).split():
        raise NotCopied(f"{', '.join(differing)} at COPY_TO are not what they are here.")
    (settings.BACKUP_DIR / COPIED).touch()
    return len(list(settings.BACKUP_DIR.glob(PATTERN)))


def note_erased(*, now: datetime.datetime) -> None:
    """Adds to the list beside the backups what the log of looks says was erased. A restored database has forgotten
    that: what stands there already stays."""
    actions = (AccessEvent.Action.ERASED, AccessEvent.Action.WITHDRAWN)
    events = AccessEvent.objects.filter(action__in=actions, at__gte=now - KEEP_ERASED)
    found = dict(events.exclude(reference="").values_list("reference", "at"))
    settings.BACKUP_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = settings.BACKUP_DIR / ERASED
    kept = {reference: at for reference, at in erased().items() if at >= now - KEEP_ERASED}
    part = path.with_suffix(".part")
    part.write_text("".join(f"{at.isoformat()} {reference}\n" for reference, at in (kept | found).items()))
    part.replace(path)


def erased() -> dict[str, datetime.datetime]:
    """References of erased requests, and when."""
    path = settings.BACKUP_DIR / ERASED
    lines = path.read_text().splitlines() if path.exists() else []
    pairs = (line.split(" ", 1) for line in lines if " " in line)
    return {reference: datetime.datetime.fromisoformat(at) for at, reference in pairs}


def _rsync(*arguments: str) -> str:
    program = shutil.which("rsync")
    if not program:
        raise NotCopied("rsync is missing. Install it: apt-get install rsync.")
    done = subprocess.run([program, *arguments], capture_output=True, text=True)  # noqa: S603 - the operator's own words
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"it ended with {done.returncode}."]
        raise NotCopied(f"rsync could not copy to COPY_TO: {said[-1]}")
    return done.stdout
