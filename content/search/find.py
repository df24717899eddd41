"""Search: a string in, a list of small results out. The only door to whatever finds them.

Best first: a title that is what was typed; a synonym, brand or abbreviation that is; names that begin with it;
what a sign can point to, for somebody who typed what they feel; words in names; in the summary and the urgent
signs; in the text.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.functions import Length
from django.utils.safestring import SafeString

from content import prepared
from content.kinds import ranked
from content.models import SearchDocument, SearchName, SearchWord
from content.search import described, index
from content.search.index import Asked
from content.search.snippet import snippet
from content.search.upkeep import forget, is_paused, paused, rebuild, refresh, refresh_facts, refresh_pages
from content.search.words import SHORTEST_MENDED, Term, errors_allowed, nearest, squeeze, terms

__all__ = [
    "Result", "find", "forget", "is_paused", "near", "paused", "rebuild", "refresh", "refresh_facts",
    "refresh_pages",
]  # fmt: skip

LONGEST_QUERY = 100
MOST_RESULTS = 30

_NameRow = tuple[str, bool, str, int]  # name, is it the title, kind and number of the document


def kinds() -> tuple[str, ...]:
    """In this order among equals; also the kinds a reader may choose from."""
    return (*(kind.name for kind in ranked()), "page", "question", "glossary", "update")


@dataclass(frozen=True)
class Result:
    """Something found. `asked_as` is what the query was taken for, if it held a typing error."""

    kind: str
    name: str
    url: str
    summary: str
    snippet: SafeString
    language: str
    asked_as: str = ""


# --- Finding -------------------------------------------------------------------------------------------------


def find(query: str, *, language: str, kind: str = "") -> list[Result]:
    """What is public and fits the query, the best first; English pages where `language` has nothing."""
    query = query[:LONGEST_QUERY]
    for tried in dict.fromkeys((language, "en")):
        asked = Asked(terms(query), tried, kind if kind in kinds() else "")
        if results := _results(query, asked, cache(partial(described.book, tried))):
            return results
    return []


# What is called by a whole sentence: a word in common says nothing.
_TEXTS = frozenset({"update", "question"})


def near(text: str, *, language: str, limit: int = 5) -> list[Result]:
    """Pages whose names are like a mistyped one, or share a word with it."""
    asked = Asked(terms(text[:LONGEST_QUERY].replace("-", " ")), language, any_term=True, begun=True)
    asked = _mended(asked) or asked
    documents = _by_name(squeeze(_typed(asked.terms)), asked) + index.match(asked, "names", limit=2 * limit)
    results = _as_results(list(dict.fromkeys(documents)), asked)
    return [result for result in results if result.kind not in _TEXTS][:limit]


def _results(query: str, asked: Asked, signs: Callable[[], described.Book]) -> list[Result]:
    if found := _ranked(query, asked, signs):
        return _as_results(found, asked)
    if mended := _mended(asked):
        typed = _typed(mended.terms)
        if found := _ranked(typed, mended, signs):
            return _as_results(found, mended, asked_as=typed)
    # Nothing has all the words: what has some of them, by name or first lines.
    some = replace(asked, any_term=True)
    found = index.match(some, "lead") or index.match(replace(some, begun=True), "lead")
    return _as_results(_written_first(found)[:MOST_RESULTS], some)


def _written_first(documents: list[int]) -> list[int]:
    """A page of facts alone is called by little more than its name, so that one word of many fits it too well."""
    rows = index.shown(documents)
    return sorted((pk for pk in documents if pk in rows), key=lambda pk: not rows[pk].text)


def _ranked(query: str, asked: Asked, signs: Callable[[], described.Book]) -> list[int]:
    """Asks no further than there is room: a common word begins enough names."""
    found = dict.fromkeys(_by_name(squeeze(query), asked))
    if len(found) < MOST_RESULTS:
        found |= dict.fromkeys(_by_sign(signs().described(query), query, asked))
    if len(found) < MOST_RESULTS:
        found |= dict.fromkeys(_by_word(asked))
    return list(found)[:MOST_RESULTS]


def _by_word(asked: Asked) -> list[int]:
    """Documents that hold the words, or, if none does, words that begin like them."""
    if not index.holds(asked):
        asked = replace(asked, begun=True)
        if not index.holds(asked):
            return []
    found: list[int] = []
    for reach in index.REACHES:
        if len(found) < MOST_RESULTS:
            found += index.match(asked, reach)
    return found


def _by_sign(signs: list[described.Described], query: str, asked: Asked) -> list[int]:
    """For somebody who typed what they feel: what it can point to, in the sign's order, then who tells of it."""
    if not signs or not described.only_describes(query, signs):
        return []
    slugs = list(dict.fromkeys(slug for sign in signs for slug in sign.side_effects))
    rows = SearchDocument.objects.filter(kind="side-effect", language=asked.language, slug__in=slugs)
    is_wanted = asked.kind in ("", "side-effect")
    found = dict(rows.values_list("slug", "pk")) if is_wanted else {}
    tells = replace(asked, terms=terms(signs[0].lay[0]))
    effects = index.match(replace(tells, kind="side-effect"), "lead") if is_wanted else []
    return [*(found[slug] for slug in slugs if slug in found), *effects, *index.match(tells, "lead")]


