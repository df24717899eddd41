"""Holds a whole live site, two workers behind the real nginx, against what it must bear.

The site runs with the settings of production on SQLite; bodies of requests wait in memory, as in production. Those
who ask run on the same machine and take their share of its processors.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.deploy.nginx import Proxy, nginx_before
from tests.live import ledger
from tests.live.patient import Crowd, Patient, met
from tests.live.server import Server
from tests.live.site import Site
from tests.load.crowds import Readers, Uploaders, flood
from tests.load.machine import Memory, disk, processor

PER_SECOND = 5
PAGES_PER_SECOND, JOURNEYS_PER_SECOND = 100, 2
UPLOADS = 10
POSTS_PER_SECOND = 50
MEMORY_OF_BODIES = Path("/dev/shm")  # noqa: S108 - as /run/immunobodies


@dataclass(frozen=True)
class Lengths:
    """How long each part takes, in seconds, and how often ten people upload."""

    visiting: float = 600
    sending: float = 300
    uploads: int = 5
    flood: float = 60


@dataclass(frozen=True)
class Figure:
    """One line of the table; without a target it only informs."""

    name: str
    value: float
    unit: str
    at_most: float | None = None

    @property
    def is_held(self) -> bool:
        return self.at_most is None or self.value <= self.at_most

    def __str__(self) -> str:
        target = "" if self.at_most is None else f"<= {self.at_most:g}"
        held = "" if self.at_most is None else "held" if self.is_held else "NOT HELD"
        return f"  {self.name:<66} {self.value:>8.6g} {self.unit:<4} {target:>8}  {held}"


def waiting(whom: str, seconds: Sequence[float], at_most: float) -> list[Figure]:
    """Half and 95 of 100 waited no longer than this."""
    ordered = [round(second * 1000) for second in seconds] or [10**6]
    cuts = statistics.quantiles(ordered, n=20, method="inclusive") if len(ordered) > 1 else ordered
    return [
        Figure(f"{whom}, half of them", statistics.median(ordered), "ms"),
        Figure(f"{whom}, 95 of 100", cuts[-1], "ms", at_most),
    ]


@dataclass
class Ground:
    """Where it all happens."""

    site: Site
    server: Server
    proxy: Proxy
    lengths: Lengths
    next_patient: int = 1

    def numbers(self, how_many: int) -> int:
        """The first of so many new patients."""
        first, self.next_patient = self.next_patient, self.next_patient + how_many
        return first

    def crowd(self, *, seconds: float, every: float) -> list[Patient]:
        """New patients without files for so long. Who got no reference says why."""
        first = self.numbers(int(seconds / every) + 100)
        with Crowd(
            self.proxy.https, every=every, first=first, certificate=self.certificate, with_file=False
        ) as crowd:
            time.sleep(seconds)
        _tell(crowd.failures)
        return crowd.patients

    @property
    def certificate(self) -> str:
        return str(self.proxy.certificate)

    def readers(self, *, per_second: float = 10) -> Readers:
        return Readers(self.proxy.https, certificate=self.certificate, every=1 / per_second)

    @property
    def processes(self) -> tuple[int, int]:
        return self.server.master, int((self.proxy.folder / "pid").read_text())


# --- The parts --------------------------------------------------------------------------------------------


def visitors(ground: Ground) -> Iterator[Figure]:
    """A busy hour: a hundred pages a second, and two whole requests without files."""
    seconds = ground.lengths.visiting
    with ground.readers(per_second=PAGES_PER_SECOND) as readers:
        before = processor(ground.processes)
        patients = ground.crowd(seconds=seconds, every=1 / JOURNEYS_PER_SECOND)
        used = processor(ground.processes) - before
    yield from _promises_to(patients, ground)
    steps = [second for patient in patients for second in patient.seconds]
    yield from waiting("a step of a request", steps, 500)
    yield Figure("processors that the site took", used / seconds, "")
    yield from _of_readers(readers, at_most=100)


def requests(ground: Ground) -> Iterator[Figure]:
    """Whole requests without files, page by page, a new one five times a second."""
    seconds = ground.lengths.sending
    with ground.readers() as readers:
        before = processor(ground.processes)
        patients = ground.crowd(seconds=seconds, every=1 / PER_SECOND)
        used = processor(ground.processes) - before
    yield Figure("requests begun in a second", len(patients) / seconds, "")
    yield from _promises_to(patients, ground)
    told = [patient.seconds[-1] for patient in patients if patient.reference]
    yield from waiting("from “Send” to “received”", told, 800)
    yield Figure("processor time of the site for one of them", used * 1000 / len(patients), "ms")
    yield from _of_readers(readers)


def uploads(ground: Ground) -> Iterator[Figure]:
    """Ten files of 20 MB at the same moment."""
    patients = []
    with ground.readers() as readers, Memory(*ground.processes) as memory:
        for _round in range(ground.lengths.uploads):
            people = Uploaders(
                ground.proxy.https,
                certificate=ground.certificate,
                number=UPLOADS,
                first=ground.numbers(UPLOADS),
            )
            people.send()
            _tell(people.failures)
            patients += people.patients
    yield from _promises_to(patients, ground)
    yield Figure("memory of all processes and of waiting uploads, at most", memory.most, "MiB", 600)
    yield from _of_readers(readers)


def flood_from(addresses: int) -> Callable[[Ground], Iterator[Figure]]:
    def part(ground: Ground) -> Iterator[Figure]:
        before = disk(ground.site.folder)
        with flood(
            ground.proxy.https,
            certificate=ground.certificate,
            addresses=addresses,
            every=1 / POSTS_PER_SECOND,
        ) as answers:
            patients = ground.crowd(seconds=ground.lengths.flood, every=10)
        print(f"  the programs were answered {dict(answers)}", flush=True)
        yield from _promises_to(patients, ground)
        yield Figure("disk taken meanwhile", disk(ground.site.folder) - before, "MiB", 50)

    part.__doc__ = (
        f"50 forms a second sent by programs from {addresses} addresses, a patient every ten seconds."
    )
    return part


PARTS = {
    "visitors": visitors,
    "requests": requests,
    "uploads": uploads,
    "flood-1": flood_from(1),
    "flood-500": flood_from(500),
}


def _promises_to(patients: Sequence[Patient], ground: Ground) -> Iterator[Figure]:
    """Everybody was told "received", and what they were told is so."""
    found = ledger.stored(ground.site)
    names = {patient.name for patient in patients}
    mine = {**found, "requests": [request for request in found["requests"] if request["name"] in names]}
    wrong = ledger.disagreements(patients, mine) + ledger.loose_ends(found)
    _tell(wrong)
    yield Figure("patients", len(patients), "")
    yield Figure("of these without a reference", sum(not patient.reference for patient in patients), "", 0)
    yield Figure("lost, doubled, with other words or another file", len(wrong), "", 0)
    refusals = sum(number for status, number in met(patients).items() if status != 200)
    yield Figure("pages that had to be tried again", refusals, "")


def _of_readers(readers: Readers, *, at_most: float = 200) -> Iterator[Figure]:
    _tell([f"{number} x {what}" for what, number in readers.failures.items()])
    yield Figure("public pages opened meanwhile", len(readers.seconds), "")
    yield Figure("of these without an answer, or with another than the page", readers.failures.total(), "", 0)
    yield from waiting("a public page", readers.seconds, at_most)


def _tell(sentences: Sequence[str]) -> None:
    for sentence in sentences[:10]:
        print(f"  {sentence}", flush=True)


# --- All together -----------------------------------------------------------------------------------------


@contextmanager
def ground(folder: Path, lengths: Lengths) -> Iterator[Ground]:
    site = Site(folder / "site")
    site.prepare()
    bodies = folder / "nginx" / "bodies"
    bodies.parent.mkdir()
    with tempfile.TemporaryDirectory(dir=MEMORY_OF_BODIES) as memory:
        bodies.symlink_to(memory)
        with (
            site.serving() as server,
            nginx_before(server.port, folder=bodies.parent, data=site.data) as proxy,
        ):
            yield Ground(site, server, proxy, lengths)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(PARTS)}; all of them")
    parser.add_argument("--short", action="store_true", help="half a minute each: to try whether it runs")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    lengths = Lengths(visiting=30, sending=20, uploads=1, flood=20) if options.short else Lengths()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder, ground(Path(folder), lengths) as place:
        for name in options.parts or PARTS:
            print(f"{name}: {PARTS[name].__doc__}", flush=True)
            for figure in PARTS[name](place):
                print(figure, flush=True)
                figures.append(figure)
    return 0 if all(figure.is_held for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
