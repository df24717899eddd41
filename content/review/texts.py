"""Every text that people write, wherever it stands: looked through, and read row by row."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from cms.models import Page, PageContent, Placeholder
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Cast
from django.utils.text import capfirst
from django.utils.translation import get_language
from djangocms_versioning.constants import DRAFT, PUBLISHED

from content.lines import ChosenField, LinesField
from content.models import (
    BLOCKS,
    FACT_MODELS,
    Block,
    EntryContent,
    Fact,
    content_models,
)
from content.models.column import related
from content.text.hints import Words

# What is drafted, and goes public, as one.
Whole: TypeAlias = EntryContent | PageContent | Fact
# In these columns stands no word of a text.
_NO_WORDS = frozenset(
    {"language", "key", "slug", "terms", "made_from", "retired_reason", "held", "written_by", "change_note"}
)
_OF_PAGES = ("title", "menu_title", "page_title", "meta_description")
_AROUND = 60  # letters shown on each side of what was found


def columns(model: type[models.Model]) -> tuple[models.Field[Any, Any], ...]:
    """Those in which people write."""
    return _columns(model._meta.label_lower)


@lru_cache(maxsize=200)
def _columns(label: str) -> tuple[models.Field[Any, Any], ...]:
    model = apps.get_model(label)
    if model is PageContent:
        return tuple(model._meta.get_field(name) for name in _OF_PAGES)
    plumbing = {field.name for field in Block._meta.get_fields()} if issubclass(model, Block) else set()
    written = (models.CharField, models.TextField, LinesField)
    return tuple(
        field
        for field in model._meta.concrete_fields
        if isinstance(field, written)
        and not isinstance(field, models.SlugField | models.URLField | ChosenField)
        and not field.choices
        and field.editable
        and field.name not in _NO_WORDS | plumbing
    )


def kinds() -> dict[str, Words]:
    """What can be looked through, by name."""
    entries = {
        name: capfirst(model.grouper()._meta.verbose_name_plural or "")
        for name, model in content_models().items()
    }
    facts = {
        str(model._meta.model_name): capfirst(model._meta.verbose_name_plural or "") for model in FACT_MODELS
    }
    return entries | {"page": capfirst(Page._meta.verbose_name_plural)} | facts


def kind_of(whole: Whole) -> str:
    """What it is, in a word."""
    return _kind_of(whole._meta.label_lower, get_language())


@lru_cache(maxsize=200)  # a list has hundreds of lines
def _kind_of(label: str, language: str | None) -> str:
    model = apps.get_model(label)
    if model is PageContent:
        return str(capfirst(Page._meta.verbose_name))
    meta = model.grouper()._meta if issubclass(model, EntryContent) else model._meta
    return str(capfirst(meta.verbose_name or ""))


def name_of(whole: Whole) -> str:
    """As lists and letters call it."""
    return str(whole.title if isinstance(whole, PageContent) else whole)


def newest_of(model: type[models.Model], pks: Collection[int]) -> dict[int, Whole]:
    """Of each of these rows of one kind the version that is worked on, or that readers see."""
    if issubclass(model, Fact):
        return _newest_facts(model, pks)
    group = "page_id" if model is PageContent else "entry_id"
    stored: models.Manager[Any] = model._base_manager
    asked = {row.pk: (getattr(row, group), row.language) for row in stored.filter(pk__in=pks)}
    same = {f"{group}__in": {whose for whose, _language in asked.values()}}
    rows = alive(model.admin_manager.filter(**same).current_content())  # type: ignore[attr-defined] # versioning's
    newest = {(getattr(row, group), row.language): row for row in rows}
    return {pk: newest[text] for pk, text in asked.items() if text in newest}


def _newest_facts(model: type[Fact], pks: Collection[int]) -> dict[int, Whole]:
    """The draft that will take its place, or itself; nothing of what was taken off."""
    standing = {fact.pk: fact for fact in model.objects.filter(pk__in=pks).exclude(state=Fact.State.RETIRED)}
    drafts = model.objects.drafts().filter(Q(supersedes__in=pks))
    waiting = {draft.supersedes_id: draft for draft in drafts if draft.supersedes_id}
    return {**standing, **waiting}


# --- Looking ------------------------------------------------------------------------------------------------


def holding(words: Sequence[str], *, among: Collection[str] = (), most: int = 200) -> list[Whole]:
    """The newest version of each text that holds every one of these words; of each kind so many."""
    found: list[Whole] = []
    for name, model in content_models().items():
        if not among or name in among:
            rows = alive(model.admin_manager.current_content()).select_related("entry")
            found += _narrowed(rows, words).order_by("name", "pk")[:most]
    if not among or "page" in among:
        found += _pages(words, most)
    for fact in FACT_MODELS:
        if not among or fact._meta.model_name in among:
            found += _facts(fact, words, most)
    return found


def alive(rows: QuerySet[Any]) -> QuerySet[Any]:
    """What readers see or what waits; not what rests in the record."""
    of_now = rows.filter(versions__state__in=(DRAFT, PUBLISHED))
    stated: QuerySet[Any] = of_now.annotate(state_now=F("versions__state"))
    return stated


def is_public(whole: Whole) -> bool:
    """Whether readers see this very version or row."""
    if isinstance(whole, Fact):
        return whole.state == Fact.State.APPROVED
    state = getattr(whole, "state_now", None)  # as lists have read it
    return bool((state or whole.versions.get().state) == PUBLISHED)


def _narrowed(rows: QuerySet[Any], words: Sequence[str], *, more: Iterable[Q] = ()) -> QuerySet[Any]:
    """Rows that hold every word in some column, or for which the condition of that word in `more` holds."""
    lines = [field.name for field in columns(rows.model) if isinstance(field, LinesField)]
    rows = rows.alias(**{f"{name}_as_text": Cast(name, models.TextField()) for name in lines})
    beside = list(more) or [Q()] * len(words)
    for word, elsewhere in zip(words, beside, strict=True):
        rows = rows.filter(_in_columns(rows.model, word) | elsewhere)
    return rows


def _in_columns(model: type[models.Model], word: str) -> Q:
    asked = Q(pk__in=[])
    # SQLite knows the capital letters of English only.
    forms = {word} if word.isascii() else {word, word.lower(), word.upper(), word.capitalize()}
    for field in columns(model):
        for form in forms:
            if isinstance(field, LinesField):
                asked |= Q(**{f"{field.name}_as_text__icontains": form})
                asked |= Q(**{f"{field.name}_as_text__icontains": json.dumps(form)[1:-1]})
            else:
                asked |= Q(**{f"{field.name}__icontains": form})
    return asked


def _pages(words: Sequence[str], most: int) -> list[PageContent]:
    newest = alive(PageContent.admin_manager.current_content()).select_related("page")
    own = ContentType.objects.get_for_model(PageContent)
    blocks = [model for model in BLOCKS if columns(model)]
    inside = []
    for word in words:
        in_blocks = Q(pk__in=[])
        for model in blocks:
            placeholders = _narrowed(model._default_manager.order_by(), [word]).values("placeholder")
            holders = Placeholder.objects.filter(pk__in=placeholders, content_type=own)
            in_blocks |= Q(pk__in=holders.order_by().values("object_id"))
        inside.append(in_blocks)
    found = list(_narrowed(newest, words, more=inside).order_by("title", "pk")[:most])
    load_blocks(found)
    return found


def _facts(model: type[Fact], words: Sequence[str], most: int) -> list[Fact]:
    """Rows that stand or wait; of a row and the draft that will take its place, the draft."""
    beside = []
    for word in words:
        in_parts = Q(pk__in=[])
        for name in model.PARTS:
            part, relation = related(model, name), model._meta.get_field(name)
            if isinstance(relation, models.ManyToOneRel) and columns(part):
                rows = _narrowed(part._default_manager.order_by(), [word])
                in_parts |= Q(pk__in=rows.values(relation.field.name))
        beside.append(in_parts)
    found = list(_narrowed(model.objects.newest().with_everything(), words, more=beside)[:most])
    model.objects.all().load_parts(found)
    return found


# --- Reading ------------------------------------------------------------------------------------------------


def rows_of(whole: Whole) -> list[models.Model]:
    """All rows in which its words stand."""
    if isinstance(whole, EntryContent):
        return [whole]
    if isinstance(whole, PageContent):
        if not hasattr(whole, "written_blocks"):
            load_blocks([whole])
        return [whole, *whole.written_blocks]
    return [whole, *(part for rows in whole.parts.values() for part in rows)]


def load_blocks(pages: Sequence[PageContent]) -> None:
    """The blocks with words of each page, in a fixed number of queries."""
    of_pages = {
        "content_type": ContentType.objects.get_for_model(PageContent),
        "object_id__in": [p.pk for p in pages],
    }
    holders = dict(Placeholder.objects.filter(**of_pages).values_list("pk", "object_id"))
    by_page: dict[int, list[Block]] = {}
    for model in BLOCKS:
        if columns(model):
            for block in model._default_manager.filter(placeholder__in=holders):
                by_page.setdefault(holders[block.placeholder_id], []).append(block)
    for page in pages:
        of_it = [block for block in by_page.get(page.pk, ()) if block.language == page.language]
        page.written_blocks = sorted(of_it, key=lambda block: (block.placeholder_id, block.position))


def words_in(row: models.Model) -> Iterator[tuple[models.Field[Any, Any], str]]:
    """Each text of a row, and of a list each line."""
    for field in columns(type(row)):
        value = getattr(row, field.name)
        for text in value if isinstance(value, list) else [value]:
            if text:
                yield field, str(text)


@dataclass(frozen=True)
class Hit:
    """Where something was found, with the words around it."""

    place: Words
    before: str
    found: str
    after: str


def hits(whole: Whole, words: Sequence[str]) -> list[Hit]:
    """The first place of each text in which one of the words stands."""
    pattern = re.compile("|".join(re.escape(word) for word in words), re.IGNORECASE)
    return [hit for row in rows_of(whole) for hit in _hits_in(row, pattern)]


def _hits_in(row: models.Model, pattern: re.Pattern[str]) -> Iterator[Hit]:
    for field, text in words_in(row):
        if match := pattern.search(text):
            start, end = match.span()
            before = ("…" if start > _AROUND else "") + text[max(0, start - _AROUND) : start]
            after = text[end : end + _AROUND] + ("…" if len(text) > end + _AROUND else "")
            yield Hit(place_of(row, field), before, match[0], after)


def place_of(row: models.Model, field: models.Field[Any, Any]) -> Words:
    """What people call this part of the text."""
    if isinstance(row, EntryContent):
        headings = {section.name: section.heading for section in row.SECTIONS}
        return headings.get(field.name) or capfirst(field.verbose_name)
    if isinstance(row, Block):
        return capfirst(row._meta.verbose_name or "")
    return capfirst(field.verbose_name)
