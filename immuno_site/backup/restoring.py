"""Brings a backup back onto an empty machine, and holds what came back against its manifest."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, TypedDict

import pyrage
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.files.base import File
from django.core.files.storage import Storage, storages
from django.db import connection

from immuno_site.backup import FOLDERS, FORMAT, MANIFEST, PROOF, WITHOUT_PROOF, database, proof_of
from immuno_site.backup.making import CHUNK, all_files
from immuno_site.consultations import key_check
from immuno_site.consultations.files.envelope import Readable
from immuno_site.consultations.files.storage import MARK
from immuno_site.consultations.models import Attachment, KeyCanary

TEMPORARY = "restore-"


class RestoreFailed(Exception):
    """Nothing usable came back; the message says what to do."""


class Manifest(TypedDict):
    """What a backup says of itself."""

    format: int
    made_at: str
    vendor: str
    tables: dict[str, int]
    files: dict[str, Entry]
    gone: list[str]


class Entry(TypedDict):
    sha256: str


@dataclass(frozen=True)
class Restored:
    """What came back."""

    made_at: datetime.datetime
    tables: int
    rows: int
    files: int


def restore(path: Path, identity: Path, *, is_unproven_taken: bool = False) -> Restored:
    """All or nothing as far as can be: everything is checked before anything is put in its place."""
    _refuse_a_used_place()
    with tempfile.TemporaryDirectory(dir=settings.DATA_DIR, prefix=TEMPORARY) as workplace:
        opened = Path(workplace) / "backup.tar"
        _decrypt(path, identity, to=opened)
        with tarfile.open(opened) as archive:
            manifest = _checked_manifest(archive, is_unproven_taken=is_unproven_taken)
            _refuse_used_storages(manifest)
            copy = Path(workplace) / database.file_name()
            with _member(archive, copy.name) as source, copy.open("wb") as target:
                _copy(source, target)
            database.put_back(copy)
            for name, expected in manifest["files"].items():
                _put_back_file(archive, name, expected)
    _compare(manifest)
    Session.objects.all().delete()  # older backups hold them
    return Restored(
        datetime.datetime.fromisoformat(manifest["made_at"]),
        len(manifest["tables"]),
        sum(manifest["tables"].values()),
        len(manifest["files"]) - 1,
    )


def _refuse_a_used_place() -> None:
    if database.has_tables():
        raise RestoreFailed(
            "The database has tables. Restore into an empty one: a fresh DATA_DIR or DATABASE_URL."
        )


def _refuse_used_storages(manifest: Manifest) -> None:
    """The store of patients' files may be the one that the backup was made of."""
    for folder, alias in FOLDERS.items():
        is_used = next(all_files(storages[alias]), None)
        if is_used and not _is_same(storages[alias], MARK, manifest["files"].get(f"{folder}/{MARK}")):
            raise RestoreFailed(f"The storage of {alias} files is not empty. Restore into a fresh one.")


def _is_same(storage: Storage, name: str, expected: Entry | None) -> bool:
    """Does the storage hold exactly this file of the manifest?"""
    if not expected or not storage.exists(name):
        return False
    with storage.open(name) as file:
        return _digest(file) == expected["sha256"]


def _decrypt(path: Path, identity: Path, *, to: Path) -> None:
    lines = [line.strip() for line in identity.read_text().splitlines()]
    try:
        keys = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
        with path.open("rb") as source, open(to, "wb", opener=_for_us_alone) as target:
            pyrage.decrypt_io(source, target, keys)
    except pyrage.IdentityError as error:
        raise RestoreFailed(f"{identity} is no age key file (AGE-SECRET-KEY-1...).") from error
    except pyrage.DecryptError as error:
        raise RestoreFailed(f"The key does not open {path.name}, or the file is damaged: {error}.") from error
    except OSError as error:
        raise RestoreFailed(f"{path.name} is damaged or cut off: {error}.") from error


def _for_us_alone(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)


