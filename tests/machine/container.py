"""A Debian of its own, booted: systemd, nginx, PostgreSQL, Redis as on an operator's machine, without a network.

Needs root, debootstrap and systemd-container. What is the same each time (Debian's packages, Python's) is kept in
var/machine.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.live.server import ROOT
from tests.live.services import Missing

KEPT = ROOT / "var" / "machine"
SUITES = ("bookworm", "trixie")
# So that install.sh has nothing to fetch: in here there is no network.
SCRIPT = ROOT / "immuno_site" / "deploy" / "install.sh"
BASE = (
    "systemd,systemd-sysv,dbus,ca-certificates,iproute2,procps,curl,adduser,udev,locales-all,openssh-server"
)
NETWORK = "immuno-machine"


def run(*command: str | Path, **options: object) -> str:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, **options)
    if done.returncode:
        raise RuntimeError(
            f"{' '.join(map(str, command))[:300]}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        )
    return done.stdout


def needs() -> None:
    if os.geteuid():
        raise Missing("Boots a Debian of its own: run it as root.")
    for program, package in {"debootstrap": "debootstrap", "systemd-nspawn": "systemd-container"}.items():
        if not shutil.which(program, path="/usr/sbin:/usr/bin:/sbin:/bin"):
            raise Missing(f"{program} is missing: apt-get install -y {package}")


def base(suite: str) -> Path:
    """An empty Debian with the packages that install.sh asks for, none of them started."""
    folder = KEPT / suite
    if not (folder / ".whole").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        run("debootstrap", "--variant=minbase", f"--include={BASE}", suite, folder)
        (folder / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n")
        (folder / "usr/sbin/policy-rc.d").chmod(0o755)
        names = SCRIPT.read_text().split('packages="')[1].split('"')[0].replace("\\\n", " ").split()
        names += ["postgresql", "postgresql-client"]
        install = "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "
        run("chroot", folder, "sh", "-c", f"{install} {' '.join(names)} && "
            f"{{ {install} libnginx-mod-http-brotli-static || true; }} && apt-get clean")  # fmt: skip
        (folder / "usr/sbin/policy-rc.d").unlink()
        (folder / ".whole").touch()
    return folder


def wheels(suite: str) -> Path:
    """Python's packages, as the lock file names them for that Debian's Python."""
    lock, kept = ROOT / "requirements.lock", KEPT / f"wheels-{suite}"
    is_there = kept / lock.name
    if not is_there.exists() or is_there.read_bytes() != lock.read_bytes():
        shutil.rmtree(kept, ignore_errors=True)
        inside = base(suite) / "opt/wheels"
        inside.mkdir(parents=True)
        try:
            shutil.copy(lock, inside)
            shutil.copy("/etc/ssl/certs/ca-certificates.crt", inside / "ca.crt")  # whom this machine trusts
            run("chroot", base(suite), "env", "-i", "PATH=/usr/bin:/bin", "sh", "-ec", DOWNLOAD)
            shutil.move(inside, kept)
        finally:
            shutil.rmtree(inside, ignore_errors=True)
    return kept


DOWNLOAD = """
cd /opt/wheels
python3 -m venv .venv
.venv/bin/pip download -q --cert ca.crt --require-hashes --only-binary=:all: -r requirements.lock
rm -r .venv ca.crt
"""


@dataclass
class Machine:
    """One that runs."""

    root: Path
    leader: int

    def run(self, *command: str, **variables: str) -> str:
        """As root in it; what it prints."""
        own = [f"{name}={value}" for name, value in variables.items()]
        path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        entered = (
            "nsenter",
            "--all",
            "--target",
            str(self.leader),
            "env",
            "-i",
            path,
            "HOME=/root",
            "LC_ALL=C.UTF-8",
        )
        return run(*entered, *own, *command, stdin=subprocess.DEVNULL)

    def sh(self, text: str, **variables: str) -> str:
        return self.run("sh", "-ec", text, **variables)


def lay_out(root: Path, suite: str, repository: Path) -> None:
    """A copy of the empty Debian, with the code where it can be cloned from."""
    run("cp", "-a", base(suite), root)
    (root / "etc/pip.conf").write_text("[global]\nno-index = true\nfind-links = /opt/wheels\n")
    run("cp", "-a", wheels(suite), root / "opt/wheels")
    run("git", "clone", "-q", "--bare", repository, root / "srv/code.git")
    (root / "etc/machine-id").write_text("")
    for path in (root / "etc/postgresql").rglob(
        "postgresql.conf"
    ):  # another port was taken where it was installed
        path.write_text(re.sub(r"^port = \d+", "port = 5432", path.read_text(), flags=re.MULTILINE))
    (root / "etc/hostname").write_text("machine\n")
    shutil.copy(SCRIPT, root / "root/install.sh")


@contextmanager
def network(name: str = NETWORK) -> Iterator[str]:
    """Nothing but its own 127.0.0.1: ports of this machine stay free."""
    with suppress(RuntimeError):
        run("ip", "netns", "delete", name)
    run("ip", "netns", "add", name)
    run("ip", "-n", name, "link", "set", "lo", "up")
    try:
        yield name
    finally:
        run("ip", "netns", "delete", name)


@contextmanager
def booted(root: Path) -> Iterator[Machine]:
    command = [
        "systemd-nspawn",
        "--quiet",
        "--register=no",
        "--keep-unit",
        "--machine",
        root.name,
        "-D",
        str(root),
    ]
    command += [f"--network-namespace-path=/run/netns/{NETWORK}", "--capability=all", "--boot"]
    with (root.parent / f"{root.name}.console").open("w") as console:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=console, stderr=console)
    try:
        machine = Machine(root, _leader(process))
        _wait_until_up(machine)
        yield machine
    finally:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _leader(process: subprocess.Popen) -> int:
    """systemd in there, seen from here."""
    for _ in range(100):
        for child in _children(process.pid):
            for own in [child, *_children(child)]:
                with suppress(OSError):
                    if Path(f"/proc/{own}/comm").read_text().strip() == "systemd":
                        return own
        if process.poll() is not None:
            raise RuntimeError("It did not boot; see its .console beside it.")
        time.sleep(0.1)
    raise RuntimeError("No systemd came up.")


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _wait_until_up(machine: Machine) -> None:
    for _ in range(120):
        with suppress(RuntimeError):
            machine.run("systemctl", "is-system-running", "--wait")
            return
        with suppress(RuntimeError):
            if machine.sh("systemctl is-system-running || true").strip() in ("running", "degraded"):
                return
        time.sleep(0.5)
    raise RuntimeError("It does not come up.")
