"""Which public pages lead to a text: asked before it is taken off the site."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from cms.models import PageContent
from django.db import models

from content.models import WRITTEN_FACTS, EntryContent, ProseBlock, content_models
from content.review.signing import Reviewable
from content.text import prose


class Place(NamedTuple):
    """A page, or a text on one."""

    name: str
    url: str


def links_to(content: Reviewable) -> list[Place]:
    """What readers see of the library that links there, in its words."""
    if isinstance(content, PageContent):
        address = content.page.get_absolute_url(content.language)
        return sorted(set(_holding(f"]({address}", lambda text: address in prose.links(text))))
    entry = (content.entry.kind, content.entry.slug)
    found = _holding(f"({entry[0]}:{entry[1]})", lambda text: entry in prose.entry_links(text))
    return sorted(set(found) - {Place(content.name, content.get_absolute_url())})


def pages_below(content: Reviewable) -> list[Place]:
    """Public pages whose address lies below it: they go with it from the menu."""
    if not isinstance(content, PageContent):
        return []
    below = content.page.get_descendant_pages()
    rows = PageContent.objects.filter(page__in=below, language=content.language)
    return [Place(row.title, row.page.get_absolute_url(row.language)) for row in rows.select_related("page")]


def _holding(words: str, leads_there: Callable[[str], bool]) -> Iterator[Place]:
    """The database narrows it down, the reader of Markdown decides."""
    for model in content_models().values():
        for row in model.objects.with_entry().filter(_in_any_text(model, words)):
            if any(map(leads_there, row.markdown)):
                yield Place(row.name, row.get_absolute_url())
    for fact_model in WRITTEN_FACTS:
        for fact in fact_model.objects.approved().filter(_in_any_text(fact_model, words)):
            if any(map(leads_there, fact.markdown)):
                yield Place(str(fact), fact.address)
    public = {page.pk: page for page in PageContent.objects.select_related("page")}
    for block in ProseBlock.objects.filter(body__contains=words).select_related("placeholder"):
        page = public.get(block.placeholder.object_id) if _is_of_page(block) else None
        if page and leads_there(block.body):
            yield Place(page.title, page.page.get_absolute_url(page.language))


def _is_of_page(block: ProseBlock) -> bool:
    return isinstance(block.placeholder.source, PageContent)


def _in_any_text(model: type[models.Model], words: str) -> models.Q:
    asked = models.Q()
    for field in model._meta.concrete_fields:
        if isinstance(field, models.TextField) or (
            issubclass(model, EntryContent) and field.name.startswith("act_")
        ):
            asked |= models.Q(**{f"{field.name}__icontains": words})
    return asked
