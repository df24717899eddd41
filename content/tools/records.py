"""The records checklist: what to gather for a cancer, and a letter that asks a hospital for it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.safestring import SafeString

from content import directory
from content.models import CancerTypeContent
from content.page import entry_page, facts_shown
from content.page.reading import Reading


@dataclass(frozen=True)
class Checklist:
    """Of one cancer. The lines are in the language of the page they stand on."""

    cancer: directory.Listed
    language: str
    records: list[SafeString]
    tests: list[directory.Listed]  # those that approved uses of it ask for, by name


def cancers(language: str) -> list[directory.Listed]:
    """All whose page says what to gather, by name."""
    return [one for one in directory.all_of("cancer", language) if one.state != "planned"]


def checklist(slug: str, language: str) -> Checklist | None:
    """Nothing for a cancer that has no public page."""
    cancer = next((one for one in cancers(language) if one.slug == slug), None)
    if not cancer:
        return None
    written_in = cancer.written_in(language)
    content = entry_page.public_entry("cancer", slug, written_in)
    if not isinstance(content, CancerTypeContent):
        return None
    reading = Reading([content.records], language=written_in)
    records = [reading.line(words) for words in _lines(content.records)]
    return Checklist(cancer, written_in, records, _tests(slug, language))


def _lines(text: str) -> list[str]:
    """The points of a list in Markdown, each on one line."""
    points = re.split(r"^[-*] +", text, flags=re.MULTILINE)
    return [" ".join(point.split()) for point in points if point.strip()]


def _tests(slug: str, language: str) -> list[directory.Listed]:
    keys = {
        ("biomarker", requirement.biomarker.slug)
        for use in facts_shown.uses_for(slug)
        for requirement in use.requirements.all()
    }
    found = directory.look_up(keys, language).values() if keys else ()
    return sorted(found, key=lambda one: one.name.casefold())
