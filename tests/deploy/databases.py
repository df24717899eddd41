"""One more database on the PostgreSQL the tests run on, for another machine: empty, and gone afterwards."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import connection

CONNECT = ("host", "port", "user", "password", "dbname")


@contextmanager
def empty_postgresql() -> Iterator[str]:
    """Its DATABASE_URL."""
    name = f"drill_{secrets.token_hex(4)}"
    server = connection.settings_dict
    # Not through the connection of the test, which is inside a transaction.
    parameters = {key: value for key, value in connection.get_connection_params().items() if key in CONNECT}
    with psycopg.connect(**parameters, autocommit=True) as direct:
        direct.execute(f'CREATE DATABASE "{name}"')
        where = f"{server['HOST'] or '127.0.0.1'}:{server['PORT'] or 5432}"
        try:
            yield f"postgres://{server['USER']}:{server['PASSWORD']}@{where}/{name}"
        finally:
            direct.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
