"""The parts of entry pages that nobody types: tables and lists built from facts."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Q

from content import directory
from content.models import (
    BiomarkerContent,
    CancerTypeContent,
    DrugContent,
    EntryContent,
    Fact,
    Indication,
    SideEffectContent,
    SideEffectOccurrence,
    Source,
    TherapyClassContent,
)

if TYPE_CHECKING:
    from content.page.entry_page import EntryPage
    from content.page.reading import Reading

MOST_OPEN_USES = 10

# --- Which facts a page shows --------------------------------------------------------------------------------


def facts_of(content: EntryContent) -> list[Fact]:
    """All approved facts on this page."""
    return [fact for fact in record_of(content) if fact.state == Fact.State.APPROVED]


def record_of(content: EntryContent) -> list[Fact]:
    """Those, and the ones of which the page tells that they have gone."""
    indications = _indications_of(content)
    return [*indications, *_occurrences_of(content, indications)]


def _indications_of(content: EntryContent) -> list[Indication]:
    rows = Indication.objects.on_record().with_everything()
    match content:
        case CancerTypeContent():
            return list(rows.filter(cancer=content.entry_id))
        case DrugContent():
            return list(rows.filter(drug=content.entry_id))
        case BiomarkerContent():
            return list(rows.filter(requirements__biomarker=content.entry_id))
        case TherapyClassContent():
            return list(rows.filter(drug__in=_drugs_in(content)))
    return []


def _drugs_in(content: TherapyClassContent) -> list[int]:
    """The public drugs of this class and of the classes right below it."""
    below = TherapyClassContent.objects.filter(parent=content.entry_id).order_by().values("entry")
    drugs = DrugContent.objects.filter(language=content.language).filter(
        Q(therapy_class=content.entry_id) | Q(therapy_class__in=below)
    )
    return list(drugs.order_by().values_list("entry_id", flat=True))


def _occurrences_of(content: EntryContent, indications: list[Indication]) -> list[SideEffectOccurrence]:
    rows = SideEffectOccurrence.objects.on_record().with_everything()
    match content:
        case SideEffectContent():
            return list(rows.filter(side_effect=content.entry_id))
        case DrugContent():
            return list(rows.filter(drug=content.entry_id))
        case CancerTypeContent():
            current = [row for row in indications if row.is_current and row.state == Fact.State.APPROVED]
            return list(rows.filter(drug__in={row.drug_id for row in current}))
    return []


def mentioned(content: EntryContent) -> set[directory.Key]:
    """The entries that built sections name beside those of the facts."""
    if isinstance(content, DrugContent):
        return {("therapy", content.therapy_class.slug)}
    if isinstance(content, TherapyClassContent) and content.parent:
        return {("therapy", content.parent.slug)}
    return set()


# --- What the components get ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class BiomarkerNeeded:
    biomarker: directory.Listed
    level: str


@dataclass(frozen=True)
class IndicationRow:
    """One line of the table of approved uses."""

    medicine: directory.Listed
    cancer: directory.Listed
    partners: list[directory.Listed]
    setting: str
    condition: str
    population: str
    note: str
    biomarkers: list[BiomarkerNeeded]
    regulator: str
    regulator_name: str
    approval: str
    granted_on: datetime.date | None
    withdrawn_on: datetime.date | None
    source_numbers: list[int]


@dataclass(frozen=True)
class IndicationGroup:
    """The uses under one heading: a setting on a cancer's page, a cancer elsewhere."""

    heading: str
    url: str
    rows: list[IndicationRow]


@dataclass(frozen=True)
class IndicationTable:
    """Current uses by group; withdrawn ones apart, so that nobody takes them for current."""

    groups: list[IndicationGroup]
    withdrawn: list[IndicationRow]
    regulators: list[str]

    @property
    def is_long(self) -> bool:
        """Nobody scrolls through sixty uses on a phone: their headings alone stand open."""
        return len(self.groups) > 1 and sum(len(group.rows) for group in self.groups) > MOST_OPEN_USES


def indication_row(row: Indication, page: EntryPage | Reading) -> IndicationRow:
    text = row.text_in(page.language)
    return IndicationRow(
        medicine=_not_to_itself(page.entry("drug", row.drug.slug), page),
        cancer=page.entry("cancer", row.cancer.slug),
        partners=[page.entry("drug", partner) for partner in row.partners],
        setting=row.get_setting_display(),
        condition=text.condition if text else "",
        population=text.population if text else "",
        note=text.note if text else "",
        biomarkers=[
            BiomarkerNeeded(page.entry("biomarker", need.biomarker.slug), need.level)
            for need in row.requirements.all()
        ],
        regulator=row.regulator,
        regulator_name=row.get_regulator_display(),
        approval=row.get_approval_display(),
        granted_on=row.granted_on,
        withdrawn_on=row.withdrawn_on,
        source_numbers=page.cite(row.source_keys),
    )


def _not_to_itself(listed: directory.Listed, page: EntryPage | Reading) -> directory.Listed:
    """A page names its own entry without a link."""
    content = getattr(page, "content", None)
    is_own = content and (content.entry.kind, content.entry.slug) == (listed.kind, listed.slug)
    return replace(listed, url="") if is_own else listed


