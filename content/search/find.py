"""Search: a string in, a list of small results out. The only door to whatever finds them.

Best first: a title that is what was typed; a synonym, brand or abbreviation that is; names that begin with it;
entries that the question names; what a sign can point to, for somebody who typed what they feel; words in names; in
the summary and the urgent signs; in the text. Each result says which of these it was.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from typing import NamedTuple

from django.db import connection
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from content.kinds import KINDS, ranked
from content.models import SearchDocument, SearchName, SearchWord
from content.search import described, index
from content.search.index import Asked
from content.search.snippet import Needles, of_summary, of_text
from content.search.words import (
    Term,
    alike,
    errors_allowed,
    joined,
    key,
    may_be_mistyped,
    nearest,
    squeeze,
    terms,
)

LONGEST_QUERY = 100
MOST_RESULTS = 30  # on a page
MOST_NEAR = 5  # names like a mistyped one
FEW_SIGNS = 3
MOST_NAMED = 6  # words of a query that may be one name
SHORTEST_PART = 4  # of a word in two parts, the part that is looked up as a name by itself

_NameRow = tuple[str, bool, str, int]  # name, is it the title, kind and number of the document


def kinds() -> tuple[str, ...]:
    """In this order among equals; also the kinds a reader may choose from."""
    return (*(kind.name for kind in ranked()), "page", "question", "glossary", "update")


@dataclass(frozen=True)
class Result:
    """Something found, and why. `asked_as` is what the query was taken for, if it held a typing error; `is_offer` says
    that the reader has to tell whether that was meant."""

    kind: str
    name: str
    url: str
    summary: str
    snippet: SafeString
    language: str
    asked_as: str = ""
    why: str = ""
    is_offer: bool = False


@dataclass(frozen=True)
class Found:
    """One page of the results, counted from 1, and how many results and pages there are."""

    results: list[Result]
    total: int
    number: int
    pages: int


# --- Finding -------------------------------------------------------------------------------------------------

Ranked = dict[int, str]  # number of the document, why: the best first


class _Rest(NamedTuple):
    """What also holds the words: too much to be weighed, so that it is only counted, and read page by page."""

    asked: Asked
    reach: str


@dataclass(frozen=True)
class _Answer:
    """What fits best, what else does, and what the query was taken for."""

    ranked: Ranked
    asked: Asked
    rest: _Rest | None = None
    asked_as: str = ""
    is_offer: bool = False

    @property
    def strength(self) -> int:
        """2: what comes first is called as the query says. 1: all of the words led to it. 0: some, or others."""
        why = next(iter(self.ranked.values()), SOME)
        return 0 if self.asked_as or why == SOME else 2 if why == NAME else 1

    @cached_property
    def total(self) -> int:
        return len(self.ranked) + (index.how_many(*self.rest, without=list(self.ranked)) if self.rest else 0)

    def part(self, start: int) -> Ranked:
        """A page of it, counted from 0."""
        found = dict(list(self.ranked.items())[start : start + MOST_RESULTS])
        if self.rest and (room := MOST_RESULTS - len(found)):
            skipped = max(0, start - len(self.ranked))
            more = index.others(*self.rest, without=list(self.ranked), start=skipped, limit=room)
            found |= dict.fromkeys(more, WORDS[self.rest.reach] if not self.rest.asked.any_term else SOME)
        return found


def find(query: str, *, language: str, kind: str = "") -> list[Result]:
    """What is public and fits the query, the best first; English pages where `language` has nothing, or where only
    they are called so."""
    return page_of(query, language=language, kind=kind).results


def page_of(query: str, *, language: str, kind: str = "", number: int = 1) -> Found:
    """The results of one page of `find`; the last page, if there are not so many."""
    answer = _answer(query[:LONGEST_QUERY], language, kind)
    pages = max(1, -(-answer.total // MOST_RESULTS))
    number = min(max(1, number), pages)
    chosen = answer.part((number - 1) * MOST_RESULTS)
    results = _as_results(chosen, answer.asked, asked_as=answer.asked_as, is_offer=answer.is_offer)
    return Found(results, answer.total, number, pages)


def _answer(query: str, language: str, kind: str) -> _Answer:
    best: _Answer | None = None
    for tried in dict.fromkeys((language, "en")):
        asked = Asked(terms(query), tried, kind if kind in kinds() else "")
        answer = _answer_in(query, asked, cache(partial(described.book, tried)))
        if answer.strength == 2:
            return answer
        if best is None or not best.ranked or answer.strength > best.strength:
            best = answer
    return best or _Answer({}, asked)


# What is called by a whole sentence: a word in common says nothing.
_TEXTS = frozenset({"update", "question"})


def near(text: str, *, language: str) -> list[Result]:
    """Pages whose names are like a mistyped one, or share a word with it."""
    asked = Asked(terms(text[:LONGEST_QUERY].replace("-", " ")), language, any_term=True, begun=True)
    asked = _mended(asked) or asked
    by_name = _by_name(squeeze(_typed(asked.terms)), asked)
    documents = [*by_name, *index.match(asked, "names", limit=2 * MOST_NEAR)]
    results = _as_results(dict.fromkeys(documents, BEGINS), asked)
    return [result for result in results if result.kind not in _TEXTS][:MOST_NEAR]


def _answer_in(query: str, asked: Asked, signs: Callable[[], described.Book]) -> _Answer:
    """What one language has."""
    for tried in (asked, _parted(asked)):
        if tried and (answer := _ranked(query, tried, signs)).ranked:
            return answer
    if mended := _mended(asked):
        typed = _typed(mended.terms)
        if offered := _offered(mended):
            return _Answer(offered, mended, asked_as=typed, is_offer=True)
        if (answer := _ranked(typed, mended, signs)).ranked:
            return replace(answer, asked_as=typed)
    # Nothing has all the words: what has some of them, by name or first lines.
    some = replace(asked, any_term=True)
    few = index.match(some, "lead")
    if not few:
        some = replace(some, begun=True)
        few = index.match(some, "lead")
    rest = _Rest(some, "lead") if len(few) == index.MOST_RANKED else None
    return _Answer(dict.fromkeys(_written_first(few), SOME), some, rest)


def _parted(asked: Asked) -> Asked | None:
    """Two names that were typed as one word, apart: "opdivoyervoy"."""
    word = asked.terms[0].word if len(asked.terms) == 1 else ""
    places = range(SHORTEST_PART, len(word) - SHORTEST_PART + 1)
    parts = {part for place in places for part in (word[:place], word[place:])}
    if not parts:
        return None
    names = set(
        SearchName.objects.filter(language=asked.language, name__in=parts).values_list("name", flat=True)
    )
    cut = next((place for place in places if {word[:place], word[place:]} <= names), 0)
    return replace(asked, terms=terms(f"{word[:cut]} {word[cut:]}")) if cut else None


# Names of medicines and diseases are alike: which one was meant, only the reader can tell. What a symptom is called
# is no such name.
_OFFERED = frozenset(KINDS) - {"side-effect"}


def _offered(mended: Asked) -> Ranked:
    """The medicines and diseases that a mistyped name may have meant."""
    rows, _words = _named(mended)
    by_word = index.match(mended, "names")
    kinds_of = dict(SearchDocument.objects.filter(pk__in=[*rows, *by_word]).values_list("pk", "kind"))
    return {pk: OFFER for pk in dict.fromkeys([*rows, *by_word]) if kinds_of.get(pk) in _OFFERED}


def _written_first(documents: list[int]) -> list[int]:
    """A page of facts alone is called by little more than its name, so that one word of many fits it too well."""
    texts = index.texts(documents)
    return sorted((pk for pk in documents if pk in texts), key=lambda pk: not texts[pk])


# Why a document was found; `_why` says it in words.
NAME, BEGINS, NAMED, SIGN, TELLS = "name", "begins", "named", "sign", "tells"
WORDS = {"names": "in names", "lead": "in lead", "text": "in text"}
SOME, OFFER = "some", "offer"


def _ranked(query: str, asked: Asked, signs: Callable[[], described.Book]) -> _Answer:
    """Weighs the best only until a page is full: a common word begins enough names. The rest follows unweighed."""
    by_name = _by_name(squeeze(query), asked)
    found: Ranked = {pk: NAME for pk, is_all in by_name.items() if is_all}
    named, longest = _named(asked)
    told = signs().described(query)
    by_sign = cache(partial(_by_sign, told, asked))
    # "Muscle weakness" is more than weakness, and may be more urgent.
    if told.is_all and told.words > longest:
        points = by_sign()
        if not any(points.get(pk) == SIGN for pk in named):
            _add(found, points)
    if longest < len(asked.terms):
        _add(found, dict.fromkeys(by_name, BEGINS))
    _add(found, dict.fromkeys(named, NAMED))
    _add(found, dict.fromkeys(by_name, BEGINS))
    if told.is_all and len(found) < MOST_RESULTS:
        _add(found, by_sign())
    held = _as_held(asked)
    if held and len(found) < MOST_RESULTS:
        _add(found, dict.fromkeys(index.match(held, "names"), WORDS["names"]))
    if told.words and len(found) < MOST_RESULTS:
        _add(found, by_sign())
    for reach in ("lead", "text"):
        if held and len(found) < MOST_RESULTS:
            _add(found, dict.fromkeys(index.match(held, reach), WORDS[reach]))
    return _Answer(found, asked, _Rest(held, "text") if held and len(found) >= MOST_RESULTS else None)


def _add(found: Ranked, more: Ranked) -> None:
    """Behind what was found before, which keeps its reason."""
    for pk, why in more.items():
        found.setdefault(pk, why)


def _named(asked: Asked) -> tuple[list[int], int]:
    """Entries that stand in the query by name, among other words: "keytruda side effects". The longest name first;
    and how many words that has."""
    spelled, stemmed = _names_in(asked)
    if not spelled:
        return [], 0
    alike = "is_title, kind, string_agg(CAST(document_id AS text), ',') FROM content_searchname"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT name, 0, {alike} WHERE language = %s AND name IN ({_marks(spelled)}) "
            "GROUP BY name, is_title, kind UNION ALL "
            f"SELECT stems, 1, {alike} WHERE language = %s AND stems IN ({_marks(stemmed)}) "
            "GROUP BY stems, is_title, kind",
            [asked.language, *spelled, asked.language, *stemmed],
        )
        rows = cursor.fetchall()
    order = kinds()
    wanted: dict[tuple[bool | int, ...], list[int]] = {}  # what makes some go before others -> documents
    longest = 0
    for name, is_stem, is_title, kind, documents in rows:
        count, start = (stemmed if is_stem else spelled)[name]
        if asked.kind in ("", kind) and _is_meant(kind, -count, asked):
            rank = (kind not in KINDS, count, start, is_stem, not is_title, order.index(kind))
            wanted.setdefault(rank, []).extend(map(int, documents.split(",")))
            longest = max(longest, -count)
    return list(dict.fromkeys(pk for rank in sorted(wanted) for pk in sorted(wanted[rank]))), longest


def _is_meant(kind: str, count: int, asked: Asked) -> bool:
    """An entry by a word of many; a page of ours is called like other things too, so that nothing else may be asked."""
    return (
        kind in KINDS
        or (kind == "question" and len(asked.terms) > 1)
        or (kind == "page" and count == len(asked.terms))
    )


# What may be a name: how many words it has, negative, and where it begins.
_Places = dict[str, tuple[int, int]]


def _names_in(asked: Asked) -> tuple[_Places, _Places]:
    """All that may be a name in the query: as it is spelled, and as the stems of names are kept."""
    # (word, number of its term, is it one of several): "keytruda/padcev" is one term and two names.
    words_ = [
        (part, number, len(term.parts) > 1) for number, term in enumerate(asked.terms) for part in term.parts
    ]
    lines = [[word for word, _term, _is_part in words_]]
    lines += alike(lines[0])
    spelled: _Places = {}
    stemmed: _Places = {}
    for count in range(min(MOST_NAMED, len(words_)), 0, -1):
        for start in range(len(words_) - count + 1):
            chosen = words_[start : start + count]
            place = (-len({term for _word, term, _is_part in chosen}), start)
            name = joined(word for word, _term, _is_part in chosen)
            # In a sentence two letters are a word: "go" is no medicine. A short part of a code is another code.
            if len(name) < 3 <= len(words_) or (count == 1 and chosen[0][2] and len(name) < SHORTEST_PART):
                continue
            spelled.setdefault(name, place)
            for line in lines:
                stemmed.setdefault(key(line[start : start + count]), place)
    return spelled, stemmed


def _marks(values: Collection[str]) -> str:
    return ", ".join(["%s"] * len(values))


def _as_held(asked: Asked) -> Asked | None:
    """The question as some text answers it: with whole words, or with their beginnings."""
    return next((one for one in (asked, replace(asked, begun=True)) if index.holds(one)), None)


def _by_sign(told: described.Told, asked: Asked) -> Ranked:
    """For somebody who typed what they feel: what it can point to, in the sign's order, then who tells of it."""
    if not told.words:
        return {}
    slugs = _pointed_at(told.signs)
    rows = SearchDocument.objects.filter(kind="side-effect", language=asked.language, slug__in=slugs)
    is_wanted = asked.kind in ("", "side-effect")
    found = dict(rows.values_list("slug", "pk")) if is_wanted else {}
    tells = replace(asked, terms=terms(told.signs[0].lay[0]))
    effects = index.match(replace(tells, kind="side-effect"), "lead") if is_wanted else []
    points = dict.fromkeys((found[slug] for slug in slugs if slug in found), SIGN)
    return points | {pk: TELLS for pk in [*effects, *index.match(tells, "lead")] if pk not in points}


