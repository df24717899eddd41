"""Disks that are full: small memory file systems in the places of the real ones."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from tests.deploy.nginx import NGINX, nginx_before
from tests.faults.trial import Trial, fault
from tests.live.patient import Crowd, Patient, met
from tests.live.services import Missing

MB = 2**20
NOBODYS_KEY = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
# Files are refused below 500 MB (KEEP_FREE in consultations/files/storage.py), everything only when nothing is left.
DATA_DISK = 800 * MB


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """`folder`, with what is in it, on a disk of its own."""
    kept = folder.with_name(f"{folder.name}-before")
    folder.mkdir(parents=True, exist_ok=True)
    folder.rename(kept)
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise Missing(f"A small disk could not be mounted ({done.stderr.strip()}). Run this trial as root.")
    try:
        shutil.copytree(kept, folder, dirs_exist_ok=True)
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def filled(folder: Path, *, but_for: int = 0) -> Iterator[None]:
    """Its disk, with only so many bytes left."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while (room := shutil.disk_usage(folder).free - but_for) > 0 or not but_for:
            file.write(bytes(max(1, min(room, MB))))  # the last write is the one that fails
    try:
        yield
    finally:
        filler.unlink()


@fault(
    "X3",
    "disk of the data: under 500 MB left for 8 s, then nothing left for 10 s; a request with and one without a 2 MB "
    "file every 2 s",
    must_hold="clear 503, first for files only; nothing half stored; somebody is told; goes on by itself afterwards",
)
def data_disk_is_full(trial: Trial) -> None:
    site = trial.site()
    with small_disk(site.data, DATA_DISK) as disk, site.serving() as server:
        with Crowd(server.port, every=2) as crowd:
            with filled(disk, but_for=300 * MB):
                time.sleep(1)
                small = Patient(server.port, 2001, with_file=False)
                small.ask()
                trial.expect(not met([small])[503], "A request without a file was refused too early.")
                alarm = site.run("watch", check=False).stderr
                trial.expect("MB are free" in alarm, f"`watch` did not tell: {alarm}")
                time.sleep(4)
            with Crowd(server.port, every=2, first=1001, with_file=False) as others:
                with filled(disk):
                    time.sleep(10)
                crowd.close()
                others.close()
                after = trial.back(server.port)
            crowd.end()
        for kind, patients in (("with", crowd.patients), ("without", others.patients)):
            trial.expect(met(patients)[503] > 0, f"No patient {kind} a file was refused: was the disk full?")
        trial.settle(site, [after, small, *others.patients], crowd=crowd)
        trial.expect_none(others.failures)


@fault(
    "X4",
    "disks of temporary files, of logs and of nginx's bodies full for 15 s, behind nginx",
    must_hold="503 for what nginx cannot take in, everything else goes on; logging never ends a request",
)
def other_disks_are_full(trial: Trial) -> None:
    if not NGINX:
        raise Missing("nginx is missing: apt-get install -y nginx-light")
    site, front = trial.site(), trial.folder / "nginx"
    with ExitStack() as stack:
        temporary = stack.enter_context(small_disk(site.temporary, MB))
        logs = stack.enter_context(small_disk(site.logs, MB))
        bodies = stack.enter_context(small_disk(front / "bodies", 32 * MB))
        server = stack.enter_context(site.serving(workers=[("send_mail", "--every", "1")]))
        proxy = stack.enter_context(nginx_before(server.port, folder=front, data=site.data))
        over_tls = {"certificate": str(proxy.certificate), "every": 2}
        crowd = stack.enter_context(Crowd(proxy.https, **over_tls))
        others = stack.enter_context(Crowd(proxy.https, first=1001, with_file=False, **over_tls))
        time.sleep(4)
        with filled(temporary), filled(logs), filled(bodies):
            time.sleep(15)
        crowd.close()
        others.close()
        after = trial.back(proxy.https, certificate=str(proxy.certificate))
        crowd.end()
        others.end()
        trial.expect(met(crowd.patients)[503] > 0, "No upload was refused: was the disk full?")
        trial.expect(met(others.patients)[503] == 0, "Requests without files were refused, too.")
        trial.settle(site, [after, *others.patients], crowd=crowd)
        trial.expect_none(others.failures)


@fault(
    "X26",
    "the disk of the backups is full, then has room again",
    must_hold="a sentence, no half backup, the one before stays; the next one is whole",
)
def disk_of_backups_is_full(trial: Trial) -> None:
    with small_disk(trial.folder / "backups", 64 * MB) as disk:
        site = trial.site(BACKUP_DIR=str(disk), BACKUP_RECIPIENTS=NOBODYS_KEY)
        site.run("backup")
        before = sorted(path.name for path in disk.glob("immuno-*"))
        with filled(disk):
            failed = site.run("backup", check=False)
            said = failed.stderr.strip().splitlines()
            trial.expect(failed.returncode == 1 and len(said) == 1, f"`backup` said: {failed.stderr[-500:]}")
            kept = sorted(path.name for path in disk.glob("immuno-*"))
            trial.expect(kept == before, f"There were {before}, now there are {kept}.")
        site.run("backup")
        trial.expect(len(list(disk.glob("immuno-*.tar.age"))) == len(before) + 1, "The next one is missing.")
        trial.note(said[0])
