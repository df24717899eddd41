"""How fast to act at which temperature, treatment by treatment: a table made of the signs about temperature."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from content.models import EntryContent, SideEffectContent, Sign, TreatmentGroup
from content.models.treatment_group import EVERY
from content.page import signs_shown
from content.page.reading import Reading
from content.page.signs_shown import LEVELS

# Told of every treatment: where it says nothing, 38 °C alone is an emergency.
WHILE_CALMED = "fever-on-immune-calming-medicine"
# Rising, as they stand in the table.
SIGNS = ("low-temperature", "temperature-37-5", "fever-38", WHILE_CALMED, "fever-38-5-after-bcg")
FEVER = "fever"  # the side effect on whose page it stands


@dataclass(frozen=True)
class Step:
    words: str  # "A temperature of 38 °C (100.4 °F) or more"
    level: str
    added: tuple[str, ...]  # sentences for some of these treatments


@dataclass(frozen=True)
class Treated:
    """People who must act alike at every temperature."""

    treatments: tuple[str, ...]  # empty: whatever the treatment
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Temperatures:
    rows: tuple[Treated, ...]  # the strictest first
    source_numbers: list[int]


def is_about_fever(content: EntryContent) -> bool:
    return isinstance(content, SideEffectContent) and content.entry.slug == FEVER


def of_page(content: EntryContent, reading: Reading) -> Temperatures | None:
    """Of the page about fever."""
    if not is_about_fever(content):
        return None
    known = {sign.key: sign for sign in signs_shown.all_signs()}
    signs = [known[key] for key in SIGNS if key in known]
    numbers = reading.numbers([key for sign in signs for key in sign.source_keys[:1]])
    return Temperatures(tuple(_rows(signs, content.language)), sorted(set(numbers))) if signs else None


def _rows(signs: list[Sign], language: str) -> Iterator[Treated]:
    for_all = [sign for sign in signs if sign.key == WHILE_CALMED or _is_alike_for_all(sign)]
    alike: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for group in EVERY:
        levels = tuple(
            (sign.key, _level(sign, group)) for sign in signs if group in sign.urgency and sign not in for_all
        )
        if levels:
            alike.setdefault(levels, []).append(group)
    by_key = {sign.key: sign for sign in signs}
    for levels in sorted(alike, key=_strictness):
        groups = alike[levels]
        names = tuple(str(TreatmentGroup(group).label) for group in groups)
        yield Treated(names, tuple(_step(by_key[key], level, groups, language) for key, level in levels))
    if for_all:
        yield Treated(
            (), tuple(_step(sign, next(iter(sign.urgency.values())), [], language) for sign in for_all)
        )


def _level(sign: Sign, group: str) -> str:
    """Nobody whose treatment has no name here is told that a temperature can wait: no box says so either."""
    return LEVELS[0] if group == TreatmentGroup.OTHER else sign.urgency[group]


def _is_alike_for_all(sign: Sign) -> bool:
    return len({*sign.urgency.values()}) == 1 and {*sign.urgency} >= {*EVERY}


def _strictness(levels: tuple[tuple[str, str], ...]) -> tuple[int, int]:
    """By the level at 38 °C, which everybody knows; then by how many temperatures need a call."""
    return LEVELS.index(dict(levels).get("fever-38", LEVELS[-1])), -len(levels)


def _step(sign: Sign, level: str, groups: list[str], language: str) -> Step:
    words, said = signs_shown.words_of(sign, language)
    return Step(words, level, tuple(signs_shown.added_for(said, groups)) if level != LEVELS[0] else ())
