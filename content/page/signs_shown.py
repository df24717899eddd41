"""Urgent signs as whoever reads a page sees them: one list for all cards, by how fast to act.

    card(readers_of(content), language) -> Card
        .emergency, .same_day, .next_visit: tuples of SignLine, the gravest first
        .gravest: at most five of the emergencies
    card_of(content) -> Card of an entry's page: of a treatment, of the signs that point to a side effect, of anybody

Who reads is said in treatment groups (`Readers`). Where they disagree, a page about all of them at once takes the
stricter level. A page with readers of several kinds has a sign once at each level that one of them needs. The stricter
line names whom it is for, and the milder one says for whom the sign is graver; or, where most need the stricter level,
both name those who may wait, if it is their only treatment. A group that is not known is any group: the strictest level
counts. A sign of particular medicines is told where one of them is, and names it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from django.db.models import F
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

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
from content.models.treatment_group import (
    ADDED,
    EVERY,
    NAMED_AFTER,
    NAMED_AFTER_CLASS,
    SAYS_LITTLE,
    in_order,
)

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# The most urgent first.
LEVELS: tuple[str, ...] = tuple(Sign.Level.values)
_UNRANKED = 100
MOST_TOLD_APART = 3  # groups of readers of one page
# How near a sign is to the side effect that a page is about: first of all its sign, also its sign, listed there.
_OWN, _ALSO, _LISTED = range(3)


@dataclass(frozen=True)
class Readers:
    """Who reads a card. Without `at_once`, each group stands for other readers; what is `added` comes on top."""

    groups: tuple[str, ...]
    at_once: bool = False
    # Of a page about no treatment: the signs that everybody must know.
    without_treatment: bool = False
    # Groups of medicines that are given together with these.
    beside: tuple[str, ...] = ()
    # Of those that signs name, the medicines these readers may have; None: any of them.
    medicines: frozenset[str] | None = None
    # Groups whose name would say more, or less, than the medicines of these readers: with their names.
    called: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @cached_property
    def own(self) -> tuple[str, ...]:
        return tuple(group for group in self.groups if group not in ADDED) or self.groups

    @cached_property
    def added(self) -> tuple[str, ...]:
        """Chemotherapy, and what partners in a regimen bring."""
        return in_order({*(group for group in self.groups if group in ADDED), *self.beside} - {*self.own})

    def medicines_of(self, sign: Sign) -> tuple[str, ...]:
        """Which of the medicines that a sign belongs to are meant here."""
        may_have = self.medicines
        return tuple(slug for slug in sign.medicines if may_have is None or slug in may_have)


OF_ANY_TREATMENT = Readers(EVERY, at_once=True)
WITHOUT_TREATMENT = Readers(EVERY, without_treatment=True)


@dataclass(frozen=True)
class SignLine:
    """One line of a card: a sign at one of its levels here, and for whom."""

    key: str
    words: str
    level: str
    for_whom: str  # "if you also have chemotherapy", or an empty text
    qualifier: str  # for all whom the line is for: "also with no fever", or empty
    when: str  # a sentence, or empty
    groups: tuple[str, ...]  # the level is for these readers; empty: for all
    graver: tuple[str, ...]  # sentences on those for whom it is more urgent, or empty
    added: tuple[str, ...]  # sentences for some of these readers alone
    rank: int | None  # 1 to 5 among the gravest signs of its groups; below 1: of its medicine
    sources: tuple[str, ...]  # keys, the main one first
    by_judgement: bool  # no text gives this level for one of its groups
    sign: Sign
    partners: tuple[str, ...] = ()  # groups of partners that alone make it urgent here, or empty
    nearness: int = _OWN

    @property
    def notes(self) -> tuple[str, ...]:
        return (*self.graver, *self.added)

    @property
    def is_named(self) -> bool:
        """By the page itself, before what is gravest in a group."""
        return bool(self.rank and self.rank < 1)

    @property
    def is_listed(self) -> bool:
        """Of a page about a side effect, which it does not point to."""
        return self.nearness == _LISTED

    @property
    def text(self) -> str:
        """The line in plain words: "A temperature of 38 °C or more, after CAR T-cells: even once"."""
        said = f"{self.words}, {self.for_whom}" if self.for_whom else self.words
        said = f"{said}: {self.qualifier}" if self.qualifier else said
        return ". ".join([said, *self.notes])


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
        """Five emergencies, or as many as the page names; those of every reader before those of some; and the gravest
        of all of some.

        Of groups without ranks, those that everybody must know.
        """
        ranked = [line for line in self.emergency if line.rank and not line.is_listed]
        chosen = ranked or [line for line in self.emergency if line.sign.without_treatment]
        most = max(GRAVEST, sum(line.is_named for line in chosen))
        gravest = sorted(chosen, key=lambda line: (bool(line.groups), _gravity(line)))[:most]
        of_some = [line for line in ranked if line.groups and line.rank == 1]
        return tuple(dict.fromkeys([*gravest, *of_some]))

    @property
    def own(self) -> Card:
        """Without the signs that a partner in a regimen brings, or makes more urgent than they are here without it."""
        return Card(tuple(line for line in self.lines if not line.partners))

    @property
    def partners(self) -> tuple[str, ...]:
        """The groups that do."""
        return in_order({group for line in self.lines for group in line.partners})

    def at(self, level: str) -> tuple[SignLine, ...]:
        return tuple(line for line in self.lines if line.level == level)

    def led_by(self, keys: Sequence[str]) -> Card:
        """With these signs first, in this order: a group has many medicines, and each its own dangers."""
        if not keys:
            return self
        ranks = {key: place - len(keys) for place, key in enumerate(keys)}  # before 1, the first of a group
        return _card(
            replace(line, rank=ranks[line.key], nearness=_OWN) if line.key in ranks else line
            for line in self.lines
        )


def noun_of(group: str) -> str:
    """Within a sentence: "a checkpoint inhibitor"."""
    return str(TreatmentGroup(group).noun)


def names_of(groups: Iterable[str], who: Readers | None = None) -> str:
    """As a line names them: "after CAR T-cells, after BCG or with tebentafusp"."""
    return joined([_short(group, who) for group in _without_special_cases([*groups])])


def _short(group: str, who: Readers | None) -> str:
    names = (dict(who.called) if who else {}).get(group, ())
    return _with(joined(names)) or str(TreatmentGroup(group).short)


def _beside(groups: Iterable[str], who: Readers) -> str:
    """What comes on top: "if you also have chemotherapy or BCG"."""
    treatments = _nouns(groups, who)
    return gettext("if you also have %(treatments)s") % {"treatments": treatments} if treatments else ""


def _nouns(groups: Iterable[str], who: Readers) -> str:
    """Within a sentence: "a checkpoint inhibitor, BCG or interferon"."""
    called = dict(who.called)
    named = (called.get(group) or (noun_of(group),) for group in _without_special_cases([*groups]))
    return joined([name for names in named for name in names])


def joined(names: Sequence[str]) -> str:
    *others, last = [name for name in names if name] or [""]
    if not others:
        return last
    return gettext("%(others)s or %(last)s") % {"others": ", ".join(others), "last": last}


# --- Who reads --------------------------------------------------------------------------------------------


def readers_of(content: EntryContent) -> Readers:
    """Those of a medicine or class, by its groups and those of its partners; of other pages, whoever comes."""
    match content:
        case DrugContent():
            slugs = {content.entry.slug}
        case TherapyClassContent():
            slugs = directory.medicines_of(content)
        case _:
            return WITHOUT_TREATMENT
    return with_partners(directory.groups_of(content), slugs, content.language)


def with_partners(groups: Collection[str], slugs: set[str], language: str) -> Readers:
    """Of these groups, with what the medicines are given together with."""
    partners = directory.partners_of(slugs)
    beside = directory.groups_of_medicines(partners, language) - {TreatmentGroup.OTHER} - ADDED
    return readers(groups, beside=beside, medicines=slugs | partners)


def readers(
    groups: Collection[str],
    *,
    at_once: bool = False,
    beside: Collection[str] = (),
    medicines: Collection[str] | None = None,
) -> Readers:
    """Of these groups; any treatment, if none is known. `medicines` are all that they may have; None: any."""
    if not groups:
        return OF_ANY_TREATMENT
    named = None if medicines is None else _named_by_signs() & {*medicines}  # others make no other card
    called = tuple(_called(medicines)) if medicines else ()
    return Readers(
        in_order(groups), at_once, beside=in_order({*beside} - {*groups}), medicines=named, called=called
    )


# How many names may stand for a group: few, where its own name says something at least.
_MOST_NAMES = 4
_MOST_INSTEAD = 2


def _called(medicines: Collection[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """A page names no medicine that it does not tell of, and says which the others are."""
    for group, slugs in directory.by_first_group(medicines, "en").items():
        if names := _instead_of(group, slugs):
            yield group, names


def _instead_of(group: str, slugs: Collection[str]) -> tuple[str, ...]:
    """Names for these medicines of a group; none where the group's own says whom it means."""
    if group in NAMED_AFTER_CLASS:
        unlike = sorted({*slugs} - directory.of_class(NAMED_AFTER_CLASS[group], slugs))
        like = (noun_of(group),) if 0 < len(unlike) < len(slugs) else ()
        return (*like, *_names(unlike))
    if group in SAYS_LITTLE:
        return _names(slugs) if len(slugs) <= _MOST_INSTEAD else ()
    is_unlike = group == TreatmentGroup.OTHER or not NAMED_AFTER.get(group, {*slugs}) <= {*slugs}
    return _names(slugs) if is_unlike and len(slugs) <= _MOST_NAMES else ()


