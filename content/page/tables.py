"""The parts of entry pages that nobody types: tables and lists built from facts."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.utils.safestring import SafeString
from django.utils.translation import gettext

from content import directory, edition
from content.models import (
    CancerTypeContent,
    DrugContent,
    EntryContent,
    Fact,
    Indication,
    Question,
    Result,
    SideEffectContent,
    SideEffectOccurrence,
    Source,
    TherapyClassContent,
)
from content.models.base import FIND_HELP
from content.page import facts_shown
from content.page.choices import Choices, choices
from content.page.folds import number_open
from content.page.labels import label
from content.page.reading import Reading
from content.page.results_shown import results
from content.page.signs_shown import all_signs, urgency_of
from content.page.uses import Uses, together_with, uses_of
from content.text import prose

# --- What the components get ---------------------------------------------------------------------------------


def _uses(content: EntryContent, facts: Iterable[Fact], reading: Reading) -> Uses | None:
    rows = [fact for fact in facts if isinstance(fact, Indication)]
    return uses_of(rows, reading, by_setting=isinstance(content, CancerTypeContent))


def _given_with(content: EntryContent, facts: Iterable[Fact], reading: Reading) -> Uses | None:
    """The uses of a medicine that is no immunotherapy itself: those it is not given alone for."""
    together = [fact for fact in facts if isinstance(fact, Indication) and len(fact.members.all()) > 1]
    return uses_of(together, reading, by_setting=False)


def _whole(percent: Decimal | None) -> int | None:
    """As people round, and texts do: 2.5 is 3."""
    return None if percent is None else int(percent.quantize(Decimal(1), ROUND_HALF_UP))


@dataclass(frozen=True)
class OccurrenceRow:
    """How common one side effect is with one treatment."""

    side_effect: directory.Listed
    treatment: directory.Listed
    given_with: str  # a bar is not to stand under the name of one medicine if two made it
    counted: str  # what of the side effect, if not all of it: "Itching"
    how_common: str
    percent_any: Decimal | None
    percent_severe: Decimal | None
    people: int | None
    context: str
    source_numbers: list[int]

    @property
    def whole_any(self) -> int | None:
        return _whole(self.percent_any)

    @property
    def whole_severe(self) -> int | None:
        return _whole(self.percent_severe)

    @property
    def none_of(self) -> int | None:
        return self._too_few_for(self.percent_any)

    @property
    def none_severe_of(self) -> int | None:
        return self._too_few_for(self.percent_severe)

    def _too_few_for(self, percent: Decimal | None) -> int | None:
        """The people of whom nobody had it, if they are too few to say "fewer than 1 of 100" of others."""
        return self.people if percent == 0 and self.people and self.people < TELLS_OF_ONE_IN_100 else None


MOST_OPEN = 4
TELLS_OF_ONE_IN_100 = 300  # nobody of so many: with 19 chances in 20 it is fewer than 1 of 100


@dataclass(frozen=True)
class HowCommon:
    """Figures that count the same. One for each pair: of the treatment given alone, of the most people. The most
    common stand open; paper has no more of a side effect's."""

    counted: str  # what they count, where a page has figures of several things
    open: list[OccurrenceRow]
    rarer: list[OccurrenceRow]
    folded: list[OccurrenceRow]

    @property
    def at_most(self) -> int | None:
        """Of 100 people, in all that are rarer, rounded up; None where one of them has no figure."""
        figures = [row.percent_any for row in self.rarer if row.percent_any is not None]
        return math.ceil(max(figures)) if figures and len(figures) == len(self.rarer) else None

    @property
    def not_printed(self) -> int:
        return len(self.rarer) + len(self.folded)


def _how_common(content: EntryContent, facts: Iterable[Fact], reading: Reading) -> list[HowCommon]:
    order = SideEffectOccurrence.HowCommon.values
    found = [fact for fact in facts if isinstance(fact, SideEffectOccurrence)]
    found.sort(key=lambda fact: (order.index(fact.how_common), -(fact.percent_any or 0)))
    is_about_it = isinstance(content, SideEffectContent)
    by_what: dict[str, list[SideEffectOccurrence]] = {}
    for fact in found:
        by_what.setdefault(fact.counts if is_about_it else "", []).append(fact)
    several = len(by_what) > 1
    return [
        _alike(_heading(what) if several else "", its, reading, prints_rarer=not is_about_it)
        for what, its in sorted(by_what.items(), key=lambda one: not one[0])
    ]


def _heading(counts: str) -> str:
    return label(SideEffectOccurrence.Counts, counts) if counts else gettext("Counted in another way")


