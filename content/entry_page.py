"""An entry page put together: sections rendered, facts gathered, sources numbered, in a fixed number of queries."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from functools import cached_property

from django.contrib.contenttypes.models import ContentType
from django.utils.safestring import SafeString

from content import built_sections, directory, prose, review
from content.models import EntryContent, Fact, Publication, Source
from content.reading import NumberedSource


@dataclass(frozen=True)
class PageSection:
    """A section as the template needs it: prose in `html`, or facts in `data` for its component."""

    name: str
    heading: str
    built: bool
    html: SafeString | str = ""
    data: object = None

    @property
    def anchor(self) -> str:
        return self.name.replace("_", "-")

    @property
    def component(self) -> str:
        return f"components/{self.name}.html"


@dataclass(frozen=True)
class Change:
    """One line of "What changed"."""

    date: datetime.date
    note: str


@dataclass
class EntryPage:
    """Everything a template shows of one version of one entry.

    Citations are numbered in reading order: urgent signs, then section by section.
    """

    content: EntryContent
    language: str = field(init=False)

    def __post_init__(self) -> None:
        self.language = self.content.language
        self.facts = built_sections.facts_of(self.content)
        self._sources = self._load_sources()
        self._citations = prose.Citations(self._sources)
        self._names = directory.look_up(self._mentioned(), self.language)
        # In reading order, because reading order numbers the sources.
        self.key_message = self._block(self.content.key_message)
        self.act = self._urgent_signs()
        self.sections = [section for section in map(self._section, self.content.SECTIONS) if section]

    # --- What was gathered

    def _load_sources(self) -> dict[str, Source]:
        keys = {key for text in self.content.markdown for key in prose.citation_keys(text)}
        keys |= {key for fact in self.facts for key in fact.source_keys}
        keys |= set(getattr(self.content, "leaflets", []))
        return {source.key: source for source in Source.objects.filter(key__in=keys)}

    def _mentioned(self) -> set[directory.Key]:
        """Every entry this page names, so that one query finds them all."""
        linked = {link for text in self.content.markdown for link in prose.entry_links(text)}
        return linked | built_sections.mentioned(self.content, self.facts)

    # --- Rendering

    def entry(self, kind: str, slug: str) -> directory.Listed:
        """An entry as this page mentions it."""
        return self._names[(kind, slug)]

    def cite(self, keys: list[str]) -> list[int]:
        """The numbers of sources on this page."""
        return [self._citations.number(key) for key in keys]

    def source(self, key: str) -> Source:
        return self._sources[key]

    def _resolve(self, kind: str, slug: str) -> str | None:
        return self._names[(kind, slug)].url or None

    def _block(self, text: str) -> SafeString:
        return prose.render(text, citations=self._citations, resolve=self._resolve, language=self.language)

    def _line(self, text: str) -> SafeString:
        return prose.render_inline(
            text, citations=self._citations, resolve=self._resolve, language=self.language
        )

    def _urgent_signs(self) -> dict[str, list[SafeString]]:
        act = getattr(self.content, "act", {})
        return {urgency: [self._line(line) for line in lines] for urgency, lines in act.items()}

    def _section(self, section: object) -> PageSection | None:
        if not section.built:
            html = self._block(getattr(self.content, section.name))
            return PageSection(section.name, section.heading, built=False, html=html)
        data = built_sections.build(section.name, self)
        return PageSection(section.name, section.heading, built=True, data=data) if data else None

    # --- The foot of the page

    @property
    def on_this_page(self) -> list[tuple[str, str]]:
        return [(section.anchor, section.heading) for section in self.sections]

    @cached_property
    def sources(self) -> list[NumberedSource]:
        return [
            NumberedSource(number, self._sources[key])
            for number, key in enumerate(self._citations.keys, start=1)
        ]

    @cached_property
    def publications(self) -> list[Publication]:
        """Newest first."""
        model = type(self.content)
        versions = model.admin_manager.filter(entry_id=self.content.entry_id, language=self.language)
        return list(
            Publication.objects.filter(
                version__content_type=ContentType.objects.get_for_model(model),
                version__object_id__in=versions.order_by().values("pk"),
            ).select_related("sign_off__reviewer", "version")
        )

    @property
    def changes(self) -> list[Change]:
        return [Change(row.published_at.date(), row.change_note) for row in self.publications]

    @cached_property
    def review(self) -> review.Review:
        own = next((row for row in self.publications if row.version.object_id == self.content.pk), None)
        unreviewed = any(fact.review_state != Fact.Review.REVIEWED for fact in self.facts)
        return review.review_of(self.content, own, facts_unreviewed=unreviewed)
