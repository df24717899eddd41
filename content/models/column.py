"""What a fact says, column by column: the one list that files, forms, rules, import, export and open data read."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TypeAlias

from django.core.exceptions import FieldDoesNotExist
from django.db import models

from content.figures import FiguresField
from content.lines import LinesField

Table: TypeAlias = type[models.Model]


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

    @property
    def on_row(self) -> str:
        return self.attribute or self.name

    def field(self, fact: Table) -> models.Field:
        """Its column in the database: of the row, or of the row of its language."""
        return field_of(related(fact, "texts") if self.of_words else fact, self.on_row)

    def type(self, fact: Table) -> type:
        """Of its value in a file."""
        if self.parts or self.by_position:
            return list if self.parts else str
        return type_in_files(self.field(fact))

    def holds_figures(self, fact: Table) -> bool:
        """Whether its list is one of numbers."""
        return not (self.parts or self.by_position) and isinstance(self.field(fact), FiguresField)

    def is_required(self, fact: Table) -> bool:
        if self.parts or self.by_position:
            return self.by_position
        return not (self.field(fact).blank or self.field(fact).null)

    def choices(self, fact: Table) -> tuple[str, ...]:
        if self.parts or self.by_position:
            return ()
        return tuple(str(value) for value, _label in self.field(fact).choices or () if value)


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


def type_in_files(field: models.Field) -> type:
    return next((kind for column, kind in _TYPES.items() if isinstance(field, column)), str)


_TYPES: dict[type[models.Field], type] = {
    LinesField: list,
    FiguresField: list,
    models.BooleanField: bool,
    models.DateField: datetime.date,
    models.DecimalField: float,
    models.IntegerField: int,
}
