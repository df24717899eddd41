"""The urgent signs as rules see them: the same from the files of a library and from its tables."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from content.text import prose

# The most urgent first.
LEVELS = ("emergency", "same_day", "next_visit")


@dataclass(frozen=True)
class KnownSign:
    """One sign: `urgency` and `gravest` go by treatment group."""

    key: str
    body_part: str
    lay: tuple[str, ...] = ()
    urgency: tuple[tuple[str, str], ...] = ()
    gravest: tuple[tuple[str, int], ...] = ()
    side_effects: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        return f"signs/{self.body_part}.toml"

    @cached_property
    def level_in(self) -> Mapping[str, str]:
        return dict(self.urgency)


@dataclass(frozen=True)
class SignList:
    """All of them, in their order."""

    signs: tuple[KnownSign, ...] = ()

    @cached_property
    def by_words(self) -> Mapping[str, tuple[KnownSign, ...]]:
        """Lay words, in plain letters, and the signs that share them."""
        found: dict[str, tuple[KnownSign, ...]] = {}
        for sign in self.signs:
            for words in dict.fromkeys(map(plain, sign.lay)):
                found[words] = (*found.get(words, ()), sign)
        return found

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return pattern_of(self.by_words)


def pattern_of(words: Collection[str]) -> re.Pattern[str]:
    """Words by their first letter, which no others can compete with: ten times as fast as one after the other."""
    if not words:
        return re.compile(r"(?P<no>)(?P<words>)(?!)")
    by_letter = "|".join(
        re.escape(letter) + _longest_first(one[1:] for one in alike)
        for letter, alike in groupby(sorted(words), key=lambda one: one[0])
    )
    return re.compile(
        rf"(?<!\w)(?P<no>(?:no|not|without|never) (?:an? |any |the )?)?(?P<words>{by_letter})(?!\w)"
    )


def _longest_first(words: Iterable[str]) -> str:
    return f"(?:{'|'.join(re.escape(one) for one in sorted(words, key=len, reverse=True))})"


def plain(text: str) -> str:
    """Small letters without citations, one kind of apostrophe, spaces for hyphens."""
    text = prose.plain(text).casefold().replace("\u2019", "'")
    return " ".join(re.sub(r"[-\u2010\u2011\u00a0]", " ", text).split())
