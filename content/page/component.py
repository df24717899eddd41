"""Components of templates drawn once for the same input: a table of sixty uses is not drawn anew because a sentence
above it changed."""

from __future__ import annotations

import datetime
import hashlib
import itertools
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import TypeVar

from django.db.models import Model
from django.template.loader import get_template
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from content.text.kept import Kept

_drawn: Kept[None] = Kept(size=8 * 2**20)
# What readers type has no end: it must not push out the tables of entries.
_asked: Kept[None] = Kept(size=2**20)


def draw(template: str, inputs: dict[str, object], *, asked: bool = False) -> SafeString:
    """The component with these inputs and nothing else. It must not ask the database, nor what time it is.

    `asked` says that a reader's words are among the inputs.
    """
    room = _asked if asked else _drawn
    # With the day: a check may be overdue tomorrow.
    made_of = digest([template, get_language(), datetime.date.today(), inputs])
    if kept := room.get(made_of):
        return kept.html
    drawn = SafeString(tidied(get_template(template).render(inputs)))
    room.put(made_of, drawn, None)
    return drawn


def tidied(html: str) -> str:
    """Without the indentation and empty lines of templates: a browser takes a run of white space for one, but where
    its text is preformatted."""
    return html if _PREFORMATTED.search(html) else _INDENTED.sub("\n", html)


T = TypeVar("T")

_TOLD_ONCE: set[type] = set()
_PREFORMATTED = re.compile(r"<(?:pre|textarea)\b")
_INDENTED = re.compile(r"\n\s+")


def forget() -> None:
    _drawn.clear()
    _asked.clear()


def told_once(kind: type[T]) -> type[T]:
    """Of a frozen dataclass whose instances serve many pages: what one says is read once in each language."""
    _TOLD_ONCE.add(kind)
    return kind


def digest(inputs: Iterable[object]) -> bytes:
    told: list[str] = []
    _tell(inputs, told)
    return hashlib.blake2b("".join(told).encode(errors="surrogatepass"), digest_size=16).digest()


def _tell(values: Iterable[object], told: list[str]) -> None:
    """Everything a component can learn of its inputs. What looks different is told differently: a text says its
    length, so that none can look like two, and HTML is no text."""
    for value in values:
        kind = value.__class__
        if kind is str and isinstance(value, str):  # the second half tells the checker
            told.append(f"s{len(value)}:{value}")
        elif kind is SafeString and isinstance(value, str):
            told.append(f"h{len(value)}:{value}")
        elif kind in _PLAIN:
            told.append(f"{kind.__name__}:{value};")
        elif kind in _TOLD_ONCE:
            told.append(_of_one_told_once(value))
        else:
            told.append(f"({kind.__module__}.{kind.__qualname__}:")
            _tell(_parts(value, kind), told)
            told.append(")")


def _of_one_told_once(value: object) -> str:
    """Kept in the instance, which goes with its edition; words that wait for their language say something else in
    another."""
    kept: dict[str | None, str] = value.__dict__.setdefault("_told", {})
    if (language := get_language()) not in kept:
        kind = value.__class__
        parts = [f"{kind.__module__}.{kind.__qualname__}", *_parts(value, kind)]
        kept[language] = f"d:{digest(parts).hex()};"
    return kept[language]


_PLAIN = frozenset({int, bool, float, Decimal, datetime.date, type(None)})


def _parts(value: object, kind: type) -> Iterable[object]:
    if isinstance(value, list | tuple):
        return value
    if kind is dict and isinstance(value, dict):
        return itertools.chain.from_iterable(value.items())
    if names := getattr(kind, "__dataclass_fields__", None):
        return [getattr(value, name) for name in names]
    if isinstance(value, str | Promise):  # a choice of a model, or words that wait for their language
        return [f"{value}"]
    if isinstance(value, Model) and not any(field.is_relation for field in value._meta.concrete_fields):
        columns = [field.value_from_object(value) for field in value._meta.concrete_fields]
        return [*columns, getattr(value, "told_beside_columns", None)]
    raise TypeError(f"A component cannot be kept by {kind.__name__}: what it says is not all known.")
