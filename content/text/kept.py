"""HTML that a process makes once and keeps, as long as there is room."""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

Made = TypeVar("Made")
OVERHEAD = 500  # bytes of a key and of the dict's places, roughly


class Kept(Generic[Made]):
    """What was made of which input. The key says all that it was made of, so nothing here goes out of date;
    what was not asked for longest leaves first."""

    def __init__(self, *, size: int) -> None:
        self._made: OrderedDict[Hashable, tuple[Made, int]] = OrderedDict()
        self._most, self.size = size, 0
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Made | None:
        with self._lock:
            if key not in self._made:
                return None
            self._made.move_to_end(key)
            return self._made[key][0]

    def put(self, key: Hashable, made: Made, *, html: str) -> None:
        """`html` is the part of it that takes the room."""
        weight = sys.getsizeof(html) + OVERHEAD
        with self._lock:
            self._drop(key)
            self._made[key] = made, weight
            self.size += weight
            while self.size > self._most:
                self._drop(next(iter(self._made)))

    def clear(self) -> None:
        with self._lock:
            self._made.clear()
            self.size = 0

    def _drop(self, key: Hashable) -> None:
        _made, weight = self._made.pop(key, (None, 0))
        self.size -= weight
