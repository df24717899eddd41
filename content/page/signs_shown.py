"""Urgent signs as whoever reads a page sees them: one list for all cards, by how fast to act.

    card(readers_of(content), language) -> Card
        .emergency, .same_day, .next_visit: tuples of SignLine, the gravest first
        .gravest: at most five of the emergencies
    card_of(content) -> Card of an entry's page: of a treatment, of the signs that point to a side effect, of anybody

Who reads is said in treatment groups (`Readers`). Where they disagree, a page about all of them at once takes the
stricter level. A page with readers of several kinds has a line for each level: the stricter one names its groups, the
milder is for the others; or, where most need the stricter one, that says for whom it does not hold, and the milder one
names them. A group that is not known is any group: the strictest level counts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from django.db.models import F
from django.utils.translation import gettext

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
_UNRANKED = 100
MOST_TOLD_APART = 3  # groups of readers of one page


@dataclass(frozen=True)
class Readers:
    """Who reads a card. Without `at_once`, each group stands for other readers; what is `ADDED` comes on top."""

    groups: tuple[str, ...]
    at_once: bool = False
    # Of a page about no treatment: the signs that everybody must know.
    without_treatment: bool = False

    @cached_property
    def own(self) -> tuple[str, ...]:
        return tuple(group for group in self.groups if group not in ADDED) or self.groups

    @cached_property
    def added(self) -> tuple[str, ...]:
        return tuple(group for group in self.groups if group not in self.own)


OF_ANY_TREATMENT = Readers(tuple(TreatmentGroup.values), at_once=True)
WITHOUT_TREATMENT = Readers(tuple(TreatmentGroup.values), without_treatment=True)


@dataclass(frozen=True)
class SignLine:
    """One line of a card: a sign, and for whom it is so urgent."""

    key: str
    words: str
    level: str
    qualifier: str  # "also with no fever", or empty
    when: str  # a sentence, or empty
    groups: tuple[str, ...]  # the line is about these readers alone; empty: about all
    unless: tuple[str, ...]  # but not about these, whom a milder line names
    rank: int | None  # 1 to 5 among the gravest signs of its groups
    sources: tuple[str, ...]  # keys, the main one first
    by_judgement: bool  # no text gives this level for one of its groups
    sign: Sign

    @property
    def for_whom(self) -> str:
        """ "if you also have chemotherapy", or an empty text."""
        if not self.unless:
            return names_of(self.groups)
        named = ", ".join(_label(group) for group in _without_special_cases(self.unless))
        return gettext("unless this is your only treatment: %(treatments)s") % {"treatments": named}

    @property
    def text(self) -> str:
        """The line in plain words: "A temperature of 38 °C or more, after CAR T-cells: even once"."""
        said = f"{self.words}, {self.for_whom}" if self.for_whom else self.words
        return f"{said}: {self.qualifier}" if self.qualifier else said


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
    """As a line names them: "after CAR T-cells, after BCG or with tebentafusp"."""
    *others, last = [str(TreatmentGroup(group).short) for group in _without_special_cases([*groups])] or [""]
    if not others:
        return last
    return gettext("%(others)s or %(last)s") % {"others": ", ".join(others), "last": last}


def _label(group: str) -> str:
    """Within a sentence."""
    label = str(TreatmentGroup(group).label)
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


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
    """Every approved sign with its words and sources, in the order of the list: asked once between two changes."""
    return edition.shared("signs", _read)


def _read() -> list[Sign]:
    """One query: a sign, its words and the keys of its sources come together."""
    texts = SignText.objects.filter(sign__state=Sign.State.APPROVED).select_related("sign")
    keys = {"main_key": F("sign__source__key"), "further_keys": Sign.objects.further_keys(of="sign")}
    signs: dict[int, Sign] = {}
    words: dict[int, list[SignText]] = {}
    for text in texts.order_by().annotate(**keys):
        signs.setdefault(text.sign.pk, text.sign)
        words.setdefault(text.sign.pk, []).append(text)
    for pk, sign in signs.items():
        vars(sign).update(
            {name: vars(words[pk][0])[name] for name in keys},
            _prefetched_objects_cache={"texts": words[pk]},
        )
    return sorted(signs.values(), key=lambda sign: (sign.body_part, sign.first_id or sign.pk))


def card(who: Readers, language: str = "en") -> Card:
    """What these readers must know, by how fast to act."""

    def make() -> Card:
        return _card(line for sign in all_signs() for line in _lines(sign, who, language))

    return edition.shared(("card", who, language), make)


def card_of(content: EntryContent) -> Card:
    """That of an entry's page: a treatment's, the signs of a side effect, or what everybody must know."""
    if isinstance(content, SideEffectContent):
        return signs_of_side_effect(content.entry.slug, content.language, also=content.signs)
    return card(readers_of(content), content.language)


def signs_of_side_effect(slug: str, language: str = "en", *, also: Collection[str] = ()) -> Card:
    """The signs that can point to it, whatever the treatment; where some groups must act faster, they are named.

    `also` are keys of further signs that cannot wait with it.
    """

    def make() -> Card:
        return _card(
            line
            for sign in all_signs()
            if slug in sign.side_effects or sign.key in also
            for line in _lines(sign, Readers(in_order(sign.urgency)), language)
        )

    return edition.shared(("signs of", slug, language, tuple(also)), make)


def _card(lines: Iterable[SignLine]) -> Card:
    return Card(tuple(sorted(lines, key=lambda line: (LEVELS.index(line.level), _gravity(line)))))


def _gravity(line: SignLine) -> tuple[int, int]:
    """The gravest first; of one rank, what is among the gravest in the most groups."""
    return line.rank or _UNRANKED, -len(line.sign.gravest)


def _lines(sign: Sign, who: Readers, language: str) -> Iterator[SignLine]:
    is_everybodys = sign.without_treatment or sign.urgency.get(TreatmentGroup.OTHER) == Sign.Level.EMERGENCY
    if who.without_treatment and not is_everybodys:
        return
    of_own = {group: level for group, level in sign.urgency.items() if group in who.own}
    of_added = {group: level for group, level in sign.urgency.items() if group in who.added}
    if who.at_once and (every := {*of_own.values(), *of_added.values()}):
        of_own = dict.fromkeys([*of_own, *of_added], min(every, key=LEVELS.index))
        of_added = {}
    levels = sorted({*of_own.values()} or {*of_added.values()}, key=LEVELS.index)
    if not levels:
        return
    strictest, mildest = levels[0], levels[-1]
    is_special = len(of_own) * 2 <= len(who.own)  # what few of them can have
    unless = _is_the_rule(of_own, mildest)
    for level in LEVELS:
        own, added = _at(level, of_own), _at(level, of_added)
        is_stricter = LEVELS.index(level) < LEVELS.index(mildest)
        if not own and not (added and (is_stricter or len(of_own) < len(who.own))):
            continue
        is_first = unless and level == strictest
        is_named = not is_first if unless else is_special or is_stricter
        yield _line(
            sign,
            who,
            language,
            level,
            of=[*own, *added],
            groups=[*own, *added] if is_named else (),
            unless=_at(mildest, of_own) if is_first else (),
        )


def _is_the_rule(of_own: dict[str, str], mildest: str) -> bool:
    """Whether it is shorter to name those for whom a sign is less urgent than most have it."""
    milder = _at(mildest, of_own)
    return len(of_own) - len(milder) > max(len(milder), 3)


def _at(level: str, urgency: dict[str, str]) -> list[str]:
    return [group for group in in_order(urgency) if urgency[group] == level]


def _line(
    sign: Sign,
    who: Readers,
    language: str,
    level: str,
    *,
    of: Collection[str],
    groups: Collection[str],
    unless: Collection[str] = (),
) -> SignLine:
    text = sign.text_in(language)
    own = [group for group in of if group in who.own] or list(of)
    # In a language of the site that the list is not translated into yet: what its catalog has for the English words.
    say = str if text and text.language == language else gettext
    said = {group: say(words) for group, words in text.qualifiers.items()} if text else {}
    if len(who.own) > MOST_TOLD_APART and level == LEVELS[0]:
        # An emergency is one for all: what it is like with one treatment is said on the pages of that.
        said = {group: words for group, words in said.items() if {said.get(one) for one in own} == {words}}
    return SignLine(
        key=sign.key,
        words=say(text.words) if text else sign.key,
        level=level,
        qualifier=_qualifier(said, of, own, groups),
        when=text.when if text else "",
        groups=tuple(groups),
        unless=tuple(unless),
        rank=_rank(sign, own, who),
        sources=tuple(sign.source_keys),
        by_judgement=any(group in of for group in sign.judged),
        sign=sign,
    )


def _rank(sign: Sign, own: Collection[str], who: Readers) -> int | None:
    """Without a treatment: the more groups it is among the gravest signs of, the graver."""
    if who.without_treatment:
        ranked = [group for group in sign.gravest if sign.urgency[group] == LEVELS[0]]
        return 1 + len(who.groups) - len(ranked) if sign.without_treatment else None
    return min((rank for group, rank in sign.gravest.items() if group in own), default=None)


def _qualifier(
    said: dict[str, str], of: Collection[str], own: Collection[str], named: Collection[str]
) -> str:
    """What all of these readers are to be told in the same words; or each group with its name."""
    by_words: dict[str, list[str]] = {}
    for group in in_order(of):
        if group in said:
            by_words.setdefault(said[group], []).append(group)
    readers = set(named) or set(_without_special_cases(own, said))
    return "; ".join(
        words if readers <= set(groups) else f"{names_of(groups)}: {words}"
        for words, groups in by_words.items()
    )


def _without_special_cases(groups: Collection[str], said: Collection[str] = ()) -> list[str]:
    """CTLA-4 inhibitors are checkpoint inhibitors: where both are meant, the wider name says it."""
    both = TreatmentGroup.CHECKPOINT_INHIBITOR in groups and TreatmentGroup.CTLA_4 not in said
    return [group for group in in_order(groups) if not (both and group == TreatmentGroup.CTLA_4)]
