"""A fact as a plain row: the same from a table of a library file, from the database and from a form not yet saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from content.models import (
    BiomarkerRequirement,
    Fact,
    GlossaryTerm,
    Indication,
    IndicationText,
    OccurrenceText,
    Question,
    SideEffectOccurrence,
    Update,
)
from content.rules.entry_text import Finding

# The words of a row that have a language of their own.
WORDS = {"indication": ("condition", "population", "note"), "occurrence": ("context",)}
# Those of other facts that stand above a text: plain words without Markdown.
HEADLINES = ("question", "title")


@dataclass(frozen=True)
class FactRow:
    """One fact: `table` as a library file holds it, `words` as readers read them, by language."""

    kind: str  # indication, occurrence, glossary, question, update
    slug: str
    table: Mapping[str, object]
    words: Mapping[str, Mapping[str, str]]
    language: str = "en"  # of the table
    where: str = ""
    line_of: Callable[[str], int] = lambda name: 0
    beside: Sequence[FactRow] = ()  # other facts about the same, which it must not repeat

    def finding(self, at: str, message: str) -> Finding:
        where = self.where or f"{self.kind}:{self.slug}"
        return Finding("", "block", where, self.line_of(at), message, at)


class Parts(NamedTuple):
    """What belongs to a fact and stands in rows of its own."""

    texts: Sequence[IndicationText | OccurrenceText] = ()
    requirements: Sequence[BiomarkerRequirement] = ()
    sources: Sequence[str] = ()  # keys, the main one first


def parts_of(fact: Fact) -> Parts:
    """Those of a saved row."""
    return Parts(
        texts=list(fact.texts.all()) if "texts" in fact.PARTS else (),
        requirements=list(fact.requirements.all()) if "requirements" in fact.PARTS else (),
        sources=fact.source_keys,
    )


def of_fact(fact: Fact, parts: Parts | None = None, *, beside: Sequence[FactRow] = ()) -> FactRow:
    """A row of the database; `parts` are those of a form that is not saved yet."""
    parts = parts_of(fact) if parts is None else parts
    match fact:
        case Indication():
            table = _indication_table(fact, parts)
            return FactRow("indication", fact.key, table, _words("indication", parts), beside=beside)
        case SideEffectOccurrence():
            table, slug = _occurrence_table(fact, parts), fact.side_effect.slug
            return FactRow("occurrence", slug, table, _words("occurrence", parts), beside=beside)
        case GlossaryTerm():
            table = {"term": fact.term, "other_forms": fact.other_forms, "sources": list(parts.sources)}
            words = {fact.language: {"text": fact.explanation}}
            return FactRow("glossary", fact.slug, table, words, fact.language, beside=beside)
        case Question():
            table = {"question": fact.question, "topic": fact.topic, "sources": list(parts.sources)}
            words = {fact.language: {"question": fact.question, "text": fact.answer}}
            return FactRow("question", fact.slug, table, words, fact.language, beside=beside)
        case Update():
            table = {
                "title": fact.title,
                "happened_on": fact.happened_on,
                "kind": fact.kind,
                "about": fact.about,
                "sources": list(parts.sources),
            }
            words = {fact.language: {"title": fact.title, "text": fact.text}}
            return FactRow("update", fact.slug, table, words, fact.language, beside=beside)
    raise TypeError(f"{type(fact).__name__} has no plain form yet: add it here.")


def beside(fact: Fact) -> list[FactRow]:
    """The approved rows it must not repeat: all of the same medicine, treatment or word, but what it replaces."""
    rows = type(fact).objects.approved().with_everything().exclude(pk=fact.pk)
    if fact.supersedes_id:
        rows = rows.exclude(pk=fact.supersedes_id)
    return [of_fact(row) for row in rows.filter(**_same_subject(fact))]


def _same_subject(fact: Fact) -> dict[str, object]:
    match fact:
        case Indication():
            return {"drug": fact.drug_id}
        case SideEffectOccurrence():
            return {"drug": fact.drug_id, "therapy_class": fact.therapy_class_id}
    return {"slug": fact.slug, "language": fact.language}


def _words(kind: str, parts: Parts) -> dict[str, dict[str, str]]:
    return {text.language: {name: getattr(text, name) for name in WORDS[kind]} for text in parts.texts}


def _english(kind: str, parts: Parts) -> dict[str, str]:
    """Empty where a draft has no English words yet."""
    return _words(kind, parts).get("en") or dict.fromkeys(WORDS[kind], "")


def _indication_table(row: Indication, parts: Parts) -> dict[str, object]:
    return {
        "key": row.key,
        "cancer": row.cancer.slug,
        "setting": row.setting,
        **_english("indication", parts),
        "with": row.partners,
        "biomarkers": [
            {"biomarker": need.biomarker.slug, "level": need.level}
            for need in sorted(parts.requirements, key=lambda need: need.pk or 0)
        ],
        "regulator": row.regulator,
        "approval": row.approval,
        "approved_on": row.granted_on,
        "withdrawn_on": row.withdrawn_on,
        "sources": list(parts.sources),
    }


def _occurrence_table(row: SideEffectOccurrence, parts: Parts) -> dict[str, object]:
    return {
        "side_effect": row.side_effect.slug,
        "how_common": row.how_common,
        "percent_any": _number(row.percent_any),
        "percent_severe": _number(row.percent_severe),
        "people": row.people,
        **_english("occurrence", parts),
        "sources": list(parts.sources),
    }


def _number(value: Decimal | float | None) -> float | int | None:
    """3.40 as 3.4, 3.00 as 3: as a person writes it."""
    if value is None:
        return None
    return int(value) if value == int(value) else float(value)
