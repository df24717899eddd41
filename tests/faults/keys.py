"""Keys that are not those of the last run."""

from __future__ import annotations

import os
import signal
import time

from tests.faults.trial import Trial, fault
from tests.live.patient import Patient
from tests.live.site import PRODUCTION, Site

NEW = "bound:bGl2ZSBzaXRlcyBvZiB0ZXN0cyBvbmx5LCBhbmV3ISE"
OTHER = "b3RoZXIga2V5IG90aGVyIGtleSBvdGhlciBrZXkgb3Q="
WRONG = (
    ({"CONSULTATION_KEYS": OTHER}, "CONSULTATION_KEYS cannot open what is stored"),
    ({"CONSULTATION_KEYS": ""}, "Set the environment variable CONSULTATION_KEYS"),
    ({"CONSULTATION_KEYS": "not a key"}, "not a Fernet key"),
    ({"CONSULTATION_INDEX_KEY": OTHER}, "CONSULTATION_INDEX_KEY is not the one of the last run"),
    ({"CONSULTATION_INDEX_KEY": ""}, "Set the environment variable CONSULTATION_INDEX_KEY"),
)


@fault(
    "X14",
    "start with another key, none, or nonsense; SQLite and PostgreSQL, web server and mail worker",
    must_hold="refuses to start, says what to do, writes nothing",
)
def wrong_keys(trial: Trial) -> None:
    for on_postgres in (False, True):
        site = trial.site(on_postgres=on_postgres)
        with site.serving() as server:
            patient = Patient(server.port, 1)
            patient.ask()
        before = _rows(site)
        for variables, sentence in WRONG:
            _expect_refusal(trial, site, variables, sentence)
        trial.expect(_rows(site) == before, "A start with wrong keys wrote something.")
        with site.serving() as server:
            trial.settle(site, [patient, trial.back(server.port)])
    trial.note(f"{len(WRONG)} wrong keys refused by server and worker, on both databases")


def _expect_refusal(trial: Trial, site: Site, variables: dict[str, str], sentence: str) -> None:
    log = site.logs / "web.log"
    start = log.stat().st_size
    try:
        with site.serving(**variables):
            trial.expect(False, f"The server started with {variables}.")
    except RuntimeError:
        said = log.read_text()[start:]
        trial.expect(sentence in said, f"The server did not say “{sentence}” but: {said[-500:]}")
    wrong = Site(site.folder, site.variables | variables)
    done = wrong.run("send_mail", "--once", check=False)
    trial.expect(
        done.returncode != 0 and sentence in done.stderr,
        f"The mail worker did not say “{sentence}” but: {done.stderr[-500:]}",
    )


def _rows(site: Site) -> str:
    """The private room's tables as they lie there."""
    return site.run("dumpdata", "consultations.keycanary", "consultations.consultationrequest").stdout


@fault(
    "X23",
    "the key is changed, but the web server is only reloaded (HUP) and goes on with the old one; SQLite and PostgreSQL",
    must_hold="rotate_keys refuses and names it; after a restart it runs; the new key alone reads everything",
)
def process_left_behind(trial: Trial) -> None:
    old = PRODUCTION["CONSULTATION_KEYS"]
    for on_postgres in (False, True):
        site = trial.site(on_postgres=on_postgres)
        both = Site(site.folder, site.variables | {"CONSULTATION_KEYS": f"{NEW},{old}"})
        alone = Site(site.folder, site.variables | {"CONSULTATION_KEYS": NEW})
        with site.serving() as server:
            os.kill(server.master, signal.SIGHUP)
            time.sleep(3)  # until other workers are there
            meanwhile = Patient(server.port, 1)
            meanwhile.ask()
            done = both.run("rotate_keys", check=False)
            trial.expect(
                done.returncode != 0 and "Nothing was changed. These run with another key" in done.stderr,
                f"rotate_keys did not refuse, but said: {done.stdout}{done.stderr[-500:]}",
            )
            trial.expect("can be taken out" not in done.stdout, "It let the old key go.")
        with both.serving() as server:
            after = Patient(server.port, 2)
            after.ask()
            done = both.run("rotate_keys", check=False)
            trial.expect("can be taken out" in done.stdout, f"rotate_keys said: {done.stderr[-500:]}")
        with alone.serving() as server:
            trial.settle(alone, [meanwhile, after, trial.back(server.port)])
    trial.note("a reloaded server was named on both databases, and nothing became unreadable")
