"""Links to entries: which text leads where, kept beside the texts, so that nobody has to look through all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models

from content.text.prose import entry_links

Link = tuple[str, str]  # kind, slug


class EntryLink(models.Model):
    """That a text (an entry's version, a block of a page, a written fact) links to an entry, by the slug that it
    names: the entry may have another since, or no row yet."""

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, db_index=False)
    object_id = models.PositiveIntegerField()
    text = GenericForeignKey("content_type", "object_id")
    kind = models.CharField(max_length=40)
    slug = models.CharField(max_length=80)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["content_type", "object_id", "kind", "slug"], name="entry_link_once_per_text"
            )
        ]
        indexes = [
            models.Index(fields=["kind", "slug", "content_type", "object_id"], name="entry_link_by_entry")
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.slug} in {self.content_type} {self.object_id}"


class Linking(Protocol):
    """A row whose Markdown may link to entries."""

    pk: Any
    links: Any  # a GenericRelation, so that they go when the text goes

    @property
    def markdown(self) -> list[str]: ...


def record_links(text: Linking) -> None:
    """Makes the rows say exactly which entries `text` links to."""
    wanted = _links_in(text)
    have = {(link.kind, link.slug): link.pk for link in text.links.all()}
    if gone := [pk for link, pk in have.items() if link not in wanted]:
        text.links.filter(pk__in=gone).delete()
    _put({text: wanted - have.keys()})


def record_new_links(texts: Iterable[Linking]) -> None:
    """The same for saved texts of one model of which nothing is on record; all at once."""
    _put({text: _links_in(text) for text in texts})


def _links_in(text: Linking) -> set[Link]:
    longest = EntryLink._meta.get_field("slug").max_length or 0  # what is longer names no entry
    return {link for words in text.markdown for link in entry_links(words) if len(link[1]) <= longest}


def _put(links: Mapping[Linking, Iterable[Link]]) -> None:
    EntryLink.objects.bulk_create(
        [
            EntryLink(
                content_type=ContentType.objects.get_for_model(text),  # type: ignore[arg-type] # a row
                object_id=text.pk,
                kind=kind,
                slug=slug,
            )
            for text, some in links.items()
            for kind, slug in sorted(some)
        ],
        ignore_conflicts=True,
    )
