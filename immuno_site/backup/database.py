"""The database as one file, while the site goes on: SQLite's online backup or pg_dump."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from sqlite3 import dbapi2  # the driver that Django takes

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

# Who is signed in now, and codes of passwords being reset: nobody needs them back.
# (The second one is from before sessions knew their account; nothing writes to it any more.)
LEFT_OUT = ("accounts_session", "django_session")


class NotEmpty(Exception):
    """There is something already where a backup was to go."""


def file_name() -> str:
    return "database.sqlite3" if connection.vendor == "sqlite" else "database.dump"


def copy_to(path: Path) -> dict[str, int]:
    """Writes the copy and says how many rows each table has in it."""
    return _copy_sqlite(path) if connection.vendor == "sqlite" else _dump_postgresql(path)


def put_back(path: Path) -> None:
    """Makes an empty database the copy."""
    if has_tables():
        raise NotEmpty("The database has tables. Restore into an empty one.")
    if connection.vendor == "sqlite":
        _put_back_sqlite(path)
    else:
        options = ("--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error")
        _run("pg_restore", *options, f"--dbname={connection.settings_dict['NAME']}", str(path))


def has_tables() -> bool:
    if connection.vendor == "sqlite" and not Path(connection.settings_dict["NAME"]).exists():
        return False  # asking would make an empty file
    return bool(connection.introspection.table_names())


def count_rows() -> dict[str, int]:
    with connection.cursor() as cursor:
        return _count(cursor, connection.introspection.table_names())


def is_sound() -> bool:
    """SQLite checks itself; pg_restore would have stopped."""
    if connection.vendor != "sqlite":
        return True
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        return cursor.fetchall() == [("ok",)]


def _copy_sqlite(path: Path) -> dict[str, int]:
    if connection.in_atomic_block:  # SQLite would wait for the end of our own transaction, for ever
        raise transaction.TransactionManagementError("A backup cannot be made inside a transaction.")
    connection.ensure_connection()
    target = dbapi2.connect(path)
    try:
        connection.connection.backup(target)
        for table in LEFT_OUT:
            target.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
        target.commit()
        target.execute("VACUUM")  # what was deleted, here or earlier, would still lie in its pages
        target.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        tables = connection.introspection.table_names()
        return _count(target.cursor(), tables)
    finally:
        target.close()


def _put_back_sqlite(path: Path) -> None:
    connection.close()
    target = Path(connection.settings_dict["NAME"])
    for left_over in (target.with_name(f"{target.name}-wal"), target.with_name(f"{target.name}-shm")):
        left_over.unlink(missing_ok=True)
    path.replace(target)


def _dump_postgresql(path: Path) -> dict[str, int]:
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        # What is counted and what is dumped is the same moment.
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
        counts = _count(cursor, connection.introspection.table_names(cursor)) | dict.fromkeys(LEFT_OUT, 0)
        _run(
            "pg_dump",
            "--format=custom",
            *(f"--exclude-table-data={table}" for table in LEFT_OUT),
            f"--snapshot={snapshot}",
            f"--file={path}",
        )
    return counts


def _count(cursor: CursorWrapper | dbapi2.Cursor, tables: list[str]) -> dict[str, int]:
    counts = {}
    for table in tables:
        cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608 - our own names
        counts[table] = cursor.fetchone()[0]
    return counts


def _run(program: str, *arguments: str) -> None:
    """The password goes by the environment: a command line can be read by everybody on the machine."""
    names = {
        "HOST": "PGHOST",
        "PORT": "PGPORT",
        "USER": "PGUSER",
        "PASSWORD": "PGPASSWORD",
        "NAME": "PGDATABASE",
    }
    database = connection.settings_dict
    environment = {variable: str(database[name]) for name, variable in names.items() if database[name]}
    subprocess.run([program, *arguments], check=True, env={"PATH": os.defpath, **environment})  # noqa: S603
