"""Where the encrypted files lie: a folder of this machine. storage_s3.py is for machines that share a store.

Only ciphertext comes here, under random names, outside MEDIA and STATIC; nothing here has a web address.
"""

from __future__ import annotations

import datetime
import os
import secrets
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NoReturn

from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage, Storage, storages

from immuno_site.consultations.files.storage_errors import FileLost

# A file of the store that says whose it is, and the folder of what the sweep took away.
MARK, TRASH = "belongs-to", "trash"
# Below this, files are no longer taken: the database and the logs on the same disk have to go on.
KEEP_FREE = 500 * 1024 * 1024


class PrivateStore(Storage):
    """What a store of patients' files can do beside what every storage can."""

    def has_room(self) -> bool:
        raise NotImplementedError

    def move(self, name: str, to: str) -> None:
        raise NotImplementedError


def private_files() -> PrivateStore:
    store = storages["private"]
    if not isinstance(store, PrivateStore):
        raise ImproperlyConfigured("STORAGES names no store that patients' files may lie in.")
    return store


def new_name() -> str:
    """128 random bits, spread over 256 folders so that none of them gets long."""
    return _in_its_folder(secrets.token_hex(16))


def _in_its_folder(name: str) -> str:
    return f"{name[:2]}/{name}"


class PrivateDisk(PrivateStore, FileSystemStorage):
    """A folder. A file is whole and on the disk when `save` returns, or it is not there."""

    def __init__(self, location: str | os.PathLike[str]) -> None:
        super().__init__(location, base_url=None, file_permissions_mode=0o600)

    def has_room(self) -> bool:
        return shutil.disk_usage(self._existing(Path(self.location))).free > KEEP_FREE

    def url(self, name: str | None) -> NoReturn:
        raise NotImplementedError("Patients' files have no address.")

    def _save(self, name: str, content: File) -> str:
        path = Path(self.path(name))
        is_new_folder = not path.parent.exists()
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            # x: never over another file.
            with open(path, "xb", opener=partial(os.open, mode=0o600)) as target:
                for piece in content.chunks():
                    target.write(piece)
                target.flush()
                os.fsync(target.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        # A name, too, is only on the disk once its folder is.
        for folder in [path.parent, path.parent.parent] if is_new_folder else [path.parent]:
            _sync_folder(folder)
        return name

    def _open(self, name: str, mode: str = "rb") -> File:
        try:
            return super()._open(name, mode)  # type: ignore[misc] # django-stubs leave it out
        except FileNotFoundError as error:
            raise FileLost(f"{name} is not there.") from error

    def move(self, name: str, to: str) -> None:
        source, target = Path(self.path(name)), Path(self.path(to))
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            source.rename(target)
        except FileNotFoundError as error:
            raise FileLost(f"{name} is not there.") from error
        for folder in (target.parent, source.parent):
            _sync_folder(folder)

    @staticmethod
    def _existing(folder: Path) -> Path:
        return next(path for path in (folder, *folder.parents) if path.exists())


def all_names(storage: Storage) -> Iterator[str]:
    """Every file of a patient there is, folder by folder; not what lies in the trash."""
    for folder in _folders(storage, ""):
        if folder != TRASH:
            for name in storage.listdir(folder)[1]:
                yield f"{folder}/{name}"


def all_trash(storage: Storage) -> Iterator[tuple[str, str, datetime.date]]:
    """Where a file lies in the trash, the name it had, and since when it lies there."""
    for day in _folders(storage, TRASH):
        for name in storage.listdir(f"{TRASH}/{day}")[1]:
            yield f"{TRASH}/{day}/{name}", _in_its_folder(name), datetime.date.fromisoformat(day)


def trash_name(name: str, day: datetime.date) -> str:
    return f"{TRASH}/{day}/{name.rpartition('/')[2]}"


def _folders(storage: Storage, folder: str) -> list[str]:
    try:
        return sorted(storage.listdir(folder)[0])
    except FileNotFoundError:  # nothing was ever stored
        return []


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
