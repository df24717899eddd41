"""Writes one backup: a tar archive, made piece by piece and encrypted on the way; no readable copy is left."""

from __future__ import annotations

import datetime
import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyrage
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import Storage, storages
from django.db import connection

from immuno_site.backup import FOLDERS, FORMAT, MANIFEST, PROOF, database, proof_of
from immuno_site.consultations.files.envelope import Readable
from immuno_site.consultations.models import KeyCanary

CHUNK = 256 * 1024
PATTERN = "immuno-*.tar.age"


class BackupFailed(Exception):
    """No backup was written; the message says why."""


@dataclass
class Made:
    """What one backup holds."""

    path: Path
    tables: dict[str, int]
    files: dict[str, dict[str, object]] = field(default_factory=dict)  # name -> size, sha256
    gone: list[str] = field(default_factory=list)  # erased while we were at it

    def manifest(self, *, now: datetime.datetime) -> dict[str, object]:
        return {
            "format": FORMAT,
            "made_at": now.isoformat(),
            "site": settings.SITE_URL,
            "vendor": connection.vendor,
            "tables": self.tables,
            "files": self.files,
            "gone": self.gone,
        }


def make(folder: Path, *, now: datetime.datetime) -> Made:
    """The finished backup."""
    recipients = _recipients()
    KeyCanary.leave()  # a site that never ran has none, and its backup would prove no keys
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"immuno-{now.astimezone(datetime.UTC):%Y-%m-%dT%H%M%SZ}.tar.age"
    # Beside the database: as well guarded, and on the same disk.
    with tempfile.TemporaryDirectory(dir=settings.DATA_DIR, prefix="backup-") as workplace:
        # The database first: a file that is stored later has no row in it, never the other way round.
        copy = Path(workplace) / database.file_name()
        try:
            made = Made(path, database.copy_to(copy))
            write_encrypted(path, _tar(copy, made, now=now), recipients)
        except OSError as error:
            raise BackupFailed(
                f"No backup was written, and older ones stay: {error.strerror or error}."
            ) from error
    return made


def write_encrypted(path: Path, pieces: Iterator[bytes], recipients: list[object]) -> None:
    """The file has its name only once it is whole and on the disk."""
    part = path.with_suffix(".part")
    try:
        with open(part, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as target:
            pyrage.encrypt_io(_Reader(pieces), target, recipients)
            target.flush()
            os.fsync(target.fileno())
        part.replace(path)
    except pyrage.EncryptError as error:
        raise BackupFailed(str(error)) from error
    finally:
        part.unlink(missing_ok=True)


def delete_old(folder: Path, *, before: datetime.datetime) -> list[Path]:
    """Backups made before that moment, except the newest one: it may be all there is."""
    kept = sorted(folder.glob(PATTERN))
    old = [path for path in kept[:-1] if path.stat().st_mtime < before.timestamp()]
    for path in old:
        path.unlink()
    return old


def _recipients() -> list[object]:
    if not settings.BACKUP_RECIPIENTS:
        raise ImproperlyConfigured(
            "Set BACKUP_RECIPIENTS to the public key (age1...) of whoever may restore."
        )
    try:
        return [pyrage.x25519.Recipient.from_str(key) for key in settings.BACKUP_RECIPIENTS]
    except pyrage.RecipientError as error:
        raise ImproperlyConfigured("BACKUP_RECIPIENTS holds something that is no age public key.") from error


# --- The archive, piece by piece --------------------------------------------------------------------------


def _tar(copy: Path, made: Made, *, now: datetime.datetime) -> Iterator[bytes]:
    with copy.open("rb") as file:
        yield from _member(copy.name, file, copy.stat().st_size, made)
    for folder, alias in FOLDERS.items():
        yield from _stored_files(storages[alias], folder, made)
    manifest = json.dumps(made.manifest(now=now), indent=1).encode()
    for name, content in ((MANIFEST, manifest), (PROOF, proof_of(manifest).encode())):
        yield from _header(name, len(content))
        yield content + _padding(len(content))
    yield bytes(2 * tarfile.BLOCKSIZE)


def _stored_files(storage: Storage, folder: str, made: Made) -> Iterator[bytes]:
    for name in all_files(storage):
        try:
            size = storage.size(name)
            file = storage.open(name, "rb")
        except FileNotFoundError:
            made.gone.append(f"{folder}/{name}")
            continue
        with file:
            yield from _member(f"{folder}/{name}", file, size, made)


def all_files(storage: Storage, folder: str = "") -> Iterator[str]:
    """Every file there is, in an order that does not change."""
    try:
        folders, names = storage.listdir(folder)
    except FileNotFoundError:  # nothing was ever stored
        return
    prefix = f"{folder}/" if folder else ""
    yield from (f"{prefix}{name}" for name in sorted(names))
    for name in sorted(folders):
        yield from all_files(storage, f"{prefix}{name}")


def _member(name: str, file: Readable, size: int, made: Made) -> Iterator[bytes]:
    digest, left = hashlib.sha256(), size
    yield from _header(name, size)
    while left:
        piece = file.read(min(CHUNK, left))
        if not piece:
            raise BackupFailed(f"{name} is shorter than the storage says.")
        digest.update(piece)
        left -= len(piece)
        yield piece
    yield _padding(size)
    made.files[name] = {"size": size, "sha256": digest.hexdigest()}


def _header(name: str, size: int) -> Iterator[bytes]:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    yield info.tobuf(tarfile.PAX_FORMAT)


def _padding(size: int) -> bytes:
    return bytes(-size % tarfile.BLOCKSIZE)


class _Reader(io.RawIOBase):
    """Pieces as something that can be read from."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces, self._rest = iter(pieces), b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = piece
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken
