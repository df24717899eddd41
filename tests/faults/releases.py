"""One release forward and back again, as deploy/README.md describes it."""

from __future__ import annotations

import re
import subprocess
import tarfile
from io import BytesIO
from pathlib import Path

from tests.faults.trial import Trial, fault
from tests.live.patient import Patient
from tests.live.server import ROOT
from tests.live.services import Missing
from tests.live.site import COLLECT, Site

RECORDED = ROOT / "tests" / "deploy" / "previous_release.sql"


@fault(
    "X22",
    "back to the release before, on the tables of this one: requests with a 2 MB file before, meanwhile and after; "
    "SQLite and PostgreSQL",
    must_hold="each release takes them, and this one reads what both have stored",
)
def back_to_the_release_before(trial: Trial) -> None:
    code = _release_before(trial.folder / "before")
    for on_postgres in (False, True):
        site = trial.site(on_postgres=on_postgres)
        before = Site(site.folder, site.variables, code)
        with site.serving() as server:
            patients = [_ask(server.port, 1)]
        before.run(*COLLECT)
        with before.serving() as server:
            patients.append(_ask(server.port, 2))
        site.run(*COLLECT)
        with site.serving() as server:
            trial.settle(site, [*patients, trial.back(server.port)])
    trial.expect(not trial.patients_met, "Somebody met an error.")


def _ask(port: int, number: int) -> Patient:
    patient = Patient(port, number)
    patient.ask()
    return patient


def _release_before(folder: Path) -> Path:
    """Its code, out of git. Without it tests/deploy/test_previous_release.py still plays back what it wrote."""
    commit = re.search(r"^-- Its commit: (\w+)$", RECORDED.read_text(), re.MULTILINE)[1]
    done = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True)
    if done.returncode:
        raise Missing(f"The release before ({commit}) is not in this copy of the history.")
    folder.mkdir(parents=True)
    with tarfile.open(fileobj=BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder
