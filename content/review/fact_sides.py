"""A draft of a fact beside the row it replaces, field by field, so that nobody approves what they did not see."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from content.models import Fact, Source
from content.review.version_diff import Piece, word_diff


@dataclass(frozen=True)
class Side:
    """One field of one row: words, some marked, or sources to open."""

    pieces: list[Piece]
    sources: list[Source]


@dataclass(frozen=True)
class Sides:
    """One field, as it stands and as it would stand. `mark` says in a word how they differ."""

    label: str | Promise
    mark: str
    before: Side
    after: Side

    @property
    def differs(self) -> bool:
        return bool(self.mark)


def of_draft(draft: Fact) -> list[Sides]:
    """Every field of the draft or of the row it replaces that says something."""
    return _beside(draft, draft.supersedes)


def alone(row: Fact) -> list[Sides]:
    """Every field of a row that says something, beside nothing."""
    return _beside(row, None)


def _beside(row: Fact, other: Fact | None) -> list[Sides]:
    after = dict(_fields(row))
    before = dict(_fields(other)) if other else {}
    labels = [*after, *(label for label in before if label not in after)]
    sides = [_sides(label, before.get(label, ""), after.get(label, "")) for label in labels]
    was, will_be = (_sources(one) if one else [] for one in (other, row))
    mark = _mark([source.key for source in was], [source.key for source in will_be])
    return [*sides, Sides(_("Sources"), mark, Side([], was), Side([], will_be))]


def _sides(label: str | Promise, before: str, after: str) -> Sides:
    pieces = word_diff(before, after)
    return Sides(
        label,
        _mark(before, after),
        Side([piece for piece in pieces if piece.change != "added"], []),
        Side([piece for piece in pieces if piece.change != "removed"], []),
    )


def _mark(before: object, after: object) -> str:
    if before == after:
        return ""
    if not before:
        return _("New")
    return _("Changed") if after else _("Taken out")


def _fields(row: Fact) -> Iterator[tuple[str | Promise, str]]:
    """What a person can set, with what readers read in each language; empty fields left out."""
    for field in _written(row, without={"source"}):
        if value := _shown(row, field):
            yield _label(field), value
    for name in row.PARTS:
        parts = list(getattr(row, name).all())
        if parts and not hasattr(parts[0], "language"):
            yield capfirst(parts[0]._meta.verbose_name_plural), "\n".join(map(str, parts))
            continue
        for part in sorted(parts, key=lambda part: list(dict(settings.LANGUAGES)).index(part.language)):
            owner = getattr(type(row), name).field.name
            for field in _written(part, without={owner, "language"}):
                if value := _shown(part, field):
                    yield f"{_label(field)} ({part.get_language_display()})", value


def _written(row: models.Model, *, without: set[str]) -> list[models.Field[object, object]]:
    fields = row._meta.concrete_fields
    return [
        field for field in fields if field.editable and not field.primary_key and field.name not in without
    ]


def _label(field: models.Field[object, object]) -> str | Promise:
    return capfirst(field.verbose_name)


def _shown(row: models.Model, field: models.Field[object, object]) -> str:
    value = getattr(row, field.name)
    if field.choices:
        return str(getattr(row, f"get_{field.name}_display")())
    if isinstance(value, datetime.date):
        return date_format(value, "j F Y")
    if isinstance(value, list):
        return "\n".join(value)
    return "" if value is None else str(value)


def _sources(row: Fact) -> list[Source]:
    """The main one first."""
    more = sorted(row.more_sources.all(), key=lambda source: source.key)
    return [row.source, *more] if row.source else more
