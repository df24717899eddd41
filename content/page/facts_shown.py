"""Which facts an entry page shows, tells of as gone, and what other entries its tables name."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator
from functools import partial, reduce
from operator import or_
from typing import TypeVar

from django.db.models import Q, QuerySet

from content import directory, edition, prepared
from content.models import (
    BiomarkerContent,
    BiomarkerRequirement,
    CancerTypeContent,
    DrugContent,
    EntryContent,
    Fact,
    Indication,
    Question,
    RegimenMember,
    Result,
    SideEffect,
    SideEffectContent,
    SideEffectOccurrence,
    TherapyClassContent,
    TreatmentGroup,
)
from content.models.cancer_type import ANY_SOLID_TUMOR, is_solid
from content.page import signs_shown
from content.page.signs_shown import Card, Readers, SignLine

# Older decisions stand on the pages of their cancers and medicines; tests/stock says when the list is too long.
DECIDED_SINCE = datetime.date(2024, 1, 1)
# That an end was announced is no decision yet.
DECIDED_ON = ("granted_on", "narrowed_on", "converted_on", "withdrawn_on")

Shown = TypeVar("Shown", Indication, SideEffectOccurrence)


def facts_of(content: EntryContent) -> list[Fact]:
    """All approved facts in the tables of this page."""
    tables = [*_uses(content), *_occurrences(content), *_results(content), *_answers(content)]
    return [fact for fact in tables if fact.state == Fact.State.APPROVED]


def record_of(content: EntryContent) -> list[Fact]:
    """Those, the ones of which the page tells that they have gone, and the signs on its cards."""
    tables = [*_uses(content), *_occurrences(content), *_results(content), *_answers(content)]
    return [*tables, *dict.fromkeys(line.sign for line in signs_of(content, tables).lines)]


def signs_of(content: EntryContent, record: Iterable[Fact]) -> Card:
    """What its readers must know, by how fast to act: with their medicines, or about this side effect."""
    match content:
        case DrugContent() | TherapyClassContent() | SideEffectContent():
            return signs_shown.card_of(content)
        case CancerTypeContent():
            card = signs_shown.card(_treated_for(content, record), content.language)
            others = (line for line in card.lines if line.key not in content.signs)
            return Card((*_own_signs(content), *others)).led_by(content.signs)
    return Card(())


def are_of_treatments(content: EntryContent, record: Iterable[Fact]) -> bool:
    """Do the signs of a cancer come from its medicines? Where none has a page, they are those that all must know."""
    return isinstance(content, CancerTypeContent) and not _treated_for(content, record).without_treatment


def has_signs_elsewhere(content: EntryContent, record: Iterable[Fact]) -> bool:
    """Do people act otherwise with a medicine for any solid tumor of which this cancer's page does not tell?"""
    if not isinstance(content, CancerTypeContent) or not is_solid(content.entry.slug):
        return False
    others = for_any_solid_tumor() - directory.told_on(content, for_any_solid_tumor())
    return not directory.groups_of_medicines(others, content.language) <= {
        *_treated_for(content, record).groups
    }


def _own_signs(content: CancerTypeContent) -> Iterator[SignLine]:
    """Those of the cancer itself: with any treatment, and with none."""
    card = signs_shown.card(Readers((TreatmentGroup.OTHER,)), content.language)
    return (line for line in card.lines if line.key in content.signs)


def _treated_for(content: CancerTypeContent, record: Iterable[Fact]) -> Readers:
    """Who has its medicines; whoever comes, where none has a page."""
    slugs = _medicines_for(content, record)
    groups = directory.groups_of_medicines(slugs, content.language)
    if TreatmentGroup.CTLA_4 not in directory.by_first_group(slugs, content.language):
        groups.discard(TreatmentGroup.CTLA_4)  # nivolumab has it from a partner that is not for this cancer
    return signs_shown.readers(groups, medicines=slugs) if groups else signs_shown.WITHOUT_TREATMENT


def _medicines_for(content: CancerTypeContent, record: Iterable[Fact]) -> set[str]:
    """Those that are approved now for this cancer, or for any like it, if its page tells of them."""
    slugs = {
        slug
        for use in record
        if isinstance(use, Indication) and use.state == Fact.State.APPROVED and use.is_current
        for kind, slug in use.subjects
        if kind == "drug"
    }
    if is_solid(content.entry.slug):
        slugs |= directory.told_on(content, for_any_solid_tumor())
    return slugs


