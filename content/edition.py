"""What many public pages share, asked of the database once between two changes of anything public.

An edition is everything readers see between two such changes; its word is what finished pages are kept under. Whoever
serves pages opens it. For staff, for drafts and inside a change none is open: then each page asks everything anew, but
for what is `lasting`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple, TypeVar

from content.text.hints import HandedOn

Key = TypeVar("Key", bound=Hashable)
Row = TypeVar("Row")

# Then it starts anew: a library of any size takes no more memory than one and a half of ours.
MOST_ROWS = 6_000


class _Edition(NamedTuple):
    word: str
    rows: dict[Hashable, HandedOn]


_word: ContextVar[str] = ContextVar("edition", default="")
_offered: ContextVar[str] = ContextVar("edition that staff look at", default="")
_own: ContextVar[dict[Hashable, HandedOn] | None] = ContextVar("rows of one page", default=None)
_newest = _Edition("", {})


@contextmanager
def opened(word: str | None) -> Iterator[None]:
    """While a page is built for the public. The word must be known before the first row is read; without one a page
    shares with no other."""
    token = _word.set(word or "")
    try:
        with of_one_page():
            yield
    finally:
        _word.reset(token)


@contextmanager
def offered(word: str | None) -> Iterator[None]:
    """While staff look at a page and change nothing: for what is `lasting`, and for nothing else."""
    token = _offered.set(word or "")
    try:
        yield
    finally:
        _offered.reset(token)


@contextmanager
def of_one_page() -> Iterator[None]:
    """While a page is put together for which none is open: staff's, a draft, open data. What it asks twice is asked
    once, and forgotten with the page."""
    own = _own.get()
    token = _own.set({} if own is None else own)
    try:
        yield
    finally:
        _own.reset(token)


def current() -> str:
    """The word of the one that is open: what is kept under it is gone with it. Empty if none is."""
    return _word.get()


def shared(name: Hashable, find: Callable[[], Row]) -> Row:
    """One thing that pages share: the menu, who runs the site."""
    return each(name, [None], lambda _: {None: find()})[None]


def lasting(name: Hashable, find: Callable[[], Row]) -> Row:
    """As `shared`, for staff who look, too: what is made of nothing but rows whose changes are announced."""
    with opened(_word.get() or _offered.get()):
        return shared(name, find)


def each(
    name: Hashable, keys: Collection[Key], find: Callable[[set[Key]], Mapping[Key, Row]]
) -> dict[Key, Row]:
    """Those of the rows that there are; `find` is asked for the ones nobody has asked for in this edition."""
    known = _rows()
    missing = {key for key in keys if (name, key) not in known}
    if missing:
        known.update({(name, key): row for key, row in find(missing).items()})
    return {key: known[name, key] for key in keys if (name, key) in known}


def _rows() -> dict[Hashable, HandedOn]:
    global _newest
    word, newest = _word.get(), _newest
    if not word:
        own = _own.get()
        return {} if own is None else own
    if newest.word != word or len(newest.rows) > MOST_ROWS:
        newest = _newest = _Edition(word, {})
    return newest.rows
