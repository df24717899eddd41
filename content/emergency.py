"""Which number to dial for an ambulance, by place: one reviewed table, `library/emergency_numbers.toml`."""

from __future__ import annotations

import datetime
import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import get_language_bidi, gettext

from content.text.dialing import tel

# Not of settings.LIBRARY: a copy of the library elsewhere must not take the numbers with it.
TABLE = Path(__file__).parent / "library" / "emergency_numbers.toml"


@dataclass(frozen=True)
class Dial:
    """One number to tap. Without digits in its line it is words alone."""

    number: str
    place: str  # in the reader's language
    words: str  # both, as a line of text says them

    @property
    def address(self) -> str:
        return tel(self.number)


@dataclass(frozen=True)
class Number:
    """A row of the table. `number` is dialed first; `also` reach an ambulance too. Place and source are English."""

    place: str
    number: str
    source: str
    url: str
    read_on: datetime.date
    also: list[str] = field(default_factory=list)
    countries: list[str] = field(default_factory=list)  # ISO 3166 codes

    @property
    def in_words(self) -> str:
        return gettext(self.place)

    @property
    def dials(self) -> list[Dial]:
        return [Dial(number, self.in_words, number) for number in (self.number, *self.also)]


NUMBERS = [Number(**row) for row in tomllib.loads(TABLE.read_text(encoding="utf-8"))["number"]]

_ROW_OF = {code: row for row in NUMBERS for code in row.countries}

_DIGITS = re.compile(r"\+?[0-9](?:[0-9 -]*[0-9])?")
_BETWEEN = re.compile(r"^[\s:,-]*(?:in |for )?(?:the )?|[\s:,-]+$")


def dials_in(country: str) -> list[Dial]:
    """The numbers of one country by its code; none where the table does not know it."""
    return _ROW_OF[country].dials if country in _ROW_OF else []


def dial_of(line: str) -> Dial:
    """A line of the site profile, "112 in the European Union", for whoever reads."""
    found = _DIGITS.search(line)
    if not found:
        return Dial("", "", in_readers_words(line))
    place = _BETWEEN.sub("", f"{line[: found.start()].rstrip()} {line[found.end() :].lstrip()}".strip())
    return Dial(found[0], gettext(place) if place else "", in_readers_words(line))


def in_readers_words(line: str) -> str:
    """A line we came with in the reader's language; one an editor typed as it is, in its own direction."""
    words = gettext(line) if line else ""
    return f"\u2068{words}\u2069" if get_language_bidi() else words
