"""PgBouncer between the site and PostgreSQL: each transaction may get another connection."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from tests.faults.trial import EMPTY, Trial, fault, speed
from tests.live.patient import Crowd
from tests.live.server import free_port
from tests.live.services import Missing

AWAY_SECONDS = 10
CONFIGURATION = """
[databases]
* = host=127.0.0.1 port={there} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {here}
unix_socket_dir =
auth_type = any
pool_mode = transaction
max_client_conn = 200
default_pool_size = 4
ignore_startup_parameters = extra_float_digits,options
logfile = {folder}/log
pidfile = {folder}/pid
"""


class Pooler:
    def __init__(self, folder: Path, there: int) -> None:
        self.folder, self.port = folder, free_port()
        self._program = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
        if not self._program:
            raise Missing("PgBouncer is missing: apt-get install -y pgbouncer")
        folder.mkdir(parents=True)
        text = CONFIGURATION.format(there=there, here=self.port, folder=folder)
        (folder / "pgbouncer.ini").write_text(text)
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")

    def start(self) -> None:
        user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        subprocess.run(
            [*user, self._program, "-q", "-d", str(self.folder / "pgbouncer.ini")], check=True, cwd="/"
        )
        for _ in range(50):
            with suppress(psycopg.OperationalError):
                psycopg.connect(
                    f"postgres://any@127.0.0.1:{self.port}/postgres", prepare_threshold=None
                ).close()
                return
            time.sleep(0.1)
        raise RuntimeError("PgBouncer does not answer.")

    def kill(self) -> None:
        with suppress(ProcessLookupError, FileNotFoundError):
            os.kill(int((self.folder / "pid").read_text()), 9)


@contextmanager
def own_pooler(folder: Path, there: int) -> Iterator[Pooler]:
    pooler = Pooler(folder, there)
    pooler.start()
    try:
        yield pooler
    finally:
        pooler.kill()


@fault(
    "X27",
    f"PgBouncer with 4 connections, a transaction each, before PostgreSQL; killed, back after {AWAY_SECONDS} s",
    must_hold="0 acknowledged lost; everything that reads in pieces works through it; back by itself",
)
def pooler_dies(trial: Trial) -> None:
    trial.lab.postgres.create("pooled", like=EMPTY)
    with own_pooler(trial.folder / "pooler", trial.lab.postgres.port) as pooler:
        url = f"postgres://any@127.0.0.1:{pooler.port}/pooled"
        site = trial.site(DATABASE_URL=url, DATABASE_POOLED="yes")
        with site.serving() as server, Crowd(server.port) as crowd:
            time.sleep(8)
            for command in (("rotate_keys",), ("sweep_files",), ("watch",)):
                done = site.run(*command, check=False)
                trial.expect("cursor" not in done.stderr, f"{command[0]}: {done.stderr[-300:]}")
            pooler.kill()
            time.sleep(AWAY_SECONDS)
            pooler.start()
            crowd.close()
            after = trial.back(server.port)
            crowd.end()
        trial.note(speed(crowd.patients))
        trial.settle(site, [after], crowd=crowd)
