"""Compare: two to four medicines, regimens or kinds of therapy side by side. No winner, and no number of a trial.

comparison(values, language) -> Comparison of what `?drug=a&drug=b,c` names
    .columns: medicine, regimen or kind of therapy
    .rows: a cell for each column; `same` if all say the same, `odd` for the one that says something else
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from content import directory, edition
from content.models import (
    DrugContent,
    EntryContent,
    Fact,
    Indication,
    SideEffectOccurrence,
    TherapyClassContent,
)
from content.page import care_cards, component, facts_shown, signs_shown, tables, unchecked, uses
from content.page.entry_page import public_entry
from content.page.reading import NumberedSource, Reading
from content.text.hints import Words

MOST, FEWEST = 4, 2
_VALUE = re.compile(r"[a-z0-9-]{1,80}(?:,[a-z0-9-]{1,80}){0,3}")
# Of our own HTML, to be compared and not shown: strip_tags costs a fifth of the page.
_TAG = re.compile(r"<[^>]*>")


class Unknown(Exception):
    """An address names what is neither a medicine nor a kind of therapy."""


@dataclass(frozen=True)
class Member:
    """One entry with what is public of it, in English if not in this language; `content` is nothing where nobody has
    written it."""

    entry: directory.Listed
    content: EntryContent | None
    facts: tuple[Fact, ...]

    @cached_property
    def uses(self) -> list[Indication]:
        return [fact for fact in self.facts if isinstance(fact, Indication) and fact.is_current]

    @cached_property
    def numbers(self) -> list[Fact]:
        """What is shown with its sources."""
        return [fact for fact in self.facts if isinstance(fact, SideEffectOccurrence)]


@dataclass(frozen=True)
class Column:
    """`value` as the address has it."""

    value: str
    members: tuple[Member, ...]

    @property
    def name(self) -> str:
        first, *others = [member.entry.name for member in self.members]
        return " + ".join([first, *(name[:1].lower() + name[1:] for name in others)])

    @property
    def brands(self) -> str:
        contents = [member.content for member in self.members]
        brands = [one.brand_names[:1] for one in contents if isinstance(one, DrugContent)]
        return ", ".join(one for some in brands for one in some)


@dataclass(frozen=True)
class Cell:
    html: SafeString
    name: str  # of its column: on phones it stands before the words
    is_odd: bool = False


@dataclass(frozen=True)
class Row:
    heading: Words
    cells: list[Cell]
    note: Words = ""
    is_same: bool = False  # then one cell stands for all


@dataclass(frozen=True)
class Head:
    """What stands on top of a column."""

    members: list[directory.Listed]
    brands: str


@dataclass(frozen=True)
class Comparison:
    columns: list[Column]
    rows: list[Row]
    sources: list[NumberedSource]
    unchecked: list[str]

    @property
    def heads(self) -> list[Head]:
        return [Head([member.entry for member in one.members], one.brands) for one in self.columns]


# --- What is compared --------------------------------------------------------------------------------------


def chosen(values: Iterable[str], language: str) -> list[Column]:
    """Each once, in the order of the address. `Unknown` if one of them is not in the library."""
    columns: dict[frozenset[str], Column] = {}
    for value in filter(None, values):
        if not _VALUE.fullmatch(value):
            raise Unknown
        slugs = list(dict.fromkeys(value.split(",")))
        members = [_entry(slug, language) for slug in slugs]
        if len(members) > 1 and any(member.kind != "drug" for member in members):
            raise Unknown
        columns.setdefault(
            frozenset(slugs), Column(",".join(slugs), tuple(_member(one, language) for one in members))
        )
    return list(columns.values())


def all_names(language: str) -> list[tuple[str, list[directory.Listed]]]:
    """(kind, entries) of what can be chosen."""
    return edition.shared(
        ("names to compare", language),
        lambda: [(kind, directory.all_of(kind, language)) for kind in ("drug", "therapy")],
    )


def choices(language: str) -> SafeString:
    """The same as the options of a list, drawn once between two changes: there may be thousands."""

    def draw() -> SafeString:
        return render_to_string("content/tools/compare_options.html", {"kinds": all_names(language)})

    return edition.shared(("choices to compare", language), draw)


def _entry(slug: str, language: str) -> directory.Listed:
    known = edition.shared(("to compare", language), lambda: _known(language))
    if slug not in known:
        raise Unknown
    return known[slug]


def _known(language: str) -> dict[str, directory.Listed]:
    """A medicine before a kind of therapy with the same slug."""
    return {one.slug: one for _kind, entries in reversed(all_names(language)) for one in entries}


def _member(entry: directory.Listed, language: str) -> Member:
    return edition.shared(("compared", entry.kind, entry.slug, language), lambda: _read(entry, language))


def _read(entry: directory.Listed, language: str) -> Member:
    content = public_entry(entry.kind, entry.slug, entry.written_in(language))
    facts = tuple(facts_shown.facts_of(content)) if content else ()
    return Member(entry, content, tuple(one for one in facts if one.NAME != "result"))


# --- What stands beside each other ---------------------------------------------------------------------------


@edition.of_one_page()
def comparison(columns: list[Column], language: str) -> Comparison:
    members = list(dict.fromkeys(member.entry.link for column in columns for member in column.members))
    by_link = {member.entry.link: member for column in columns for member in column.members}
    contents = [one for link in members if (one := by_link[link].content)]
    named = {key for content in contents for key in facts_shown.mentioned(content)}
    named |= {("cancer", use.cancer.slug) for link in members for use in by_link[link].uses}
    reading = Reading(
        [text for content in contents for text in _texts(content)],
        language=language,
        facts=[fact for link in members for fact in by_link[link].numbers],
        mentions=named,
        cited={key for one in contents for key in care_cards.keys_of(signs_shown.card_of(one))},
    )
    rows = [_row(heading, say, columns, reading, note) for heading, say, note in _rows()]
    once = {(fact.NAME, fact.pk): fact for link in members for fact in by_link[link].facts}
    return Comparison(columns, rows, reading.sources, unchecked.named(once.values()))


def _texts(content: EntryContent) -> list[str]:
    return [str(getattr(content, name, "")) for name in ("schedule", "vaccines", "pregnancy", "how_given")]


Say = Callable[[Column, Reading], SafeString]


def _rows() -> list[tuple[Words, Say, Words]]:
    return [
        (_("Kind"), _kind, ""),
        (_("How it is given"), _way, ""),
        (_("How often"), _text_of("schedule"), ""),
        (_("Signs that cannot wait"), _signs, _("The gravest ones. The page of each has all of them.")),
        (
            _("How common side effects are"),
            _how_common,
            _("From the label or trial of each medicine. People in trials differ, so these cannot be compared."),
        ),
        (_("Pregnancy"), _text_of("pregnancy"), ""),
        (_("Vaccines"), _text_of("vaccines"), ""),
        (_("Where it is approved"), _approved, _("“No record” does not mean “not approved”.")),
    ]  # fmt: skip


def _row(heading: Words, say: Say, columns: Sequence[Column], reading: Reading, note: Words) -> Row:
    said = [say(column, reading) for column in columns]
    plain = [" ".join(_TAG.sub(" ", html).split()) for html in said]
    times = Counter(plain)
    odd = (
        {text for text, number in times.items() if number == 1}
        if len(times) == 2 and len(columns) > 2
        else set()
    )
    cells = [
        Cell(html, column.name, text in odd) for html, text, column in zip(said, plain, columns, strict=True)
    ]
    return Row(heading, cells, note, is_same=len(times) == 1 and len(columns) > 1)


def not_read() -> SafeString:
    return format_html("<p class='hint'>{}</p>", _("We have not read this yet."))


def _each(column: Column, say: Callable[[Member], SafeString | str]) -> SafeString:
    """What is said of each medicine of a regimen, under its name."""
    if len(column.members) == 1:
        return _said(column.members[0], say)
    return format_html_join(
        "", "<p><b>{}</b></p>{}", ((member.entry.name, _said(member, say)) for member in column.members)
    )


def _said(member: Member, say: Callable[[Member], SafeString | str]) -> SafeString:
    """In the language of its page, which may be another than the reader's."""
    words = say(member)
    if not words or member.content is None:
        return SafeString(words or not_read())
    return format_html('<div lang="{}" dir="auto">{}</div>', member.content.language, words)