def _alike(
    counted: str, found: list[SideEffectOccurrence], reading: Reading, *, prints_rarer: bool
) -> HowCommon:
    chosen = _one_of_each_pair(found)
    if not prints_rarer:
        chosen |= _more_common_together(found, chosen)
    most = number_open(len(chosen), MOST_OPEN)
    pairs = [fact for fact in found if fact in chosen]
    # Sources are numbered as a reader meets them: what is folded comes last.
    opened = [_occurrence_row(fact, reading) for fact in pairs[:most]]
    with reading.printed_if(prints_rarer):
        rarer = [_occurrence_row(fact, reading) for fact in pairs[most:]]
    with reading.printed_if(False):
        others = [_occurrence_row(fact, reading) for fact in found if fact not in chosen]
    return HowCommon(counted, opened, rarer, others)


def _one_of_each_pair(found: list[SideEffectOccurrence]) -> set[SideEffectOccurrence]:
    """Of each treatment and side effect the figure of the treatment given alone, of the most people. What these figures
    have never alone stands with what was given beside it."""
    alone = {fact.treatment for fact in found if not fact.given_with}
    chosen: dict[tuple[str, str, str], SideEffectOccurrence] = {}
    for fact in sorted(found, key=lambda fact: -(fact.people or 0)):
        if not fact.given_with or fact.treatment not in alone:
            chosen.setdefault((fact.side_effect.slug, fact.treatment.slug, fact.counts), fact)
    return set(chosen.values())


def _more_common_together(
    found: list[SideEffectOccurrence], chosen: set[SideEffectOccurrence]
) -> set[SideEffectOccurrence]:
    """The most common figure of two medicines of ours given together, where it is above all that stand: who has both
    must not read the figure of one."""
    most = max((fact.percent_any or 0 for fact in chosen), default=0)
    together = [fact for fact in found if _partners(fact) and (fact.percent_any or 0) > most]
    return {max(together, key=lambda fact: fact.percent_any or 0)} if together else set()


def _partners(fact: SideEffectOccurrence) -> list[str]:
    """The medicines of ours that everybody had beside it."""
    return [member for member in fact.given_with if ("drug", member) in directory.planned()]


def _beside(fact: SideEffectOccurrence, reading: Reading) -> str:
    ours = _partners(fact)
    return together_with(
        [reading.entry("drug", member).name if member in ours else member for member in fact.given_with]
    )


def _occurrence_row(fact: SideEffectOccurrence, reading: Reading) -> OccurrenceRow:
    return OccurrenceRow(
        side_effect=reading.entry("side-effect", fact.side_effect.slug),
        treatment=reading.entry(fact.treatment.kind, fact.treatment.slug),
        given_with=_beside(fact, reading),
        counted=_heading(fact.counts) if fact.counts else "",
        how_common=label(SideEffectOccurrence.HowCommon, fact.how_common),
        percent_any=fact.percent_any,
        percent_severe=fact.percent_severe,
        people=fact.people,
        context=fact.context_in(reading.language),
        source_numbers=reading.cite(fact),
    )


@dataclass(frozen=True)
class SideEffectToKnow:
    """A side effect in a list: how fast to act on it."""

    listed: directory.Listed
    urgency: str


def _side_effects_to_know(
    content: EntryContent, facts: Iterable[Fact], reading: Reading
) -> list[SideEffectToKnow]:
    """Those of the current medicines, the most urgent first."""
    order = SideEffectContent.Urgency.values
    slugs = facts_shown.side_effects_to_know(content, facts)
    contents = public_side_effects(slugs, reading.language)
    signs = all_signs()
    urgency = {row.pk: urgency_of(row, signs) for row in contents.values()}
    rows = sorted(contents.values(), key=lambda row: (order.index(urgency[row.pk]), row.name))
    return [
        SideEffectToKnow(
            reading.entry("side-effect", row.entry.slug),
            urgency[row.pk],
        )
        for row in rows
    ]


def public_side_effects(slugs: set[str], language: str) -> dict[str, SideEffectContent]:
    """Those of them that have a page, by slug."""
    return edition.each(("side effects", language), slugs, lambda missing: _public(missing, language))


def _public(slugs: set[str], language: str) -> dict[str, SideEffectContent]:
    rows = SideEffectContent.objects.in_language(language).filter(entry__slug__in=slugs)
    return {row.entry.slug: row for row in rows}


@dataclass(frozen=True)
class Names:
    """A medicine at a glance."""

    other_names: list[str]
    therapy_class: directory.Listed
    targets: list[str]
    route: str


def _names(content: EntryContent, facts: Iterable[Fact], reading: Reading) -> Names | None:
    if not isinstance(content, DrugContent) or content.therapy_class is None:
        return None
    return Names(
        other_names=[name for name in content.other_names if name not in content.brand_names],
        therapy_class=reading.entry("therapy", content.therapy_class.slug),
        targets=content.targets,
        route=content.route,
    )


