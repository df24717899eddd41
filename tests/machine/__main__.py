"""An operator's first evening on an empty Debian: install, a request and its letter, a release and the way back under
load, backup, restore onto another machine. Says how long each takes, and fails where a promise is not held.

    make machine                                          Debian 12
    make machine ARGS=trixie                              Debian 13
    make machine ARGS="--pages 20000 --per-second 60"     20,000 pages read around each change
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyrage

from tests.consultations.smtp_sink import smtp_sink
from tests.live.patient import Browser, Crowd, Patient
from tests.live.services import Missing
from tests.live.site import CLINIC, HOST
from tests.machine.container import (
    KEPT,
    NETWORK,
    SUITES,
    Machine,
    base,
    booted,
    lay_out,
    needs,
    network,
    run,
    wheels,
)
from tests.machine.visitors import Readers

PER_SECOND = 20
SECONDS_OF_LOAD = 30  # before each change, and after it at the least
MAIL_PORT = 2525
VARIABLES = {
    "SITE": HOST,
    "OPERATOR": "operator@example.org",
    "EMAIL_URL": f"smtp://localhost:{MAIL_PORT}",
    "CLINICAL_REVIEW": "label",
    "SCANNER": "no",
}
PROFILE = {
    "organization": "Trial clinic",
    "privacy_contact": CLINIC,
    "who_pays": "Nobody.",
    "email": CLINIC,
    "phone": "+1 555 010 0199",
}
FIRST_DAY = (
    "from content.models import SiteProfile; from django.contrib.auth.models import User; "
    f"SiteProfile.objects.update_or_create(pk=1, defaults={PROFILE!r}); "
    "User.objects.filter(username='first').exists() or "
    f"User.objects.create_superuser('first', '{CLINIC}', 'trial-only-0123456789')"
)
REFERENCES = (
    "from immuno_site.consultations.models import ConsultationRequest as R; "
    "print(*R.objects.values_list('reference', flat=True))"
)
failures: list[str] = []


ASKED_BY_TESTSSL = 100
# The start certificate and a name that is nobody's; of our ciphers, which are all good, a device takes its fastest.
# That pages are compressed gives nothing away: the one secret in a page, the form's token, is masked anew each time.
OF_THE_TRIAL = ("cert", "DNS_CAA", "cipher_order", "secure_renego", "BREACH")


@dataclass(frozen=True)
class Load:
    """At least so many pages around each change, so many a second."""

    pages: int = 0
    per_second: float = PER_SECOND


def expect(is_so: object, sentence: str) -> None:
    if not is_so:
        failures.append(sentence)
        print(f"  NOT HELD: {sentence}", flush=True)


@contextmanager
def timed(what: str) -> Iterator[None]:
    begun = time.monotonic()
    yield
    print(f"  {what:<60} {time.monotonic() - begun:7.1f} s", flush=True)


def tell(printed: str) -> None:
    print("    " + printed.strip().replace("\n", "\n    "), flush=True)


def repository(folder: Path) -> Path:
    """This commit as "main", and one after it as "next", in which a sheet and all pages have changed."""
    code = folder / "code"
    run("git", "clone", "-q", ".", code)
    run("git", "-C", code, "checkout", "-q", "-B", "main")
    run("git", "-C", code, "checkout", "-q", "-b", "next")
    with (code / "static/site.css").open("a") as sheet:
        sheet.write("/* next */\n")
    page = code / "templates/base.html"
    page.write_text(page.read_text().replace("</body>", '<i hidden id="next-release"></i></body>'))
    run("git", "-C", code, "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-qam", "Next")
    run("git", "-C", code, "checkout", "-q", "main")
    return code


# --- The parts --------------------------------------------------------------------------------------------


def install(machine: Machine, recipient: str) -> None:
    with timed("install.sh on the empty machine"):
        said = machine.sh("sh /root/install.sh /srv/code.git main", BACKUP_RECIPIENTS=recipient, **VARIABLES)
    tell(said)
    before = machine.sh("cat /etc/immuno/keys/* /etc/immuno/env | sha256sum")
    with timed("install.sh once more"):
        machine.sh("sh /root/install.sh /srv/code.git main")
    after = machine.sh("cat /etc/immuno/keys/* /etc/immuno/env | sha256sum")
    expect(after == before, "A second run changed keys or variables.")
    machine.run("immuno", "shell", "--command", FIRST_DAY)
    machine.run("systemctl", "restart", "immuno-web@current")
    exposed = machine.sh("find /etc/immuno ! -type l -perm /077; find /etc/nullmailer/remotes -perm /007")
    expect(not exposed, f"Others can read {exposed}")
    nothing_failed(machine)


def nothing_failed(machine: Machine) -> None:
    failed = machine.sh("systemctl --failed --plain --no-legend")
    expect(not failed, f"Units have failed: {failed}")


def serve(machine: Machine, certificate: str) -> Patient:
    """TLS, a request with a file, the numbers of /metrics, a log that names nobody, the way of a certificate."""
    with timed("a request with a file of 2 MB"):
        patient = Patient(443, 1, certificate=certificate)
        patient.ask()
    numbers = machine.sh(f"curl -sk --resolve {HOST}:443:127.0.0.1 https://{HOST}/metrics")
    expect("immuno_requests_open 1.0" in numbers, "/metrics does not know of the request.")
    expect('view="consultations:' in numbers, "/metrics knows of no view.")
    logs = machine.sh("cat /var/log/nginx/*.log; journalctl -o cat -u 'immuno-*'")
    expect("songbird" not in logs, "A log holds what a patient typed.")
    challenge = "/.well-known/acme-challenge/trial"
    machine.sh(f"mkdir -p /var/www/acme/.well-known/acme-challenge; echo token > /var/www/acme{challenge}")
    seen = machine.sh(f"curl -s -H 'Host: {HOST}' http://127.0.0.1{challenge}")
    expect(seen == "token\n", "An authority for certificates would not see its token.")
    return patient


def speaks_only_good_tls(certificate: Path) -> None:
    """As testssl sees the settings that are shipped, where it is installed; it takes four minutes."""
    if not (testssl := shutil.which("testssl")):
        print("  testssl is not installed: TLS was not looked at.", flush=True)
        return
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder, "told.json")
        command = (testssl, "--quiet", "--warnings", "batch", "--ip", "127.0.0.1", "--add-ca", certificate)
        with timed("testssl"):
            run(*command, "--jsonfile", told, f"https://{HOST}/")
        findings = {each["id"]: each for each in json.loads(told.read_text())}
    expect(len(findings) > ASKED_BY_TESTSSL, f"testssl looked at {len(findings)} things only.")
    bad = {
        name: each["finding"]
        for name, each in findings.items()
        if each["severity"] not in {"OK", "INFO"} and not name.startswith(OF_THE_TRIAL)
    }
    expect(not bad, f"testssl finds {bad}")


def under_load(machine: Machine, certificate: str, load: Load, command: str) -> None:
    """A change while people read and send files: nobody may notice."""
    with Readers(443, certificate, per_second=load.per_second) as readers:
        crowd = Crowd(443, every=3, first=6000, certificate=certificate)
        with crowd:
            time.sleep(SECONDS_OF_LOAD)
            with timed(command):
                tell(machine.sh(command))
            time.sleep(SECONDS_OF_LOAD)
            while len(readers.seconds) < load.pages:
                time.sleep(1)
    met: Counter[tuple[str, int]] = sum((patient.met for patient in crowd.patients), start=Counter())
    waits = sorted(round(seconds * 1000) for seconds in readers.seconds)
    tell(
        f"{len(waits)} pages read, {sum(met.values())} steps of {len(crowd.patients)} requests with a file; pages: "
        f"half within {statistics.median(waits):.0f} ms, 95 of 100 within {waits[len(waits) * 95 // 100]} ms, "
        f"the longest {waits[-1]} ms"
    )
    expect(not readers.failures, f"{command}: readers met {readers.failures}")
    bad = {what: number for what, number in met.items() if what[1] != 200}
    expect(not bad, f"{command}: patients met {bad}")
    expect(not crowd.failures, f"{command}: {crowd.failures[:3]}")


def serves(certificate: str) -> str:
    page = Browser(443, certificate=certificate).get(f"/search/?q=which{time.monotonic()}").text
    return "next" if "next-release" in page else "main"


def refuse(machine: Machine, certificate: str) -> None:
    """What cannot be put in place changes nothing."""
    for command, sentence in {
        "immuno release nothing": 'There is no "nothing"',
        "immuno release": "Say which",
        "immuno restore-site /nowhere --identity /nowhere": "There is no /nowhere",
    }.items():
        said = machine.sh(f"{command} 2>&1 && exit 1 || true")
        expect(sentence in said, f"{command} says: {said}")
    keys = "/etc/immuno/keys/consultation_keys"
    machine.sh(f"cp -p {keys} /root/right-key; echo bound:wrong > {keys}")
    said = machine.sh("immuno release next 2>&1 && exit 1 || true")
    expect("goes on serving" in said, f"A release with a wrong key says: {said[-300:]}")
    machine.sh(f"cat /root/right-key > {keys}; rm /root/right-key")
    status = Browser(443, certificate=certificate).get("/callback/").status
    expect(status == 200, f"After a refused release the site answers {status}.")


def back_up(machine: Machine) -> Path:
    """The newest one, where it was copied to. Another machine is a folder here: ssh is Debian's."""
    with timed("backup"):
        machine.run("systemctl", "start", "immuno-job@backup")
    machine.sh("sed -i 's|^COPY_TO=.*|COPY_TO=/var/lib/immuno/elsewhere|' /etc/immuno/env")
    machine.run("systemctl", "start", "immuno-copy_backups")
    (newest,) = (machine.root / "var/lib/immuno/elsewhere").glob("immuno-*.tar.age")
    return newest


