"""The words of the public texts, kept by the database: FTS5 on SQLite, text vectors with GIN on PostgreSQL.

Both get the same words from `words` and answer the same questions. Three reaches, each with an index of
its own: `names`, then `lead` (names, summary, urgent signs), then `text` (everything). A word that most texts
hold is therefore found by name first, and of what only the text holds no more than `MOST_RANKED` are weighed:
weighing all 3,000 texts with the word "cancer" would cost more than building the page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import NamedTuple

from django.db import connection

from content import edition
from content.search.words import Term

REACHES = ("names", "lead", "text")
MOST_RANKED = 60

# Made by the migration 0003_search_index. Statements hold these names (S608) and nothing that anybody typed.
TABLE = "content_searchtext"  # SQLite: an FTS5 table without content of its own, by the document's number
COLUMNS = ("names_words", "lead_words", "text_words")  # PostgreSQL: columns of the document
DOCUMENTS = "content_searchdocument"


@dataclass(frozen=True)
class Words:
    """The words of one document, by reach; each word once in the narrowest reach it belongs to."""

    document: int
    language: str
    kind: str
    title: list[str]
    names: list[str]
    lead: list[str]
    text: list[str]


@dataclass(frozen=True)
class Asked:
    """A question to the index: all terms (or any), in one language, perhaps of one kind.

    With `begun`, words count that only begin so.
    """

    terms: Sequence[Term]
    language: str
    kind: str = ""
    any_term: bool = False
    begun: bool = False


# --- Filling it ----------------------------------------------------------------------------------------------


def put(rows: Iterable[Words]) -> None:
    """Indexes documents, in place of what was known of them."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(
                f"REPLACE INTO {TABLE}(rowid, place, title, names, lead, text) VALUES (%s, %s, %s, %s, %s, %s)",  # noqa: S608
                [
                    (row.document, _place(row.language, row.kind), *map(" ".join, _columns(row)))
                    for row in rows
                ],
            )
            return
        cursor.executemany(
            f"UPDATE {DOCUMENTS} SET {', '.join(f'{column} = %s::tsvector' for column in COLUMNS)} WHERE id = %s",  # noqa: S608
            [(*_vectors(row), row.document) for row in rows],
        )


def drop(documents: Sequence[int]) -> None:
    """Forgets documents, before their rows go. PostgreSQL forgets with the row."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.executemany(f"DELETE FROM {TABLE} WHERE rowid = %s", [(pk,) for pk in documents])  # noqa: S608


def clear() -> None:
    """Forgets everything."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {TABLE}({TABLE}) VALUES ('delete-all')")  # noqa: S608


def settle() -> None:
    """After all of it was put in anew: SQLite then finds a word in one piece of its index, not in fifteen."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {TABLE}({TABLE}) VALUES ('optimize')")  # noqa: S608


def _columns(row: Words) -> tuple[list[str], list[str], list[str], list[str]]:
    return row.title, row.names, row.lead, row.text


def _place(language: str, kind: str) -> str:
    """Language and kind as words of their own column, so that FTS5 filters before anything is counted."""
    return f"in{language} is{kind.replace('-', '')}"


def _vectors(row: Words) -> Iterable[str]:
    """The reaches as text vectors; each holds the ones before it, so that terms may stand apart."""
    label = dict(zip("ABCD", _columns(row), strict=True))
    for labels in ("AB", "ABC", "ABCD"):
        yield _vector([(word, letter) for letter in labels for word in label[letter]])


def _vector(words: Sequence[tuple[str, str]]) -> str:
    """PostgreSQL's own notation, so that its parser has no say in what a word is. Positions end at 16383."""
    places: dict[str, list[str]] = {}
    for position, (word, label) in zip(count(1), words[:16_000], strict=False):
        at = places.setdefault(word, [])
        if len(at) < 20:
            at.append(f"{position}{label}")
    return " ".join(f"'{word}':{','.join(at)}" for word, at in places.items())


# --- Showing what it found ---------------------------------------------------------------------------------


class Shown(NamedTuple):
    """What is shown of a document, but for its text."""

    kind: str
    title: str
    address: str
    summary: str
    language: str


def shown(documents: Sequence[int]) -> dict[int, Shown]:
    """The documents by number; one may have gone since it was found."""
    return {pk: Shown(*columns) for pk, *columns in _of(documents, *Shown._fields)}


def texts(documents: Sequence[int]) -> dict[int, str]:
    """Their texts, which are long: of those that have to be looked into."""
    return dict(_of(documents, "text"))


def _of(documents: Sequence[int], *columns: str) -> list[tuple]:
    if not documents:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, {', '.join(columns)} FROM {DOCUMENTS} WHERE id IN ({_listed(documents)})"  # noqa: S608
        )
        return cursor.fetchall()


# --- Asking it -----------------------------------------------------------------------------------------------


def match(asked: Asked, reach: str, *, limit: int = MOST_RANKED) -> list[int]:
    """Documents that hold the terms within this reach, the best first."""
    if not asked.terms:
        return []
    ask = _match_sqlite if connection.vendor == "sqlite" else _match_postgresql
    return [pk for pk, _rank in sorted(ask(asked, reach, limit), key=lambda row: (row[1], row[0]))]


def how_many(asked: Asked, reach: str, *, without: Sequence[int]) -> int:
    """How many documents hold the terms within this reach, beside those. Counted once between two changes: to turn the
    page asks for it again."""
    # One walk through the index: to leave them out one by one would take twenty.
    counted = f"count(*) - count(*) FILTER (WHERE {_number()} IN ({_listed(without) or 'NULL'}))"
    statement = _about_held(asked, reach, counted)
    return _count_once(edition.current(), *statement) if edition.current() else _count(*statement)