def side_effects_to_know(content: EntryContent, record: Iterable[Fact]) -> set[str]:
    """Of a cancer: those with a figure for its medicines, and those that the pages of these medicines tell of."""
    if not isinstance(content, CancerTypeContent):
        return set()
    facts = [fact for fact in record if fact.state == Fact.State.APPROVED]
    told = edition.shared(
        ("side effects of medicines", content.language), lambda: _side_effects_of_medicines(content.language)
    )
    with_figures = {fact.side_effect.slug for fact in facts if isinstance(fact, SideEffectOccurrence)}
    return with_figures.union(*(told.get(slug, ()) for slug in _medicines_for(content, facts)))


def _side_effects_of_medicines(language: str) -> dict[str, set[str]]:
    rows = DrugContent.objects.filter(language__in=(language, "en"), links__kind=SideEffect.kind).order_by()
    told: dict[str, set[str]] = {}
    for medicine, side_effect in rows.values_list("entry__slug", "links__slug"):
        told.setdefault(medicine, set()).add(side_effect)
    return told


def for_any_solid_tumor() -> set[str]:
    """The medicines that are approved now for any solid tumor, whoever they are listed for besides."""
    return edition.shared("medicines for any solid tumor", _for_any_solid_tumor)


def _for_any_solid_tumor() -> set[str]:
    uses = Indication.objects.approved().filter(
        cancer__slug=ANY_SOLID_TUMOR, status=Indication.Status.CURRENT
    )
    named = uses.order_by().values_list("members__drug__slug", flat=True)
    return {slug for slug in named if slug}


def _uses(content: EntryContent) -> list[Indication]:
    match content:
        case CancerTypeContent():
            return _loaded(Indication, _of_cancer, entry=content.entry_id)
        case DrugContent():
            return _loaded(Indication, _with_drug, entry=content.entry_id)
        case BiomarkerContent():
            return _loaded(Indication, _that_ask_for, entry=content.entry_id)
        case TherapyClassContent():
            return _loaded(Indication, _of_class, entry=content.entry_id, language=content.language)
    return []


def _occurrences(content: EntryContent) -> list[SideEffectOccurrence]:
    match content:
        case SideEffectContent():
            return _loaded(SideEffectOccurrence, _of_side_effect, entry=content.entry_id)
        case DrugContent():
            return _loaded(SideEffectOccurrence, _of_drug, entry=content.entry_id)
        case CancerTypeContent():
            return _loaded(SideEffectOccurrence, _of_drugs_for, entry=content.entry_id)
    return []


def _results(content: EntryContent) -> list[Result]:
    match content:
        case CancerTypeContent():
            return _results_about(_of_cancer, entry=content.entry_id)
        case DrugContent():
            return _results_about(_that_tried, entry=content.entry_id)
        case TherapyClassContent():
            return _results_about(_that_tried_class, entry=content.entry_id, language=content.language)
    return []


def _answers(content: EntryContent) -> list[Question]:
    """What is told of the treatments of a side effect, then what all pages of this kind say."""
    wanted = (*getattr(content, "remedies", ()), *content.FOR_ALL)
    if not wanted:
        return []
    known = edition.shared(("answers", content.language), lambda: _all_answers(content.language))
    return [known[slug] for slug in wanted if slug in known]


def _all_answers(language: str) -> dict[str, Question]:
    """By slug; of a slug that was taken off and answered anew, the answer that stands."""
    rows = list(Question.objects.on_record().with_everything().filter(language=language))
    return {row.slug: row for row in sorted(rows, key=lambda row: row.state == Fact.State.APPROVED)}


def _results_about(about: Callable[..., Q], **values: prepared.Value) -> list[Result]:
    """In their order, with everything, in one query."""
    return prepared.ask(
        (Result, about),
        lambda **values: Result.objects.on_record().for_pages().filter(about(**values)),
        **values,
    )