def _leaflets(content: EntryContent, facts: Iterable[Fact], reading: Reading) -> list[Source]:
    keys = content.leaflets if isinstance(content, DrugContent) else []
    return [source for key in keys if (source := reading.source(key))]


@dataclass(frozen=True)
class Answered:
    """A question with its answer, as a component folds it."""

    slug: str
    question: str
    about: str
    html: SafeString


def _remedies(content: EntryContent, facts: Iterable[Fact], reading: Reading) -> list[Answered]:
    return _answered(content.remedies, facts, reading) if isinstance(content, SideEffectContent) else []


def _deciding(content: EntryContent, facts: Iterable[Fact], reading: Reading) -> list[Answered]:
    return _answered(content.FOR_ALL, facts, reading) if isinstance(content, SideEffectContent) else []


@dataclass(frozen=True)
class Help:
    """Help lines and patient groups, the same for all pages; `places` are told while it is closed."""

    html: SafeString
    places: list[str]


def _help(content: EntryContent, facts: Iterable[Fact], reading: Reading) -> Help | None:
    answer = next((row.answer for row in facts if isinstance(row, Question) and row.slug == FIND_HELP), "")
    if not answer:
        return None
    places = [lead.partition(",")[0] for lead in prose.leads(answer)]
    return Help(reading.block(answer), list(dict.fromkeys(places)))


def _answered(slugs: Iterable[str], facts: Iterable[Fact], reading: Reading) -> list[Answered]:
    known = {fact.slug: fact for fact in facts if isinstance(fact, Question)}
    rows = [known[slug] for slug in slugs if slug in known]
    return [Answered(row.slug, row.question, row.about, reading.block(row.answer)) for row in rows]


def _unique(facts: Iterable[Fact], reading: Reading, kind: str) -> list[directory.Listed]:
    """The entries of a kind that the page's facts name, public ones first, then by name."""
    # A trial of a medicine in a cancer is no use of it there.
    current = [
        fact
        for fact in facts
        if not isinstance(fact, Result) and (not isinstance(fact, Indication) or fact.is_current)
    ]
    keys = {key for fact in current for key in fact.subjects if key[0] == kind}
    return sorted((reading.entry(*key) for key in keys), key=lambda listed: (not listed.url, listed.name))


@dataclass(frozen=True)
class Medicines:
    """Those of a class, and others that regulators approved together with one of them."""

    own: list[directory.Listed]
    partners: list[directory.Listed]


def _medicines(content: EntryContent, facts: Iterable[Fact], reading: Reading) -> Medicines | None:
    if not isinstance(content, TherapyClassContent):
        return None
    slugs = directory.medicines_of(content)
    named = _unique(facts, reading, "drug")
    own = [one for one in named if one.slug in slugs]
    return Medicines(own, [one for one in named if one.slug not in slugs]) if named else None


def _cancers(content: EntryContent, facts: Iterable[Fact], reading: Reading) -> list[directory.Listed]:
    return _unique(facts, reading, "cancer")


Builder = Callable[[EntryContent, Iterable[Fact], Reading], object]

OF_USES = ("indications", "cancers_and_medicines")  # the tables of approved uses
BUILDERS: dict[str, Builder] = {
    "indications": _uses,
    "given_with": _given_with,
    "cancers_and_medicines": _uses,
    "side_effects": _side_effects_to_know,
    "how_common": _how_common,
    "remedies": _remedies,
    "deciding": _deciding,
    "help": _help,
    "names": _names,
    "leaflets": _leaflets,
    "medicines": _medicines,
    "cancers": _cancers,
    "results": results,
    "choices": choices,
}


def names_in(data: object) -> list[str]:
    """What a closed list names on its line: its entries, or the titles of its sources."""
    if isinstance(data, Choices):
        return [cancer.name for cancer in data.cancers] or [gettext("What is not known")]
    if isinstance(data, Help):
        return data.places
    if isinstance(data, Medicines):
        return [one.name for one in data.own or data.partners]
    rows = data if isinstance(data, list) else []
    return list(dict.fromkeys(name for row in rows for name in _names_in(row)))


def _names_in(row: object) -> list[str]:
    match row:
        case Source():
            return [row.title]
        case Answered():
            return [row.about]
        case SideEffectToKnow():
            return [row.listed.name]
        case directory.Listed():
            return [row.name]
        case HowCommon():
            return [one.treatment.name for one in [*row.open, *row.rarer, *row.folded]]
    raise TypeError(row)


def build(name: str, content: EntryContent, facts: Iterable[Fact], reading: Reading) -> object:
    """The data of one built section; empty if there is nothing to show."""
    return BUILDERS[name](content, facts, reading)
