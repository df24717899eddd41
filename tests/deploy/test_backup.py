"""A backup that nobody opens without the key, and that brings everything back on an empty machine."""

from __future__ import annotations

import datetime
import hmac
import io
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pyrage
import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.backends.db import SessionStore as OldSessionStore
from django.contrib.sessions.models import Session as OldSession
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, storages
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from immuno_site.accounts.models import Session
from immuno_site.accounts.session_store import SessionStore
from immuno_site.backup import database, making, restoring
from immuno_site.consultations import sweeping
from immuno_site.consultations.files.storage import MARK
from immuno_site.consultations.models import ConsultationRequest, FileStore, KeyCanary, Progress
from immuno_site.consultations.uploads import accept
from tests.consultations import sample_files
from tests.consultations.factories import NOW, create_progress, create_request
from tests.deploy.databases import empty_postgresql

# Not for the tests' sake, which look at files: pytest-django makes a database only where a test is marked.
pytestmark = [pytest.mark.django_db, pytest.mark.longest]
CANARY = "CANARY-OF-THE-BACKUP"
FILE = "pictures/2026/team.txt"


@dataclass(frozen=True)
class Site:
    """What was there when the backup was made, and the key that stays offline."""

    backup: Path
    keys: Path
    folder: Path
    session: str  # of somebody who was signed in


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: object, tmp_path_factory: object) -> Site:
    """One backup of a site with a request, a file of a patient and a picture of an editor."""
    folder = tmp_path_factory.mktemp("site")
    identity = pyrage.x25519.Identity.generate()
    with _storages(folder), django_db_blocker.unblock():
        KeyCanary.leave()
        create_request(name=CANARY)
        for store in (SessionStore, OldSessionStore):
            session = store()
            session["account_password_reset"] = {"code": "CJCC-ZVJX"}
            session.create()
        upload = sample_files.upload("a.pdf", sample_files.pdf(title=CANARY))
        accept(upload, progress=create_progress()[0], now=NOW)
        sweeping.sweep(now=NOW)
        storages["default"].save(FILE, ContentFile(b"picture"))
        with override_settings(BACKUP_RECIPIENTS=[str(identity.to_public())]):
            backup = making.make(folder / "backups", now=timezone.now()).path
        database.copy_to(folder / "database at that moment")
        for model in (ConsultationRequest, Progress, KeyCanary, Session, OldSession, FileStore):
            model.objects.all().delete()
    keys = folder / "backup.key"
    keys.write_text(f"# made for a test\n{identity}\n")
    return Site(backup, keys, folder, session.session_key)


@pytest.fixture
def site(made: Site, tmp_path: Path) -> Site:
    """The same with a copy of backup and key that a test may spoil."""
    return Site(
        Path(shutil.copy2(made.backup, tmp_path)),
        Path(shutil.copy2(made.keys, tmp_path)),
        made.folder,
        made.session,
    )


def _storages(folder: Path) -> override_settings:
    private = "immuno_site.consultations.files.storage.PrivateDisk"
    backends = {"private": private, "default": "django.core.files.storage.FileSystemStorage"}
    names = {"private": "private", "default": "media"}
    changed = {
        alias: {"BACKEND": backend, "OPTIONS": {"location": folder / names[alias]}}
        for alias, backend in backends.items()
    }
    return override_settings(STORAGES={**django_settings.STORAGES, **changed})


