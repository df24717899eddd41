"""A gunicorn with two workers whose CPU time and memory can be read, and a visitor who opens one page after another."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parent.parent.parent
CONFIG = ROOT / "immuno_site" / "deploy" / "gunicorn.conf.py"
TICKS = os.sysconf("SC_CLK_TCK")
UNCACHED = {"Authorization": "Bench 1"}  # a visitor with credentials gets a page built for them alone
# One who holds a form's cookie gets a page built from all that processes keep, unless the page itself is kept.
BUILT = {"Cookie": f"csrftoken={'b' * 32}"}


@dataclass(frozen=True)
class Answer:
    status: int
    size: int  # bytes on the wire, headers included
    body: bytes


@dataclass(frozen=True)
class Server:
    """A running site."""

    port: int
    master: int

    @property
    def workers(self) -> list[int]:
        return [
            int(pid) for pid in Path(f"/proc/{self.master}/task/{self.master}/children").read_text().split()
        ]

    def get(self, path: str, **headers: str) -> Answer:
        """One request on a connection of its own, as behind nginx."""
        lines = {"Host": "127.0.0.1", "Accept-Encoding": "gzip, deflate, br", "Connection": "close"} | headers
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\n{head}\r\n".encode())
            answer = b"".join(iter(lambda: connection.recv(65_536), b""))
        return Answer(int(answer.split(b" ", 2)[1]), len(answer), answer.partition(b"\r\n\r\n")[2])

    def cpu(self, paths: list[str], requests: int, **headers: str) -> float:
        """Milliseconds of the workers' CPU time (user and system) for one request."""
        before = self._cpu_seconds()
        for number in range(requests):
            answer = self.get(paths[number % len(paths)], **headers)
            if answer.status != 200:
                raise RuntimeError(f"{paths[number % len(paths)]} answered {answer.status}")
        return (self._cpu_seconds() - before) * 1000 / requests

    def cpu_of_one(self, path: str, requests: int, **headers: str) -> float:
        """The same for one address and few requests: the kernel's other clock ticks a hundred times a second."""
        before = self._nanoseconds()
        for _ in range(requests):
            if (status := self.get(path, **headers).status) != 200:
                raise RuntimeError(f"{path} answered {status}")
        return (self._nanoseconds() - before) / 1_000_000 / requests

    def _nanoseconds(self) -> int:
        return sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in self.workers)

    def _cpu_seconds(self) -> float:
        ticks = 0
        for pid in self.workers:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / TICKS

    def pss(self) -> list[float]:
        """MiB of memory per worker; what several processes share is divided among them."""
        return [_pss(pid) for pid in self.workers]


def _pss(pid: int) -> float:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def environment(data: Path, **more: str) -> dict[str, str]:
    """A site of its own: nothing of the developer's settings, database or cache. `more` is set on top."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}
    return kept | {
        "IMMUNO_ENV": "development",
        "DJANGO_SETTINGS_MODULE": "immuno_site.settings",
        "DATA_DIR": str(data),
        **more,
    }


def run(data: Path, *arguments: str, code: Path = ROOT, **more: str) -> None:
    """A Python command in that site."""
    subprocess.run(
        [sys.executable, "-W", "ignore", *arguments],
        cwd=code,
        env=environment(data, **more),
        check=True,
        stdout=subprocess.DEVNULL,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


QUIET = ("--log-level", "error", "--max-requests", "0")


@contextmanager
def serving(
    data: Path,
    *,
    application: str = "immuno_site.wsgi",
    arguments: Sequence[str] = QUIET,
    log: IO[bytes] | None = None,
    code: Path = ROOT,
    **more: str,
) -> Iterator[Server]:
    port, config = free_port(), code / CONFIG.relative_to(ROOT)
    command = [sys.executable, "-W", "ignore", "-m", "gunicorn", "-c", str(config), application]
    command += ["--bind", f"127.0.0.1:{port}", *arguments]
    master = subprocess.Popen(command, cwd=code, env=environment(data, **more), stdout=log, stderr=log)
    try:
        server = Server(port, master.pid)
        _wait_for(server, master)
        yield server
    finally:
        master.terminate()
        master.wait(40)


def _wait_for(server: Server, master: subprocess.Popen) -> None:
    for _ in range(600):
        if master.poll() is not None:
            raise RuntimeError("The server did not start; its message is above, or in its log.")
        try:
            server.get("/")
        except (ConnectionError, TimeoutError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("The server did not answer within 60 seconds.")
