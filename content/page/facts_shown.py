"""Which facts an entry page shows, tells of as gone, and what other entries its tables name."""

from __future__ import annotations

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
    TherapyClassContent,
)


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
