"""An entry page put together: sections rendered, facts gathered, sources numbered, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

from django.db.models import QuerySet
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from content import edition, prepared
from content.models import (
    DrugContent,
    EntryContent,
    Fact,
    Indication,
    Publication,
    Question,
    Section,
    SideEffectContent,
    Sign,
    TherapyClassContent,
    content_models,
)
from content.models.base import address
from content.models.cancer_type import ANY_SOLID_TUMOR
from content.page import (
    aids,
    care_cards,
    choices,
    coverage_shown,
    diagrams,
    drawings,
    fact_changes,
    facts_shown,
    folds,
    news,
    tables,
    temperatures,
    unchecked,
)
from content.page.care_cards import CareCard
from content.page.coverage_shown import CoverageShown
from content.page.fact_changes import Change
from content.page.reading import Reading
from content.page.signs_shown import all_signs, urgency_of
from content.review import standing
from content.text import prose
from content.text.hints import Words

Row = TypeVar("Row")


@dataclass(frozen=True)
class PageSection:
    """A section as the template needs it: prose in `html`, or facts in `data` for its component; then its parts.

    `inside` is what a closed one names on its line; nothing for one that stands open.
    """

    name: str
    heading: Words
    built: bool
    html: SafeString | str = ""
    data: object = None
    parts: list[PageSection] = field(default_factory=list)
    coverage: CoverageShown | None = None  # above a table of approved uses
    inside: list[str] = field(default_factory=list)
    aid: aids.Aid | None = None

    @property
    def anchor(self) -> str:
        return self.name.replace("_", "-")

    @property
    def component(self) -> str:
        return f"components/{self.name}.html"


class EntryPage(Reading):
    """Everything a template shows of one version of one entry.

    Citations are numbered in reading order: urgent signs, then section by section.
    """

    explains = True  # words of the glossary

    @edition.of_one_page()
    def __init__(self, content: EntryContent, *, also: Sequence[Fact] = ()) -> None:
        """`also` are facts that stand on the page without being about its entry."""
        self.content = content
        self._record = facts_shown.record_of(content)
        self.facts = [fact for fact in self._record if fact.state == Fact.State.APPROVED]
        self.signs = facts_shown.signs_of(content, self._record)
        gone = {key for fact in self._record if not isinstance(fact, Sign) for key in fact.subjects}
        own = (content.entry.kind, content.entry.slug)
        self._coverage = coverage_shown.rows_about(own, self.facts)
        self.diagram = diagrams.of_entry(content)
        super().__init__(
            [*content.markdown, *_answers_in(self.facts)],
            language=content.language,
            facts=[*self.facts, *also],
            mentions=facts_shown.mentioned(content)
            | coverage_shown.mentioned(self._coverage)
            | {("side-effect", slug) for slug in facts_shown.side_effects_to_know(content, self._record)}
            | gone,
            cited={
                *getattr(content, "leaflets", ()),
                *coverage_shown.sources(self._coverage),
                *care_cards.keys_of(self.signs),
                *choices.sources_for(content),
                *(self.diagram.sources if self.diagram else ()),
            },
            own=own,
            explains=self.explains,
        )
        self.key_message = self.block(content.key_message)
        self.care_cards = self._signs_first()
        self.temperatures = temperatures.of_page(content, self)
        self.aid_at_signs = aids.at_signs(self.signs)
        self.sections = [section for section in self._sections() if section]
        self.diagram_after = {"cancer": "tests", "therapy": "how_it_works", "drug": "what_it_is"}.get(
            content.entry.kind, ""
        )
        self.diagram_numbers = self.numbers(self.diagram.sources) if self.diagram else []

    @property
    def urgency(self) -> str:
        """How fast to act on a side effect at its worst, as every badge says it; empty for other kinds."""
        return urgency_of(self.content, all_signs()) if isinstance(self.content, SideEffectContent) else ""

    def _signs_first(self) -> list[CareCard]:
        """All signs of a side effect, whose page is about them; of other pages the gravest."""
        if isinstance(self.content, SideEffectContent):
            return self._cards()
        return care_cards.at_top(
            self.signs, self, for_treated=facts_shown.are_of_treatments(self.content, self._record)
        )

    @property
    def partners(self) -> list[care_cards.Partner]:
        """Treatments given beside this one, whose signs stand in the whole list alone; and what stands elsewhere."""
        known = care_cards.partners_of(self.signs, self.content.language)
        if facts_shown.has_signs_elsewhere(self.content, self._record):
            url = address("cancer", ANY_SOLID_TUMOR)
            named = gettext("a medicine for any solid tumor with a certain test result")
            known.append(care_cards.Partner(named, f"{url}#signs"))
        return known

    def _cards(self) -> list[CareCard]:
        briefly = temperatures.SIGNS if temperatures.is_about_fever(self.content) else ()
        return care_cards.cards(self.signs, self, getattr(self.content, "act", {}), briefly=briefly)

    def _sections(self) -> Iterator[PageSection | None]:
        """As its kind has them, with the whole list of signs before the questions."""
        for section in self.content.SECTIONS:
            if section.name == "questions":
                yield self._all_signs()
            yield self._section(section)

    def _all_signs(self) -> PageSection | None:
        cards = [card.below(self.care_cards) for card in self._cards()]
        return (
            PageSection("all_signs", _("All signs, and how fast to act"), built=True, data=cards)
            if cards
            else None
        )

    @property
    def number_of_signs(self) -> int:
        """In the whole list, if the page has one."""
        return sum(len(card.lines) for card in self._rows_of("all_signs", CareCard))

    def _section(self, section: Section) -> PageSection | None:
        """With its parts; nothing if there is nothing to show, or if it is a part itself."""
        if section.within:
            return None
        if section.built:
            form = getattr(self.content, "form", "")
            if not section.belongs_to(form):
                return None
            return self._built(section)
        html = self._prose(section)
        below = [one for one in self.content.SECTIONS if one.within == section.name]
        parts = [
            PageSection(part.name, part.heading, built=False, html=text)
            for part in below
            if (text := self._prose(part)) is not None
        ]
        if html is None and not parts:
            return None
        inside = []
        if section.closed:
            inside = folds.named([*(str(part.heading) for part in parts), *prose.leads(self._text(section))])
        return PageSection(
            section.name,
            section.heading,
            built=False,
            html=html or "",
            parts=parts,
            inside=inside,
            aid=aids.below(section.name, self.content),
        )

    def _built(self, section: Section) -> PageSection | None:
        coverage = None
        if section.name in tables.OF_USES:  # before the table, so that its sources have the first numbers
            coverage = coverage_shown.coverage_of(self.content, self.facts, self, self._coverage)
        data = tables.build(section.name, self.content, self.facts, self)
        if not data:
            return None
        inside = folds.named(tables.names_in(data)) if section.closed else []
        return PageSection(
            section.name, section.heading, built=True, data=data, coverage=coverage, inside=inside
        )

    def _prose(self, section: Section) -> SafeString | None:
        """Nothing where nobody wrote anything."""
        text = self._text(section)
        level = 4 if section.within else 3
        return self.block(text, heading_level=level, folds=section.folds) if text.strip() else None

    def _text(self, section: Section) -> str:
        text: str = getattr(self.content, section.name)
        return text

    # --- The foot of the page

    @property
    def on_this_page(self) -> list[tuple[str, Words]]:
        return [(section.anchor, section.heading) for section in self.sections]

    @cached_property
    def publications(self) -> list[Publication]:
        return standing.publications_of(self.content)

    @property
    def changes(self) -> list[Change]:
        return fact_changes.of_page(self.publications, [(self._record, self)])

    @property
    def remedies(self) -> list[tables.Answered]:
        """The medicines against a side effect, as its page tells of them."""
        return self._rows_of("remedies", tables.Answered)

    def _rows_of(self, name: str, of: type[Row]) -> list[Row]:
        """What the page shows in a section of this name; nothing if it has none."""
        shown = next((section.data for section in self.sections if section.name == name), None)
        return [row for row in shown if isinstance(row, of)] if isinstance(shown, list) else []

    @property
    def drawing(self) -> str:
        return drawings.drawing_of(self.content)

    @property
    def new(self) -> news.News | None:
        own_uses = [fact for fact in self._record if isinstance(fact, Indication)]
        return news.about(self.content.entry.kind, self.content.entry.slug, own_uses, self)

    @property
    def has_feed(self) -> bool:
        """Whether updates about it can be followed."""
        return self.content.entry.kind in news.NARROWS_TO

    @property
    def about(self) -> str:
        """What a reader of this page asks us about: fills the first field of their request."""
        return f"{self.content.entry.kind}:{self.content.entry.slug}"

    @cached_property
    def review(self) -> standing.Review:
        own = next((row for row in self.publications if row.version.object_id == self.content.pk), None)
        sources = [one.source for one in self.sources]
        return standing.review_of(self.content, own, unchecked=unchecked.named(self.facts), sources=sources)


def _answers_in(facts: Sequence[Fact]) -> list[str]:
    return [text for fact in facts if isinstance(fact, Question) for text in fact.markdown]


class EntryData(EntryPage):
    """The same page for those who read no HTML: its sources have the numbers readers see, its texts stay Markdown."""

    explains = False

    def block(self, text: str, *, heading_level: int = 3, folds: bool = False) -> SafeString:
        return self._numbered(text)

    def line(self, text: str) -> SafeString:
        return self._numbered(text)

    def _numbered(self, text: str) -> SafeString:
        prose.number(text, self._citations)
        return SafeString("")


def public_entry(kind: str, slug: str, language: str) -> EntryContent | None:
    """What readers see of an entry, with what its page names of others."""
    found: list[EntryContent] = prepared.ask(
        ("entry", kind),
        lambda slug, language: _with_neighbors(kind, slug, language),
        slug=slug,
        language=language,
    )
    return found[0] if found else None


def _with_neighbors(kind: str, slug: str, language: str) -> QuerySet[EntryContent]:
    if kind == "drug":
        return DrugContent.objects.public(slug, language).select_related("therapy_class")
    if kind == "therapy":
        return TherapyClassContent.objects.public(slug, language).select_related("parent")
    return content_models()[kind].objects.public(slug, language)
