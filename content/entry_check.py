"""The page gate held against entries in the database: their words, and what those may cite and link to."""

import dataclasses
import itertools

from content import directory, page_gate, reading_level
from content.models import KINDS, EntryContent, Fact, GlossaryTerm, Source
from content.page_gate import EntryText, Finding, Known


def check_content(content: EntryContent, known: Known | None = None) -> list[Finding]:
    """All findings about a content row. Pass `known` when checking many."""
    known = known or known_in_database(content.language)
    return page_gate.check(text_of(content), dataclasses.replace(known, sections=content.SECTIONS))


def text_of(content: EntryContent) -> EntryText:
    """The words of a content row."""
    head = ("name", "summary", "change_note", "checked_on", "next_check_due", "urgency")
    return EntryText(
        kind=content.entry.kind,
        slug=content.entry.slug,
        language=content.language,
        sections={"key_message": content.key_message, **content.prose},
        lists={f"act_{name}": lines for name, lines in getattr(content, "act", {}).items()},
        head={name: getattr(content, name) for name in head if hasattr(content, name)},
    )


def known_in_database(language: str = "en") -> Known:
    """What texts may cite, link to and must explain, from the tables: a dozen queries."""
    links = {
        kind: frozenset(model.entry.field.related_model.objects.values_list("slug", flat=True))
        for kind, model in KINDS.items()
    }
    names = [
        (kind, directory.name_without_page(kind, slug)) for kind, slugs in links.items() for slug in slugs
    ]
    for kind, model in KINDS.items():
        columns = [name for name in ("other_names", "brand_names") if hasattr(model, name)]
        for name, *lists in model.objects.filter(language=language).values_list("name", *columns):
            names += [(kind, one) for one in (name, *itertools.chain(*lists))]
    terms = GlossaryTerm.objects.filter(language=language, state=Fact.State.APPROVED)
    return Known(
        sources=frozenset(Source.objects.values_list("key", flat=True)),
        links=links,
        names=reading_level.names_to_mask(names),
        glossary={term: (term, *forms) for term, forms in terms.values_list("term", "other_forms")},
    )
