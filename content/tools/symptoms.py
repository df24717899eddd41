"""Symptoms: what a reader notices -> how fast to act with their treatment, and which side effects can be behind it.

    answer(chosen(values, language), language, words) -> Answer
        .parts: every sign of the list, by part of the body
        .meant: the signs that own words tell of; None where no words were said

A lookup in the one list of signs. A treatment that nobody knows is any treatment: the strictest level counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from content import directory, edition
from content.models import SideEffectContent, TreatmentGroup
from content.models.treatment_group import ADDED
from content.page import care_cards, signs_shown, unchecked
from content.page.care_cards import CareCard
from content.page.reading import NumberedSource, Reading
from content.page.signs_shown import Card, Readers, SignLine
from content.search import described
from content.search.words import letters_of, may_be_mistyped, nearest, spelled
from content.text.hints import Words

NOT_SURE = "not-sure"
MOST = 3  # two medicines, and chemotherapy beside them
LONGEST_WORDS = 600
# Nobody who has only "any other treatment" is told from this list that a sign can wait.
KINDS = tuple(group for group in TreatmentGroup.values if group not in ADDED | {TreatmentGroup.OTHER.value})
_TOGETHER, _STEP = 8, 4  # search reads so many words of a question; longer ones are read piece by piece


class Unknown(Exception):
    """An address names what is neither a medicine nor a kind of treatment."""


@dataclass(frozen=True)
class Treatment:
    value: str
    name: Words
    groups: frozenset[str]
    is_kind: bool = False  # chosen without a name, as "a checkpoint inhibitor"; chemotherapy has no other


@dataclass(frozen=True)
class Part:
    """A part of the body: its signs by how fast to act, and what can be behind them."""

    code: str
    name: Words
    cards: list[CareCard]
    behind: list[directory.Listed]

    @property
    def open_cards(self) -> list[CareCard]:
        """What cannot wait is never folded."""
        return [card for card in self.cards if card.urgency == "emergency"]

    @property
    def folded_cards(self) -> list[CareCard]:
        return [card for card in self.cards if card.urgency != "emergency"]

    @property
    def number_folded(self) -> int:
        return sum(len(card.lines) for card in self.folded_cards)


@dataclass(frozen=True)
class Meant:
    """Nothing in `cards`: the words are not in the list. `of_others`: signs not listed for this treatment."""

    cards: list[CareCard]
    of_others: list[CareCard]
    behind: list[directory.Listed]


@dataclass(frozen=True)
class Answer:
    gravest: tuple[SignLine, ...]
    parts: list[Part]
    meant: Meant | None
    is_strictest: bool
    sources: list[NumberedSource]
    unchecked: list[str]


# --- Which treatment ---------------------------------------------------------------------------------------


def medicines(language: str) -> list[directory.Listed]:
    return edition.shared(("medicines to choose", language), lambda: directory.all_of("drug", language))


def kinds() -> list[tuple[str, Words]]:
    return [(group, TreatmentGroup(group).label) for group in KINDS]


def chosen(values: Iterable[str], language: str) -> list[Treatment]:
    """Each once. `Unknown` if one of them is not on the list, or there are more than a reader can choose."""
    once = [value for value in dict.fromkeys(values) if value]
    if len(once) > MOST:
        raise Unknown
    return [_treatment(value, language) for value in once if value != NOT_SURE]


def _treatment(value: str, language: str) -> Treatment:
    names = {one.slug: one.name for one in medicines(language)}
    is_group = value in KINDS or value in ADDED
    if not is_group and value not in names:
        raise Unknown
    of_medicine = directory.groups_of_medicines([value], language)
    name = names.get(value) or TreatmentGroup(value).label
    return Treatment(
        value, name, frozenset(of_medicine | ({value} if is_group else set())), is_kind=value in KINDS
    )


def readers(treatments: list[Treatment], language: str) -> Readers:
    """One medicine: as its own page. Several: the stricter of them. Chemotherapy alone, or one not known: any."""
    groups = {group for one in treatments for group in one.groups}
    if groups <= ADDED or not all(one.groups for one in treatments):
        return signs_shown.OF_ANY_TREATMENT
    # A kind of treatment may be any medicine of it.
    slugs = None if any(one.is_kind for one in treatments) else {one.value for one in treatments}
    if len(treatments) == 1 and slugs:
        return signs_shown.with_partners(groups, slugs, language)
    return signs_shown.readers(groups, at_once=len(treatments) > 1, medicines=slugs)


# --- What is shown -----------------------------------------------------------------------------------------


@edition.of_one_page()
def answer(treatments: list[Treatment], language: str, words: str | None = None) -> Answer:
    who = readers(treatments, language)
    card = signs_shown.card(who, language)
    strictest = signs_shown.card(signs_shown.OF_ANY_TREATMENT, language)
    reading = Reading(
        [],
        language=language,
        mentions={("side-effect", slug) for line in strictest.lines for slug in line.sign.side_effects},
        cited=care_cards.keys_of(strictest),
    )
    meant = None if words is None else _meant(words, card, strictest, reading)
    parts = [
        part
        for code, name in SideEffectContent.BodySystem.choices
        if (part := _part(code, name, card, reading))
    ]
    return Answer(
        card.gravest,
        parts,
        meant,
        who == signs_shown.OF_ANY_TREATMENT,
        reading.sources,
        unchecked.named({line.key: line.sign for line in card.lines}.values()),
    )


def _part(code: str, name: Words, card: Card, reading: Reading) -> Part | None:
    lines = tuple(line for line in card.lines if line.sign.body_part == code)
    return (
        Part(code, name, care_cards.cards(Card(lines), reading), _behind(lines, reading)) if lines else None
    )


def _behind(lines: Iterable[SignLine], reading: Reading) -> list[directory.Listed]:
    slugs = dict.fromkeys(slug for line in lines for slug in line.sign.side_effects)
    return [reading.entry("side-effect", slug) for slug in slugs]


def _meant(words: str, card: Card, strictest: Card, reading: Reading) -> Meant:
    """A sign that is not listed for this treatment is told as urgently as for any that has it: never as nothing."""
    keys = signs_told(words, reading.language)
    own = tuple(line for line in card.lines if line.key in keys)
    missing = keys - {line.key for line in own}
    others = tuple(line for line in strictest.lines if line.key in missing)
    return Meant(
        care_cards.cards(Card(own), reading),
        care_cards.cards(Card(others), reading),
        _behind((*own, *others), reading),
    )


# --- Own words ---------------------------------------------------------------------------------------------


def signs_told(text: str, language: str) -> set[str]:
    """The keys of the signs that somebody's words tell of, also mistyped; English words are known everywhere."""
    found: set[str] = set()
    for tried in dict.fromkeys((language, "en")):
        book = described.book(tried)
        known = edition.shared(("words of signs", tried), partial(_known_words, book))
        for piece in _pieces(" ".join(_mended(word, known) for word in text[:LONGEST_WORDS].split())):
            found |= {sign.key for sign in (*book.told(piece), *book.described(piece).signs)}
    return found


def _pieces(text: str) -> list[str]:
    words = text.split()
    return [" ".join(words[at : at + _TOGETHER]) for at in range(0, max(len(words) - _STEP, 1), _STEP)]


def _mended(typed: str, known: dict[str, int]) -> str:
    """A word that no sign has is taken for the nearest one that a sign has, if there is one near."""
    words = spelled(typed)
    if len(words) != 1 or words[0] in known or not may_be_mistyped(words[0]):
        return typed
    return nearest(words[0], list(known.items())) or typed


def _known_words(book: described.Book) -> dict[str, int]:
    return {word: letters_of(word) for sign in book.signs for phrase in sign.lay for word in spelled(phrase)}
