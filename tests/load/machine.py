"""What a site takes of the machine: its processes' memory and time on the processor, the disk."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")
TICKS = os.sysconf("SC_CLK_TCK")
MIB = 2**20


class Memory:
    """The most memory that these processes and their children held while the block ran, in MiB.

    Resident memory of each, shared pages counted each time, and the memory files in which uploads wait.
    """

    def __init__(self, *masters: int, every: float = 0.1) -> None:
        self.most = 0.0
        self._masters, self._every = masters, every
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._is_over.wait(self._every):
            self.most = max(self.most, held(self._masters) / MIB)


def held(masters: Iterable[int]) -> int:
    resident, files = 0, {}
    for pid in _family(masters):
        with suppress(OSError):  # it has ended meanwhile
            resident += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
            files |= dict(_memory_files(pid))
    return resident + sum(files.values())


def processor(masters: Iterable[int]) -> float:
    """Seconds used so far, by children that have ended too."""
    ticks = 0
    for pid in _family(masters):
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
    return ticks / TICKS


def _family(pids: Iterable[int]) -> Iterator[int]:
    for pid in pids:
        yield pid
        with suppress(OSError):
            for task in Path(f"/proc/{pid}/task").iterdir():
                yield from _family(map(int, (task / "children").read_text().split()))


def _memory_files(pid: int) -> Iterator[tuple[int, int]]:
    """Inode and bytes: two processes may hold the same file."""
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            if os.readlink(handle).startswith("/memfd:"):
                found = handle.stat()
                yield found.st_ino, found.st_blocks * 512


def disk(folder: Path) -> float:
    """MiB below a folder, as the disk counts them."""
    blocks = 0
    for path in folder.rglob("*"):
        with suppress(OSError):
            blocks += path.lstat().st_blocks
    return blocks * 512 / MIB