def _names(slugs: Iterable[str]) -> tuple[str, ...]:
    return tuple(directory.within_sentence(directory.name_without_page("drug", slug)) for slug in slugs)


def _named_by_signs() -> frozenset[str]:
    return frozenset(slug for sign in all_signs() for slug in sign.medicines)


def _who_know(sign: Sign) -> Readers:
    """Those who must know a sign; of one that a single treatment has, all, so that the line names it."""
    return Readers(in_order(sign.urgency) if len(sign.urgency) > 1 else EVERY)


def is_everybodys(sign: Sign) -> bool:
    """Must all know it, whatever their treatment? What only "any other treatment" has, no words can name alone."""
    is_emergency = sign.urgency.get(TreatmentGroup.OTHER) == Sign.Level.EMERGENCY and len(sign.urgency) > 1
    return sign.without_treatment or is_emergency


def _is_of_a_cancer(sign: Sign) -> bool:
    """Comes from no treatment: told where the page of its cancer names it."""
    return not sign.side_effects and {*sign.urgency} == {TreatmentGroup.OTHER}


def urgency_of(content: SideEffectContent, signs: Iterable[Sign]) -> str:
    """The worst that it can be: what its page says, or one of all these signs that is on it, if that is more urgent."""
    order = SideEffectContent.Urgency.values  # in the order of `LEVELS`
    levels = {level for level, lines in content.act.items() if lines}
    slug = content.entry.slug
    for sign in signs:
        if slug in sign.side_effects or sign.key in content.signs:
            levels |= {*sign.urgency.values()}
    typed = [order.index(content.urgency)] if content.urgency else []  # a draft may say nothing yet
    ranks = [*typed, *map(LEVELS.index, levels)]
    return order[min(ranks)] if ranks else ""


