"""Tests begin with tables that were migrated once and kept. That they are those of today is seen from nothing."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from tests.deploy.databases import empty_postgresql

pytestmark = [pytest.mark.django_db, pytest.mark.longest]

TABLES = "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name"


@pytest.fixture
def new_database(tmp_path: Path) -> Iterator[str]:
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path}/new.sqlite3"
        return
    with empty_postgresql() as url:
        yield url


def tables_of(url: str) -> list[str]:
    """Every table, column, constraint and index, as the database itself says."""
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as database:
            return [f"{name}: {sql}" for name, sql in database.execute(TABLES)]
    told = subprocess.run(
        ["pg_dump", "--schema-only", url], capture_output=True, text=True, check=True
    ).stdout
    return [line for line in told.splitlines() if not line.startswith("\\")]  # a word for this one dump


def ours() -> str:
    where = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{where['NAME']}"
    return f"postgres://{where['USER']}:{where['PASSWORD']}@{where['HOST']}:{where['PORT']}/{where['NAME']}"


def test_kept_tables_are_those_that_the_migrations_make(new_database: str) -> None:
    """If this fails: `stocks.tables` leaves out something that tables are made of."""
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(migrate, cwd=settings.ROOT, env=os.environ | {"DATABASE_URL": new_database}, check=True)
    made = tables_of(new_database)
    assert len(made) > 100
    assert tables_of(ours()) == made
