"""What a draft changes, as readers would see it: only what differs, under their own headings."""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cms.models import CMSPlugin, PageContent
from django.db import models
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from content.models import Block, EntryContent, ProseBlock
from content.models.column import field_of
from content.page.reading import NumberedSource, Reading
from content.review import signing
from content.review.texts import place_of
from content.text import changed
from content.text.hints import Words

_UNSEEN = frozenset({"id", "entry", "language", "extended_object", "public_extension"})
_OF_PAGE = ("title", "menu_title", "page_title", "meta_description", "redirect")


@dataclass(frozen=True)
class Part:
    """One section, field or block that differs."""

    heading: Words
    mark: str
    html: SafeString


@dataclass(frozen=True)
class Changes:
    """All of them, with the sources that the words which came and went cite."""

    parts: list[Part]
    sources: list[NumberedSource]


@dataclass(frozen=True)
class _Pair:
    """A text before and after. `is_prose`: Markdown, shown as readers see it."""

    heading: Words
    before: str
    after: str
    is_prose: bool = False


def of_draft(content: signing.Reviewable) -> Changes:
    """Against what readers see now; all of it, if they see nothing yet."""
    public = signing.public_version_of(content)
    pairs = list(
        _of_page(public, content) if isinstance(content, PageContent) else _of_entry(public, content)
    )
    pairs = [pair for pair in pairs if not changed.is_same(pair.before, pair.after)]
    texts = [text for pair in pairs if pair.is_prose for text in (pair.after, pair.before)]
    reading = Reading(texts, language=content.language)
    parts = [Part(pair.heading, _mark(pair), _html(pair, reading)) for pair in pairs]
    return Changes(parts, reading.sources)


def _mark(pair: _Pair) -> str:
    if not pair.before.strip():
        return _("New")
    return _("Changed") if pair.after.strip() else _("Taken out")


def _html(pair: _Pair, reading: Reading) -> SafeString:
    text = changed.merged(pair.before, pair.after)
    if pair.is_prose:
        return changed.with_elements(reading.block(text, heading_level=4))
    return changed.with_elements(escape(text).replace("\n", "<br>"))


# --- Entries


def _of_entry(public: models.Model | None, content: EntryContent) -> Iterator[_Pair]:
    prose = {"key_message", *(section.name for section in content.SECTIONS)}
    for field in content._meta.concrete_fields:
        if field.name in _UNSEEN:
            continue
        is_prose = field.name in prose or field.name.startswith("act_")
        # A note is about its own version: the one before is no text that went.
        before = _told(public, field, is_prose) if public and field.name != "change_note" else ""
        yield _Pair(place_of(content, field), before, _told(content, field, is_prose), is_prose)


def _told(row: models.Model, field: models.Field[object, object], is_prose: bool = False) -> str:
    """As people read it."""
    value = getattr(row, field.name)
    if field.choices and value:
        return str(getattr(row, f"get_{field.name}_display")())
    if isinstance(value, datetime.date):
        return date_format(value, "j F Y")
    if isinstance(value, list):
        return "\n".join(f"- {line}" if is_prose else str(line) for line in value)
    return "" if value is None else str(value)


# --- Pages


def _of_page(public: models.Model | None, content: PageContent) -> Iterator[_Pair]:
    yield from _of_row(public, content, _OF_PAGE)
    check, before = (
        signing.check_of(content),
        signing.check_of(public) if isinstance(public, PageContent) else None,
    )
    if check:
        names = [field.name for field in check._meta.concrete_fields if field.name not in _UNSEEN]
        yield from _of_row(before, check, names)
    old = _blocks(public) if isinstance(public, PageContent) else []
    new = _blocks(content)
    matcher = difflib.SequenceMatcher(
        a=[_all_of(block) for block in old], b=[_all_of(block) for block in new], autojunk=False
    )
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if tag != "equal":
            yield from _of_blocks(old[old_from:old_to], new[new_from:new_to])


def _of_row(before: models.Model | None, after: models.Model, names: Iterable[str]) -> Iterator[_Pair]:
    for name in names:
        field = field_of(type(after), name)
        told = _told(before, field) if before else ""
        yield _Pair(place_of(after, field), told, _told(after, field))


def _blocks(content: PageContent) -> list[CMSPlugin]:
    return [
        plugin.get_bound_plugin()
        for placeholder in content.get_placeholders()
        for plugin in placeholder.get_plugins(content.language)
    ]


def _fields(block: CMSPlugin) -> list[models.Field]:
    base = {field.name for field in CMSPlugin._meta.concrete_fields} | {"cmsplugin_ptr"}
    return [field for field in block._meta.concrete_fields if field.name not in base]


def _all_of(block: CMSPlugin) -> tuple[str, ...]:
    values = ("\n".join(changed.lines_of(_told(block, field))) for field in _fields(block))
    return (block.plugin_type, *values)


def _of_blocks(old: list[CMSPlugin], new: list[CMSPlugin]) -> Iterator[_Pair]:
    """Blocks of the same kind in the same order are one block changed; others came or went."""
    for position in range(max(len(old), len(new))):
        before = old[position] if position < len(old) else None
        after = new[position] if position < len(new) else None
        if before is None or after is None or before.plugin_type != after.plugin_type:
            yield from _of_block(before, None)
            yield from _of_block(None, after)
        else:
            yield from _of_block(before, after)


def _of_block(before: CMSPlugin | None, after: CMSPlugin | None) -> Iterator[_Pair]:
    block = after or before
    if block is None:
        return
    name = block.get_plugin_name()
    for field in _fields(block):
        is_prose = isinstance(block, ProseBlock) or (
            isinstance(block, Block) and isinstance(getattr(block, field.name), list)
        )
        heading = name if isinstance(block, ProseBlock) else f"{name}: {field.verbose_name}"
        told = _told(before, field, is_prose) if before else ""
        now = _told(after, field, is_prose) if after else ""
        yield _Pair(heading, told, now, is_prose)