def with_badges(language: str | None = None) -> list[SideEffectContent]:
    """All side effects with a page, each as urgent as its badge is to say: rows to show, not to save."""
    rows = list(SideEffectContent.objects.in_language(language))
    signs = all_signs()
    for row in rows:
        row.urgency = urgency_of(row, signs)
    return rows


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
    first = content.signs if isinstance(content, DrugContent) else ()
    return card(readers_of(content), content.language).led_by(first)


def signs_of_side_effect(slug: str, language: str = "en", *, also: Collection[str] = ()) -> Card:
    """The signs that can point to it, whatever the treatment; where some groups must act faster, they are named.

    `also` are keys of signs: those that point to it stand first, further ones that cannot wait with it below its own.
    """

    def make() -> Card:
        signs = [sign for sign in all_signs() if slug in sign.side_effects or sign.key in also]
        own = {sign.key for sign in signs if slug in sign.side_effects}
        card = _card(
            replace(line, nearness=_nearness(sign, slug))
            for sign in signs
            for line in _lines(sign, _who_know(sign), language)
        )
        return card.led_by([key for key in also if key in own])

    return edition.shared(("signs of", slug, language, tuple(also)), make)


def _nearness(sign: Sign, slug: str) -> int:
    if slug not in sign.side_effects:
        return _LISTED
    return _OWN if sign.side_effects[0] == slug else _ALSO