def _kind(column: Column, reading: Reading) -> SafeString:
    def say(member: Member) -> SafeString | str:
        if isinstance(member.content, DrugContent) and member.content.therapy_class:
            listed = reading.entry("therapy", member.content.therapy_class.slug)
            return _link(listed)
        return format_html("<p>{}</p>", _("A kind of therapy")) if member.content else ""

    return _each(column, say)


def _link(listed: directory.Listed) -> SafeString:
    if not listed.url:
        return format_html("<p>{}</p>", listed.name)
    return format_html('<p><a href="{}">{}</a></p>', listed.url, listed.name)


def _way(column: Column, reading: Reading) -> SafeString:
    def say(member: Member) -> SafeString | str:
        if isinstance(member.content, DrugContent):
            return format_html("<p>{}</p>", member.content.route)
        if isinstance(member.content, TherapyClassContent):
            return reading.block(member.content.how_given, heading_level=4)
        return ""

    return _each(column, say)


def _text_of(name: str) -> Say:
    def say_column(column: Column, reading: Reading) -> SafeString:
        def say(member: Member) -> SafeString | str:
            if isinstance(member.content, TherapyClassContent):
                words = _("It is not the same for a whole kind of therapy. Look at one of its medicines.")
                return format_html("<p>{}</p>", words)
            text = getattr(member.content, name, "")
            return reading.block(text, heading_level=4) if text.strip() else ""

        return _each(column, say)

    return say_column


