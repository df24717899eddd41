"""Web workers that die at any moment."""

from __future__ import annotations

import os
import random
import signal
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from tests.faults.spots import SPENT, SPOT, SPOTS
from tests.faults.trial import Trial, fault
from tests.live.patient import Crowd, NoAnswer, Patient, Unexpected
from tests.live.server import Server
from tests.live.site import Site

AT_ONCE = 2  # submissions under way, so that a kill also hits somebody who has just come
IN_THE_ROOM = 10  # people filling in their forms, so that there is always somebody to submit


def kill_workers(server: Server) -> None:
    for pid in server.workers:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


@fault(
    "crash-sqlite",
    "kill -9 of all web workers at a random moment of each submission with a 2 MB file, SQLite",
    must_hold="0 acknowledged lost, 0 doubled, 0 rows without file, 0 files without row after the sweep",
)
def crash_on_sqlite(trial: Trial) -> None:
    _crash(trial, trial.site())


@fault("crash-postgres", "the same on PostgreSQL", must_hold="the same")
def crash_on_postgres(trial: Trial) -> None:
    _crash(trial, trial.site(on_postgres=True))


def _crash(trial: Trial, site: Site) -> None:
    with site.serving() as server:
        unhurried = [Patient(server.port, number) for number in range(1, 6)]
        span = statistics.median(_seconds(patient) for patient in unhurried)
        trial.say(f"an undisturbed submission takes {span:.2f} s")
        patients = [Patient(server.port, number) for number in range(10, 10 + trial.lab.runs)]
        turns = Turns(trial, server, longest=span * 1.1)
        with ThreadPoolExecutor(IN_THE_ROOM) as room:
            list(room.map(turns.submit, patients))
        hit = sum(any(code == 0 for _page, code in patient.met) for patient in patients)
        trial.note(f"{turns.done} submissions, {hit} of them broken off by a kill at least once")
        trial.settle(site, [*unhurried, *patients, trial.back(server.port)])


def _seconds(patient: Patient) -> float:
    patient.fill_in()
    began = time.monotonic()
    patient.hand_in()
    return time.monotonic() - began


class Turns:
    """A few submit at a time, and in each turn all workers are killed once."""

    def __init__(self, trial: Trial, server: Server, *, longest: float) -> None:
        self.done = 0
        self._trial, self._server, self._longest = trial, server, longest
        self._free, self._lock = threading.Semaphore(AT_ONCE), threading.Lock()

    def submit(self, patient: Patient) -> None:
        try:
            patient.fill_in()
            patient.hesitate()
            with self._free:
                self._hand_in(patient)
        except (NoAnswer, Unexpected) as error:
            self._trial.expect(False, f"{patient.name}: {error}")

    def _hand_in(self, patient: Patient) -> None:
        moment = random.uniform(0, self._longest)  # noqa: S311
        strike = threading.Timer(moment, kill_workers, [self._server])
        strike.start()
        patient.hand_in()
        strike.join()
        with self._lock:
            self.done += 1
            if self.done % 25 == 0:
                self._trial.say(f"{self.done} submissions of {self._trial.lab.runs}")


@fault(
    "X7",
    "kill -9 of all web workers every 1 to 3 s while uploads take 1.5 s",
    must_hold="nothing stored or all of it; what is left over is swept",
)
def kill_in_mid_upload(trial: Trial) -> None:
    site = trial.site()
    with site.serving() as server:
        with Crowd(server.port, every=1.5, slowly=1.5) as crowd:
            until = time.monotonic() + 30
            while time.monotonic() < until:
                time.sleep(random.uniform(1, 3))  # noqa: S311
                kill_workers(server)
        trial.settle(site, [trial.back(server.port)], crowd=crowd)


@fault(
    "X8",
    "a worker dies at four spots: file stored | row committed | request written | request committed",
    must_hold="no acknowledgement; the same form again makes one request with one file",
)
def kill_at_the_worst_moments(trial: Trial) -> None:
    for on_postgres in (False, True):
        for number, spot in enumerate(SPOTS, start=1):
            site = trial.site(on_postgres=on_postgres)
            spent = site.folder / "spent"
            told = {SPOT: spot, SPENT: str(spent)}
            with site.serving(application="tests.faults.failing", **told) as server:
                patient = Patient(server.port, number)
                patient.ask()
            broken = sum(times for (_page, code), times in patient.met.items() if code == 0)
            trial.expect(spent.exists() and broken == 1, f"No worker died there: {spot}.")
            trial.settle(site, [patient])