def _loaded(kind: type[Shown], about: Callable[..., Q], **values: prepared.Value) -> list[Shown]:
    """In their order, with everything. It is the most of what a page costs, and a fact stands on several."""
    return edition.shared((kind, about, *values.values()), lambda: _load(kind, about, **values))


def _load(kind: type[Shown], about: Callable[..., Q], **values: prepared.Value) -> list[Shown]:
    rows: list[Shown] = prepared.ask(
        (kind, about),
        lambda **values: kind.objects.on_record().for_pages().filter(about(**values)),
        **values,
    )
    loaded = edition.each(kind, [row.pk for row in rows], partial(_with_parts, kind, rows))
    return [loaded[row.pk] for row in rows]


def _with_parts(kind: type[Shown], rows: list[Shown], missing: set[int]) -> dict[int, Shown]:
    new = {row.pk: row for row in rows if row.pk in missing}
    kind.objects.load_parts(list(new.values()))
    for row in new.values():
        # As lists: a queryset weighs five times what its rows do, and these stay as long as an edition.
        kept = vars(row)["_prefetched_objects_cache"]
        kept.update({name: list(parts) for name, parts in kept.items()})
    return new


def uses_for(cancer: str) -> list[Indication]:
    """Its current approved uses, by the slug of the cancer."""
    rows = _loaded(Indication, _of_cancer_called, slug=cancer)
    return [row for row in rows if row.state == Fact.State.APPROVED and row.is_current]


def decided_lately() -> list[Indication]:
    """All uses, current and ended, of which a regulator decided something since `DECIDED_SINCE`."""
    return [row for row in _loaded(Indication, _decided_lately) if row.state == Fact.State.APPROVED]


def _decided_lately() -> Q:
    return reduce(or_, (Q((f"{column}__gte", DECIDED_SINCE)) for column in DECIDED_ON))


def _of_cancer_called(slug: str) -> Q:
    return Q(cancer__slug=slug)


def _of_cancer(entry: int) -> Q:
    return Q(cancer=entry)


def _of_drug(entry: int) -> Q:
    return Q(drug=entry)


def _with_drug(entry: int) -> Q:
    return Q(members__drug=entry)


def _of_side_effect(entry: int) -> Q:
    return Q(side_effect=entry)


def _that_ask_for(entry: int) -> Q:
    asking = BiomarkerRequirement.objects.filter(biomarker=entry)
    return Q(pk__in=asking.order_by().values("indication"))  # once, though a use may ask in two ways


def _of_class(entry: int, language: str) -> Q:
    """Of regimens with a public drug of this class or of the classes right below it."""
    members = RegimenMember.objects.filter(drug__in=_drugs_in(entry, language).order_by().values("entry"))
    return Q(pk__in=members.order_by().values("indication"))  # once, though a regimen may hold several


def _drugs_in(entry: int, language: str) -> QuerySet[DrugContent]:
    """The public drugs of this class and of the classes right below it."""
    below = TherapyClassContent.objects.filter(parent=entry).order_by().values("entry")
    drugs = DrugContent.objects.filter(language=language)
    return drugs.filter(Q(therapy_class=entry) | Q(therapy_class__in=below))


def _that_tried(entry: int) -> Q:
    """In one of the groups of a trial."""
    return Q(pk__in=Result.drugs.through._default_manager.filter(drug=entry).values("result"))


def _that_tried_class(entry: int, language: str) -> Q:
    drugs = _drugs_in(entry, language).order_by().values("entry")
    return Q(pk__in=Result.drugs.through._default_manager.filter(drug__in=drugs).values("result"))


def _of_drugs_for(entry: int) -> Q:
    """Of the drugs that are approved for this cancer now."""
    current = Indication.objects.approved().filter(cancer=entry, status=Indication.Status.CURRENT)
    members = RegimenMember.objects.filter(indication__in=current.order_by().values("pk"), drug__isnull=False)
    return Q(drug__in=members.order_by().values("drug"))


def mentioned(content: EntryContent) -> set[directory.Key]:
    """The entries that built sections name beside those of the facts."""
    if isinstance(content, DrugContent) and content.therapy_class:
        return {("therapy", content.therapy_class.slug)}
    if isinstance(content, TherapyClassContent) and content.parent:
        return {("therapy", content.parent.slug)}
    return set()