def _pointed_at(signs: list[described.Described]) -> list[str]:
    """Side effects in the signs' order; of many signs, what most of them point to comes first."""
    weights: dict[str, float] = {}
    for sign in signs:
        for place, slug in enumerate(sign.side_effects):
            weights[slug] = weights.get(slug, 0) + 1 / (1 + place)
    return sorted(weights, key=lambda slug: -weights[slug]) if len(signs) > FEW_SIGNS else list(weights)


def _by_name(name: str, asked: Asked) -> dict[int, bool]:
    """Documents one of whose names begins with `name`, and whether it is all of it; those first. Of equal names that
    of an entry goes before its word explained, that of a kind of therapy before its medicines."""
    if not name:
        return {}
    order = kinds()
    best_first = sorted(
        _names_that_begin_with(name, asked),
        key=lambda row: (
            row[0] != name,
            row[0] == name and row[2] not in KINDS,
            not row[1],
            len(row[0]),
            order.index(row[2]),
            row[3],
        ),
    )
    found: dict[int, bool] = {}
    for its, _is_title, _kind, document in best_first:
        found.setdefault(document, its == name)
    return found


def _names_that_begin_with(name: str, asked: Asked) -> list[_NameRow]:
    """The shortest. SQLite's LIKE reads every name; between two names it uses their index. PostgreSQL has one for
    LIKE, and no letter of a name means anything there."""
    if connection.vendor == "sqlite":
        begins, values = "name >= %s AND name < %s", [name, name + chr(sys.maxunicode)]
    else:
        begins, values = "name LIKE %s", [f"{name}%"]
    of_kind, kind = ("AND kind = %s", [asked.kind]) if asked.kind else ("", [])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, is_title, kind, document_id FROM content_searchname "  # noqa: S608
            f"WHERE {begins} AND language = %s {of_kind} ORDER BY length(name), is_title DESC LIMIT {_MOST_NAMES}",
            [*values, asked.language, *kind],
        )
        return cursor.fetchall()


