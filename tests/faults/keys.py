"""Keys that are not those of the last run."""

from __future__ import annotations

from tests.faults.trial import Trial, fault
from tests.live.patient import Patient
from tests.live.site import Site

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