def _indication_table(page: EntryPage) -> IndicationTable | None:
    facts = [fact for fact in page.facts if isinstance(fact, Indication)]
    return indication_table(facts, page, by_setting=isinstance(page.content, CancerTypeContent))


def indication_table(
    facts: list[Indication], page: EntryPage | Reading, *, by_setting: bool
) -> IndicationTable | None:
    """Uses grouped by setting (on a cancer's page) or by cancer; nothing if there are none."""
    if not facts:
        return None
    settings = Indication.Setting.values
    # In the order of the page, withdrawn uses last, because sources are numbered on the way.
    facts = sorted(
        facts,
        key=lambda row: (
            not row.is_current,
            settings.index(row.setting) if by_setting else row.cancer.slug,
        ),
    )
    groups: dict[str, IndicationGroup] = {}
    withdrawn = []
    for fact in facts:
        row = indication_row(fact, page)
        if not fact.is_current:
            withdrawn.append(row)
            continue
        heading, url = (row.setting, "") if by_setting else (row.cancer.name, row.cancer.url)
        groups.setdefault(heading, IndicationGroup(heading, url, [])).rows.append(row)
    regulators = sorted({fact.get_regulator_display() for fact in facts})
    return IndicationTable(list(groups.values()), withdrawn, regulators)


@dataclass(frozen=True)
class OccurrenceRow:
    """How common one side effect is with one treatment."""

    side_effect: directory.Listed
    treatment: directory.Listed
    how_common: str
    how_common_code: str
    percent_any: Decimal | None
    percent_severe: Decimal | None
    people: int | None
    context: str
    source_numbers: list[int]


def _occurrence_rows(page: EntryPage) -> list[OccurrenceRow]:
    order = SideEffectOccurrence.HowCommon.values
    facts = [fact for fact in page.facts if isinstance(fact, SideEffectOccurrence)]
    facts.sort(key=lambda fact: (order.index(fact.how_common), -(fact.percent_any or 0)))
    return [
        OccurrenceRow(
            side_effect=page.entry("side-effect", fact.side_effect.slug),
            treatment=page.entry(fact.treatment.kind, fact.treatment.slug),
            how_common=fact.get_how_common_display(),
            how_common_code=fact.how_common,
            percent_any=fact.percent_any,
            percent_severe=fact.percent_severe,
            people=fact.people,
            context=fact.context_in(page.language),
            source_numbers=page.cite(fact.source_keys),
        )
        for fact in facts
    ]


@dataclass(frozen=True)
class SideEffectToKnow:
    """A side effect in a list: how fast to act on it."""

    listed: directory.Listed
    urgency: str
    urgency_name: str
    how_common: str


def _side_effects_to_know(page: EntryPage) -> list[SideEffectToKnow]:
    """Those of the current medicines, the most urgent first."""
    slugs = {fact.side_effect.slug for fact in page.facts if isinstance(fact, SideEffectOccurrence)}
    contents = SideEffectContent.objects.filter(language=page.language, entry__slug__in=slugs)
    order = SideEffectContent.Urgency.values
    rows = sorted(contents.select_related("entry"), key=lambda row: (order.index(row.urgency), row.name))
    return [
        SideEffectToKnow(
            page.entry("side-effect", row.entry.slug), row.urgency, row.get_urgency_display(), how_common=""
        )
        for row in rows
    ]


@dataclass(frozen=True)
class Names:
    """The names of a medicine."""

    generic: str
    brands: list[str]
    pronunciation: str
    other_names: list[str]
    therapy_class: directory.Listed
    targets: list[str]
    route: str


def _names(page: EntryPage) -> Names:
    content = page.content
    return Names(
        generic=content.name,
        brands=content.brand_names,
        pronunciation=content.pronunciation,
        other_names=content.other_names,
        therapy_class=page.entry("therapy", content.therapy_class.slug),
        targets=content.targets,
        route=content.route,
    )


def _leaflets(page: EntryPage) -> list[Source]:
    return [source for key in page.content.leaflets if (source := page.source(key))]


def _unique(page: EntryPage, kind: str) -> list[directory.Listed]:
    """The entries of a kind that the page's facts name, public ones first, then by name."""
    current = [fact for fact in page.facts if not isinstance(fact, Indication) or fact.is_current]
    keys = {key for fact in current for key in fact.subjects if key[0] == kind}
    return sorted((page.entry(*key) for key in keys), key=lambda listed: (not listed.url, listed.name))


def _treatments(page: EntryPage) -> list[directory.Listed]:
    return _unique(page, "drug") + _unique(page, "therapy")


BUILDERS: dict[str, Callable[[EntryPage], object]] = {
    "indications": _indication_table,
    "cancers_and_medicines": _indication_table,
    "side_effects": _side_effects_to_know,
    "how_common": _occurrence_rows,
    "names": _names,
    "leaflets": _leaflets,
    "medicines": lambda page: _unique(page, "drug"),
    "cancers": lambda page: _unique(page, "cancer"),
    "treatments": _treatments,
}


def build(name: str, page: EntryPage) -> object:
    """The data of one built section; empty if there is nothing to show."""
    return BUILDERS[name](page)
