"""Urgent signs as whoever reads a page sees them: one list for all cards, by how fast to act.

    card(readers_of(content), language) -> Card
        .emergency, .same_day, .next_visit: tuples of SignLine, the gravest first
        .gravest: at most five of the emergencies
    card_of(content) -> Card of an entry's page: of a treatment, of the signs that point to a side effect, of anybody

Who reads is said in treatment groups (`Readers`). Where they disagree, a page about all of them at once takes the
stricter level; a page with readers of several kinds has the stricter line with its group named, the milder for the
others. A group that is not known is any group: the strictest level counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from django.db.models import prefetch_related_objects

from content import directory, edition
from content.models import (
    DrugContent,
    EntryContent,
    SideEffectContent,
    Sign,
    SignText,
    TherapyClassContent,
    TreatmentGroup,
)
from content.models.sign import GRAVEST
from content.models.treatment_group import ADDED, in_order

# The most urgent first.
LEVELS: tuple[str, ...] = tuple(Sign.Level.values)
_UNRANKED = GRAVEST + 1


@dataclass(frozen=True)
class Readers:
    """Who reads a card. Without `at_once`, each group stands for other readers; what is `ADDED` comes on top."""

    groups: tuple[str, ...]
    at_once: bool = False
    # Of a page about no treatment: the few signs that everybody must know, as urgent as in any group.
    without_treatment: bool = False


OF_ANY_TREATMENT = Readers(tuple(TreatmentGroup.values), at_once=True)
WITHOUT_TREATMENT = Readers(tuple(TreatmentGroup.values), at_once=True, without_treatment=True)


@dataclass(frozen=True)
class SignLine:
    """One line of a card: a sign, and for whom it is so urgent."""

    key: str
    words: str
    level: str
    qualifier: str  # "also with no fever", or empty
    when: str  # a sentence, or empty
    groups: tuple[str, ...]  # the line is about these readers alone; empty: about all
    rank: int | None  # 1 to 5 among the gravest signs of its groups
    sources: tuple[str, ...]  # keys, the main one first
    by_judgement: bool  # no text gives this level for one of its groups
    sign: Sign

    @property
    def for_whom(self) -> str:
        """ "if you also have chemotherapy", or an empty text."""
        return names_of(self.groups)

    @property
    def text(self) -> str:
        """The line in plain words: "A temperature of 38 °C or more, after CAR T-cells (even once)"."""
        said = f"{self.words}, {self.for_whom}" if self.groups else self.words
        return f"{said} ({self.qualifier})" if self.qualifier else said


@dataclass(frozen=True)
class Card:
    """The lines, the most urgent and gravest first."""

    lines: tuple[SignLine, ...]

    @property
    def emergency(self) -> tuple[SignLine, ...]:
        return self.at(Sign.Level.EMERGENCY)

    @property
    def same_day(self) -> tuple[SignLine, ...]:
        return self.at(Sign.Level.SAME_DAY)

    @property
    def next_visit(self) -> tuple[SignLine, ...]:
        return self.at(Sign.Level.NEXT_VISIT)

    @property
    def gravest(self) -> tuple[SignLine, ...]:
        """At most five emergencies; those of every reader before those of some.

        Of groups without ranks, those that everybody must know.
        """
        ranked = [line for line in self.emergency if line.rank]
        chosen = ranked or [line for line in self.emergency if line.sign.without_treatment]
        return tuple(sorted(chosen, key=lambda line: (bool(line.groups), _gravity(line)))[:GRAVEST])

    def at(self, level: str) -> tuple[SignLine, ...]:
        return tuple(line for line in self.lines if line.level == level)


def names_of(groups: Iterable[str]) -> str:
    """As a line names them: "after CAR T-cells, with a bispecific antibody"."""
    return ", ".join(str(TreatmentGroup(group).short) for group in groups)


# --- Who reads --------------------------------------------------------------------------------------------


def readers_of(content: EntryContent) -> Readers:
    """Those of a medicine or class, by its groups; of other pages, whoever comes."""
    if isinstance(content, DrugContent | TherapyClassContent):
        return readers(directory.groups_of(content))
    return WITHOUT_TREATMENT


def readers(groups: Collection[str], *, at_once: bool = False) -> Readers:
    """Of these groups; any treatment, if none is known."""
    return Readers(in_order(groups), at_once) if groups else OF_ANY_TREATMENT


# --- Cards ------------------------------------------------------------------------------------------------


def all_signs() -> list[Sign]:
    """Every approved sign with its words and sources, in the order of the list."""
    return edition.shared("signs", _read)


def _read() -> list[Sign]:
    """Two queries: a sign, its main source and its words come together."""
    texts = SignText.objects.filter(sign__state=Sign.State.APPROVED).select_related("sign__source")
    signs: dict[int, Sign] = {}
    words: dict[int, list[SignText]] = {}
    for text in texts.order_by():
        signs.setdefault(text.sign.pk, text.sign)
        words.setdefault(text.sign.pk, []).append(text)
    for pk, sign in signs.items():
        vars(sign)["_prefetched_objects_cache"] = {"texts": words[pk]}
    in_order = sorted(signs.values(), key=lambda sign: (sign.body_part, sign.first_id or sign.pk))
    prefetch_related_objects(in_order, "more_sources")
    return in_order


def card(who: Readers, language: str = "en") -> Card:
    """What these readers must know, by how fast to act."""

    def make() -> Card:
        return _card(line for sign in all_signs() for line in _lines(sign, who, language))

    return edition.shared(("card", who, language), make)


def card_of(content: EntryContent) -> Card:
    """That of an entry's page: a treatment's, the signs of a side effect, or what everybody must know."""
    if isinstance(content, SideEffectContent):
        return signs_of_side_effect(content.entry.slug, content.language)
    return card(readers_of(content), content.language)


def signs_of_side_effect(slug: str, language: str = "en") -> Card:
    """The signs that can point to it, whatever the treatment; where some groups must act faster, they are named."""
    return _card(
        line
        for sign in all_signs()
        if slug in sign.side_effects
        for line in _lines(sign, Readers(in_order(sign.urgency)), language)
    )


def _card(lines: Iterable[SignLine]) -> Card:
    return Card(tuple(sorted(lines, key=lambda line: (LEVELS.index(line.level), _gravity(line)))))


def _gravity(line: SignLine) -> tuple[int, int]:
    """The gravest first; of one rank, what is among the gravest in the most groups."""
    return line.rank or _UNRANKED, -len(line.sign.gravest)


def _lines(sign: Sign, who: Readers, language: str) -> Iterator[SignLine]:
    if who.without_treatment and not sign.without_treatment:
        return
    urgency = {group: level for group, level in sign.urgency.items() if group in who.groups}
    if not urgency:
        return
    line = partial(_line, sign, language)
    if who.at_once:
        level = min(urgency.values(), key=LEVELS.index)
        qualified = () if who.without_treatment else _at(level, urgency)
        yield line(level, of=_at(level, urgency), qualified=qualified, groups=())
        return
    own = [group for group in who.groups if group not in ADDED] or list(who.groups)
    for_all = _level_for_all(own, urgency)
    for level in LEVELS:
        held = [
            group
            for group in _at(level, urgency)
            if group in own or not for_all or LEVELS.index(level) < LEVELS.index(for_all)
        ]
        if held:
            yield line(level, of=held, qualified=held, groups=() if level == for_all else held)


def _level_for_all(own: Sequence[str], urgency: dict[str, str]) -> str:
    """The mildest, if the sign counts in each group; what is stricter is then said beside it, for whom."""
    if not all(group in urgency for group in own):
        return ""
    return max((urgency[group] for group in own), key=LEVELS.index)


def _at(level: str, urgency: dict[str, str]) -> list[str]:
    return [group for group in in_order(urgency) if urgency[group] == level]


def _line(
    sign: Sign,
    language: str,
    level: str,
    *,
    of: Collection[str],
    qualified: Collection[str],
    groups: Collection[str],
) -> SignLine:
    text = sign.text_in(language)
    ranks = [rank for group, rank in sign.gravest.items() if group in of]
    return SignLine(
        key=sign.key,
        words=text.words if text else sign.key,
        level=level,
        qualifier=_qualifier(text.qualifiers if text else {}, qualified),
        when=text.when if text else "",
        groups=tuple(groups),
        rank=min(ranks, default=None),
        sources=tuple(sign.source_keys),
        by_judgement=any(group in of for group in sign.judged),
        sign=sign,
    )


def _qualifier(said: dict[str, str], groups: Collection[str]) -> str:
    """What all of the groups add in the same words, or each with its name."""
    words = {group: said[group] for group in in_order(groups) if group in said}
    if len(words) == len(groups) and len(set(words.values())) == 1:
        return next(iter(words.values()))
    return "; ".join(f"{TreatmentGroup(group).short}: {text}" for group, text in words.items())