@pytest.fixture
def empty_database(tmp_path: Path) -> Iterator[str]:
    """Where to restore to: a file that is not there, or a PostgreSQL database without tables."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty-machine' / 'site.sqlite3'}"
        return
    with empty_postgresql() as url:
        yield url


def _on_an_empty_machine(tmp_path: Path, database: str, *arguments: str, **environment: str) -> str:
    """Another process with a folder and a database of its own; what it printed."""
    base = {name: os.environ[name] for name in ("PATH", "CONSULTATION_KEYS", "CONSULTATION_INDEX_KEY")}
    finished = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=django_settings.ROOT,
        env={
            **base,
            "IMMUNO_ENV": "production",
            "SECRET_KEY": "x",
            "SITE_URL": "https://testserver",
            "ALLOWED_HOSTS": "testserver",
            "DATA_DIR": str(tmp_path / "empty-machine"),
            "DATABASE_URL": database,
            **environment,
        },
        capture_output=True,
        text=True,
    )
    return finished.stdout + finished.stderr


def _opened(site: Site) -> tarfile.TarFile:
    plain = io.BytesIO()
    identity = pyrage.x25519.Identity.from_str(site.keys.read_text().splitlines()[1])
    with site.backup.open("rb") as file:
        pyrage.decrypt_io(file, plain, [identity])
    plain.seek(0)
    return tarfile.open(fileobj=plain)


# --- Making -----------------------------------------------------------------------------------------------


def test_backup_holds_database_files_and_manifest(site: Site) -> None:
    with _opened(site) as archive:
        names = archive.getnames()
        manifest = json.load(archive.extractfile("manifest.json"))
    assert names[0].startswith("database.")
    assert names[-2:] == ["manifest.json", "proof"]
    assert f"media/{FILE}" in names
    assert f"private/{MARK}" in names
    assert sum(name.startswith("private/") for name in names) == 2
    assert set(manifest["files"]) == set(names[:-2])
    assert manifest["tables"]["consultations_consultationrequest"] == 1


@pytest.mark.corpus("P4")
def test_p4_backup_is_unreadable_without_the_key_and_closed_to_others(site: Site) -> None:
    content = site.backup.read_bytes()
    assert content.startswith(b"age-encryption.org/")
    assert not any(word.encode() in content for word in (CANARY, "SQLite format", "manifest", "PGDMP"))
    assert site.backup.stat().st_mode & 0o077 == 0


@pytest.mark.corpus("P4")
def test_p4_opened_backup_holds_nothing_of_a_patient_in_the_clear(site: Site) -> None:
    """Whoever has the backup's key still needs the site's."""
    with _opened(site) as archive:
        for member in archive.getmembers():
            assert CANARY.encode() not in archive.extractfile(member).read()


def test_backup_leaves_no_copy_behind(made: Site) -> None:
    assert list(made.backup.parent.iterdir()) == [made.backup]
    assert not list(Path(django_settings.DATA_DIR).glob("backup-*"))


class _Vanishing(FileSystemStorage):
    """Lists a file that is erased before it is its turn."""

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        return [], ["erased", "kept"]


def test_file_erased_while_the_backup_goes_on_is_named(tmp_path: Path) -> None:
    (tmp_path / "kept").write_bytes(b"here")
    made = making.Made(tmp_path, {})
    list(making._stored_files(_Vanishing(tmp_path), "media", made))
    assert (made.gone, list(made.files)) == (["media/erased"], ["media/kept"])


class _Shorter(FileSystemStorage):
    """Has lost the end of a file."""

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        return [], ["picture"]

    def size(self, name: str) -> int:
        return super().size(name) + 1


def test_failed_backup_leaves_nothing(tmp_path: Path) -> None:
    media, backups = tmp_path / "media", tmp_path / "backups"
    media.mkdir()
    backups.mkdir()
    (media / "picture").write_bytes(b"here")
    pieces = making._stored_files(_Shorter(media), "media", making.Made(backups, {}))
    with pytest.raises(making.BackupFailed, match="shorter"):
        making.write_encrypted(backups / "x.tar.age", pieces, [pyrage.x25519.Identity.generate().to_public()])
    assert list(backups.iterdir()) == []


def test_backup_without_a_recipient_says_what_to_set(settings: object, tmp_path: Path) -> None:
    settings.BACKUP_RECIPIENTS = []
    with pytest.raises(CommandError, match="Set BACKUP_RECIPIENTS"):
        call_command("backup", tmp_path)
    settings.BACKUP_RECIPIENTS = ["age1nonsense"]
    with pytest.raises(CommandError, match="no age public key"):
        call_command("backup", tmp_path)


def test_old_backups_go_but_never_the_last_one(tmp_path: Path) -> None:
    now = timezone.now()
    paths = []
    for age in (50, 40, 35, 1):
        moment = now - datetime.timedelta(days=age)
        paths.append(tmp_path / f"immuno-{moment:%Y-%m-%dT%H%M%SZ}.tar.age")
        paths[-1].touch()
        os.utime(paths[-1], (moment.timestamp(), moment.timestamp()))
    (tmp_path / "notes.txt").touch()
    before = now - datetime.timedelta(days=30)
    assert making.delete_old(tmp_path, before=before) == paths[:3]
    os.utime(paths[3], (0, 0))
    assert making.delete_old(tmp_path, before=before) == []


# --- The drill --------------------------------------------------------------------------------------------


def _restore(site: Site, tmp_path: Path, database: str, **environment: str) -> str:
    arguments = ("restore", str(site.backup), "--identity", str(site.keys))
    return _on_an_empty_machine(tmp_path, database, *arguments, **environment)


def test_x18_drill_brings_everything_back(site: Site, tmp_path: Path, empty_database: str) -> None:
    said = _restore(site, tmp_path, empty_database)
    assert "3 files" in said
    assert "all as the manifest says" in said
    assert re.search(r"Restored the state of \d{4}-\d\d-\d\d \d\d:\d\d UTC, .*minutes? ago", said)
    machine = tmp_path / "empty-machine"
    assert (machine / "media" / FILE).read_bytes() == b"picture"
    for mine in (site.folder / "private").rglob("*"):
        assert mine.is_dir() or (machine / mine.relative_to(site.folder)).read_bytes() == mine.read_bytes()
    assert not list(machine.glob("restore-*"))
    script = (
        "from django.core.management import call_command;"
        "from immuno_site.consultations.models import *; from immuno_site.consultations.uploads import pieces;"
        "print(ConsultationRequest.objects.get().name, b''.join(pieces(Attachment.objects.get()))[:5]);"
        "call_command('sweep_files', '--now'); call_command('migrate')"
    )
    said = _on_an_empty_machine(tmp_path, empty_database, "shell", "-c", script)
    assert f"{CANARY} b'%PDF-'" in said
    assert "0 files without a row" in said
    assert "No migrations to apply" in said
    if empty_database.startswith("sqlite:"):  # pg_restore compares for us
        _assert_same_rows(site.folder / "database at that moment", machine / "site.sqlite3")
    assert "has tables" in _restore(site, tmp_path, empty_database)  # once is enough


def test_restore_beside_the_store_that_is_still_there(
    site: Site, tmp_path: Path, empty_database: str
) -> None:
    """The machine is lost, the shared store is not: what it holds is kept, what it lacks is put back."""
    store = tmp_path / "empty-machine" / "private"
    shutil.copytree(site.folder / "private", store)
    (file,) = [path for path in store.rglob("*/*") if path.is_file()]
    file.write_bytes(file.read_bytes()[:-1])
    newer = store / "ab" / f"ab{'0' * 30}"
    newer.parent.mkdir(exist_ok=True)
    newer.write_bytes(b"stored after the backup")
    assert "all as the manifest says" in _restore(site, tmp_path, empty_database)
    assert file.read_bytes() == (site.folder / "private" / file.relative_to(store)).read_bytes()
    assert newer.exists()
    swept = _on_an_empty_machine(tmp_path, empty_database, "sweep_files", "--now")
    assert "1 files without a row put into the trash" in swept


def test_restore_beside_the_store_of_another_site_is_refused(
    site: Site, tmp_path: Path, empty_database: str
) -> None:
    store = tmp_path / "empty-machine" / "private"
    store.mkdir(parents=True)
    (store / MARK).write_text("0" * 32)
    assert "storage of private files is not empty" in _restore(site, tmp_path, empty_database)
    assert [path.name for path in store.iterdir()] == [MARK]


def _assert_same_rows(one: Path, other: Path) -> None:
    with closing(sqlite3.connect(one)) as before, closing(sqlite3.connect(other)) as after:
        tables = [name for (name,) in before.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        assert len(tables) > 50
        for table in tables:
            query = f'SELECT * FROM "{table}"'  # noqa: S608 - our own names
            assert sorted(map(repr, before.execute(query))) == sorted(map(repr, after.execute(query))), table


def test_restore_that_cannot_be_right_says_why(site: Site, tmp_path: Path, empty_database: str) -> None:
    """One after the other, on a machine that each leaves as empty as it was: else the next would hear of tables."""
    own = hmac.new(b"a guess", b"", "sha256").hexdigest().encode()
    with _opened(site) as archive:
        tables = json.load(archive.extractfile("manifest.json"))["tables"]
    content, earlier = site.backup.read_bytes(), {"format": 1}
    middle = len(content) // 2
    without_keys = earlier | {"tables": tables | {"consultations_keycanary": 0}}
    foreign = {"site": "https://evil.example"}
    backups = {
        "whole": content,
        "cut": content[:-1000],
        "flipped": content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :],
        "guessed": _forged(site, manifest=foreign, proof=own),
        "foreign": _forged(site, manifest=foreign, proof=None),
        "earlier": _forged(site, manifest=earlier, proof=None),
        "without keys": _forged(site, manifest=without_keys, proof=None),
    }
    keys = {"ours": site.keys.read_text(), "other": str(pyrage.x25519.Identity.generate()), "none": "hello"}
    for name, file in (backups | {name: text.encode() for name, text in keys.items()}).items():
        (tmp_path / name).write_bytes(file)
    tries = {
        ("cut", "ours"): "damaged",
        ("flipped", "ours"): "damaged",
        ("whole", "other"): "does not open",
        ("whole", "none"): "no age key file",
        ("guessed", "ours"): "was not made by our site",
        ("foreign", "ours"): "does not prove that it is ours",
        ("earlier", "ours"): "say --unproven",
        ("without keys", "ours", "--unproven"): "lacks the row",
    }
    restores = [
        ("restore", str(tmp_path / backup), "--identity", str(tmp_path / key), *options)
        for backup, key, *options in tries
    ]
    script = (
        "from django.core.management import CommandError, call_command\n"
        f"for arguments in {restores!r}:\n"
        "    try: call_command(*arguments)\n"
        "    except CommandError as error: print(error)"
    )
    said = _on_an_empty_machine(tmp_path, empty_database, "shell", "-c", script).splitlines()[-len(tries) :]
    for sentence, line in zip(tries.values(), said, strict=True):
        assert sentence in line


def test_restore_without_the_keys_of_the_site_says_so(
    site: Site, tmp_path: Path, empty_database: str
) -> None:
    other = "b3RoZXIga2V5IG90aGVyIGtleSBvdGhlciBrZXkgb3Q="
    said = _restore(site, tmp_path, empty_database, CONSULTATION_KEYS=other)
    assert "cannot be read: CONSULTATION_KEYS" in said.splitlines()[-1]


@pytest.mark.parametrize(
    "change", [{f"media/{FILE}": b"another"}, {"media/new.txt": b""}, {f"media/{FILE}": None}]
)
def test_archive_that_is_not_what_its_manifest_says_is_refused(
    site: Site, change: dict[str, bytes | None]
) -> None:
    with _opened(site) as archive:
        members = {member.name: archive.extractfile(member).read() for member in archive.getmembers()}
    with _archive(members | change) as archive, pytest.raises(restoring.RestoreFailed):
        restoring._checked_manifest(archive, is_unproven_taken=False)


# --- Whose backup is it? ----------------------------------------------------------------------------------


def _archive(members: dict[str, bytes | None]) -> tarfile.TarFile:
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive:
        for name, content in members.items():
            if content is not None:
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    written.seek(0)
    return tarfile.open(fileobj=written)


def _forged(site: Site, *, manifest: dict[str, object], proof: bytes | None) -> bytes:
    """Another archive, encrypted to the same public key: that much anybody can do."""
    with _opened(site) as archive:
        members = {member.name: archive.extractfile(member).read() for member in archive.getmembers()}
    members["manifest.json"] = json.dumps(json.loads(members["manifest.json"]) | manifest).encode()
    members["proof"] = proof
    identity = pyrage.x25519.Identity.from_str(site.keys.read_text().splitlines()[1])
    return pyrage.encrypt(_archive(members).fileobj.getvalue(), [identity.to_public()])


def test_backup_of_an_earlier_release_is_taken_if_somebody_says_so(
    site: Site, tmp_path: Path, empty_database: str
) -> None:
    site.backup.write_bytes(_forged(site, manifest={"format": 1}, proof=None))
    arguments = ("restore", str(site.backup), "--identity", str(site.keys), "--unproven")
    assert "all as the manifest says" in _on_an_empty_machine(tmp_path, empty_database, *arguments)


def test_restore_on_a_machine_with_another_index_key_is_refused(
    site: Site, tmp_path: Path, empty_database: str
) -> None:
    said = _restore(site, tmp_path, empty_database, CONSULTATION_INDEX_KEY="another")
    assert "CONSULTATION_INDEX_KEY is not the one it was made with" in said


def test_backup_holds_nobody_who_is_signed_in_and_no_code_on_its_way(site: Site) -> None:
    with _opened(site) as archive:
        tables = json.load(archive.extractfile("manifest.json"))["tables"]
        assert [tables[name] for name in database.LEFT_OUT] == [0, 0]
        content = archive.extractfile(archive.getnames()[0]).read()
    if connection.vendor != "sqlite":
        done = subprocess.run(["pg_restore", "--file=-"], input=content, capture_output=True, check=True)
        content = done.stdout
    assert b"accounts_session" in content  # the table is there, empty
    assert site.session.encode() not in content
