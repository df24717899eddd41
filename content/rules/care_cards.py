"""The same sign is as urgent on every care card as in signs.toml for whoever reads that card, or more so.

A card is its lines by level. A line is read by the treatment groups of its page, unless it names groups itself
("after CAR T-cells", "with chemotherapy"); those after "unless" it leaves out. A sign is known by its lay words.
What keeps milder words from being taken for graver ones:

* the longest words count: "mild chills" are not "chills", and "temperature of 37.5" is no "temperature";
* words that several signs share ("the runs") count as the mildest of them;
* what a line denies ("no fever", "without a cough") is no sign;
* a line about a sign that the team has already checked is about that alone;
* a line may be milder for most if a more urgent line on the same card names the group that is the exception.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import NamedTuple

from content import signs
from content.signs import LEVELS, Sign
from content.text import prose

Card = Mapping[str, Sequence[str]]  # level -> lines in Markdown


class TooMild(NamedTuple):
    """A sign that a line puts lower than its group needs."""

    level: str
    position: int  # of the line, within its level
    words: str
    needed: str
    groups: tuple[str, ...]


def too_mild(card: Card, readers: Collection[str]) -> Iterator[TooMild]:
    """Every sign a card for these treatment groups puts too low. No groups: what all groups agree on counts."""
    for level, position, line in _lines(card):
        groups = _groups_of(line, readers)
        for words in _signs_in(line):
            wrong = {
                group: needed
                for group, needed in _needed(words, groups).items()
                if _is_milder(level, needed) and not _is_an_exception(group, words, needed, card, readers)
            }
            if wrong:
                needed = min(wrong.values(), key=LEVELS.index)
                yield TooMild(
                    level, position, words, needed, tuple(group for group in signs.groups() if group in wrong)
                )


def _lines(card: Card) -> Iterator[tuple[str, int, str]]:
    for level in LEVELS:
        for position, line in enumerate(card.get(level, ())):
            yield level, position, _plain(line)


def _is_milder(level: str, needed: str) -> bool:
    return LEVELS.index(level) > LEVELS.index(needed)


def _is_an_exception(group: str, words: str, needed: str, card: Card, readers: Collection[str]) -> bool:
    """Is there a line, urgent enough, that has one of these signs and says that it is about this group?"""
    return any(
        not _is_milder(level, needed)
        and _names_groups(line)
        and group in _groups_of(line, readers)
        and any(_keys(words) & _keys(others) for others in _signs_in(line))
        for level, _position, line in _lines(card)
    )


# --- Urgency ----------------------------------------------------------------------------------------------


def _needed(words: str, groups: Collection[str]) -> dict[str, str]:
    """Group -> level; a card for no group in particular is held to what is as urgent in every group."""
    held = groups or signs.groups()
    needed = {
        group: max(levels, key=LEVELS.index)
        for group in held
        if (levels := [sign.urgency[group] for sign in _known_words()[words] if group in sign.urgency])
    }
    if groups:
        return needed
    return {"": max(needed.values(), key=LEVELS.index)} if len(needed) == len(held) else {}


# --- What a line is about ---------------------------------------------------------------------------------


def _groups_of(line: str, readers: Collection[str]) -> frozenset[str]:
    said, _, left_out = re.sub(r"\b(?:unless|except)\b", "\0", line).partition("\0")
    return frozenset((_named(said) or frozenset(readers)) - _named(left_out))


def _names_groups(line: str) -> bool:
    return bool(_named(line))


def _named(line: str) -> frozenset[str]:
    names = signs.names_of_groups()
    return frozenset(group for words in _found(_groups(), line) for group in names[words])


def _signs_in(line: str) -> list[str]:
    """The lay words a line holds, each once."""
    words = list(dict.fromkeys(_found(_signs(), line)))
    known = [one for one in words if signs.ALREADY_CHECKED in _keys(one)]
    return known or words


def _found(pattern: re.Pattern[str], line: str) -> Iterator[str]:
    return (match["words"] for match in pattern.finditer(line) if not match["no"])


def _keys(words: str) -> set[str]:
    return {sign.key for sign in _known_words()[words]}


@cache
def _known_words() -> dict[str, tuple[Sign, ...]]:
    found: dict[str, tuple[Sign, ...]] = {}
    for sign in signs.signs():
        for words in sign.lay:
            found[_plain(words)] = (*found.get(_plain(words), ()), sign)
    return found


@cache
def _groups() -> re.Pattern[str]:
    return _pattern(signs.names_of_groups())


@cache
def _signs() -> re.Pattern[str]:
    return _pattern(_known_words())


def _pattern(words: Collection[str]) -> re.Pattern[str]:
    """Words by their first letter, which no others can compete with: ten times as fast as one after the other."""
    by_letter = "|".join(
        re.escape(letter) + _longest_first(one[1:] for one in alike)
        for letter, alike in groupby(sorted(words), key=lambda one: one[0])
    )
    return re.compile(
        rf"(?<!\w)(?P<no>(?:no|not|without|never) (?:an? |any |the )?)?(?P<words>{by_letter})(?!\w)"
    )


def _longest_first(words: Iterable[str]) -> str:
    return f"(?:{'|'.join(re.escape(one) for one in sorted(words, key=len, reverse=True))})"


def _plain(text: str) -> str:
    """Small letters without citations, one kind of apostrophe, spaces for hyphens."""
    text = prose.plain(text).casefold().replace("\u2019", "'")
    return " ".join(re.sub(r"[-\u2010\u2011\u00a0]", " ", text).split())