def _card(lines: Iterable[SignLine]) -> Card:
    return Card(tuple(sorted(lines, key=lambda line: (LEVELS.index(line.level), _gravity(line)))))


def _gravity(line: SignLine) -> tuple[int, int, int]:
    """What a page is about, then the gravest first; of one rank, what is among the gravest in the most groups."""
    return line.nearness, line.rank or _UNRANKED, -len(line.sign.gravest)


@dataclass(frozen=True)
class _Step:
    """One level of a sign on a page, and who is to act so fast."""

    level: str
    own: tuple[str, ...]
    added: tuple[str, ...]
    who: Readers

    @property
    def groups(self) -> tuple[str, ...]:
        return (*self.own, *self.added)

    @property
    def names(self) -> str:
        own = [_short(group, self.who) for group in _without_special_cases(self.own)]
        return joined([*own, _beside(self.added, self.who)])


def _lines(sign: Sign, who: Readers, language: str) -> Iterator[SignLine]:
    """One at each level, the strictest first. None, if these readers need not know it."""
    if who.without_treatment and not is_everybodys(sign):
        return
    if sign.medicines and not who.medicines_of(sign):
        return
    if _is_of_a_cancer(sign) and who.medicines is not None:
        return
    of_own = {group: level for group, level in sign.urgency.items() if group in who.own}
    of_added = {group: level for group, level in sign.urgency.items() if group in who.added}
    if who.at_once and (every := {*of_own.values(), *of_added.values()}):
        of_own = dict.fromkeys([*of_own, *of_added], min(every, key=LEVELS.index))
        of_added = {}
    are_few = len(of_own) * 2 <= len(who.own)  # who can have it
    for step, whom in _whom(list(_steps(of_own, of_added, who)), are_few=are_few):
        yield _told(sign, who, language, step, whom)


def _steps(of_own: dict[str, str], of_added: dict[str, str], who: Readers) -> Iterator[_Step]:
    """The strictest first. What comes on top counts where it is stricter than what readers have anyway, or where
    some of them would not know the sign without it."""
    mildest = max(of_own.values(), key=LEVELS.index, default=LEVELS[-1])
    for level in LEVELS:
        own, added = _at(level, of_own), _at(level, of_added)
        counts = LEVELS.index(level) < LEVELS.index(mildest) or len(of_own) < len(who.own)
        if own or (added and counts):
            yield _Step(level, own, added, who)


def _at(level: str, urgency: dict[str, str]) -> tuple[str, ...]:
    return tuple(group for group in in_order(urgency) if urgency[group] == level)


@dataclass(frozen=True)
class _Whom:
    """Whom a line is for, in words; nothing of it is said where it is for every reader."""

    words: str = ""
    groups: tuple[str, ...] = ()
    graver: tuple[str, ...] = ()


def _whom(steps: list[_Step], *, are_few: bool) -> Iterator[tuple[_Step, _Whom]]:
    """Where most need the strictest level, those who may wait are named; else whoever may not."""
    if not steps:
        return
    first, *rest = steps
    may_wait = [group for step in rest for group in step.own]
    if may_wait and len(first.own) > max(len(may_wait), _FEW):
        yield first, _Whom(_alone(_("unless your only treatment is %(treatments)s"), may_wait, first.who))
        for step in rest:
            if words := _alone(_("if your only treatment is %(treatments)s"), step.own, step.who):
                yield step, _Whom(words, step.own)
        return
    is_for_all = bool(first.own) and not may_wait and not are_few
    yield first, _Whom() if is_for_all else _Whom(first.names, first.groups)
    # Where the first line is for everybody, what comes on top makes nothing milder.
    milder = [step for step in rest if step.own or not is_for_all]
    for place, step in enumerate(milder):
        graver = tuple(str(_GRAVER[one.level]) % {"whom": one.names} for one in [first, *milder[:place]])
        are_some = bool(step.added) or len(step.own) * 2 > len(first.own)
        is_rest = not are_few and step is milder[-1] and are_some
        yield step, _Whom(graver=graver) if is_rest else _Whom(step.names, step.groups, graver)


def _alone(sentence: StrOrPromise, groups: Iterable[str], who: Readers) -> str:
    """Empty, if no words can name them."""
    treatments = _nouns(groups, who)
    return str(sentence) % {"treatments": treatments} if treatments else ""