def first_machine(root: Path, recipient: str, away: Path, load: Load) -> tuple[str, str]:
    """Carries a backup and what belongs to it away; a reference that must come back, and one that must not."""
    with booted(root) as machine:
        install(machine, recipient)
        certificate = str(root / "etc/immuno/tls/fullchain.pem")
        kept, erased = serve(machine, certificate), Patient(443, 2, certificate=certificate)
        erased.ask()
        speaks_only_good_tls(root / "etc/immuno/tls/fullchain.pem")
        under_load(machine, certificate, load, "immuno release next")
        expect(serves(certificate) == "next", "The new release does not serve.")
        under_load(machine, certificate, load, "immuno back")
        expect(serves(certificate) == "main", "The release before does not serve.")
        refuse(machine, certificate)
        newest = back_up(machine)
        machine.run("immuno", "erase_subject", erased.reference, "--by", "first", "--yes")
        machine.run("systemctl", "start", "immuno-copy_backups")
        keys = root / "etc/immuno/keys"
        for path in (
            newest,
            newest.parent / "erased",
            keys / "consultation_keys",
            keys / "consultation_index_key",
        ):
            shutil.copy(path, away / path.name)
    return kept.reference, erased.reference


def second_machine(root: Path, recipient: str, away: Path, kept: str, erased: str) -> None:
    """The two keys lie in their place before anything is installed; the rest is carried in."""
    (root / "etc/immuno/keys").mkdir(parents=True, mode=0o700)
    for path in away.iterdir():
        shutil.copy(path, root / ("etc/immuno/keys" if path.name.startswith("consultation_") else "root"))
    with booted(root) as machine:
        install(machine, recipient)
        with timed("immuno restore-site"):
            tell(machine.sh("immuno restore-site /root/immuno-*.tar.age --identity /root/backup.key 2>&1"))
        found = machine.run("immuno", "shell", "--command", REFERENCES)
        expect(kept in found, f"{kept} did not come back.")
        expect(erased not in found, f"{erased} had been erased and came back.")
        Patient(443, 3, certificate=str(root / "etc/immuno/tls/fullchain.pem")).ask()
        nothing_failed(machine)


