"""Markdown and facts of several rows on one page, with one numbering of sources and one look at what is public."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from django.urls import reverse
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

from content import directory, edition
from content.models import Fact, GlossaryTerm, Sign, Source
from content.text import explain, prose


class Explained(NamedTuple):
    """A word that the page explains, and what it means, without citations."""

    slug: str
    term: str
    meaning: SafeString


class Glossary(NamedTuple):
    """What pages of one language can explain: the forms that become links, and by slug what they mean."""

    terms: explain.Terms
    meanings: Mapping[str, Explained]


@dataclass(frozen=True)
class NumberedSource:
    """A source as the list at the foot of the page shows it."""

    number: int
    source: Source
    is_printed: bool = True  # something on paper points to it
    follows_gap: bool = False  # on paper, where the one before is left out


class Reading:
    """Renders texts that share a page: answers, updates, glossary, the blocks of a CMS page."""

    def __init__(
        self,
        texts: Iterable[str],
        *,
        language: str,
        facts: Iterable[Fact] = (),
        mentions: Iterable[directory.Key] = (),
        cited: Iterable[str] = (),
        own: directory.Key | None = None,
        explains: bool = False,
    ) -> None:
        """`own` is the entry whose page this is, if it is one's. `explains`: words of the glossary become links."""
        # A card chooses among the sources of its signs, and names none of the side effects they point to.
        texts, facts = list(texts), [fact for fact in facts if not isinstance(fact, Sign)]
        self.language = language
        self.own = own
        self.cited_in_texts = {key for text in texts for key in prose.citation_keys(text)}
        keys = set(self.cited_in_texts)
        self._sources_of = {fact: fact.source_keys for fact in facts}
        keys |= {key for its in self._sources_of.values() for key in its} | set(cited)
        self._known = edition.each("sources", keys, _sources)
        named = {link for text in texts for link in prose.entry_links(text)} | set(mentions)
        for fact in facts:
            named |= fact.mentions
        self._names = directory.look_up(named, language) if named else {}
        self._citations = prose.Citations(self._known)
        self._glossary = (
            edition.shared(("terms", language), lambda: _words(language)) if explains else Glossary((), {})
        )
        self._explained: set[str] = set()

    def block(self, text: str, *, heading_level: int = 3, folds: bool = False) -> SafeString:
        html = prose.render(
            text,
            citations=self._citations,
            resolve=self._resolve,
            heading_level=heading_level,
            folds=folds,
            language=self.language,
        )
        return self._with_terms(html)

    def words(self, text: str) -> str:
        """Of a fact, which has no Markdown: with the words explained that no text above it has."""
        return self._with_terms(conditional_escape(text)) if self._glossary.terms else text

    def _with_terms(self, html: SafeString) -> SafeString:
        if not self._glossary.terms:
            return html
        return explain.first_uses(html, self._glossary.terms, self._explained, _glossary())

    def line(self, text: str) -> SafeString:
        return prose.render_inline(
            text, citations=self._citations, resolve=self._resolve, language=self.language
        )

    def entry(self, kind: str, slug: str) -> directory.Listed:
        """An entry as this page mentions it."""
        return self._names[(kind, slug)]

    def sources_of(self, fact: Fact) -> list[str]:
        """The keys of a fact's sources, its main one first."""
        return self._sources_of[fact]

    def cite(self, fact: Fact) -> list[int]:
        """The numbers of a fact's sources on this page."""
        return [self._citations.number(key) for key in self.sources_of(fact)]

    def number(self, key: str) -> int:
        """The number of one source on this page."""
        return self._citations.number(key)

    def numbers(self, keys: Iterable[str]) -> list[int]:
        """The numbers of these sources on this page, of those there are."""
        return [self._citations.number(key) for key in keys if key in self._known]

    def source(self, key: str) -> Source | None:
        """Nothing for a key that is unknown: in a draft, or because the source was deleted since."""
        return self._known.get(key)

    def _resolve(self, kind: str, slug: str) -> str | None:
        return self._names[(kind, slug)].url or None

    @property
    def explained(self) -> list[Explained]:
        """The words that became links, by letter; complete once every text has been rendered. For paper, where no link
        opens, and for what explains a word in place."""
        words = [self._glossary.meanings[slug] for slug in self._explained]
        return sorted(words, key=lambda word: word.term.casefold())

    @contextmanager
    def printed_if(self, stands_on_paper: bool) -> Iterator[None]:
        """Of sources that only what stands on screens points to, paper lists none."""
        before = {*self._citations.printed}
        yield
        if not stands_on_paper:
            self._citations.printed.intersection_update(before)

    @property
    def sources(self) -> list[NumberedSource]:
        """In the order of first use; complete once every text has been rendered."""
        keys, printed = self._citations.keys, self._citations.printed
        return [
            NumberedSource(
                number, self._known[key], key in printed, number > 1 and keys[number - 2] not in printed
            )
            for number, key in enumerate(keys, start=1)
        ]


def _words(language: str) -> Glossary:
    rows = list(GlossaryTerm.objects.approved().filter(language=language).order_by("slug"))
    return Glossary(
        tuple((form, row.slug) for row in rows for form in (row.term, *row.other_forms)),
        {row.slug: Explained(row.slug, row.term, _alone(row.explanation, language)) for row in rows},
    )


def _alone(text: str, language: str) -> SafeString:
    """Words without their numbers of sources and without links: those stand in the glossary."""
    return prose.render_inline(
        prose.without_citations(text),
        citations=prose.Citations({}),
        resolve=lambda kind, slug: None,
        language=language,
    )


def _glossary() -> str:
    return reverse("content:glossary")


def _sources(keys: set[str]) -> dict[str, Source]:
    return Source.objects.in_bulk(keys, field_name="key")
