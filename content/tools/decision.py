"""The decision sheet: what is approved for a cancer, as options to talk about; what to weigh, and what to ask.

It counts nothing up and prefers nothing: which option fits is for the reader and their team.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from django.utils.translation import gettext_lazy as _

from content import directory
from content.models import Indication
from content.page import unchecked, uses
from content.page.labels import label
from content.page.reading import NumberedSource
from content.text.hints import Words
from content.tools import found

# Options that no approved use names.
ALWAYS: tuple[tuple[str, Words], ...] = (
    (
        "no-treatment",
        _("No treatment against the cancer now: to wait and watch, or care that eases what I feel"),
    ),
    ("study", _("A clinical trial")),
)
VALUES: tuple[tuple[str, Words], ...] = (
    ("longer", _("To live as long as possible, even if treatment is hard")),
    ("well", _("To feel as well as possible in the time I have")),
    ("lasting", _("To have no side effect that stays for good")),
    ("home", _("Few visits and nights in the hospital")),
    ("work", _("To work, study or look after others")),
    ("family", _("To be able to have children later")),
    ("cost", _("What it costs me and my family")),
    ("study", _("To help research, or to get something new")),
)
TO_KNOW: tuple[tuple[str, Words], ...] = (
    ("aim", _("What is the aim: to cure, to slow the cancer down, or to feel better?")),
    ("helped", _("Of 100 people like me, how many does each option help, and how?")),
    ("nothing", _("What is likely to happen if I do nothing now?")),
    ("harms", _("Of 100 people like me, how many have severe side effects, and which ones can stay?")),
    ("effort", _("How often do I have to come, and for how long?")),
    ("tests", _("Which test could change the choice?")),
    ("sure", _("How sure are you of all this, and were people like me in the trials?")),
    ("back", _("Can I change my mind later, or stop?")),
    ("time", _("How much time do I have to decide?")),
)
STANDING: tuple[tuple[str, Words], ...] = (
    ("ready", _("I can decide")),
    ("know", _("I need to know more first")),
    ("time", _("I need more time")),
    ("talk", _("I want to talk to somebody first")),
)


@dataclass(frozen=True)
class Option:
    """A regimen in one setting. `compare` is how Compare names it; empty where a part of it has no page."""

    value: str
    title: str
    medicines: list[directory.Listed]
    compare: str
    source_numbers: list[int]


@dataclass(frozen=True)
class Options:
    """Of one cancer, by setting in the order of treatment, by name within it."""

    cancer: directory.Listed
    by_setting: list[tuple[str, list[Option]]]
    sources: list[NumberedSource]
    unchecked: list[str]


def options(slug: str, language: str) -> Options:
    """`found.Unknown` for a cancer that is not in the library."""
    known = found.library(slug, language)
    shown = {use.key for use in known.decided if use.is_public}
    rows = [row for row in known.rows.values() if row.key in shown]
    order = {setting: place for place, setting in enumerate(Indication.Setting.values)}
    rows.sort(key=lambda row: (order[row.setting], known.titles[row.key].casefold(), row.key))
    by_setting = [
        (label(Indication.Setting, setting), list(_options(known, list(its))))
        for setting, its in groupby(rows, key=lambda row: row.setting)
    ]
    numbers = {number for _name, its in by_setting for one in its for number in one.source_numbers}
    return Options(
        known.cancer,
        by_setting,
        [one for one in known.reading.sources if one.number in numbers],
        unchecked.named(rows),
    )


def _options(known: found.Library, rows: list[Indication]) -> Iterator[Option]:
    """Each regimen once, whoever approved it."""
    by_regimen: dict[frozenset[str], list[Indication]] = {}
    for row in rows:
        by_regimen.setdefault(frozenset(row.regimen), []).append(row)
    for its in by_regimen.values():
        first = its[0]
        members = uses.members_of(first, known.reading)
        medicines = [entry for entry in members if entry.url]
        numbers = {number for row in its for number in known.decisions[row.key].source_numbers}
        yield Option(
            value=f"{first.setting}:{'+'.join(first.regimen)}",
            title=known.titles[first.key],
            medicines=medicines,
            compare=",".join(entry.slug for entry in medicines) if len(medicines) == len(members) else "",
            source_numbers=sorted(numbers),
        )
