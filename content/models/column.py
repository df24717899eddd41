"""What a fact says, column by column: the one list that files, forms, rules, import, export and open data read."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import TypeAlias

from django.core.exceptions import FieldDoesNotExist
from django.db import models

from content.lines import ChosenField, LinesField

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
    is_listed: bool = False  # a row of its own for each, in order: an entry of the kind, or plain words

    @property
    def on_row(self) -> str:
        return self.attribute or self.name

    def field(self, fact: Table) -> models.Field:
        """Its column in the database: of the row, or of the row of its language."""
        return field_of(related(fact, "texts") if self.of_words else fact, self.on_row)

    def type(self, fact: Table) -> type:
        """Of its value in a file."""
        if self.has_rows:
            return list
        return type_in_files(self.field(fact))

    @property
    def has_rows(self) -> bool:
        """Whether it says its part in rows of their own."""
        return bool(self.parts) or self.is_listed

    def is_required(self, fact: Table) -> bool:
        if self.has_rows:
            return self.is_listed
        return not (self.field(fact).blank or self.field(fact).null)

    def choices(self, fact: Table) -> tuple[str, ...]:
        """The words it may hold; of a list, each of its items."""
        if self.has_rows:
            return ()
        field = self.field(fact)
        choices = field.item_choices if isinstance(field, ChosenField) else field.choices
        return tuple(str(value) for value, _label in choices or ())


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
    models.DateField: datetime.date,
    models.DecimalField: float,
    models.IntegerField: int,
}