def _checked_manifest(archive: tarfile.TarFile, *, is_unproven_taken: bool) -> Manifest:
    """The manifest, if the archive holds exactly what it says."""
    members = {member.name: member for member in archive.getmembers()}
    if MANIFEST not in members or not all(member.isfile() for member in members.values()):
        raise RestoreFailed("This is no backup of this site: its manifest is missing.")
    text = _member(archive, MANIFEST).read()
    if PROOF in members:
        _refuse_foreign(text, _member(archive, PROOF).read())
    elif not is_unproven_taken:
        raise RestoreFailed(
            "This backup does not prove that it is ours. Releases before this one made such backups; if you are sure "
            "that nobody else could write to where it lay, say --unproven."
        )
    manifest: Manifest = json.loads(text)
    if manifest["format"] != (FORMAT if PROOF in members else WITHOUT_PROOF):
        raise RestoreFailed(f"This backup has format {manifest['format']}; this release reads {FORMAT}.")
    if manifest["vendor"] != connection.vendor:
        raise RestoreFailed(
            f"This backup is of {manifest['vendor']}; DATABASE_URL names {connection.vendor}."
        )
    if not manifest["tables"].get(KeyCanary._meta.db_table):
        raise RestoreFailed("This backup lacks the row that shows whether the keys fit. It is none of ours.")
    if set(members) - {MANIFEST, PROOF} != set(manifest["files"]):
        raise RestoreFailed("The archive does not hold the files that its manifest names.")
    for name, expected in manifest["files"].items():
        if _sha256(archive, name) != expected["sha256"]:
            raise RestoreFailed(f"{name} is damaged.")
    return manifest


def _member(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    file = archive.extractfile(name)
    if file is None:
        raise RestoreFailed(f"{name} is no file.")
    return file


def _refuse_foreign(manifest: bytes, proof: bytes) -> None:
    if not hmac.compare_digest(proof, proof_of(manifest).encode()):
        raise RestoreFailed(
            "This backup was not made by our site, or CONSULTATION_INDEX_KEY is not the one it was made with."
        )


def _sha256(archive: tarfile.TarFile, name: str) -> str:
    with _member(archive, name) as file:
        return _digest(file)


def _digest(file: Readable) -> str:
    digest = hashlib.sha256()
    for piece in _pieces(file):
        digest.update(piece)
    return digest.hexdigest()


def _pieces(file: Readable) -> Iterator[bytes]:
    while piece := file.read(CHUNK):
        yield piece


def _copy(source: Readable, target: BinaryIO) -> None:
    for piece in _pieces(source):
        target.write(piece)


def _put_back_file(archive: tarfile.TarFile, name: str, expected: Entry) -> None:
    folder, slash, rest = name.partition("/")
    if not slash:
        return  # the database
    storage = storages[FOLDERS[folder]]
    if _is_same(storage, rest, expected):
        return
    storage.delete(rest)
    with _member(archive, name) as file:
        stored = storage.save(rest, File(file))
    if stored != rest:
        raise RestoreFailed(f"{name} could not be stored under its name.")


def _compare(manifest: Manifest) -> None:
    """What is there now against what was there then."""
    if not database.is_sound():
        raise RestoreFailed("The restored database does not pass its own check.")
    if (found := database.count_rows()) != manifest["tables"]:
        different = sorted(name for name in found if found[name] != manifest["tables"].get(name))
        raise RestoreFailed(f"The number of rows differs in: {', '.join(different)}.")
    if sentence := key_check.problem():
        raise RestoreFailed(f"Everything is back, but cannot be read: {sentence}")
    rows = set(Attachment.objects.exclude(scan=Attachment.Scan.LOST).values_list("stored_as", flat=True))
    erased_meanwhile = {name.removeprefix("private/") for name in manifest["gone"]}
    if lost := rows - set(all_files(storages["private"])) - erased_meanwhile:
        raise RestoreFailed(f"{len(lost)} files of patients are in the database, but not in the backup.")
