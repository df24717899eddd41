"""A database that is locked, restarted, or replaced by its standby."""

from __future__ import annotations

import threading
import time
from contextlib import closing, suppress

import pysqlite3.dbapi2 as sqlite

from tests.faults.crashes import kill_workers
from tests.faults.switch import switch_to
from tests.faults.trial import EMPTY, Trial, fault, speed
from tests.live.patient import Crowd, met
from tests.live.server import Server

LOCKED_SECONDS = 30
LONGEST_OUTAGE = 30


@fault(
    "X6",
    "another process holds SQLite's write lock for 30 s; a request with a 2 MB file every 2 s",
    must_hold="forms wait, then 503 with everything typed kept; sending again works",
)
def sqlite_is_locked(trial: Trial) -> None:
    site = trial.site()
    with site.serving() as server, Crowd(server.port, every=2) as crowd:
        time.sleep(5)
        with closing(sqlite.connect(site.data / "site.sqlite3", isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            time.sleep(LOCKED_SECONDS)
            other.execute("ROLLBACK")
        crowd.close()
        after = trial.back(server.port)
        crowd.end()
        trial.note(speed(crowd.patients))
        trial.expect(met(crowd.patients)[503] > 0, "Nobody met the lock.")
        trial.settle(site, [after], crowd=crowd)


class Watcher(threading.Thread):
    """Asks /readyz over and over: the longest time without a yes."""

    def __init__(self, server: Server) -> None:
        super().__init__(daemon=True)
        self.longest = 0.0
        self._server, self._is_over = server, threading.Event()

    def run(self) -> None:
        last = time.monotonic()
        while not self._is_over.wait(0.25):
            with suppress(OSError):
                if self._server.get("/readyz").status == 200:
                    last = time.monotonic()
            self.longest = max(self.longest, time.monotonic() - last)

    def stop(self) -> None:
        self._is_over.set()
        self.join()


@fault(
    "X12",
    "PostgreSQL restarted at once, its connections cut 5 times, then killed and its standby promoted",
    must_hold="at most 30 s of 503, 0 acknowledged lost",
)
def postgres_goes_and_comes(trial: Trial) -> None:
    # A server of this trial's own, with the prepared database in it.
    first = trial.lab.postgres.standby(trial.folder / "first")
    first.promote()
    second = first.standby(trial.folder / "second")
    # An acknowledged request is on both before we say so. Without this line, what the standby had not yet
    # received when the first one died would be lost.
    first.say("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
    first.say("SELECT pg_reload_conf()")
    try:
        with switch_to(first.port) as switch:
            site = trial.site(DATABASE_URL=f"postgres://postgres@127.0.0.1:{switch.port}/{EMPTY}")
            with site.serving() as server, Crowd(server.port) as crowd:
                watcher = Watcher(server)
                watcher.start()
                time.sleep(5)
                trial.say("restart")
                first.restart("immediate")
                time.sleep(8)
                trial.say("cutting connections")
                for _ in range(5):
                    first.say(CUT_ALL)
                    time.sleep(1)
                trial.say("failover")
                first.stop("immediate")
                kill_workers(server)  # new ones, who have never seen a database, have to say so too
                time.sleep(3)
                second.promote()
                switch.turn("pass", target=second.port)
                crowd.close()
                after = trial.back(server.port)
                crowd.end()
                watcher.stop()
            trial.expect(watcher.longest <= LONGEST_OUTAGE, f"Not ready for {watcher.longest:.0f} s.")
            trial.note(f"longest time not ready: {watcher.longest:.1f} s")
            second.say("ALTER SYSTEM RESET synchronous_standby_names")
            second.say("SELECT pg_reload_conf()")
            trial.settle(site, [after], crowd=crowd)
    finally:
        for server in (first, second):
            with suppress(RuntimeError):
                server.stop("immediate")


CUT_ALL = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
)
