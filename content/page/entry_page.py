"""An entry page put together: sections rendered, facts gathered, sources numbered, in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.db.models import QuerySet
from django.utils.safestring import SafeString

from content import prepared
from content.models import (
    DrugContent,
    EntryContent,
    Fact,
    Publication,
    Section,
    TherapyClassContent,
    content_models,
)
from content.page import fact_changes, facts_shown, tables
from content.page.fact_changes import Change
from content.page.reading import Reading
from content.review import standing
from content.text import prose
from content.text.hints import Words


@dataclass(frozen=True)
class PageSection:
    """A section as the template needs it: prose in `html`, or facts in `data` for its component."""

    name: str
    heading: Words
    built: bool
    html: SafeString | str = ""
    data: object = None

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

    def __init__(self, content: EntryContent) -> None:
        self.content = content
        self._record = facts_shown.record_of(content)
        self.facts = [fact for fact in self._record if fact.state == Fact.State.APPROVED]
        gone = {key for fact in self._record for key in fact.subjects}
        super().__init__(
            content.markdown,
            language=content.language,
            facts=self.facts,
            mentions=facts_shown.mentioned(content) | gone,
            cited=getattr(content, "leaflets", []),
            own=(content.entry.kind, content.entry.slug),
        )
        self.key_message = self.block(content.key_message)
        self.act = self._urgent_signs()
        self.sections = [section for section in map(self._section, content.SECTIONS) if section]

    def _urgent_signs(self) -> dict[str, list[SafeString]]:
        act = getattr(self.content, "act", {})
        return {urgency: [self.line(line) for line in lines] for urgency, lines in act.items()}

    def _section(self, section: Section) -> PageSection | None:
        if not section.built:
            html = self.block(getattr(self.content, section.name))
            return PageSection(section.name, section.heading, built=False, html=html)
        data = tables.build(section.name, self.content, self.facts, self)
        return PageSection(section.name, section.heading, built=True, data=data) if data else None

    # --- The foot of the page

    @property
    def on_this_page(self) -> list[tuple[str, Words]]:
        return [(section.anchor, section.heading) for section in self.sections]

    @cached_property
    def publications(self) -> list[Publication]:
        return standing.publications_of(self.content)

    @property
    def changes(self) -> list[Change]:
        published = [Change(row.published_at.date(), row.change_note) for row in self.publications]
        first = published[-1].date if published else None
        return fact_changes.newest_first(
            [*published, *fact_changes.of_facts(self._record, self, since=first)]
        )

    @property
    def about(self) -> str:
        """What a reader of this page asks us about: fills the first field of their request."""
        return f"{self.content.entry.kind}:{self.content.entry.slug}"

    @cached_property
    def review(self) -> standing.Review:
        own = next((row for row in self.publications if row.version.object_id == self.content.pk), None)
        unreviewed = any(not fact.is_reviewed for fact in self.facts)
        return standing.review_of(self.content, own, facts_unreviewed=unreviewed)


class EntryData(EntryPage):
    """The same page for those who read no HTML: its sources have the numbers readers see, its texts stay Markdown."""

    def block(self, text: str, *, heading_level: int = 3) -> SafeString:
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
