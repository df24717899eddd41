"""Markdown of several rows on one page, with one numbering of sources and one look at what is public."""

from __future__ import annotations

from django.utils.safestring import SafeString

from content import directory, prose
from content.models import Source


class Reading:
    """Renders texts that share a page: answers, updates, glossary, the prose blocks of a CMS page."""

    def __init__(self, texts: list[str], *, language: str) -> None:
        self._language = language
        keys = {key for text in texts for key in prose.citation_keys(text)}
        self._known = {source.key: source for source in Source.objects.filter(key__in=keys)} if keys else {}
        links = {link for text in texts for link in prose.entry_links(text)}
        self._names = directory.look_up(links, language) if links else {}
        self._citations = prose.Citations(self._known)

    def block(self, text: str) -> SafeString:
        return prose.render(text, citations=self._citations, resolve=self._resolve, language=self._language)

    def _resolve(self, kind: str, slug: str) -> str | None:
        return self._names[(kind, slug)].url or None

    @property
    def sources(self) -> list[tuple[int, Source]]:
        """Numbered, in the order of first use; complete once every text has been rendered."""
        return [(number, self._known[key]) for number, key in enumerate(self._citations.keys, start=1)]
