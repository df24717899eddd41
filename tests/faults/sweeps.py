"""A sweep that sees an empty database, and a store of files that goes away and comes back."""

from __future__ import annotations

from pathlib import Path

from tests.faults.trial import Trial, fault
from tests.live import ledger
from tests.live.patient import Patient
from tests.live.site import Site

PATIENTS = 3
STATES = (
    "from immuno_site.consultations.models import Attachment;"
    "print(sorted(Attachment.objects.values_list('stored_as', 'scan')))"
)


def _hand_in(site: Site) -> list[Patient]:
    """So few files that no threshold could save them."""
    with site.serving() as server:
        patients = [Patient(server.port, number) for number in range(1, PATIENTS + 1)]
        for patient in patients:
            patient.ask()
    return patients


def _files(site: Site) -> set[Path]:
    private = site.data / "private"
    return {path for path in private.rglob("??/*") if path.is_file() and "trash" not in path.parts}


def _expect_refusal(trial: Trial, site: Site, sentence: str, *options: str) -> None:
    swept = site.run("sweep_files", *options, check=False)
    trial.expect(
        swept.returncode != 0 and sentence in swept.stderr,
        f"sweep_files did not say “{sentence}” but: {swept.stdout[-300:]} {swept.stderr[-300:]}",
    )
    said = site.run("watch", check=False).stderr
    trial.expect(sentence in said, f"`watch` did not say “{sentence}” but: {said[-300:]}")


@fault(
    "X24",
    "sweep with a freshly migrated, empty database beside the files of a young clinic, before and after the first "
    "real sweep",
    must_hold="refuses and says why, as does `watch`; not one file is touched; the right database goes on as before",
)
def sweep_on_an_empty_database(trial: Trial) -> None:
    site = trial.site()
    patients = _hand_in(site)
    before = _files(site)
    trial.expect(len(before) == PATIENTS, f"{len(before)} files are stored, not {PATIENTS}.")
    empty = Site(site.folder, site.variables | {"DATABASE_URL": f"sqlite:///{site.folder / 'empty.sqlite3'}"})
    empty.run("migrate")
    _expect_refusal(trial, empty, "neither a mark nor one file that this database knows", "--now")
    site.run("sweep_files", "--now")
    _expect_refusal(trial, empty, "belongs to another database", "--now")
    _expect_refusal(trial, empty, "belongs to another database", "--now", "--many")
    trial.expect(_files(site) == before, "Files were touched.")
    with site.serving() as server:
        patients.append(trial.back(server.port))
    trial.settle(site, patients)


@fault(
    "X25",
    "the folder of files is away for a sweep, a look and an opening; then one file is away for a sweep; both come back",
    must_hold="nothing is given up while the store is away; what was marked as lost is set right as it was",
)
def store_comes_back(trial: Trial) -> None:
    site = trial.site()
    patients = _hand_in(site)
    site.run("sweep_files")
    before = site.run("shell", "--command", STATES).stdout
    private = site.data / "private"
    away = private.rename(site.data / "away")
    _expect_refusal(trial, site, f"none of the {PATIENTS} files of this database")
    digests = [file["digest"] for request in ledger.stored(site)["requests"] for file in request["files"]]
    trial.expect(all("FileLost" in digest for digest in digests), f"Opened although away: {digests}")
    away.rename(private)
    after = site.run("shell", "--command", STATES).stdout
    trial.expect(after == before, f"States changed while the store was away: {after}")
    _lose_one(trial, site)
    after = site.run("shell", "--command", STATES).stdout
    trial.expect(after == before, f"The file that came back is not as it was: {after}")
    trial.settle(site, patients)


def _lose_one(trial: Trial, site: Site) -> None:
    """Marked by the sweep, set right by the next look."""
    one = min(_files(site))
    aside = one.rename(site.data / "aside")
    swept = site.run("sweep_files", check=False)
    trial.expect(
        "1 rows have lost their file" in swept.stderr, f"The sweep missed nothing: {swept.stderr[-300:]}"
    )
    sentence = "1 files have a row, but no bytes"
    trial.expect(sentence in site.run("watch", check=False).stderr, "`watch` did not tell of a lost file.")
    aside.rename(one)
    trial.expect(sentence not in site.run("watch", check=False).stderr, "`watch` still tells of a lost file.")
