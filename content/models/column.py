"""What a fact says, column by column: the one list that files, forms, rules, import, export and open data read."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db import models

from content.lines import LinesField


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

    @property
    def on_row(self) -> str:
        return self.attribute or self.name

    def field(self, fact: type[models.Model]) -> models.Field:
        """Its column in the database: of the row, or of the row of its language."""
        owner = fact._meta.get_field("texts").related_model if self.of_words else fact
        return owner._meta.get_field(self.on_row)

    def type(self, fact: type[models.Model]) -> type:
        """Of its value in a file."""
        if self.parts:
            return list
        return type_in_files(self.field(fact))

    def is_required(self, fact: type[models.Model]) -> bool:
        return not self.parts and not (self.field(fact).blank or self.field(fact).null)

    def choices(self, fact: type[models.Model]) -> tuple[str, ...]:
        return () if self.parts else tuple(str(value) for value, _label in self.field(fact).choices or ())


def type_in_files(field: models.Field) -> type:
    return next((kind for column, kind in _TYPES.items() if isinstance(field, column)), str)


_TYPES: dict[type[models.Field], type] = {
    LinesField: list,
    models.DateField: datetime.date,
    models.DecimalField: float,
    models.IntegerField: int,
}
