"""Care cards as a reader finds them on a page: which sign, how fast to act, and for whom."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from content.models import Sign, TreatmentGroup
from content.page.signs_shown import LEVELS, names_of

_CARD = re.compile(r'class="care-card care-(\w+)">(.*?)(?=class="care-card|class="act-note)', re.DOTALL)
_LINE = re.compile(r"<li>(.*?)</li>", re.DOTALL)
_FOR_WHOM = re.compile(r"<strong>(unless[^<]*|(?:with|after|if) [^<]*)</strong>")
ALL = frozenset(TreatmentGroup.values)


@dataclass(frozen=True)
class Told:
    """One line of a card."""

    level: str
    text: str
    groups: frozenset[str]
    is_of_most: bool  # names nobody, or those for whom it does not hold


def told_on(page: str) -> list[Told]:
    return [
        Told(
            level,
            html.unescape(re.sub(r"<[^>]*>", "", line)).strip(),
            _groups(line),
            not (found := _FOR_WHOM.search(html.unescape(line))) or found[1].startswith("unless"),
        )
        for level, card in _CARD.findall(page)
        for line in _LINE.findall(card)
    ]


def level_for(group: str, sign: Sign, told: list[Told]) -> str | None:
    """The most urgent line about this sign that speaks to this group."""
    words = sign.text_in("en").words
    levels = [line.level for line in told if _is_about(line.text, words) and group in line.groups]
    return min(levels, key=LEVELS.index, default=None)


def level_of_most(sign: Sign, told: list[Told]) -> str | None:
    """Of the line for all, or for all who have not one treatment alone: whoever has chemotherapy on top reads it."""
    words = sign.text_in("en").words
    levels = [line.level for line in told if line.is_of_most and _is_about(line.text, words)]
    return min(levels, key=LEVELS.index, default=None)


def _is_about(line: str, words: str) -> bool:
    return line.startswith(words) and line[len(words) :][:1] in ("", ",", ":")


def _groups(line: str) -> frozenset[str]:
    found = _FOR_WHOM.search(html.unescape(line))
    if not found:
        return ALL
    if found[1].startswith("unless"):
        return ALL - frozenset(_named(found[1].casefold(), "label"))
    return frozenset(_named(found[1], "short"))


def _named(text: str, by: str) -> Iterator[str]:
    for group in TreatmentGroup:
        name = names_of([group]) if by == "short" else str(group.label).casefold()
        # Who names checkpoint inhibitors means CTLA-4 inhibitors too.
        wider = by_name(TreatmentGroup.CHECKPOINT_INHIBITOR, by) if group == TreatmentGroup.CTLA_4 else name
        if name in text or wider in text:
            yield group.value


def by_name(group: TreatmentGroup, by: str) -> str:
    return str(group.short) if by == "short" else str(group.label).casefold()