def _signs(column: Column, reading: Reading) -> SafeString:
    """Of all its medicines together: the signs of a regimen are those of each."""
    contents = [member.content for member in column.members if member.content]
    if len(contents) < len(column.members):
        return not_read()
    groups = {group for one in contents for group in _groups(one)}
    known = all(_groups(one) for one in contents)
    are_medicines = all(isinstance(one, DrugContent) for one in contents)
    slugs = {member.entry.slug for member in column.members} if are_medicines else None
    who = signs_shown.readers(groups if known else (), medicines=slugs)
    card = signs_shown.card(who, reading.language)
    keys = [key for line in card.gravest for key in line.sources[:1]]
    lines = format_html_join("", "<li>{}</li>", ((line.text,) for line in card.gravest))
    marks = _marks(sorted(set(reading.numbers(keys))))
    links = format_html_join(
        ", ",
        '<a href="{}#signs">{}</a>',
        ((member.entry.url, member.entry.name) for member in column.members),
    )
    return format_html("<ul>{}</ul><p>{} {}{}</p>", lines, _("All signs:"), links, marks)


def _groups(content: EntryContent) -> list[str]:
    return directory.groups_of(content) if isinstance(content, DrugContent | TherapyClassContent) else []


def _how_common(column: Column, reading: Reading) -> SafeString:
    def say(member: Member) -> SafeString | str:
        if isinstance(member.content, TherapyClassContent):
            return format_html("<p>{}</p>", _("It is told for each medicine. Look at one of its medicines."))
        if member.content is None:
            return ""
        found = tables.build("how_common", member.content, list(member.facts), reading)
        if not isinstance(found, list) or not found:
            return ""
        shown = [row for alike in found for row in alike.open if not row.given_with]
        if not shown:
            words = _("Only with other medicines, at other doses or in some groups: its page tells.")
            return format_html("<p>{}</p>", words)
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}{}</li>", map(_occurrence, shown)))

    html = _each(column, say)
    if len(column.members) > 1:
        words = _("Each given alone. Of all together these numbers say nothing.")
        return format_html("<p>{}</p>{}", words, html)
    return html


def _occurrence(row: tables.OccurrenceRow) -> tuple[str, SafeString]:
    """A share that would round to none is told in words: rare is not never."""
    words = f"{row.side_effect.name}: {row.how_common}"
    if row.whole_any:
        words = _("%(effect)s: %(number)s of 100 people") % {
            "effect": row.side_effect.name, "number": row.whole_any,
        }  # fmt: skip
    return words, _marks(row.source_numbers)


def _marks(numbers: list[int]) -> SafeString:
    return SafeString(component.draw("components/source_numbers.html", {"numbers": numbers}).strip())


def _approved(column: Column, reading: Reading) -> SafeString:
    """The cancers, each with the places where a use is current."""
    first, *others = column.members
    slugs = {member.entry.slug for member in others}
    rows = [row for row in first.uses if not slugs or slugs.issubset(row.drugs)]
    if not rows:
        return format_html("<p class='hint'>{}</p>", _("No record in the texts we read."))
    places: dict[str, set[str]] = {}
    for row in rows:
        places.setdefault(reading.entry("cancer", row.cancer.slug).name, set()).add(row.regulator)
    lines = format_html_join(
        "",
        "<li>{}: {}</li>",
        (
            (name, ", ".join(uses.place_of(one) for one in uses.REGULATORS if one in its))
            for name, its in sorted(places.items())
        ),
    )
    return format_html("<ul>{}</ul>", lines)
