"""PostgreSQL and Redis of our own, in a folder: they may be stopped, killed and emptied at will."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import redis

from tests.live.server import free_port


class Missing(RuntimeError):
    """A program that has to be installed first; the message says how."""


# --- PostgreSQL -------------------------------------------------------------------------------------------


@dataclass
class Postgres:
    """A server that keeps what it has confirmed, as in production."""

    folder: Path
    port: int

    def url(self, database: str = "postgres") -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}"

    def say(self, statement: str, database: str = "postgres") -> list[tuple]:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def create(self, database: str, *, like: str = "template0") -> str:
        """The address of a new database, a copy of another one."""
        self.say(f'DROP DATABASE IF EXISTS "{database}"')
        self.say(f'CREATE DATABASE "{database}" TEMPLATE "{like}"')
        return self.url(database)

    def start(self) -> None:
        own = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        self._control("start", "-w", "-l", str(self.folder / "log"), "-o", own)

    def stop(self, how: str = "fast") -> None:
        self._control("stop", "-w", "-m", how)

    def restart(self, how: str = "immediate") -> None:
        self._control("restart", "-w", "-m", how)

    def promote(self) -> None:
        self._control("promote", "-w")

    def standby(self, folder: Path) -> Postgres:
        """A second server that follows this one."""
        other = Postgres(folder, free_port())
        _own_folder(folder)
        _as_postgres(
            "pg_basebackup", "-d", f"host=127.0.0.1 port={self.port} user=postgres application_name=standby",
            "-D", str(folder / "data"), "-R", "-X", "stream", "--checkpoint=fast",
        )  # fmt: skip
        other.start()
        return other

    def _control(self, *arguments: str) -> None:
        _as_postgres("pg_ctl", *arguments, "-D", str(self.folder / "data"), "-s")


@contextmanager
def own_postgres(folder: Path) -> Iterator[Postgres]:
    if not folder.exists():
        _own_folder(folder)
        _as_postgres(
            "initdb", "-D", str(folder / "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N"
        )
    server = Postgres(folder, free_port())
    server.start()
    try:
        yield server
    finally:
        server.stop("immediate")


def _own_folder(folder: Path) -> None:
    """PostgreSQL does not run as root: its own user has to get in."""
    folder.mkdir(parents=True)
    if os.getuid() == 0:
        shutil.chown(folder, "postgres")


def _as_postgres(program: str, *arguments: str) -> None:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    if not found:
        raise Missing("PostgreSQL is missing: apt-get install -y postgresql")
    user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    # Its output goes nowhere: a server that inherits a pipe would keep it open.
    done = subprocess.run(
        [*user, str(found[-1]), *arguments], cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    if done.returncode:
        raise RuntimeError(f"{program} {' '.join(arguments)} ended with {done.returncode}.")


# --- Redis ------------------------------------------------------------------------------------------------


@dataclass
class Redis:
    """A server that can be taken away and brought back on the same port, empty."""

    folder: Path
    port: int
    process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url, socket_connect_timeout=2)

    def start(self) -> None:
        command = ["redis-server", "--bind", "127.0.0.1", "--port", str(self.port), "--save", ""]
        self.process = subprocess.Popen([*command, "--dir", str(self.folder)], stdout=subprocess.DEVNULL)
        for _ in range(100):
            try:
                self.client.ping()
            except redis.ConnectionError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError("Redis was started and does not answer.")

    def stop(self) -> None:
        if self.process:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def dump(self) -> bytes:
        """Everything it holds, as it was written: DUMP would compress it. We write plain strings only."""
        client = self.client
        return b"".join(key + (client.get(key) or b"") for key in client.scan_iter(count=1000))


@contextmanager
def own_redis(folder: Path) -> Iterator[Redis]:
    if not shutil.which("redis-server"):
        raise Missing("Redis is missing: apt-get install -y redis-server")
    folder.mkdir(parents=True, exist_ok=True)
    server = Redis(folder, free_port())
    server.start()
    try:
        yield server
    finally:
        server.stop()