def others(asked: Asked, reach: str, *, without: Sequence[int], start: int, limit: int) -> list[int]:
    """The numbers of documents that hold the terms within this reach, beside those: unweighed, as they came."""
    number = _number()
    is_other = f"AND {number} NOT IN ({_listed(without)})" if without else ""
    tail = f"{is_other} ORDER BY {number} LIMIT {int(limit)} OFFSET {int(start)}"
    return [int(pk) for (pk,) in _rows(*_about_held(asked, reach, number, tail))]


def _number() -> str:
    return "rowid" if connection.vendor == "sqlite" else "id"


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, map(int, numbers)))


def _about_held(asked: Asked, reach: str, what: str, tail: str = "") -> tuple[str, tuple[str, ...]]:
    """A statement on all documents that hold the terms. Only numbers of ours stand in `what` and `tail`."""
    if connection.vendor == "sqlite":
        statement = f"SELECT {what} FROM {TABLE} WHERE {TABLE} MATCH %s {tail}"  # noqa: S608
        return statement, (_wanted_sqlite(asked, reach),)
    column = COLUMNS[REACHES.index(reach)]
    of_kind = "AND kind = %s" if asked.kind else ""
    statement = (
        f"SELECT {what} FROM {DOCUMENTS} WHERE {column} @@ CAST(%s AS tsquery) "  # noqa: S608
        f"AND language = %s {of_kind} {tail}"
    )
    return statement, (_wanted_postgresql(asked), asked.language, *([asked.kind] if asked.kind else []))


def _rows(statement: str, parameters: tuple[str, ...]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def _count(statement: str, parameters: tuple[str, ...]) -> int:
    return int(_rows(statement, parameters)[0][0])


@lru_cache(maxsize=500)
def _count_once(word: str, statement: str, parameters: tuple[str, ...]) -> int:
    """As long as an edition has this word."""
    return _count(statement, parameters)


def holds(asked: Asked) -> bool:
    """Whether any text holds the terms. Weighs none: for that SQLite counts every text with each word."""
    if not asked.terms:
        return False
    if connection.vendor != "sqlite":
        return bool(match(asked, "text", limit=1))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM {TABLE} WHERE {TABLE} MATCH %s LIMIT 1",  # noqa: S608
            [_wanted_sqlite(asked, "text")],
        )
        return cursor.fetchone() is not None


_PLACE = re.compile(r"in\w\w|is\w+")  # what a place may be called


def _words(asked: Asked) -> Iterator[str]:
    return (word for term in asked.terms for words in term.alternatives for word in words)


def _wanted_sqlite(asked: Asked, reach: str) -> str:
    place = _place(asked.language, asked.kind).split()[: 2 if asked.kind else 1]
    terms = _expression(asked, lambda word: f'"{word}"' + "*" * _is_prefix(word, asked), " AND ", " OR ")
    if reach == "text" and not asked.begun and not any(map(_PLACE.fullmatch, _words(asked))):
        # In whichever column: to look which one it is takes three times as long.
        return " AND ".join([*(f'"{one}"' for one in place), terms])
    columns = {"names": "title names", "lead": "title names lead", "text": "title names lead text"}[reach]
    return f"(place : {' AND '.join(place)}) AND ({{{columns}}} : {terms})"


def _match_sqlite(asked: Asked, reach: str, limit: int) -> list[tuple[int, float]]:
    with connection.cursor() as cursor:
        # Weighed row by row as it is read, so that the limit also limits the weighing.
        cursor.execute(
            f"SELECT rowid, bm25({TABLE}, 0, 20, 10, 4, 1) FROM {TABLE} WHERE {TABLE} MATCH %s LIMIT %s",  # noqa: S608
            [_wanted_sqlite(asked, reach), limit],
        )
        return cursor.fetchall()


def _match_postgresql(asked: Asked, reach: str, limit: int) -> list[tuple[int, float]]:
    column = COLUMNS[REACHES.index(reach)]
    terms = _wanted_postgresql(asked)
    of_kind = "AND kind = %s" if asked.kind else ""
    with connection.cursor() as cursor:
        # Materialized: with the limit in sight the planner would read every text instead of the index.
        cursor.execute(
            f"WITH found AS MATERIALIZED (SELECT id, language, kind, {column} AS words FROM {DOCUMENTS} "  # noqa: S608
            f"WHERE {column} @@ CAST(%s AS tsquery)) "
            "SELECT id, -ts_rank('{0.05, 0.2, 0.5, 1}', words, CAST(%s AS tsquery)) "
            f"FROM (SELECT * FROM found WHERE language = %s {of_kind} LIMIT %s) AS first_found",
            [terms, terms, asked.language, *([asked.kind] if asked.kind else []), limit],
        )
        return cursor.fetchall()


def _wanted_postgresql(asked: Asked) -> str:
    return _expression(asked, lambda word: f"'{word}'" + ":*" * _is_prefix(word, asked), " & ", " | ")


def _is_prefix(word: str, asked: Asked) -> bool:
    """One letter begins too many words to mean one of them."""
    return asked.begun and len(word) > 1


def _expression(asked: Asked, quote: Callable[[str], str], both: str, either: str) -> str:
    terms = [
        "(" + either.join(f"({both.join(map(quote, words))})" for words in term.alternatives) + ")"
        for term in asked.terms
    ]
    return f"({(either if asked.any_term else both).join(terms)})"
