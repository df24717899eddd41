"""Several files as one zip file, made while it is handed out: nothing of it lies on a disk."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator

Named = tuple[str, Iterator[bytes]]


class _Sink(io.RawIOBase):
    """Takes what the archive writes, until somebody takes it on."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override] # an archive writes bytes, no other buffers
        self._waiting += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self._waiting)
        self._waiting.clear()
        return taken


def zipped(files: Iterable[Named]) -> Iterator[bytes]:
    """The pieces of the zip file. Not packed: photographs and PDFs would not become smaller. One that ends with an
    error has no table of contents, so that nobody takes it for whole."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for name, pieces in files:
            with archive.open(name, "w") as target:
                for piece in pieces:
                    target.write(piece)
                    yield sink.take()
    yield sink.take()
