"""A CMS page put together: what its blocks show is loaded once, sources are numbered in reading order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import TypeVar

from cms.models import PageContent, Placeholder
from cms.toolbar.utils import get_toolbar_from_request
from cms.utils.plugins import get_plugins
from django.conf import settings
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from sekizai.context import SekizaiContext

from content import context_processors
from content.models import Block, Coverage, Fact, ProseBlock, Publication, Sign
from content.page import coverage_shown, fact_changes, unchecked
from content.page.fact_changes import Change
from content.page.reading import Explained, NumberedSource, Reading
from content.review import gate, standing

_HEADING = re.compile(r"^(#{1,6})\s", re.MULTILINE)
_TOP_LEVEL = 2  # below the page's own heading

Row = TypeVar("Row")


class Story:
    """The blocks of one placeholder. `also` are texts, and `beside` facts, that stand below them on the same page."""

    def __init__(
        self, blocks: Sequence[Block], language: str, *, also: Iterable[str] = (), beside: Iterable[Fact] = ()
    ) -> None:
        texts, mentions, cited = [], set(), set()
        self._rows: dict[int, list[object]] = {}
        self.gone: list[Fact] = []  # what the page only tells of: taken off, or replaced by a withdrawal
        for block in blocks:
            plugin = block.get_plugin_class_instance()
            record = plugin.gather(block, language)
            rows = self._rows[block.pk] = [row for row in record if not _is_gone(row)]
            self.gone += [row for row in record if _is_gone(row)]
            texts += plugin.texts(block, rows)
            mentions |= plugin.mentions(block, rows)
            cited |= plugin.cited(block, language)
        mentions |= {key for row in self.gone if not isinstance(row, Sign) for key in row.subjects}
        self.facts = [row for rows in self._rows.values() for row in rows if isinstance(row, Fact)]
        covered = (row for rows in self._rows.values() for row in rows if isinstance(row, Coverage))
        self.reading = Reading(
            [*texts, *also],
            language=language,
            facts=[*self.facts, *beside],
            mentions=mentions,
            cited={*cited, *coverage_shown.sources(covered)},
            explains=True,
        )
        bodies = [block.body for block in blocks if isinstance(block, ProseBlock)]
        self._highest = min(map(_highest_heading, bodies), default=6)

    def rows(self, block: Block, of: type[Row]) -> list[Row]:
        """What the block shows, as its plugin gathered it."""
        return [row for row in self._rows.get(block.pk, ()) if isinstance(row, of)]

    def prose(self, text: str) -> SafeString:
        """A block of prose; a sub-heading stays one, also where a block parts it from its heading."""
        level = _TOP_LEVEL + _highest_heading(text) - self._highest
        return self.reading.block(text, heading_level=level)


def _is_gone(row: object) -> bool:
    return isinstance(row, Fact) and row.state == Fact.State.RETIRED


def _highest_heading(text: str) -> int:
    """1 for `#`, 2 for `##` ...; 6 where there is none."""
    return min((len(marks) for marks in _HEADING.findall(text)), default=6)


def stories_of(request: HttpRequest) -> list[Story]:
    """The stories rendered so far for this request."""
    return list(request.__dict__.get("_stories", {}).values())


def story_of(request: HttpRequest, block: Block) -> Story:
    """The story a block belongs to: made when its first block is rendered, shared by the others."""
    stories = request.__dict__.setdefault("_stories", {})
    placeholder = block.placeholder
    if placeholder.pk not in stories:
        blocks = get_plugins(request, placeholder, None, block.language)
        stories[placeholder.pk] = Story(blocks, block.language)
    return stories[placeholder.pk]


class StoryFoot:
    """Who wrote and checked a page, its sources and its changes. Made after the blocks were rendered."""

    def __init__(self, content: PageContent, stories: Iterable[Story]) -> None:
        self._content = content
        self._stories = list(stories)

    @property
    def sources(self) -> list[NumberedSource]:
        return [source for story in self._stories for source in story.reading.sources]

    @property
    def explained(self) -> list[Explained]:
        words = {word for story in self._stories for word in story.reading.explained}
        return sorted(words, key=lambda word: word.term.casefold())

    @cached_property
    def review(self) -> standing.Review | None:
        """Nothing for the few pages that make no medical claim."""
        check = getattr(self._content, "pagecheck", None)
        if check is None or not gate.is_medical(self._content):
            return None
        own = next((row for row in self.publications if row.version.object_id == self._content.pk), None)
        facts = {fact for story in self._stories for fact in story.facts}
        sources = [one.source for one in self.sources]
        return standing.review_of(check, own, unchecked=unchecked.named(facts), sources=sources)

    @property
    def changes(self) -> list[Change]:
        records = [([*story.facts, *story.gone], story.reading) for story in self._stories]
        return fact_changes.of_page(self.publications, records)

    @cached_property
    def publications(self) -> list[Publication]:
        return standing.publications_of(self._content)


class WordsAbove:
    """What editors wrote above a fixed list. The list's own texts (`also`) and facts share its numbered sources."""

    def __init__(
        self, request: HttpRequest, reverse_id: str, *, also: Iterable[str] = (), beside: Iterable[Fact] = ()
    ) -> None:
        language = get_language() or settings.LANGUAGE_CODE
        self.content = _public_page(reverse_id, language)
        placeholder = self.content.placeholders.filter(slot="content").first() if self.content else None
        blocks = get_plugins(request, placeholder, None, language)
        self._story = Story(blocks, language, also=also, beside=beside)
        self.reading = self._story.reading
        self.html = ""
        if placeholder:
            placeholder.source = self.content
            request.__dict__.setdefault("_stories", {})[placeholder.pk] = self._story
            # Rendered before the list, so that its sources come first.
            self.html = _render(request, placeholder, language)
            get_toolbar_from_request(request).set_object(self.content)  # offers staff to edit these words

    @cached_property
    def review(self) -> standing.Review | None:
        return StoryFoot(self.content, [self._story]).review if self.content else None

    def leaves_unsaid(self, rows: Iterable[Fact]) -> list[str]:
        """What the list has to say itself that no clinician has checked."""
        if self.html and self.review and self.review.status == "unreviewed":
            return []  # the line above the words says so for the whole page
        return unchecked.named(rows)

    @property
    def sources(self) -> list[NumberedSource]:
        return self.reading.sources


def _public_page(reverse_id: str, language: str) -> PageContent | None:
    pages = PageContent.objects.filter(page__reverse_id=reverse_id, language=language)
    return pages.select_related("page", "pagecheck").first()


def _render(request: HttpRequest, placeholder: Placeholder, language: str) -> SafeString:
    context = SekizaiContext({"request": request, **context_processors.site(request)})
    renderer = get_toolbar_from_request(request).content_renderer
    # Not `render_placeholder`: that forbids everybody to keep the whole page.
    return mark_safe("".join(renderer.render_plugins(placeholder, language, context)))  # noqa: S308 - templates escaped it
