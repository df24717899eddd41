"""A fact as a plain row: the same from a table of a library file, from the database and from a form not yet saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.db import models

from content.models import FACT_MODELS, Entry, Fact, FactWords, WrittenFact
from content.models.column import Column, field_of, gather
from content.rules.entry_text import Finding

# The words of a row that have a language of their own.
WORDS = {
    model.NAME: tuple(column.name for column in model.COLUMNS if column.of_words)
    for model in FACT_MODELS
    if not model.BODY
}
# Those of other facts that stand above a text: plain words without Markdown.
HEADLINES = tuple(column.name for model in FACT_MODELS for column in model.COLUMNS if column.is_headline)


@dataclass(frozen=True)
class FactRow:
    """One fact: `table` as a library file holds it, `words` as readers read them, by language."""

    kind: str  # indication, occurrence, glossary, question, update
    slug: str
    table: Mapping[str, object]
    words: Mapping[str, Mapping[str, str]]
    language: str = "en"  # of the table
    where: str = ""
    line_of: Callable[[str], int] = lambda name: 0
    beside: Sequence[FactRow] = ()  # other facts about the same, which it must not repeat

    def finding(self, at: str, message: str) -> Finding:
        where = self.where or f"{self.kind}:{self.slug}"
        return Finding("", "block", where, self.line_of(at), message, at)


class Parts(NamedTuple):
    """What belongs to a fact and stands in rows of its own."""

    rows: Mapping[str, Sequence[models.Model]]  # by relation: texts, requirements
    sources: Sequence[str] = ()  # keys, the main one first


def parts_of(fact: Fact) -> Parts:
    """Those of a saved row."""
    return Parts(fact.parts, fact.source_keys)


def of_fact(fact: Fact, parts: Parts | None = None, *, beside: Sequence[FactRow] = ()) -> FactRow:
    """A row of the database; `parts` are those of a form that is not saved yet."""
    parts = parts_of(fact) if parts is None else parts
    table = {column.name: _value(column, fact, parts) for column in fact.COLUMNS}
    table["sources"] = list(parts.sources)
    if not isinstance(fact, WrittenFact):
        slug = str(next(iter(table.values())))
        return FactRow(fact.NAME, slug, table, _words(fact, parts), beside=beside)
    headlines = {column.name: str(table[column.name]) for column in fact.COLUMNS if column.is_headline}
    words = {fact.language: {**headlines, "text": getattr(fact, fact.BODY)}}
    return FactRow(fact.NAME, fact.slug, table, words, fact.language, beside=beside)


def beside(fact: Fact) -> list[FactRow]:
    """The approved rows it must not repeat: all of the same medicine, treatment or word, but what it replaces."""
    rows = type(fact).objects.approved().with_everything().exclude(pk=fact.pk)
    if fact.supersedes_id:
        rows = rows.exclude(pk=fact.supersedes_id)
    if not fact.ONE_LIST:
        rows = rows.filter(**_same_subject(fact))
    return [of_fact(row) for row in rows]


def _same_subject(fact: Fact) -> dict[str, object]:
    return {name: field_of(type(fact), name).value_from_object(fact) for name in fact.SUBJECT}


def _words(fact: Fact, parts: Parts) -> dict[str, dict[str, str]]:
    return {
        text.language: dict(
            pair for name in WORDS[fact.NAME] for pair in words_under(name, getattr(text, name))
        )
        for text in _texts(parts)
    }


def words_under(name: str, value: object) -> Iterator[tuple[str, str]]:
    """A text by its name; of a mapping each text, as "qualifiers.bcg"."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from words_under(f"{name}.{key}", one)
    elif isinstance(value, str):
        yield name, value


def _texts(parts: Parts) -> Iterator[FactWords]:
    return (row for row in parts.rows["texts"] if isinstance(row, FactWords))


def _value(column: Column, row: models.Model, parts: Parts) -> object:
    """As a file holds it. English words; none where a draft has none yet."""
    if column.of_words:
        said = {text.language: getattr(text, column.name) for text in _texts(parts)}.get("en", "")
        return gather(said, column.keys, column.every) if isinstance(said, dict) else said
    if column.beside:
        return getattr(row, column.name)
    if column.of:
        return _mapping(column, parts.rows[column.of])
    if column.parts:
        rows = sorted(parts.rows[column.on_row], key=lambda part: part.pk or 0)
        return [{one.name: _value(one, part, parts) for one in column.parts} for part in rows]
    value = getattr(row, column.on_row)
    if column.kind and isinstance(value, Entry):
        return value.slug
    return _number(value) if isinstance(value, Decimal) else value


def _mapping(column: Column, rows: Sequence[models.Model]) -> object:
    said = {getattr(row, column.by): value for row in rows if (value := getattr(row, column.on_row))}
    short = gather(said, column.keys, column.every)
    return list(short) if all(value is True for value in said.values()) and said else short


def _number(value: Decimal) -> float | int:
    """3.40 as 3.4, 3.00 as 3: as a person writes it."""
    return int(value) if value == int(value) else float(value)
