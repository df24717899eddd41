"""A virus scanner that is away, frozen or knows nothing."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.consultations.clamav import INSTALLED, start_clamd
from tests.consultations.sample_files import EICAR, padded_pdf
from tests.faults.trial import Trial, fault
from tests.live import ledger
from tests.live.patient import MARK, SIZE, Patient
from tests.live.services import Missing
from tests.live.site import Site

SCAN = ("scan_files", "--every", "1")
AWAY = "ClamAV does not answer"


class Daemon:
    """clamd with one signature of our own."""

    def __init__(self, folder: Path) -> None:
        if not INSTALLED:
            raise Missing("ClamAV is missing: apt-get install -y clamav-daemon")
        self._folder = folder
        self.address = f"unix:{folder / 'clamd.sock'}"
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        (self._folder / "clamd.sock").unlink(missing_ok=True)
        self._process, _ = start_clamd(self._folder)

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)
        if number == signal.SIGKILL:
            self._process.wait()


@contextmanager
def own_clamd(folder: Path) -> Iterator[Daemon]:
    daemon = Daemon(folder)
    daemon.start()
    try:
        yield daemon
    finally:
        daemon.send(signal.SIGKILL)


@fault(
    "X10",
    "clamd killed, then frozen, then without signatures; one of the files holds a virus",
    must_hold="files accepted and locked, somebody is told, and all are scanned afterwards",
)
def scanner_is_away(trial: Trial) -> None:
    with own_clamd(trial.folder / "clamav") as daemon:
        site = trial.site(CLAMD_ADDRESS=daemon.address)
        with site.serving(workers=[SCAN]) as server:
            healthy, virus, later, last = (Patient(server.port, number) for number in range(1, 5))
            virus.file = (f"{MARK}-virus.pdf", padded_pdf(SIZE, title=MARK, hidden=EICAR))

            daemon.send(signal.SIGKILL)
            for patient in (healthy, virus):
                patient.ask()
            time.sleep(3)
            _expect_locked(trial, site, healthy, virus)
            _expect_alarm(trial, site)
            daemon.start()
            _expect_scans(trial, site, {healthy: "clean", virus: "infected"})

            daemon.send(signal.SIGSTOP)
            with ThreadPoolExecutor(1) as other:  # asking a frozen daemon takes a minute
                alarm = other.submit(_expect_alarm, trial, site)
                later.ask()
                _expect_locked(trial, site, later)
                alarm.result()
            daemon.send(signal.SIGCONT)
            _expect_scans(trial, site, {later: "clean"})

            daemon.send(signal.SIGKILL)
            trial.expect(
                not _starts_without_signatures(trial.folder / "empty"), "clamd started with nothing."
            )
            last.ask()
            _expect_locked(trial, site, last)
            daemon.start()
            _expect_scans(trial, site, {last: "clean"})
        trial.settle(site, [healthy, virus, later, last])


def _scans(site: Site) -> dict[str, str]:
    return {
        request["reference"]: file["scan"]
        for request in ledger.stored(site)["requests"]
        for file in request["files"]
    }


def _expect_locked(trial: Trial, site: Site, *patients: Patient) -> None:
    scans = _scans(site)
    for patient in patients:
        trial.expect(scans.get(patient.reference) == "waiting", f"A file is {scans}, not locked and waiting.")


def _expect_scans(trial: Trial, site: Site, expected: dict[Patient, str]) -> None:
    wanted = {patient.reference: scan for patient, scan in expected.items()}
    seconds = trial.wait_for(f"Scans {wanted}", lambda: wanted.items() <= _scans(site).items(), seconds=90)
    trial.note(f"scanned {seconds:.0f} s after the daemon was back: {', '.join(wanted.values())}")


def _expect_alarm(trial: Trial, site: Site) -> None:
    done = site.run("watch", check=False)
    trial.expect(done.returncode == 1 and AWAY in done.stderr, f"`watch` did not tell: {done.stderr}")


def _starts_without_signatures(folder: Path) -> bool:
    (folder / "signatures").mkdir(parents=True)
    settings = folder / "clamd.conf"
    settings.write_text(
        f"LocalSocket {folder}/clamd.sock\nDatabaseDirectory {folder}/signatures\nForeground yes\n"
    )
    done = subprocess.run(["clamd", "--config-file", str(settings)], capture_output=True, timeout=60)
    return done.returncode == 0


@fault(
    "X9-scan",
    "kill -9 of the scan worker while clamd is frozen over a file",
    must_hold="another worker takes it up again within 10 minutes",
)
def kill_scan_worker(trial: Trial) -> None:
    with own_clamd(trial.folder / "clamav") as daemon:
        site = trial.site(CLAMD_ADDRESS=daemon.address)
        with site.serving() as server, site.worker(*SCAN) as worker:
            patient = Patient(server.port, 1)
            daemon.send(signal.SIGSTOP)
            patient.ask()
            time.sleep(3)
            worker.kill()
            daemon.send(signal.SIGCONT)
            _expect_scans(trial, site, {patient: "clean"})
            trial.expect(worker.starts == 2, f"The worker was started {worker.starts} times.")
        trial.settle(site, [patient])
