"""Urgent signs: what a person notices, in their own words, and how fast to act in each treatment group.

Shapes: a sign's `lay` words are phrases as people type them, in small letters; `urgency` goes from a treatment
group ("car-t", "with-chemotherapy" ...) to a level. A group a sign does not name has no level of its own: such a
sign is not harmless, only not listed there. Source: library/signs.toml, read once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SIGNS = Path(__file__).parent / "library" / "signs.toml"

# The most urgent first.
LEVELS = ("emergency", "same_day", "next_visit")

# The sign of somebody whose team knows about another sign.
ALREADY_CHECKED = "checked-and-unchanged"


@dataclass(frozen=True)
class Sign:
    key: str
    words: str
    lay: tuple[str, ...]
    side_effects: tuple[str, ...]
    urgency: Mapping[str, str]


@cache
def groups() -> tuple[str, ...]:
    """The treatment groups, each with an urgency of its own for most signs."""
    return tuple(_read()["groups"])


def readers_of(kind: str, slug: str, therapy_class: str = "") -> tuple[str, ...]:
    """The groups a page speaks to. One about no treatment, or about one not listed, speaks to everybody."""
    if kind == "drug" and slug in _read()["medicines"]:
        return tuple(_read()["medicines"][slug])
    own_class = {"drug": therapy_class, "therapy": slug}.get(kind, "")
    return tuple(_read()["classes"].get(own_class, groups()))


@cache
def names_of_groups() -> dict[str, tuple[str, ...]]:
    """The words by which a text names groups, and which."""
    named: dict[str, tuple[str, ...]] = {}
    for group, names in _read()["names"].items():
        for name in names:
            named[name] = (*named.get(name, ()), group)
    return named


@cache
def signs() -> tuple[Sign, ...]:
    return tuple(_sign(row) for row in _read()["sign"])


def _sign(row: dict) -> Sign:
    level_for = dict(row["urgency"])
    if everywhere := level_for.pop("all", ""):
        level_for = {group: level_for.get(group, everywhere) for group in groups()}
    return Sign(row["key"], row["words"], tuple(row["lay"]), tuple(row["side_effects"]), level_for)


@cache
def _read() -> dict:
    return tomllib.loads(SIGNS.read_text(encoding="utf-8"))
