"""A scanner for tests: a real clamd with one signature of our own, and one that says what it is told."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.consultations.sample_files import EICAR

INSTALLED = shutil.which("clamd") is not None
SIGNATURE = "Test.Eicar"  # clamd appends .UNOFFICIAL to what is not ClamAV's own


@contextmanager
def real_clamd(folder: Path) -> Iterator[str]:
    """The address of a daemon that knows one virus, the harmless one, wherever in a file it stands."""
    process, address = start_clamd(folder)
    try:
        yield address
    finally:
        process.terminate()
        process.wait(20)


def start_clamd(folder: Path) -> tuple[subprocess.Popen, str]:
    signatures = folder / "signatures"
    signatures.mkdir(parents=True, exist_ok=True)
    (signatures / "test.ndb").write_text(f"{SIGNATURE}:0:*:{EICAR.hex()}\n")
    path, settings = folder / "clamd.sock", folder / "clamd.conf"
    settings.write_text(
        f"LocalSocket {path}\nDatabaseDirectory {signatures}\nForeground yes\nStreamMaxLength 25M\n"
        f"LogFile {folder / 'clamd.log'}\n"
    )
    process = subprocess.Popen(
        ["clamd", "--config-file", str(settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    for _ in range(300):
        if path.exists():
            return process, f"unix:{path}"
        time.sleep(0.1)
    process.terminate()
    raise RuntimeError((folder / "clamd.log").read_text())


@contextmanager
def told_clamd(folder: Path, answer: bytes, *, received: list[bytes] | None = None) -> Iterator[str]:
    """The address of a daemon that reads what it is sent and answers the same each time."""
    path = folder / "told.sock"
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    listener.listen(8)
    thread = threading.Thread(target=_serve, args=(listener, answer, received), daemon=True)
    thread.start()
    try:
        yield f"unix:{path}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
        path.unlink()


def _serve(listener: socket.socket, answer: bytes, received: list[bytes] | None) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection, connection.makefile("rb") as stream:
            command = b""
            while not command.endswith(b"\0"):
                command += stream.read(1)
            content = b""
            while command == b"zINSTREAM\0" and (length := int.from_bytes(stream.read(4), "big")):
                content += stream.read(length)  # no more comes when the other side hangs up
            if received is not None:
                received.append(content)
            with suppress(OSError):
                connection.sendall(answer)
