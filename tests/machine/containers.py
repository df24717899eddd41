"""The site in containers, as deploy/container/compose.yaml starts it: a request, its place in the database, a backup by
its timed job, everything started anew. Says how long each part takes, and fails where a promise is not held.

    make containers

Needs root, podman, podman-compose and what `make machine` needs: both images are built on the empty Debian that is kept
for it, which stands in for PostgreSQL and Redis, too, so nothing is fetched from where images lie.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from tests.faults.disks import NOBODYS_KEY
from tests.faults.switch import switch_to
from tests.live.patient import Browser, NoAnswer, Patient
from tests.live.server import ROOT
from tests.live.services import Missing
from tests.live.site import HOST
from tests.machine.__main__ import FIRST_DAY, REFERENCES, expect, failures, timed
from tests.machine.container import base, run, wheels

SUITE = "bookworm"
BASE = f"localhost/debian:{SUITE}"
CONTAINER = ROOT / "immuno_site" / "deploy" / "container"
HTTPS = 18443
SITE_USER = 10001
PREPARE_SECONDS = 1200
# What the images of PostgreSQL and Redis do, with Debian's packages.
STAND_IN = """
services:
  database:
    image: {base}
    entrypoint: ["sh", "-ec", "d=/var/lib/postgresql/data; b=$$(ls -d /usr/lib/postgresql/*/bin); cd /;
      install -d -o postgres -m 700 $$d; [ -e $$d/PG_VERSION ] || {{
      runuser -u postgres -- $$b/initdb -D $$d -U immuno -A trust -E UTF8 --locale=C.UTF-8;
      echo 'host all all all trust' >> $$d/pg_hba.conf;
      echo 'CREATE DATABASE immuno' | runuser -u postgres -- $$b/postgres --single -D $$d postgres; }};
      exec runuser -u postgres -- $$b/postgres -D $$d -c listen_addresses='*'"]
  cache:
    image: {base}
    command: redis-server --save "" --protected-mode no --maxmemory 256mb
  scanner:
    image: {base}
    command: sleep infinity
"""
# podman 4 starts nobody who waits for somebody who waits in turn: they are started in the order compose.yaml says.
IN_ORDER = (
    ("up", "-d", "--no-build", "database", "cache"),
    ("run", "--rm", "--no-deps", "prepare"),
    ("up", "-d", "--no-build", "web", "letters", "scans", "jobs", "proxy"),
)


def needs() -> None:
    if os.geteuid():
        raise Missing("Builds and starts containers: run it as root.")
    for program in ("podman", "podman-compose"):
        if not shutil.which(program):
            raise Missing(f"{program} is missing: apt-get install -y {program}")


def build(folder: Path) -> None:
    has_base = subprocess.run(["podman", "image", "exists", BASE]).returncode == 0
    if not has_base:
        archive = folder / "base.tar"
        run("tar", "-C", base(SUITE), "-cf", archive, ".")
        run("podman", "import", "-q", archive, BASE)
        archive.unlink()
    (folder / "pip.conf").write_text("[global]\nno-index = true\nfind-links = /wheels\n")
    for target, image in {"site": "immuno", "proxy": "immuno-proxy"}.items():
        mounts = ("-v", f"{wheels(SUITE)}:/wheels:ro", "-v", f"{folder / 'pip.conf'}:/etc/pip.conf:ro")
        run("podman", "build", "-q", "--network", "host", "--build-arg", f"BASE={BASE}", *mounts,
            "-f", CONTAINER / "Containerfile", "--target", target, "-t", image, ROOT)  # fmt: skip


def lay_out(folder: Path) -> None:
    """As the handbook has it: `env` and `keys` beside compose.yaml."""
    described = (CONTAINER / "compose.yaml").read_text()
    described = re.sub(r"^ +depends_on:.*\n", "", described, flags=re.MULTILINE)
    described = described.replace('"80:80", "443:443"', f'"127.0.0.1:{HTTPS}:443"')
    (folder / "compose.yaml").write_text(described)
    (folder / "stand-in.yaml").write_text(STAND_IN.format(base=BASE))
    (folder / "env").write_text(
        f"SITE_URL=https://{HOST}\nALLOWED_HOSTS={HOST}\nCLINICAL_REVIEW=label\n"
        f"OPERATOR_EMAIL=operator@example.org\nBACKUP_RECIPIENTS={NOBODYS_KEY}\n"
    )
    keys = {
        "secret_key": secrets.token_urlsafe(45),
        "consultation_keys": f"bound:{secrets.token_urlsafe(32)}",
        "consultation_index_key": secrets.token_urlsafe(32),
        "email_url": "smtps://nobody:nothing@mail.example.org:465",
        "copy_key": "",
        "copy_host": "",
    }
    (folder / "keys").mkdir()
    for name, value in keys.items():
        path = folder / "keys" / name
        path.write_text(value)
        os.chown(path, SITE_USER, SITE_USER)
        path.chmod(0o400)


class Compose:
    def __init__(self, folder: Path) -> None:
        self.command = [
            "podman-compose",
            "-p",
            "immuno",
            "-f",
            str(folder / "compose.yaml"),
            "-f",
            str(folder / "stand-in.yaml"),
        ]

    def __call__(self, *words: str) -> str:
        return run(*self.command, *words, env={**os.environ, "SITE": HOST}, timeout=PREPARE_SECONDS)

    def manage(self, *words: str) -> str:
        """A command of manage.py in the web server's container."""
        return run("podman", "exec", "immuno_web_1", "/bin/sh", "immuno_site/deploy/container/part", *words)


class Front(NamedTuple):
    """Where patients ask."""

    port: int
    certificate: str


@contextmanager
def started(compose: Compose, folder: Path) -> Iterator[Front]:
    """nginx has made its own certificate. A published port knows one address of this machine, patients have many: so
    something that passes on stands between."""
    certificate = folder / "certificate.pem"
    try:
        with timed("up: database, preparation, web server, workers, nginx"):
            for step in IN_ORDER:
                compose(*step)
            certificate.write_text(
                run("podman", "exec", "immuno_proxy_1", "cat", "/etc/immuno/tls/fullchain.pem")
            )
        with switch_to(HTTPS) as switch:
            front = Front(switch.port, str(certificate))
            wait_until_it_answers(front)
            yield front
    finally:
        compose("down", "-t", "5", "-v")


def wait_until_it_answers(front: Front) -> None:
    """The web server itself: nginx keeps no page of the form."""
    for _ in range(120):
        with suppress(NoAnswer):
            if Browser(front.port, certificate=front.certificate).get("/consultation/").status == 200:
                return
        time.sleep(1)
    raise RuntimeError("It does not answer; see `podman logs immuno_web_1` and `podman logs immuno_proxy_1`.")


def trial(compose: Compose, front: Front) -> None:
    compose.manage("shell", "--command", FIRST_DAY)
    with timed("a request with a file of 2 MB"):
        patient = Patient(front.port, 1, certificate=front.certificate)
        patient.ask()
    expect(
        patient.reference in compose.manage("shell", "--command", REFERENCES), "The request is not stored."
    )
    crontab = run("podman", "exec", "immuno_jobs_1", "cat", "/etc/cron.d/immuno").splitlines()
    (backup,) = (line for line in crontab if line.endswith("manage.py backup >/proc/1/fd/1 2>&1"))
    with timed("backup, as its timed job says it"):
        job = backup.partition(" root ")[2].partition(" >")[0]
        run("podman", "exec", "immuno_jobs_1", "sh", "-c", job)
    kept = run("podman", "exec", "immuno_web_1", "sh", "-c", "ls /var/lib/immuno/backups")
    expect(kept.startswith("immuno-"), f"No backup lies there: {kept!r}")
    identity = run("podman", "exec", "immuno_web_1", "id", "-un").strip()
    expect(identity == "immuno", f"The web server runs as {identity}.")
    with timed("web server killed and started again"):
        run("podman", "restart", "-t", "0", "immuno_web_1")
        wait_until_it_answers(front)
    expect(
        patient.reference in compose.manage("shell", "--command", REFERENCES), "It is gone after a restart."
    )


def main() -> None:
    try:
        needs()
    except Missing as error:
        sys.exit(str(error))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with timed("two images"):
            build(folder)
        lay_out(folder)
        compose = Compose(folder)
        with started(compose, folder) as front:
            trial(compose, front)
    print("Held." if not failures else f"{len(failures)} promises not held.")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
