"""Records what a release writes: python -m tests.deploy.record_release > tests/deploy/previous_release.sql

Runs in the code of that release, on a fresh SQLite database. The rows are those of an ordinary day: requests, a
call-back, a file, a remark, letters, notes, looks, and what an editor makes. The next release plays the file back on
its own tables (test_previous_release.py): going back one release must not stop at a column it does not know.

Ciphertext is written as the words in it, "«sealed: Anna»": the file can be read and holds no key.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

NUMBER_FROM = 9_000_000  # far from the rows of whatever database the file is played back on
# Who is or was signed in, and what a database may have only once.
NOT_OURS = ("django_", "axes_", "consultations_keycanary", "content_siteprofile")
INSERT = re.compile(r'INSERT (?:OR \w+ )?INTO "(\w+)" \((.*?)\) (?:VALUES|SELECT) \(?([^()]*)')


class Recorder:
    """Every INSERT that passes, with the number its row got."""

    def __init__(self, tables: Iterable[str], *, without_number: Iterable[str]) -> None:
        self.lines: dict[str, None] = {}  # in order, each once
        self._tables, self._without_number = set(tables), set(without_number)

    def __call__(
        self, execute: Callable, sql: str, params: tuple | None, many: bool, context: dict[str, object]
    ) -> object:
        result = execute(sql, params, many, context)
        found = INSERT.match(sql)
        if found and found[1] in self._tables and not self._is_repeated(found[1], sql):
            columns = re.findall(r'"(\w+)"', found[2])
            self._keep(found[1], columns, _values(found[3], list(params or ()), len(columns)), context)
        return result

    def _is_repeated(self, table: str, sql: str) -> bool:
        """Counting up is an INSERT too, as far as its text goes."""
        return "ON CONFLICT" in sql and any(line.startswith(f'INSERT INTO "{table}"') for line in self.lines)

    def _keep(
        self, table: str, columns: list[str], rows: list[list[object]], context: dict[str, object]
    ) -> None:
        if "id" not in columns and len(rows) == 1 and table not in self._without_number:
            columns, rows = ["id", *columns], [[_last_number(context), *rows[0]]]
        names = ", ".join(f'"{name}"' for name in columns)
        for row in rows:
            written = ", ".join(_literal(name, value) for name, value in zip(columns, row, strict=True))
            self.lines[f'INSERT INTO "{table}" ({names}) VALUES ({written});'] = None  # noqa: S608 - our own


def _values(first_row: str, params: list[object], width: int) -> list[list[object]]:
    """The rows of one statement. A number in its text (no parameter) stands in the first row only."""
    for place, word in enumerate(first_row.split(", ")):
        if word.isdigit():
            params.insert(place, int(word))
    return [params[start : start + width] for start in range(0, len(params), width)]


def _last_number(context: dict[str, object]) -> int:
    return context["connection"].connection.execute("SELECT last_insert_rowid()").fetchone()[0]


def _literal(column: str, value: object) -> str:
    if column.endswith("content_type_id") and value is not None:
        return _content_type(int(value))
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, (int, float)):
        return str(value)
    return "'" + _in_words(str(value)).replace("'", "''") + "'"


def _in_words(text: str) -> str:
    """Tokens of the old kind; this release's own ones are never written by a site that may go back."""
    from cryptography.fernet import Fernet
    from django.conf import settings

    def opened(match: re.Match[str]) -> str:
        plain = Fernet(settings.CONSULTATION_KEYS[0]).decrypt(match[0].encode())
        try:
            return f"«sealed: {plain.decode()}»"
        except UnicodeDecodeError:
            return "«sealed: the key of a file»"

    return re.sub(r"gAAAA[\w=-]+", opened, text)


def _content_type(pk: int) -> str:
    from django.contrib.contenttypes.models import ContentType

    found = ContentType.objects.get(pk=pk)
    return f"(SELECT id FROM django_content_type WHERE app_label = '{found.app_label}' AND model = '{found.model}')"  # noqa: S608


@contextmanager
def _fresh_site() -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(DATA_DIR=folder, CONSULTATION_KEYS="dGVzdHMgb25seSB0ZXN0cyBvbmx5IHRlc3RzIG9ubHk=")
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection
        from django.test.utils import setup_test_environment

        connection.settings_dict["NAME"] = f"{folder}/site.sqlite3"
        setup_test_environment()
        call_command("migrate", verbosity=0, stdout=sys.stderr)
        with connection.cursor() as cursor:
            tables = connection.introspection.table_names(cursor)
            cursor.execute("DELETE FROM sqlite_sequence")
            cursor.executemany(
                "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)",
                [(table, NUMBER_FROM) for table in tables],
            )
        yield


def _commit() -> str:
    return subprocess.run(
        ["git", "rev-parse", "HEAD"], check=True, capture_output=True, text=True
    ).stdout.strip()


def _is_recorded(model: type) -> bool:
    return model._meta.managed and not model._meta.db_table.startswith(NOT_OURS)


def main() -> None:
    with _fresh_site():
        from django.apps import apps
        from django.db import connection
        from django.db.migrations.loader import MigrationLoader

        from tests.deploy import ordinary_day

        ordinary_day.prepare()
        models = [model for model in apps.get_models(include_auto_created=True) if _is_recorded(model)]
        recorder = Recorder(
            (model._meta.db_table for model in models),
            without_number=(model._meta.db_table for model in models if model._meta.pk.column != "id"),
        )
        with connection.execute_wrapper(recorder):
            ordinary_day.happen()
        applied = MigrationLoader(connection).applied_migrations
        ours = sorted(key for key in applied if key[0] in ("accounts", "consultations", "content"))
    print(
        "-- What the release before this one writes in an ordinary day. Made by tests.deploy.record_release."
    )
    print(f"-- Its commit: {_commit()}")
    print("-- Its migrations: " + " ".join(f"{app}.{name}" for app, name in ours))
    print("\n".join(recorder.lines))


if __name__ == "__main__":
    main()
