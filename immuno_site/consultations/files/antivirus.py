"""Asks ClamAV's daemon about a file. Whatever is not a clear answer means: not scanned."""

from __future__ import annotations

import datetime
import re
import socket
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.conf import settings

SECONDS = 60  # for one answer; a large archive takes the daemon a while
PIECE = 256 * 1024
MAX_ANSWER = 4096


class ScannerUnavailable(Exception):
    """No daemon, or one that does not answer: nothing can be scanned now."""


class NotScanned(Exception):
    """The daemon answers, but has no verdict on this file."""


def is_configured() -> bool:
    return bool(settings.CLAMD_ADDRESS)


def virus_in(pieces: Iterable[bytes]) -> str:
    """The name of the virus found; empty if the file is clean."""
    with _connection() as daemon:
        daemon.sendall(b"zINSTREAM\0")
        for piece in _of_size(pieces, PIECE):
            daemon.sendall(struct.pack(">L", len(piece)) + piece)
        daemon.sendall(struct.pack(">L", 0))
        answer = _answer(daemon)
    if answer == "stream: OK":
        return ""
    if found := re.fullmatch(r"stream: (.+) FOUND", answer):
        return found[1][:120]
    raise NotScanned(answer[:120])


def signatures_of() -> datetime.datetime | None:
    """When the daemon's signatures were made; None if it has none."""
    with _connection() as daemon:
        daemon.sendall(b"zVERSION\0")
        answer = _answer(daemon)  # ClamAV 1.4.6/27800/Sat Nov 21 09:27:12 2026
    try:
        made = datetime.datetime.strptime(answer.rpartition("/")[2], "%a %b %d %H:%M:%S %Y")
    except ValueError:
        return None
    return made.replace(tzinfo=datetime.UTC)


@contextmanager
def _connection() -> Iterator[socket.socket]:
    """A daemon that cuts us off has met a limit of its own: that says something about this file only."""
    try:
        daemon = _socket()
    except OSError as error:
        raise ScannerUnavailable(type(error).__name__) from error
    with daemon:
        try:
            yield daemon
        except OSError as error:
            raise NotScanned(type(error).__name__) from error


def _socket() -> socket.socket:
    """unix:/run/clamav/clamd.ctl or host:3310."""
    address = settings.CLAMD_ADDRESS
    if not address:
        raise ConnectionError("No scanner is configured.")
    if path := address.removeprefix("unix:") if address.startswith("unix:") else "":
        daemon = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        daemon.settimeout(SECONDS)
        try:
            daemon.connect(path)
        except OSError:
            daemon.close()
            raise
        return daemon
    host, _, port = address.rpartition(":")
    return socket.create_connection((host.strip("[]"), int(port)), timeout=SECONDS)


def _answer(daemon: socket.socket) -> str:
    answer = b""
    while b"\0" not in answer and len(answer) < MAX_ANSWER and (piece := daemon.recv(MAX_ANSWER)):
        answer += piece
    if not answer:
        raise ConnectionError("The scanner hung up.")
    return answer.split(b"\0")[0].decode("utf-8", "replace").strip()


def _of_size(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Smaller pieces; no empty one, for that would mean the end."""
    for piece in pieces:
        for start in range(0, len(piece), size):
            yield piece[start : start + size]