def evening(suite: str, folder: Path, load: Load) -> None:
    identity = pyrage.x25519.Identity.generate()
    recipient, away = str(identity.to_public()), folder / "away"
    away.mkdir()
    (away / "backup.key").write_text(f"{identity}\n")
    code = repository(folder)
    for name in ("first", "second"):
        lay_out(folder / name, suite, code)
    with smtp_sink(MAIL_PORT) as sink:
        kept, erased = first_machine(folder / "first", recipient, away, load)
        subjects = {str(letter["Subject"]) for letter in sink.letters}
        expect(any(kept in words for words in subjects), f"No letter about {kept}; {len(subjects)} subjects.")
        second_machine(folder / "second", recipient, away, kept, erased)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suite", nargs="?", choices=SUITES, default="bookworm")
    parser.add_argument(
        "--pages", type=int, default=Load.pages, help="read at least so many around each change"
    )
    parser.add_argument("--per-second", type=float, default=Load.per_second, help="pages read a second (20)")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    try:
        needs()
        if not asked.inside:
            sys.exit(_in_a_network_of_its_own(asked.suite, sys.argv[1:]))
    except Missing as error:
        sys.exit(str(error))
    folder = Path(tempfile.mkdtemp(dir=KEPT, prefix="evening-"))
    try:
        evening(asked.suite, folder, Load(asked.pages, asked.per_second))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print("Held." if not failures else f"{len(failures)} promises not held.")
    sys.exit(bool(failures))


def _in_a_network_of_its_own(suite: str, arguments: list[str]) -> int:
    """Whoever asks stands where the machine's ports are."""
    print(f"{suite}: getting what needs a network; it is kept in {KEPT}", flush=True)
    base(suite)
    wheels(suite)
    with network():
        command = (
            "nsenter",
            f"--net=/run/netns/{NETWORK}",
            sys.executable,
            "-m",
            "tests.machine",
            *arguments,
            "--inside",
        )
        return subprocess.run(command).returncode


if __name__ == "__main__":
    main()
