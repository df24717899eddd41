"""Rows and files brought together again: strays to the trash, what is missing marked, what is back set right.

Nothing is judged before database and store have shown that they belong together: an empty database, or a folder
that is not mounted, looks like the loss of everything.
"""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from django.core.files.base import ContentFile

from immuno_site.consultations.files.storage import (
    MARK,
    PrivateStore,
    all_names,
    all_trash,
    private_files,
    trash_name,
)
from immuno_site.consultations.files.storage_errors import FileLost, StorageUnavailable
from immuno_site.consultations.models import Attachment, FileStore

# A file may be on its way in: its row comes last.
LEAVE_ALONE = datetime.timedelta(hours=24)
KEEP_IN_TRASH = datetime.timedelta(days=30)
# Broken uploads and erased requests leave more than this behind only where they are a small part of all.
MOST_APART = 20
# Asked for one by one, over and over.
MOST_LOOKS = 20

ANOTHER = (
    "The store of files belongs to another database. Set right DATABASE_URL, or S3_BUCKET and DATA_DIR. If they are "
    f"right, and somebody has looked at both: delete the file “{MARK}” at the top of the store."
)
NO_ROWS = "The store holds files, but the database knows none at all. Is DATABASE_URL the right one?"
UNMARKED = (
    "The store holds files, but neither a mark nor one file that this database knows. Are DATABASE_URL, S3_BUCKET and "
    "DATA_DIR right?"
)
NO_FILES = "The store holds none of the {number} files of this database. Is it mounted, is it the right one?"


class Apart(Exception):
    """Rows and files do not seem to belong together."""


class Foreign(Apart):
    """The store says that it belongs to another database."""


@dataclass
class SweepReport:
    """What was done with files without a row (`young`: too young to say) and rows without a file."""

    trashed: int = 0
    deleted: int = 0
    young: int = 0
    lost: int = 0
    found: int = 0


def sweep(
    *, now: datetime.datetime, leave_alone: datetime.timedelta = LEAVE_ALONE, even_many: bool = False
) -> SweepReport:
    """Brings rows and files together again, in both directions. Raises Apart before it changes anything."""
    storage, report, before = private_files(), SweepReport(), now - leave_alone
    # Files first: a row written meanwhile then has its file in neither list, which does no harm.
    stored = set(all_names(storage))
    _hold_together(storage, lambda: stored, before=before, even_many=even_many)
    known = dict(Attachment.objects.values_list("stored_as", "scan"))
    trash = {name: place for place, name, _day in all_trash(storage)}
    back = known.keys() & trash.keys() - stored
    strays = stored - known.keys()
    loose = list(_old(storage, strays, before))
    missing = [name for name in known.keys() - stored - back if known[name] not in Attachment.NOT_MISSED]
    if not even_many:
        _refuse_many(len(loose), of=len(stored), what="stored files have no row")
        _refuse_many(len(missing), of=len(known), what="rows have no file")
    mark = _claim(storage)
    for name in back:
        storage.move(trash[name], name)
    report.found = find_again(at_most=None)
    report.young = len(strays) - len(loose)
    report.trashed = sum(_throw_away(storage, name, now.date()) for name in loose)
    report.deleted = _empty_trash(storage, before=now - KEEP_IN_TRASH)
    report.lost = sum(_give_up(storage, name, mark) for name in missing)
    return report


def problem(*, now: datetime.datetime) -> str:
    """Why the sweep would refuse to do anything; empty when rows and files belong together."""
    storage = private_files()
    try:
        _hold_together(storage, partial(all_names, storage), before=now - LEAVE_ALONE)
    except Apart as apart:
        return str(apart)
    except OSError as error:
        return f"The store of patients' files cannot be read: {type(error).__name__}."
    return ""


def find_again(rows: Iterable[Attachment] | None = None, *, at_most: int | None = MOST_LOOKS) -> int:
    """Sets right what was marked as lost and is there again; how many that were."""
    if rows is None:
        rows = Attachment.objects.lost().order_by("?")[:at_most]
    found = 0
    for attachment in rows:
        with suppress(StorageUnavailable):
            if private_files().exists(attachment.stored_as):
                attachment.found_again()
                found += 1
    return found


# --- Do they belong together? -----------------------------------------------------------------------------


def _hold_together(
    storage: PrivateStore,
    names: Callable[[], Iterable[str]],
    *,
    before: datetime.datetime,
    even_many: bool = False,
) -> None:
    """Raises Apart. One name in common is proof where a mark is missing: names are 128 random bits."""
    mine, theirs = FileStore.mark_of_database(), _mark_in(storage)
    if mine and theirs:
        if mine != theirs:
            raise Foreign(ANOTHER)
        if not even_many and not Attachment.objects.exists() and any(_old(storage, names(), before)):
            raise Apart(NO_ROWS)
        return
    known = set(Attachment.objects.values_list("stored_as", flat=True))
    if known and any(name in known for name in names()):
        return
    if theirs:
        raise Foreign(ANOTHER)
    if known and not even_many:
        raise Apart(NO_FILES.format(number=len(known)))
    if not even_many and any(names()):
        raise Apart(UNMARKED)


def _mark_in(storage: PrivateStore) -> str:
    try:
        with storage.open(MARK) as file:
            return file.read().decode(errors="replace").strip()
    except FileLost:
        return ""


def _claim(storage: PrivateStore) -> str:
    """Both bear the mark of the one that had it."""
    theirs = _mark_in(storage)
    mark = FileStore.leave(theirs or secrets.token_hex(16))
    if not theirs:
        storage.save(MARK, ContentFile(mark.encode()))
    return mark


def _refuse_many(number: int, *, of: int, what: str) -> None:
    if number > max(MOST_APART, of // 3):
        raise Apart(f"{number} of {of} {what}.")


# --- One file ---------------------------------------------------------------------------------------------


def _old(storage: PrivateStore, names: Iterable[str], before: datetime.datetime) -> Iterator[str]:
    for name in names:
        with suppress(FileNotFoundError, FileLost):  # another sweep was faster
            if storage.get_modified_time(name) <= before:
                yield name


def _throw_away(storage: PrivateStore, name: str, day: datetime.date) -> bool:
    with suppress(FileLost):
        storage.move(name, trash_name(name, day))
        return True
    return False


def _empty_trash(storage: PrivateStore, *, before: datetime.datetime) -> int:
    old = [(place, day) for place, _name, day in all_trash(storage) if day < before.date()]
    for place, _day in old:
        storage.delete(place)
    for folder in {place.rpartition("/")[0] for place, _day in old}:
        storage.delete(folder)
    return len(old)


def _give_up(storage: PrivateStore, name: str, mark: str) -> bool:
    """Not there, in a store that is; or was it stored after the list was made?"""
    attachment = Attachment.objects.filter(stored_as=name).first()
    if attachment is None or storage.exists(name) or _mark_in(storage) != mark:
        return False
    attachment.found_lost()
    return True
