"""What happens without a treatment, as far as trials compared it, and what else there is to choose from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from content import directory
from content.models import (
    DrugContent,
    EntryContent,
    Fact,
    Indication,
    Result,
    ResultOutcome,
    TherapyClassContent,
)
from content.page.reading import Reading
from content.page.results_shown import Line, result_shown

MOST_CANCERS = 4
COMFORT = (
    "asco-2024-palliative-care"  # says that care for comfort has its place beside and without other treatment
)


@dataclass(frozen=True)
class Both:
    """One thing that was counted in two groups: of 100 people, or in months."""

    what: str
    when: str
    in_months: bool
    without: str
    with_it: str


@dataclass(frozen=True)
class Compared:
    """One trial in which chance decided: how people fared without the treatment, and how with it."""

    population: str
    instead: str  # what they had without it: chemotherapy, placebo, surgery alone ...
    had_other_medicines: bool  # the harm told for "instead" is then theirs, not that of having nothing
    figures: list[Both]
    harm_not_read: bool
    source_numbers: list[int]

    @property
    def instead_briefly(self) -> str:
        """Without what stands in brackets, which has been said beside the population."""
        return re.sub(r" \([^)]*\)", "", self.instead)


@dataclass(frozen=True)
class Choices:
    """The reader's side of a decision. `has_more`: further such trials stand in the numbers above."""

    compared: Compared | None
    has_more: bool
    cancers: list[directory.Listed]
    comfort_numbers: list[int]


def sources_for(content: EntryContent) -> set[str]:
    """What the words of the section itself rest on."""
    return {COMFORT} if isinstance(content, DrugContent | TherapyClassContent) else set()


def choices(content: EntryContent, facts: Iterable[Fact], reading: Reading) -> Choices | None:
    """For a medicine or a group of them; nothing for other kinds of page."""
    if not isinstance(content, DrugContent | TherapyClassContent):
        return None
    facts = list(facts)
    rows = list(_compared(content, facts))
    return Choices(
        compared=_as_told(rows[0], reading) if rows else None,
        has_more=len(rows) > 1,
        cancers=_cancers(facts, reading),
        comfort_numbers=reading.numbers([COMFORT]),
    )


def _compared(content: DrugContent | TherapyClassContent, facts: Iterable[Fact]) -> Iterator[Result]:
    """Those with numbers whose first group had the treatment and whose last had not: first of all those against no
    other medicine; one cancer after the other."""
    own = (
        directory.medicines_of(content) if isinstance(content, TherapyClassContent) else {content.entry.slug}
    )
    rows = [fact for fact in facts if isinstance(fact, Result) and _tells_without(fact, own)]
    turns: dict[str, int] = {}
    placed = []
    for row in rows:
        turn = turns[row.cancer.slug] = turns.get(row.cancer.slug, -1) + 1
        placed.append((turn, row))
    yield from (row for _turn, row in sorted(placed, key=lambda one: (_had_other_medicines(one[1]), one[0])))


def _tells_without(row: Result, own: set[str]) -> bool:
    arms = row.arm_rows
    return (
        row.randomized
        and len(arms) > 1
        and bool(own & set(arms[0].medicines))
        and not own & set(arms[-1].medicines)
        and any(
            one.values or one.median_months
            for one in row.outcome_rows
            if one.kind == ResultOutcome.Kind.BENEFIT
        )
    )


def _had_other_medicines(row: Result) -> bool:
    return bool(row.arm_rows[-1].medicines)


def _as_told(row: Result, reading: Reading) -> Compared:
    shown = result_shown(row, reading)
    lines = [*shown.told, *filter(None, [shown.months]), *shown.lines]
    return Compared(
        population=shown.population,
        instead=shown.groups[-1].name,
        had_other_medicines=_had_other_medicines(row),
        figures=list(_figures(lines)),
        harm_not_read=all(line.kind != ResultOutcome.Kind.HARM for line in lines),
        source_numbers=shown.source_numbers,
    )


def _figures(lines: list[Line]) -> Iterator[Both]:
    """The first benefit, then the first harm: never one of them for want of the other's kind of number."""
    for kind in ResultOutcome.Kind.values:
        for line in [one for one in lines if one.kind == kind and one.values][:1]:
            (_first, with_it), (_last, without) = line.values[0], line.values[-1]
            yield Both(line.what, line.when, line.unit == "months", without, with_it)


def _cancers(facts: Iterable[Fact], reading: Reading) -> list[directory.Listed]:
    """Whose pages name the other choices: those it is approved for now and that have a page. None if they are many:
    the table of uses links to them all."""
    current = {fact.cancer.slug for fact in facts if isinstance(fact, Indication) and fact.is_current}
    listed = [one for slug in current if (one := reading.entry("cancer", slug)).url]
    return sorted(listed, key=lambda one: one.name) if len(listed) <= MOST_CANCERS else []