def _by_name(name: str, asked: Asked) -> list[int]:
    """Documents one of whose names begins with `name`, an equal one first."""
    if not name:
        return []
    order = kinds()
    best_first = sorted(
        _names_that_begin_with(name, asked),
        key=lambda row: (row[0] != name, not row[1], len(row[0]), order.index(row[2]), row[3]),
    )
    return list(dict.fromkeys(document for *_rank, document in best_first))


def _names_that_begin_with(name: str, asked: Asked) -> list[_NameRow]:
    """SQLite's LIKE reads every name; between two names it uses their index. PostgreSQL has one for LIKE."""
    of = {"language": asked.language, **({"kind": asked.kind} if asked.kind else {})}
    if connection.vendor != "sqlite":
        return list(_names(Q(name__startswith=name), **of))
    return prepared.ask(
        ("names", *of),
        lambda first, last, **of: _names(Q(name__gte=first, name__lt=last), **of),
        first=name,
        last=name + chr(sys.maxunicode),
        **of,
    )


def _names(chosen: Q, **of: str) -> QuerySet[SearchName, _NameRow]:
    rows = SearchName.objects.filter(chosen, **{f"document__{column}": value for column, value in of.items()})
    rows = rows.order_by(Length("name"), "-is_title")
    return rows.values_list("name", "is_title", "document__kind", "document")[: 2 * MOST_RESULTS]


def _mended(asked: Asked) -> Asked | None:
    """The question with mistyped names put right; None if there is nothing to put right."""
    mended = [_mend(term, asked.language) for term in asked.terms]
    return None if mended == list(asked.terms) else replace(asked, terms=mended)


def _mend(term: Term, language: str) -> Term:
    """The term as it was meant, unless some text has it as it is."""
    word = term.word
    known = Asked([term], language, begun=True)
    if len(word) < SHORTEST_MENDED or index.holds(known):
        return term
    most = errors_allowed(word)
    names = SearchWord.objects.filter(
        language=language, length__range=(len(word) - most, len(word) + most)
    ).values_list("word", "letters")
    meant = nearest(word, list(names))
    return terms(meant)[0] if meant else term


def _typed(asked_terms: Sequence[Term]) -> str:
    return " ".join(term.typed for term in asked_terms)


# --- Showing -------------------------------------------------------------------------------------------------


def _as_results(documents: list[int], asked: Asked, *, asked_as: str = "") -> list[Result]:
    rows = index.shown(documents)
    needles = [term.needles for term in asked.terms]
    return [
        Result(
            kind=row.kind,
            name=row.title,
            url=row.address,
            summary=row.summary,
            snippet=snippet(row.title, row.summary, row.text, needles),
            language=row.language,
            asked_as=asked_as,
        )
        for row in (rows[pk] for pk in documents if pk in rows)
    ]
