"""Text, most of it HTML, that a process makes once and keeps, as long as there is room."""

from __future__ import annotations

import sys
import threading
import zlib
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, NamedTuple, TypeVar

from django.utils.safestring import SafeString, mark_safe

Beside = TypeVar("Beside")
OVERHEAD = 500  # bytes of a key and of the dict's places, roughly
# Packed to a fifth in a thousandth of the time that drawing takes; less is not worth it.
LONG = 300


class Made(NamedTuple, Generic[Beside]):
    """Text, and what whoever made it has to know of it."""

    text: str
    beside: Beside

    @property
    def html(self) -> SafeString:
        """Of a room that keeps nothing else."""
        return mark_safe(self.text)  # noqa: S308 - as it was put in


class _Packed(NamedTuple, Generic[Beside]):
    text: bytes | str
    beside: Beside
    weight: int


class Kept(Generic[Beside]):
    """What was made of which input. The key says all that it was made of, so nothing here goes out of date;
    what was not asked for longest leaves first."""

    def __init__(self, *, size: int) -> None:
        self._made: OrderedDict[Hashable, _Packed[Beside]] = OrderedDict()
        self._most, self.size = size, 0
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Made[Beside] | None:
        with self._lock:
            packed = self._made.get(key)
            if packed is None:
                return None
            self._made.move_to_end(key)
        return Made(_unpacked(packed.text), packed.beside)

    def put(self, key: Hashable, text: str, beside: Beside) -> None:
        packed = zlib.compress(text.encode(errors="surrogatepass"), 1) if len(text) > LONG else text
        weight = sys.getsizeof(packed) + OVERHEAD
        with self._lock:
            self._drop(key)
            self._made[key] = _Packed(packed, beside, weight)
            self.size += weight
            while self.size > self._most:
                self._drop(next(iter(self._made)))

    def clear(self) -> None:
        with self._lock:
            self._made.clear()
            self.size = 0

    def _drop(self, key: Hashable) -> None:
        if packed := self._made.pop(key, None):
            self.size -= packed.weight


def _unpacked(text: bytes | str) -> str:
    return text if isinstance(text, str) else zlib.decompress(text).decode(errors="surrogatepass")
