"""The same sign is as urgent on every care card as in the list of signs for whoever reads that card, or more so.

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
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from content.models.treatment_group import in_order
from content.rules.sign_list import LEVELS, KnownSign, SignList, pattern_of, plain

Card = Mapping[str, Sequence[str]]  # level -> lines in Markdown

# The sign of somebody whose team knows about another sign.
ALREADY_CHECKED = "checked-and-unchanged"

# How an English line names a treatment group, in small letters and without hyphens.
_NAMES: dict[str, tuple[str, ...]] = {
    "antibody-drug-conjugate": ("antibody drug conjugate", "antibody drug conjugates"),
    "anti-cd20-or-cd38": (
        "anti cd20", "anti cd38", "rituximab", "obinutuzumab", "daratumumab", "isatuximab",
    ),
    "bcg": ("bcg",),
    "bispecific": ("bispecific", "bispecific antibody", "bispecific antibodies"),
    "car-t": (
        "car t", "car t cells", "car t cell therapy", "cell therapy", "cell therapies", "other cells", "the cells",
    ),
    "checkpoint-inhibitor": ("checkpoint inhibitor", "checkpoint inhibitors"),
    "ctla-4": ("checkpoint inhibitor", "checkpoint inhibitors", "ctla 4", "ipilimumab", "tremelimumab"),
    "immunomodulatory-drug": ("immunomodulatory drug", "lenalidomide", "pomalidomide", "thalidomide", "iberdomide"),
    "interferon": ("interferon", "interferons"),
    "oncolytic-virus": ("t vec", "rp1", "virus put into the tumor", "oncolytic virus"),
    "tcr-bispecific": ("tebentafusp",),
    "til-il2": (
        "cell therapy", "cell therapies", "other cells", "til", "tumor infiltrating lymphocytes", "il 2",
        "aldesleukin",
    ),
    "with-chemotherapy": ("chemotherapy",),
}  # fmt: skip


class TooMild(NamedTuple):
    """A sign that a line puts lower than its group needs."""

    level: str
    position: int  # of the line, within its level
    words: str
    needed: str
    groups: tuple[str, ...]


class Repeated(NamedTuple):
    """A line that says what the list says."""

    level: str
    position: int
    signs: tuple[KnownSign, ...]


def too_mild(card: Card, readers: Collection[str], listed: SignList) -> Iterator[TooMild]:
    """Every sign a card for these treatment groups puts too low."""
    for level, position, line in _lines(card):
        groups = _groups_of(line, readers)
        for words in _signs_in(line, listed):
            wrong = {
                group: needed
                for group, needed in _needed(words, groups, listed).items()
                if _is_milder(level, needed)
                and not _is_an_exception(group, words, needed, card, readers, listed)
            }
            if wrong:
                needed = min(wrong.values(), key=LEVELS.index)
                yield TooMild(level, position, words, needed, in_order(wrong))


def repeated(card: Card, listed: SignList) -> Iterator[Repeated]:
    """Every line with a sign that the page shows by itself."""
    for level, position, line in _lines(card):
        signs = [sign for words in _signs_in(line, listed) for sign in listed.by_words[words]]
        if signs:
            yield Repeated(level, position, tuple(dict.fromkeys(signs)))


def _lines(card: Card) -> Iterator[tuple[str, int, str]]:
    for level in LEVELS:
        for position, line in enumerate(card.get(level, ())):
            yield level, position, plain(line)


def _is_milder(level: str, needed: str) -> bool:
    return LEVELS.index(level) > LEVELS.index(needed)


def _is_an_exception(
    group: str, words: str, needed: str, card: Card, readers: Collection[str], listed: SignList
) -> bool:
    """Is there a line, urgent enough, that has one of these signs and says that it is about this group?"""
    return any(
        not _is_milder(level, needed)
        and _names_groups(line)
        and group in _groups_of(line, readers)
        and any(_keys(words, listed) & _keys(others, listed) for others in _signs_in(line, listed))
        for level, _position, line in _lines(card)
    )


# --- Urgency ----------------------------------------------------------------------------------------------


def _needed(words: str, groups: Collection[str], listed: SignList) -> dict[str, str]:
    """Group -> level."""
    signs = listed.by_words[words]
    return {
        group: max(levels, key=LEVELS.index)
        for group in groups
        if (levels := [sign.level_in[group] for sign in signs if group in sign.level_in])
    }


# --- What a line is about ---------------------------------------------------------------------------------


def _groups_of(line: str, readers: Collection[str]) -> frozenset[str]:
    said, _, left_out = re.sub(r"\b(?:unless|except)\b", "\0", line).partition("\0")
    return frozenset((_named(said) or frozenset(readers)) - _named(left_out))


def _names_groups(line: str) -> bool:
    return bool(_named(line))


def _named(line: str) -> frozenset[str]:
    names = _groups_by_name()
    return frozenset(group for words in _found(_names(), line) for group in names[words])


def _signs_in(line: str, listed: SignList) -> list[str]:
    """The lay words a line holds, each once."""
    words = list(dict.fromkeys(_found(listed.pattern, line)))
    known = [one for one in words if ALREADY_CHECKED in _keys(one, listed)]
    return known or words


def _found(pattern: re.Pattern[str], line: str) -> Iterator[str]:
    return (match["words"] for match in pattern.finditer(line) if not match["no"])


def _keys(words: str, listed: SignList) -> set[str]:
    return {sign.key for sign in listed.by_words[words]}


@cache
def _groups_by_name() -> dict[str, tuple[str, ...]]:
    named: dict[str, tuple[str, ...]] = {}
    for group, names in _NAMES.items():
        for name in names:
            named[name] = (*named.get(name, ()), group)
    return named


@cache
def _names() -> re.Pattern[str]:
    return pattern_of(_groups_by_name())
