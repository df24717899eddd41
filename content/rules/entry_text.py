"""The words of an entry, question, update or page as rules see them, and what a rule finds."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Literal, NamedTuple

from content.models import TABLED_FACTS, Section
from content.rules.sign_list import SignList
from content.text import prose, reading_level

Level = Literal["block", "warn"]


class Finding(NamedTuple):
    """One thing to put right: `where` is a file or an address, `line` 0 if it is about the whole of it."""

    rule: str
    level: Level
    where: str
    line: int
    message: str
    at: str = ""  # the field of a fact; the section, list or head field of a text


@dataclass(frozen=True)
class EntryText:
    """The words of one entry, question, update or page, wherever they are stored."""

    kind: str  # drug, side-effect ... or question, update, glossary, page
    slug: str
    language: str = "en"
    sections: Mapping[str, str] = field(default_factory=dict)  # name -> Markdown, key_message first
    lists: Mapping[str, list[str]] = field(default_factory=dict)  # act_emergency ... -> inline Markdown
    head: Mapping[str, object] = field(default_factory=dict)
    where: str = ""
    line_of: Callable[[str], int] = lambda name: 0  # of a section, list or head field

    @property
    def texts(self) -> Iterator[tuple[str, str]]:
        """Every piece of Markdown with the name of the section or list it stands in."""
        yield from self.sections.items()
        for name, items in self.lists.items():
            for item in items:
                yield name, item

    @cached_property
    def blocks(self) -> tuple[tuple[str, prose.Block], ...]:
        """See `blocks` below; a dozen rules ask for the same ones."""
        return tuple(_blocks(self))

    @cached_property
    def sentences(self) -> tuple[tuple[str, prose.Block, str], ...]:
        """Every sentence, with the block it stands in."""
        return tuple(
            (name, block, sentence)
            for name, block in self.blocks
            for sentence in reading_level.sentences_of(block.text)
        )

    def finding(self, level: Level, message: str, *, at: str = "", line: int = 0) -> Finding:
        first = self.line_of(at) if at else 0
        return Finding("", level, self.where or f"{self.kind}:{self.slug}", first + line, message, at)


@dataclass(frozen=True)
class Known:
    """What the rules compare a text with."""

    sections: tuple[Section, ...] = ()
    sources: Collection[str] = frozenset()
    links: Mapping[str, Collection[str]] = field(default_factory=dict)  # kind -> slugs
    names: frozenset[str] = frozenset()  # of drugs and diseases, masked when grading
    # The entries (kind, slug) on whose pages a trial's numbers stand, harm beside benefit.
    with_results: frozenset[tuple[str, str]] = frozenset()
    signs: SignList = field(default_factory=SignList)
    answers: frozenset[str] = frozenset()  # slugs of answered questions
    groups: Mapping[str, Collection[str]] = field(default_factory=dict)  # class of treatments -> its groups
    today: datetime.date = field(default_factory=datetime.date.today)

    @property
    def cited(self) -> frozenset[str]:
        """The sections that make medical claims."""
        return frozenset(section.name for section in self.sections if section.cited and not section.built)

    @cached_property
    def stamp(self) -> tuple[object, ...]:
        """Equal when two know the same. The sections are left out: they follow from the kind of the text."""
        links = frozenset((kind, frozenset(slugs)) for kind, slugs in self.links.items())
        groups = frozenset((slug, tuple(groups)) for slug, groups in self.groups.items())
        return (
            self.sources,
            links,
            self.names,
            self.today,
            self.signs,
            self.answers,
            groups,
            self.with_results,
        )


Rule = Callable[[EntryText, Known], Iterator[Finding]]


def rule(*, languages: Collection[str]) -> Callable[[Rule], Rule]:
    """Holds a rule to texts in these languages; one without it holds in all."""

    def hold(held: Rule) -> Rule:
        @wraps(held)
        def only(entry: EntryText, known: Known) -> Iterator[Finding]:
            if entry.language in languages:
                yield from held(entry, known)

        return only

    return hold


ENGLISH = ("en",)
# The rows of tables: a few words each, with their sources beside them.
TABLES = tuple(model.NAME for model in TABLED_FACTS)


def blocks(entry: EntryText) -> tuple[tuple[str, prose.Block], ...]:
    """Every block of the page; an item of a list in the head counts as one."""
    return entry.blocks


def _blocks(entry: EntryText) -> Iterator[tuple[str, prose.Block]]:
    for name, text in entry.sections.items():
        for block in prose.blocks(text):
            yield name, block
    for name, items in entry.lists.items():
        for position, item in enumerate(items):
            yield f"{name}.{position}", prose.Block("item", item, 0)
    for name in ("summary", "name", "title", "question", "change_note"):
        if isinstance(value := entry.head.get(name), str):
            yield name, prose.Block("paragraph", value, 0)


def claims(entry: EntryText, known: Known) -> Iterator[tuple[str, list[prose.Block]]]:
    """The texts that state facts: all but the lists of questions and records, which ask."""
    asks = {section.name for section in known.sections if not section.cited and not section.built}
    for name, text in entry.sections.items():
        if name not in asks:
            for group in paragraphs_and_lists(text):
                yield name, group
    for name, items in entry.lists.items():
        for position, item in enumerate(items):
            yield f"{name}.{position}", [prose.Block("item", item, 0)]


def paragraphs_and_lists(text: str) -> Iterator[list[prose.Block]]:
    """Paragraphs, each with the list or table that follows it: what one citation may cover."""
    group: list[prose.Block] = []
    for block in prose.blocks(text):
        if block.kind in ("paragraph", "heading") and group:
            yield group
            group = []
        if block.kind != "heading":
            group.append(block)
    if group:
        yield group
