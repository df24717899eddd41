"""How one file is encrypted: AES-256-GCM in chunks, under a key of its own.

    "IMF1" | chunk 0 | chunk 1 | ... | last chunk

A chunk is up to 1 MiB of the file plus a tag of 16 bytes. Its nonce is its number and a flag on the last one,
so chunks cannot be swapped, repeated, dropped or cut off at the end without the tag failing; the id of the
attachment is authenticated with each, so one file cannot stand in for another. A counter is a safe nonce only
because no key ever encrypts two files.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.files.base import File

MAGIC = b"IMF1"
CHUNK = 1024 * 1024
TAG = 16


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class BrokenEnvelope(Exception):
    """The stored bytes are not what was sealed under this key and id: changed, cut off, or another file's."""


def new_key() -> bytes:
    return AESGCM.generate_key(256)


def seal(plain: BinaryIO, *, key: bytes, bound_to: bytes) -> Iterator[bytes]:
    """The pieces of the encrypted file, holding two chunks in memory at most."""
    cipher = AESGCM(key)
    yield MAGIC
    number, chunk = 0, _read_fully(plain, CHUNK)
    while True:
        following = _read_fully(plain, CHUNK) if len(chunk) == CHUNK else b""
        yield cipher.encrypt(_nonce(number, is_last=not following), chunk, MAGIC + bound_to)
        if not following:
            return
        number, chunk = number + 1, following


def unseal(sealed: Readable, *, key: bytes, bound_to: bytes) -> Iterator[bytes]:
    """The pieces of the file. Each is authentic; only the end without an error says that none is missing."""
    cipher = AESGCM(key)
    if _read_fully(sealed, len(MAGIC)) != MAGIC:
        raise BrokenEnvelope("This is not an encrypted file.")
    number, chunk = 0, _read_fully(sealed, CHUNK + TAG)
    while True:
        following = _read_fully(sealed, CHUNK + TAG)
        try:
            yield cipher.decrypt(_nonce(number, is_last=not following), chunk, MAGIC + bound_to)
        except InvalidTag as error:
            raise BrokenEnvelope("The file was changed or cut off, or belongs to another row.") from error
        if not following:
            return
        number, chunk = number + 1, following


def sealed_size(size: int) -> int:
    """How many bytes `seal` makes of a file of `size` bytes."""
    return len(MAGIC) + size + TAG * max(1, -(-size // CHUNK))


class SealedFile(File):
    """A plain file that a storage reads as an encrypted one: no copy of it is ever written in the clear.

    Going back to the start encrypts the same bytes again under the same nonces, which gives the same result.
    """

    def __init__(self, plain: BinaryIO, *, size: int, key: bytes, bound_to: bytes) -> None:
        super().__init__(plain, name=None)
        self.size = sealed_size(size)
        self._plain = plain
        self._key, self._bound_to, self._position = key, bound_to, 0
        self.seek(0)

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        self._plain.seek(0)
        return seal(self._plain, key=self._key, bound_to=self._bound_to)

    def seek(self, position: int, whence: int = io.SEEK_SET) -> int:
        """Only to a place that has been or can be read again from the start."""
        target = position + {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        self._pieces, self._waiting, self._position = self.chunks(), b"", 0
        if target == self.size:  # whoever asks how long this is need not wait for it to be encrypted
            self._pieces, self._position = iter(()), target
        while self._position < target and self.read(min(CHUNK, target - self._position)):
            pass
        return self._position

    def read(self, size: int = -1) -> bytes:
        wanted = self.size if size is None or size < 0 else size
        while len(self._waiting) < wanted and (piece := next(self._pieces, b"")):
            self._waiting += piece
        taken, self._waiting = self._waiting[:wanted], self._waiting[wanted:]
        self._position += len(taken)
        return taken

    def tell(self) -> int:
        return self._position

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        """The plain file belongs to whoever opened it."""


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])


def _read_fully(source: Readable, size: int) -> bytes:
    """`size` bytes unless the file ends: a network stream may hand out fewer at a time."""
    pieces, missing = [], size
    while missing and (piece := source.read(missing)):
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)