def _told(sign: Sign, who: Readers, language: str, step: _Step, whom: _Whom) -> SignLine:
    text = sign.text_in(language)
    words, said = words_of(sign, language)
    qualifier, of_some = _added(step, said, who, whom.groups)
    return SignLine(
        key=sign.key,
        words=words,
        level=step.level,
        for_whom=_with(joined(_names(who.medicines_of(sign)))) or whom.words,
        qualifier=qualifier,
        when=text.when if text else "",
        groups=whom.groups,
        graver=whom.graver,
        added=tuple(of_some),
        rank=_rank(sign, step, who),
        sources=tuple(sign.source_keys),
        by_judgement=any(group in step.groups for group in sign.judged),
        sign=sign,
        partners=step.added if not step.own and {*step.added} <= {*who.beside} else (),
    )


def words_of(sign: Sign, language: str) -> tuple[str, dict[str, str]]:
    """What is noticed, and what is added for some groups."""
    text = sign.text_in(language)
    if not text:
        return sign.key, {}
    # In a language of the site that the list is not translated into yet: what its catalog has for the English words.
    say = str if text.language == language else gettext
    return say(text.words), {group: say(words) for group, words in text.qualifiers.items()}


def added_for(said: dict[str, str], groups: Collection[str], who: Readers | None = None) -> Iterator[str]:
    """A sentence for each group, or for several that are told the same."""
    for words, alike in _by_words(said, groups).items():
        yield f"{_capital(names_of(alike, who))}: {words}"


def _with(medicines: str) -> str:
    return gettext("with %(medicines)s") % {"medicines": medicines} if medicines else ""


def _of_one_for_all(said: dict[str, str], own: Collection[str], who: Readers) -> dict[str, str]:
    """An emergency is one for all, as is what everybody must know: what it is like with one treatment is said on the
    pages of that."""
    if len(who.own) <= MOST_TOLD_APART:
        return said
    return {group: words for group, words in said.items() if {said.get(one) for one in own} == {words}}


def _added(step: _Step, said: dict[str, str], who: Readers, named: Collection[str]) -> tuple[str, list[str]]:
    """What is added for all whom the line is for, and sentences for some. Partners' words only where it is about
    them alone."""
    own = step.own or step.groups
    if step.level == LEVELS[0] or who.without_treatment:
        said = _of_one_for_all(said, own, who)
    speak = [group for group in step.groups if not step.own or group not in who.beside]
    by_words = _by_words(said, speak)
    everyone = {*named} or {*_without_special_cases(own, said)}
    shared = [words for words, groups in by_words.items() if everyone <= {*groups}]
    some = [group for group in speak if said.get(group) not in (None, *shared)]
    return "; ".join(shared), [*added_for(said, some, who)]


_FEW = 3  # Who may wait is named rather than who may not, if those are more than so many.
_GRAVER = {
    Sign.Level.EMERGENCY.value: _("An emergency %(whom)s"),
    Sign.Level.SAME_DAY.value: _("Call your team today, day or night, %(whom)s"),
}


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _rank(sign: Sign, step: _Step, who: Readers) -> int | None:
    """Of emergencies without a treatment: the more groups it is among the gravest signs of, the graver."""
    if who.without_treatment and step.level == LEVELS[0]:
        ranked = [group for group in sign.gravest if sign.urgency[group] == LEVELS[0]]
        return 1 + len(who.groups) - len(ranked) if sign.without_treatment else None
    return min(
        (rank for group, rank in sign.gravest.items() if group in (step.own or step.groups)), default=None
    )


def _by_words(said: dict[str, str], of: Collection[str]) -> dict[str, list[str]]:
    """What is added -> the groups it is added for."""
    by_words: dict[str, list[str]] = {}
    for group in in_order(of):
        if group in said:
            by_words.setdefault(said[group], []).append(group)
    return by_words


def _without_special_cases(groups: Collection[str], said: Collection[str] = ()) -> list[str]:
    """CTLA-4 inhibitors are checkpoint inhibitors: where both are meant, the wider name says it."""
    both = TreatmentGroup.CHECKPOINT_INHIBITOR in groups and TreatmentGroup.CTLA_4 not in said
    return [group for group in in_order(groups) if not (both and group == TreatmentGroup.CTLA_4)]