_MOST_NAMES = 2 * MOST_RESULTS


def _mended(asked: Asked) -> Asked | None:
    """The question with mistyped names put right; None if there is nothing to put right."""
    mended = [_mend(term, asked.language) for term in asked.terms]
    return None if mended == list(asked.terms) else replace(asked, terms=mended)


def _mend(term: Term, language: str) -> Term:
    """The term as it was meant, unless some text has it as it is."""
    word = term.word
    known = Asked([term], language, begun=True)
    if not may_be_mistyped(word) or index.holds(known):
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


def _as_results(
    documents: Ranked, asked: Asked, *, asked_as: str = "", is_offer: bool = False
) -> list[Result]:
    rows = index.shown(list(documents))
    snippets = _snippets(rows, [term.needles for term in asked.terms])
    reasons = _reasons()
    return [
        Result(
            kind=row.kind,
            name=row.title,
            url=row.address,
            summary=row.summary,
            snippet=snippets[pk],
            language=row.language,
            asked_as=asked_as,
            why=reasons[why],
            is_offer=is_offer,
        )
        for pk, row, why in ((pk, rows[pk], why) for pk, why in documents.items() if pk in rows)
    ]


def _snippets(rows: Mapping[int, index.Shown], needles: Needles) -> dict[int, SafeString]:
    """The texts are read of those alone that need them: they are long."""
    found = {pk: of_summary(row.title, row.summary, needles) for pk, row in rows.items()}
    texts = index.texts([pk for pk, html in found.items() if not html])
    return {pk: html or of_text(rows[pk].summary, texts.get(pk, ""), needles) for pk, html in found.items()}


def _reasons() -> dict[str, str]:
    """The first line of a result."""
    return {
        NAME: gettext("it is called what you typed"),
        BEGINS: gettext("a name begins with what you typed"),
        NAMED: gettext("you named it"),
        SIGN: gettext("what you feel can point to it"),
        TELLS: gettext("it tells of what you feel"),
        WORDS["names"]: gettext("your words stand in its name"),
        WORDS["lead"]: gettext("your words stand in its first lines or signs"),
        WORDS["text"]: gettext("your words stand in its text"),
        SOME: gettext("some of your words stand in it"),
        OFFER: gettext("its name is spelled almost so"),
    }
