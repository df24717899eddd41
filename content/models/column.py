"""What a fact says, column by column: the one list that files, forms, rules, import, export and open data read."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from django.core.exceptions import FieldDoesNotExist
from django.db import models

from content.figures import FiguresField
from content.lines import ChosenField, LinesField

Table: TypeAlias = type[models.Model]
V = TypeVar("V")
# In a mapping or list of a file: all keys it may stand for that are not named beside it.
ALL = "all"


@dataclass(frozen=True)
class Column:
    """One of a fact's statements, under the name it has in files and open data."""

    name: str
    attribute: str = ""  # of the row, of its words or of one of its parts; the same as the name, unless given
    of_words: bool = False  # stands in a row for each language
    kind: str = ""  # of the entry whose slug it holds
    may_be_words: bool = False  # or plain words, where there is no such entry
    is_headline: bool = False  # plain words above a text
    parts: tuple[Column, ...] = ()  # of rows of their own; `attribute` is the relation to them
    # A word of a part: `attribute` is a list of the fact's words, in which it has the part's place.
    by_position: bool = False
    # A mapping: in each row of the relation `of`, from its column `by` to its `attribute`. Where that only says yes
    # or no, a list of those that say yes.
    of: str = ""
    by: str = ""
    keys: tuple[str, ...] = ()  # a mapping may have, in their order
    every: tuple[str, ...] = ()  # those of them that "all" stands for
    # The relation to rows that are edited in place: in a file they stand with the fact, and are no part of it.
    beside: str = ""
    is_listed: bool = False  # a row of its own for each, in order: an entry of the kind, or plain words

    @property
    def on_row(self) -> str:
        return self.attribute or self.name

    def field(self, fact: Table) -> models.Field:
        """Its column in the database: of the row, or of the row of its language."""
        relation = "texts" if self.of_words else self.of or self.beside
        return field_of(related(fact, relation) if relation else fact, self.on_row)

    def type(self, fact: Table) -> type:
        """Of its value in a file."""
        if self.has_rows or self.by_position:
            return list if self.has_rows else str
        if self.of:
            return list if isinstance(self.field(fact), models.BooleanField) else dict
        return type_in_files(self.field(fact))

    def holds_figures(self, fact: Table) -> bool:
        """Whether its list is one of numbers."""
        return not (self.has_rows or self.by_position) and isinstance(self.field(fact), FiguresField)

    @property
    def has_rows(self) -> bool:
        """Whether it says its part in rows of their own."""
        return bool(self.parts) or self.is_listed

    def is_required(self, fact: Table) -> bool:
        if self.has_rows or self.by_position:
            return self.by_position or self.is_listed
        if self.of or self.beside:
            return False
        if type_in_files(self.field(fact)) is bool:
            return bool(self.field(fact).default)  # a plain no goes without saying
        return not (self.field(fact).blank or self.field(fact).null)

    def choices(self, fact: Table) -> tuple[str, ...]:
        """The words it may hold."""
        return () if self.has_rows or self.by_position else choices_of(self.field(fact))


def spread(value: Mapping[str, V], every: Iterable[str]) -> dict[str, V]:
    """A mapping without "all"."""
    named = {key: one for key, one in value.items() if key != ALL}
    return named | {key: value[ALL] for key in every if ALL in value and key not in named}


def gather(value: Mapping[str, V], keys: Sequence[str], every: Sequence[str]) -> dict[str, V]:
    """The shortest way to write it: "all" for what most say, if each of `every` says something; then by key."""
    named = spread(value, every)
    short: dict[str, V] = {}
    if every and set(every) <= set(named):
        values = [named[key] for key in every]
        most = max(values, key=values.count)
        short[ALL] = most
        named = {key: one for key, one in named.items() if key not in every or one != most}
    order = [*(key for key in keys if key in named), *(key for key in named if key not in keys)]
    return short | {key: named[key] for key in order}


def gather_list(value: Sequence[str], keys: Sequence[str], every: Sequence[str]) -> list[str]:
    """The same of a list."""
    return list(gather(dict.fromkeys(value, True), keys, every))


def related(model: Table, relation: str) -> Table:
    """The model of the rows behind a relation."""
    found = model._meta.get_field(relation).related_model
    if found is None:
        raise FieldDoesNotExist(f"{model.__name__} has no relation {relation}.")
    return found


def field_of(model: Table, name: str) -> models.Field:
    """A column of the model, never a relation that another model has to it."""
    found = model._meta.get_field(name)
    if not isinstance(found, models.Field):
        raise FieldDoesNotExist(f"{model.__name__} has no column {name}.")
    return found


def choices_of(field: models.Field) -> tuple[str, ...]:
    """The words it may hold; of a list, each of its items."""
    choices = field.item_choices if isinstance(field, ChosenField) else field.choices
    return tuple(str(value) for value, _label in choices or () if value)


def type_in_files(field: models.Field) -> type:
    return next((kind for column, kind in _TYPES.items() if isinstance(field, column)), str)


_TYPES: dict[type[models.Field], type] = {
    LinesField: list,
    FiguresField: list,
    models.JSONField: dict,
    models.BooleanField: bool,
    models.DateField: datetime.date,
    models.DecimalField: float,
    models.IntegerField: int,
}
