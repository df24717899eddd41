"""The databases that tests begin with: migrated once, filled once with each library, then copied.

They are kept in var/tests (on PostgreSQL: as databases beside the tests' own) under the digest of all they were made
from, so whatever changes makes a new one. What a digest might leave out cannot land: `.ci/run` has a clean clone,
where nothing is kept yet.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from content import prepared

ROOT = Path(__file__).resolve().parents[1]
SMALL = ROOT / "tests" / "library"
REAL = ROOT / "content" / "library"
KEPT = ROOT / "var" / "tests"
both = pytest.mark.parametrize(
    "library", [SMALL, pytest.param(REAL, marks=pytest.mark.stock)], ids=["small", "real"]
)

# Migrations, and what they are made of.
_TABLES = (
    "requirements.lock", "content/database_defaults.py", "content/migrations/*.py", "immuno_site/*/migrations/*.py",
)  # fmt: skip
# Whatever an import, the pages' builder and the index of the search may ask.
_FILLED_BY = ("content/**/*.py", "immuno_site/**/*.py", "tests/settings.py", "tests/stocks.py")


@contextmanager
def our_turn() -> Iterator[None]:
    """One process builds; the others wait, and copy."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


def lay_out_tables() -> bool:
    """Before Django migrates: a database with tables, if one is kept, else none. Says which."""
    shelf = _shelf()
    is_kept = shelf.has(tables())
    shelf.begin_with(tables() if is_kept else "")
    return is_kept


def take_kept_tables() -> None:
    """On SQLite, into the open database; what is not kept is left to `migrate`."""
    with our_turn():
        if Files().has(tables()):
            Files().take(tables())


def keep_tables() -> None:
    if not _shelf().has(tables()):
        _shelf().keep(tables())


def put(library: Path) -> None:
    """A database with this library in it, whatever was there before."""
    shelf, name = _shelf(), filled_with(library)
    with our_turn():
        if not shelf.has(name):
            shelf.take(tables())
            load(library)
            shelf.keep(name)
        shelf.take(name)
    ContentType.objects.clear_cache()
    prepared.forget()


def end() -> None:
    """What is not kept goes."""
    _shelf().end()


def load(library: Path) -> None:
    call_command("import_library", str(library), verbosity=0)
    call_command("build_pages", str(library), verbosity=0)


@dataclass
class Stand:
    """Which library the database of this process holds, and which the next test wants."""

    wanted: Path = SMALL
    held: Path | None = None  # none: there is no database yet, or its tables are empty
    is_open: bool = False

    def put(self) -> None:
        self.is_open = True
        if self.held != self.wanted:
            put(self.wanted)
            self.held = self.wanted


stand = Stand()


# --- Names ------------------------------------------------------------------------------------------------


@cache
def tables() -> str:
    """An app of the tests' own lays its tables on top of these."""
    apps = [app for app in settings.INSTALLED_APPS if not app.startswith("tests.")]
    return "tables-" + _digest(_files(*_TABLES), connection.vendor, *apps)


@cache
def filled_with(library: Path) -> str:
    """Facts remember the day they were approved, so it counts too."""
    files = [*_files(*_FILLED_BY), *(path for path in sorted(library.rglob("*")) if path.is_file())]
    name = "small" if library == SMALL else "real"
    return f"{name}-" + _digest(files, tables(), str(timezone.localdate()))


def _files(*patterns: str) -> list[Path]:
    return [path for pattern in patterns for path in sorted(ROOT.glob(pattern))]


def _digest(files: Iterable[Path], *words: str) -> str:
    digest = hashlib.sha256("\n".join(words).encode())
    for path in files:
        digest.update(f"\n{path}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:20]


# --- Where they are kept ----------------------------------------------------------------------------------


class Files:
    """SQLite: a file each."""

    def has(self, name: str) -> bool:
        return self._file(name).exists()

    def begin_with(self, name: str) -> None:
        if name:
            shutil.copyfile(self._file(name), connection.settings_dict["TEST"]["NAME"])

    def take(self, name: str) -> None:
        """Into the open database: the server of the browser's tests goes on with it."""
        with closing(sqlite3.connect(f"file:{self._file(name)}?mode=ro", uri=True)) as kept:
            connection.ensure_connection()
            kept.backup(connection.connection)

    def keep(self, name: str) -> None:
        unfinished = KEPT / f"unfinished-{name}"
        unfinished.unlink(missing_ok=True)
        with closing(sqlite3.connect(unfinished)) as kept:
            connection.connection.backup(kept)
            kept.execute("PRAGMA journal_mode=DELETE")  # one file, and nothing beside it
        for earlier in KEPT.glob(f"{_kind(name)}-*.sqlite3"):
            earlier.unlink()
        unfinished.rename(self._file(name))

    def end(self) -> None:
        """The tests' own database lies in a folder that goes."""

    def _file(self, name: str) -> Path:
        return KEPT / f"{name}.sqlite3"


class Databases:
    """PostgreSQL: a database each, which is the template of the tests' own. Each checkout has its own."""

    prefix = f"immuno_tests_{_digest([], str(ROOT))[:6]}_"

    def has(self, name: str) -> bool:
        return bool(self._run("SELECT 1 FROM pg_database WHERE datname = %s", self.prefix + name))

    def begin_with(self, name: str) -> None:
        self._drop(_own_database())
        if name:
            self._copy(self.prefix + name, _own_database())

    def take(self, name: str) -> None:
        connection.close()
        self.begin_with(name)

    def keep(self, name: str) -> None:
        connection.close()
        kind = f"{self.prefix}{_kind(name)}-%"
        for (earlier,) in self._run("SELECT datname FROM pg_database WHERE datname LIKE %s", kind):
            self._drop(earlier)
        self._copy(_own_database(), self.prefix + name)

    def end(self) -> None:
        connection.close()
        self._drop(_own_database())

    def _drop(self, name: str) -> None:
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _copy(self, name: str, to: str) -> None:
        self._run(f'CREATE DATABASE "{to}" TEMPLATE "{name}"')

    def _run(self, sql: str, *values: str) -> list[tuple[str, ...]]:
        with connection._nodb_cursor() as cursor:
            cursor.execute(sql, values or None)
            return cursor.fetchall() if cursor.description else []


@cache
def _own_database() -> str:
    """As Django will call it: asked before it does, for afterwards that is the connection's own name."""
    return connection.creation._get_test_db_name()


def _kind(name: str) -> str:
    return name.partition("-")[0]


def _shelf() -> Files | Databases:
    return Files() if connection.vendor == "sqlite" else Databases()
