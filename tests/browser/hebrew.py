"""Hebrew stand-ins for public rows: every letter replaced, the Markdown around it left as it is.

They show what right to left does to real lengths, lists, tables and citations. Nobody can read them.
"""

from __future__ import annotations

import datetime
import re
from pathlib import Path

from django.conf import settings

from content.models import EntryContent, GlossaryTerm, Question, Update, content_models
from content.stock import pages
from content.stock.importing import library_user

LETTERS = str.maketrans("abcdefghijklmnopqrstuvwxyz", "אבגדהוזחטיכלמנסעפצקרשתאבגד")
# Citations, the targets of links, blocks of pages.
KEPT = re.compile(r"(\[@[^\]]+\]|\]\([^)]*\)|^\{\{.*\}\}$)", re.MULTILINE)
# What a reader reads of an entry, besides its sections.
WORDS = ("name", "summary", "key_message", "change_note", "other_names")
URGENT = ("act_emergency", "act_same_day", "act_next_visit")
PAGES = ("home", "guide", "types", "list-cancer")

TRANSLATED = {
    "cancer": ("bladder-cancer",),
    "therapy": ("car-t-cell-therapy",),
    "drug": ("pembrolizumab",),
    "side-effect": ("lung-inflammation",),
    "biomarker": ("pd-l1",),
    "center": ("sheba-medical-center",),
}


def in_hebrew(text: str) -> str:
    pieces = KEPT.split(text)
    return "".join(
        piece if number % 2 else piece.lower().translate(LETTERS) for number, piece in enumerate(pieces)
    )


def translate_library(folder: Path) -> None:
    """A part of every kind of public page in Hebrew. `folder` is empty and takes the files of the CMS pages."""
    for kind, slugs in TRANSLATED.items():
        for content in content_models()[kind].objects.filter(language="en", entry__slug__in=slugs):
            translate_entry(content)
    for model, words in ((Question, ("question", "answer")), (GlossaryTerm, ("term", "explanation"))):
        for row in list(model.objects.approved().filter(language="en")[:12]):
            _copy(row, words).approve(by=None, now=datetime.date.today())
    for row in list(Update.objects.approved().filter(language="en")[:12]):
        _copy(row, ("title", "text")).approve(by=None, now=datetime.date.today())
    translate_pages(folder)


def translate_entry(content: EntryContent) -> None:
    """A public Hebrew version of a public English entry."""
    values = {field.name: getattr(content, field.name) for field in content._meta.concrete_fields}
    sections = [section.name for section in content.SECTIONS if not section.built]
    for name in (*WORDS, *sections, *(name for name in URGENT if name in values)):
        values[name] = _translated(values[name])
    del values["id"]
    row = type(content).objects.with_user(library_user()).create(**values | {"language": "he"})
    row.versions.get().publish(library_user())


def _translated(value: str | list[str]) -> str | list[str]:
    return [in_hebrew(line) for line in value] if isinstance(value, list) else in_hebrew(value)


def _copy(row: Question | GlossaryTerm | Update, words: tuple[str, ...]) -> Question | GlossaryTerm | Update:
    fields = {field.name: getattr(row, field.name) for field in row._meta.concrete_fields}
    kept = {
        name: fields[name]
        for name in ("slug", "topic", "kind", "happened_on", "about", "source")
        if name in fields
    }
    return type(row).objects.create(
        **kept, language="he", **{name: in_hebrew(fields[name]) for name in words}
    )


def translate_pages(folder: Path) -> None:
    (folder / "pages").mkdir(parents=True)
    for path in (settings.LIBRARY / "pages").glob("*.md"):
        text = path.read_text(encoding="utf-8")
        (folder / "pages" / path.name).write_text(text, encoding="utf-8")
        if path.stem in PAGES:
            (folder / "pages" / f"{path.stem}.he.md").write_text(_page_in_hebrew(text), encoding="utf-8")
    pages.build(folder, now=datetime.date.today())


def _page_in_hebrew(text: str) -> str:
    _, head, body = text.split("+++\n", 2)
    words = re.compile(r'^(title|menu_title|summary) = "(.*)"$', re.MULTILINE)
    head = words.sub(lambda match: f'{match[1]} = "{in_hebrew(match[2])}"', head)
    return f"+++\n{head}+++\n{in_hebrew(body)}"
