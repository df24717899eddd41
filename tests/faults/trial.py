"""One fault on trial: a fresh site, people who use it meanwhile, and everything that must hold afterwards."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path

from tests.live import ledger
from tests.live.patient import Crowd, NoAnswer, Patient, Unexpected, met
from tests.live.services import Postgres, Redis
from tests.live.site import FILL_IN_PROFILE, Site

BACK_SECONDS = 60
EMPTY = "site"  # the name of the prepared database


@dataclass
class Lab:
    """What all trials share: one prepared site to copy, and servers of our own."""

    folder: Path
    postgres: Postgres
    redis: Redis
    runs: int = 200  # of the crash test
    template: Site = field(init=False)

    def prepare(self) -> None:
        """Takes a minute; a folder that was kept has it already."""
        is_kept = (self.folder / "template").exists()
        self.template = Site(self.folder / "template")
        if is_kept:
            return
        self.template.prepare()
        on_postgres = Site(self.folder / "postgres-template", {"DATABASE_URL": self.postgres.create(EMPTY)})
        on_postgres.run("migrate")
        on_postgres.run("shell", "--command", FILL_IN_PROFILE)


@dataclass
class Trial:
    """Collects what did not hold, and figures worth telling."""

    name: str
    lab: Lab
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0
    acknowledged: int = 0
    stored: int = 0
    back_after: list[float] = field(default_factory=list)
    patients_met: Counter[int] = field(default_factory=Counter)  # by status; 0 is no answer
    _copies: int = 0

    # --- Before ---------------------------------------------------------------------------------------------

    @property
    def folder(self) -> Path:
        return self.lab.folder / self.name.lower()

    def site(self, *, on_postgres: bool = False, **variables: str) -> Site:
        """A site nobody has used yet."""
        self._copies += 1
        name = f"site-{self._copies}"
        if on_postgres:
            database = f"{self.folder.name}-{name}"
            variables["DATABASE_URL"] = self.lab.postgres.create(database, like=EMPTY)
        return self.lab.template.copy(self.folder / name, **variables)

    def say(self, words: str) -> None:
        print(f"  {time.strftime('%H:%M:%S')} {self.name}: {words}", flush=True)

    # --- Held? ----------------------------------------------------------------------------------------------

    def expect(self, held: bool, sentence: str) -> None:
        if not held:
            self.failures.append(sentence)
            self.say(f"DID NOT HOLD: {sentence}")

    def expect_none(self, failures: Iterable[str]) -> None:
        for sentence in failures:
            self.expect(False, sentence)

    def note(self, figure: str) -> None:
        self.notes.append(figure)

    def figures(self) -> list[str]:
        """What patients saw, in three lines at most, and what the trial itself has noted."""
        lines = [f"{self.acknowledged} requests acknowledged, {self.stored} stored"]
        met = [f"{times} x {code or 'no answer'}" for code, times in sorted(self.patients_met.items())]
        lines[0] += f"; patients met {', '.join(met)}" if met else "; no patient met an error"
        if self.back_after:
            lines.append(f"back {max(self.back_after):.1f} s after the fault")
        return [*lines, *self.notes]

    def wait_for(self, what: str, is_true: Callable[[], bool], *, seconds: float) -> float:
        """How long it took; a failure if it took longer than that."""
        began = time.monotonic()
        while not is_true():
            if time.monotonic() - began > seconds:
                self.expect(False, f"{what}: not within {seconds:.0f} seconds.")
                break
            time.sleep(0.25)
        return time.monotonic() - began

    def back(self, port: int, *, certificate: str = "") -> Patient:
        """The first patient who comes after a fault: how long until the site stores what they type?"""
        self._copies += 1
        began = time.monotonic()
        patient = Patient(port, 60_000 + self._copies, certificate)
        try:
            patient.begin()
            seconds = time.monotonic() - began
            patient.ask()
        except (NoAnswer, Unexpected) as error:
            self.expect(False, f"Not back by itself: {error}")
        else:
            self.expect(seconds <= BACK_SECONDS, f"Back only after {seconds:.0f} s.")
            self.back_after.append(seconds)
        return patient

    def settle(
        self,
        site: Site,
        patients: Iterable[Patient],
        *,
        crowd: Crowd | None = None,
        letters: Iterable[Message] = (),
        more: bytes = b"",
    ) -> None:
        """Acknowledged is stored, stored was acknowledged, files open, and nothing lies about in the clear."""
        patients = [*patients, *(crowd.patients if crowd else [])]
        self.expect_none(crowd.failures if crowd else [])
        found = ledger.swept(site)
        self.expect_none(ledger.disagreements(patients, found))
        self.expect_none(ledger.loose_ends(found))
        folders = [site.folder, *([self.lab.postgres.folder] if "DATABASE_URL" in site.variables else [])]
        self.expect_none(
            f"Readable in {place}." for place in ledger.traces(*folders, letters=letters, more=more)
        )
        self.acknowledged += sum(bool(patient.reference) for patient in patients)
        self.stored += len(found["requests"])
        self.patients_met += Counter({code: times for code, times in met(patients).items() if code != 200})


def p95(patients: Iterable[Patient]) -> float:
    seconds = [second for patient in patients for second in patient.seconds]
    return statistics.quantiles(seconds, n=20)[-1]


def speed(patients: Iterable[Patient]) -> str:
    """How long their answers took."""
    patients = list(patients)
    seconds = [second for patient in patients for second in patient.seconds]
    return (
        f"answers: median {statistics.median(seconds):.2f} s, p95 {p95(patients):.2f} s, "
        f"slowest {max(seconds):.1f} s"
    )


# --- The list of them -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fault:
    name: str
    what: str
    must_hold: str
    run: Callable[[Trial], None]
    is_alone: bool = False  # compares speeds: nothing else may run beside it

    @property
    def number(self) -> int:
        """X10 comes after X9, and the crashes come first: they take longest."""
        return int("".join(filter(str.isdigit, self.name)) or 0)


FAULTS: list[Fault] = []


def fault(
    name: str, what: str, *, must_hold: str, is_alone: bool = False
) -> Callable[[Callable[[Trial], None]], Callable]:
    def register(run: Callable[[Trial], None]) -> Callable[[Trial], None]:
        FAULTS.append(Fault(name, what, must_hold, run, is_alone))
        return run

    return register
