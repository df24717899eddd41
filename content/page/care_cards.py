"""Care cards as a page shows them: the signs of its readers and its own lines, the gravest open, the rest folded."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from content import directory, edition
from content.models import SideEffectContent
from content.page import signs_shown
from content.page.folds import number_open
from content.page.pointers import followed
from content.page.reading import Reading
from content.page.signs_shown import LEVELS, Card, SignLine
from content.text import prose

# How many signs of a card stand open.
OPEN = {"emergency": 5, "same_day": 4, "next_visit": 0}
_LONG = 12  # From so many on, a list of all signs has headings.


@dataclass(frozen=True)
class Line:
    """One line of a card."""

    words: str | SafeString
    for_whom: str = ""  # where that is not everybody who reads the page
    qualifier: str = ""
    notes: tuple[str, ...] = ()  # sentences: for whom it is more urgent, and what is added for some
    is_above: bool = False  # in the boxes at the top: paper does not say it twice
    is_elsewhere: bool = False  # on the page of the partner that brings it: paper leaves it there
    body_part: str = ""  # empty: a line of the page's own
    is_named: bool = False  # by the page: of a cancer, it holds with any treatment and with none

    @property
    def is_off_paper(self) -> bool:
        return self.is_above or self.is_elsewhere


@dataclass(frozen=True)
class OfPart:
    """What is noticed at one part of the body."""

    name: str
    lines: list[Line]

    @property
    def is_off_paper(self) -> bool:
        return all(line.is_off_paper for line in self.lines)


@dataclass(frozen=True)
class CareCard:
    """What needs the same help, the gravest first. The sources are those of all its lines, by number on the page."""

    urgency: str
    lines: list[Line]
    source_numbers: list[int]
    most_open: int
    for_treated: bool = False  # what the page does not name comes from the treatments of its cancer

    @property
    def open(self) -> list[Line]:
        return self.lines[: number_open(len(self.lines), self.most_open)]

    @property
    def folded(self) -> list[Line]:
        return self.lines[number_open(len(self.lines), self.most_open) :]

    @property
    def is_off_paper(self) -> bool:
        return all(line.is_off_paper for line in self.lines)

    @property
    def leaves_some(self) -> bool:
        return any(line.is_elsewhere for line in self.lines)

    @property
    def by_part(self) -> list[OfPart]:
        """A long list by parts of the body, that with the gravest sign first; of a short one a single nameless part."""
        if len(self.lines) < _LONG:
            return [OfPart("", self.lines)]
        parts: dict[str, list[Line]] = {}
        for line in self.lines:
            parts.setdefault(line.body_part, []).append(line)
        return [OfPart(_name_of_part(part), lines) for part, lines in parts.items()]

    def below(self, above: Iterable[CareCard]) -> CareCard:
        """With those of its lines marked that stand above."""
        told = [line for card in above if card.urgency == self.urgency for line in card.lines]
        return replace(self, lines=[replace(line, is_above=line in told) for line in self.lines])


def at_top(card: Card, reading: Reading, *, for_treated: bool = False) -> list[CareCard]:
    """The gravest signs alone: what somebody must see before reading anything. The whole list stands further down.
    The first box says whom it is for, if these are signs of treatments that not all of its readers have."""
    told = _told(card)
    card = card.own  # of what partners bring, a line below the cards leads to its page
    first = {level: _gravest_first(card, level)[: _number_open(card, level)] for level in LEVELS[:2]}
    made = [_card(level, signs, reading, (), len(signs), told) for level, signs in first.items() if signs]
    return [replace(one, for_treated=for_treated and one.urgency == LEVELS[0]) for one in made]


@dataclass(frozen=True)
class Partner:
    """A kind of treatment that many have beside this one: "a checkpoint inhibitor", and where its signs stand."""

    noun: str
    url: str


def partners_of(card: Card, language: str) -> list[Partner]:
    """Whose signs the top of a page does not tell. Of two groups on one page the first names it; of a group without a
    page the whole list further down has the signs."""
    by_page: dict[str, Partner] = {}
    for group in card.partners:
        url = directory.address_with_signs_of(group, language)
        by_page.setdefault(url or group, Partner(signs_shown.noun_of(group), url or "#all-signs"))
    return [*by_page.values()]


def cards(
    card: Card,
    reading: Reading,
    own: Mapping[str, Sequence[str]] | None = None,
    *,
    briefly: Collection[str] = (),
) -> list[CareCard]:
    """The cards that have lines, the most urgent first. `own` are lines in Markdown by level: below the signs.
    `briefly` are keys of signs of which the page says beside the cards what is added for some."""
    made = [
        _card(
            level,
            _gravest_first(card, level),
            reading,
            (own or {}).get(level, ()),
            _number_open(card, level),
            _told(card),
            briefly,
        )
        for level in LEVELS
    ]
    return [one for one in made if one.lines]


def _number_open(card: Card, level: str) -> int:
    return max(OPEN[level], len(card.gravest)) if level == LEVELS[0] else OPEN[level]


def _card(
    level: str,
    signs: Iterable[SignLine],
    reading: Reading,
    own: Sequence[str],
    most_open: int,
    told: Mapping[str, str],
    briefly: Collection[str] = (),
) -> CareCard:
    lines: list[Line] = []
    keys: list[str] = []
    for sign in signs:
        line = _pointing(_line(sign, briefly=sign.key in briefly), told)
        lines.append(replace(line, is_elsewhere=_is_elsewhere(sign, reading.language)))
        keys += _sources_of(sign, reading.cited_in_texts, keys)
    for text in own:
        lines.append(Line(reading.line(prose.without_citations(text))))
        keys += prose.citation_keys(text)
    return CareCard(level, lines, sorted(set(reading.numbers(keys))), most_open)


def for_everybody(language: str, *, most_open: int) -> list[CareCard]:
    """Of somebody whose treatment nobody knows: what most must act on at once, and for whom a call is enough."""
    at_once = _everybodys(language)
    keys = {sign.key for sign in at_once}
    today = [sign for sign in _gravest_first(_known_to_all(language), LEVELS[1]) if sign.key in keys]
    lines = {LEVELS[0]: [*map(_line, at_once)], LEVELS[1]: [*map(_line, today)]}
    return [CareCard(level, of_level, [], most_open) for level, of_level in lines.items() if of_level]


def gravest(language: str) -> list[Line]:
    """What hardly anybody may wait with."""

    def make() -> list[Line]:
        return [_line(sign) for sign in _everybodys(language)[: OPEN[LEVELS[0]]]]

    return edition.shared(("gravest", language), make)


def _everybodys(language: str) -> list[SignLine]:
    card = _known_to_all(language)
    return [
        line for line in _gravest_first(card, LEVELS[0]) if line.sign.without_treatment and not line.groups
    ]


def _known_to_all(language: str) -> Card:
    return signs_shown.card(signs_shown.WITHOUT_TREATMENT, language)


def _line(sign: SignLine, *, briefly: bool = False) -> Line:
    notes = sign.graver if briefly else sign.notes
    return Line(
        sign.words,
        sign.for_whom,
        sign.qualifier,
        notes,
        body_part=sign.sign.body_part,
        is_named=sign.is_named,
    )


def _is_elsewhere(sign: SignLine, language: str) -> bool:
    """Whether partners alone bring it, and each of them has a page with its signs."""
    pages = [directory.address_with_signs_of(group, language) for group in sign.partners]
    return bool(pages) and all(pages)


def _name_of_part(part: str) -> str:
    return str(SideEffectContent.BodySystem(part).label) if part else gettext("Other signs")


def _told(card: Card) -> dict[str, str]:
    return {line.key: line.words for line in card.lines}


def _pointing(line: Line, told: Mapping[str, str]) -> Line:
    notes = tuple(followed(note, told) for note in line.notes)
    return replace(line, qualifier=followed(line.qualifier, told), notes=notes)


def _gravest_first(card: Card, level: str) -> list[SignLine]:
    """Those with a rank; what holds for every reader before what holds for some; what is merely listed last."""
    lines = card.at(level)
    first = card.gravest if level == LEVELS[0] else sorted(filter(_rank, lines), key=_is_for_some)
    return [*first, *(line for line in lines if line not in first)]


def _rank(line: SignLine) -> int:
    return 0 if line.is_listed else line.rank or 0


def _is_for_some(line: SignLine) -> bool:
    return bool(line.groups)


def _sources_of(sign: SignLine, in_texts: Collection[str], so_far: Collection[str]) -> list[str]:
    """A sign has many sources, of every treatment there is. A page names those that its texts cite, which are about
    its own treatment; else one that the card names already; else the main one."""
    cited = [key for key in sign.sources if key in in_texts]
    return cited or [key for key in sign.sources if key in so_far][:1] or list(sign.sources[:1])


def keys_of(card: Card) -> set[str]:
    """What the signs of a card may cite beside the sources of the page's texts."""
    return {key for line in card.lines for key in line.sources[:1]}
