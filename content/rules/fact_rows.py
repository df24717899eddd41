"""A fact as a plain row: the same from a table of a library file, from the database and from a form not yet saved."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import attrgetter
from typing import NamedTuple

from django.db import models
from django.db.models import Q

from content.models import FACT_MODELS, Entry, Fact, FactWords, TabledFact, WrittenFact
from content.models.column import Column, field_of, gather
from content.rules.entry_text import Finding

SLUG = re.compile(r"^[a-z0-9]+(?:-[a-z0-9]+)*$")
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


def day_of(row: FactRow, name: str) -> datetime.date | None:
    """Nothing for what is no day: a time of day in a file cannot be compared with one."""
    day = row.table.get(name)
    return day if type(day) is datetime.date else None


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
    """The approved rows it must not repeat: all of the same cancer, treatment or word, but what it replaces."""
    rows = type(fact).objects.approved().with_everything().exclude(pk=fact.pk)
    if fact.supersedes_id:
        rows = rows.exclude(pk=fact.supersedes_id)
    if not fact.ONE_LIST:
        rows = rows.filter(_same_subject(fact))
    return [of_fact(row) for row in rows]


def _same_subject(fact: Fact) -> Q:
    """Also what bears the same key, whatever it is about, where keys are of the whole library."""
    subject = Q(**{name: field_of(type(fact), name).value_from_object(fact) for name in fact.SUBJECT})
    key = fact.KEY_IN_LIBRARY if isinstance(fact, TabledFact) else ""
    return subject | Q(**{key: getattr(fact, key)}) if key else subject


def _words(fact: Fact, parts: Parts) -> dict[str, dict[str, str]]:
    return {
        text.language: dict(
            pair for name in WORDS[fact.NAME] for pair in words_under(name, getattr(text, name))
        )
        | _words_of_parts(fact, text)
        for text in _texts(parts)
    }


def _words_of_parts(fact: Fact, text: FactWords) -> dict[str, str]:
    """Those that stand in lists, each at its place: arms.0.name."""
    return {
        f"{column.name}.{place}.{one.name}": word
        for column in fact.COLUMNS
        for one in column.parts
        if one.by_position
        for place, word in enumerate(getattr(text, one.on_row))
    }


def words_of_table(kind: str, table: Mapping[str, object]) -> dict[str, str]:
    """The English words of a table of a file, under the same names."""
    words = dict(pair for name in WORDS[kind] for pair in words_under(name, table.get(name)))
    (model,) = (model for model in FACT_MODELS if kind == model.NAME)
    for column in model.COLUMNS:
        rows: object = table.get(column.name) if column.parts else ()
        for place, row in enumerate(rows if isinstance(rows, list) else ()):
            for one in column.parts if isinstance(row, dict) else ():
                if one.by_position and isinstance(text := row.get(one.name), str):
                    words[f"{column.name}.{place}.{one.name}"] = text
    return words


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
    if column.is_listed:
        return [str(part) for part in sorted(parts.rows[column.on_row], key=attrgetter("position"))]
    if column.parts:
        rows = sorted(parts.rows[column.on_row], key=_place_of)
        return [_part(column, row, place, parts) for place, row in enumerate(rows)]
    value = getattr(row, column.on_row)
    if column.kind and isinstance(value, Entry):
        return value.slug
    return _number(value) if isinstance(value, Decimal) else value


def _place_of(part: models.Model) -> tuple[int, int]:
    return getattr(part, "position", 0), part.pk or 0


def _part(column: Column, row: models.Model, place: int, parts: Parts) -> dict[str, object]:
    """What it says; nothing of what it leaves open."""
    said = {
        one.name: _word_at(one, place, parts) if one.by_position else _value(one, row, parts)
        for one in column.parts
    }
    return {name: value for name, value in said.items() if value not in (None, "", [])}


def _word_at(column: Column, place: int, parts: Parts) -> str:
    english = (text for text in _texts(parts) if text.language == "en")
    words: list[str] = next((getattr(text, column.on_row) for text in english), [])
    return words[place] if place < len(words) else ""


def _mapping(column: Column, rows: Sequence[models.Model]) -> object:
    said = {getattr(row, column.by): value for row in rows if (value := getattr(row, column.on_row))}
    short = gather(said, column.keys, column.every)
    return list(short) if all(value is True for value in said.values()) and said else short


def _number(value: Decimal) -> float | int:
    """3.40 as 3.4, 3.00 as 3: as a person writes it."""
    return int(value) if value == int(value) else float(value)
