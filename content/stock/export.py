"""The way back: the database as library files, so that edits made in the admin can be reviewed and kept in git.

CMS pages are not among them: their files are a first text, and editors own them from then on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from content.kinds import KINDS
from content.models import (
    FACT_MODELS,
    EntryContent,
    Fact,
    GlossaryTerm,
    Indication,
    Question,
    SideEffectOccurrence,
    SiteProfile,
    Source,
    Update,
    UrgentEntryContent,
    content_models,
)
from content.rules import fact_rows
from content.stock.format import LibraryFile, format_file, heads


def export() -> dict[PurePosixPath, str]:
    """Every file of the library as the database has it now: path -> text in canonical form."""
    files = [
        *_entries(),
        *_sources(),
        *_indications(),
        *_occurrences(),
        *_texts(),
        *_site_profile(),
    ]
    return {file.path: format_file(file) for file in files}


def unfinished() -> Iterator[str]:
    """Drafts that are written with what they have, and that `check_library` will ask to be finished."""
    for model in FACT_MODELS:
        for row in _standing(model):
            if row.state == Fact.State.DRAFT and (missing := _missing(row)):
                yield f"{model._meta.verbose_name} {row}: a draft without {missing}; written as it is"


def _missing(row: Fact) -> str:
    plain = fact_rows.of_fact(row)
    words = [name for name in ("condition", "context") if plain.table.get(name) == ""]
    return " and ".join(
        [*(f"its {name} in English" for name in words), *([] if row.source else ["a source"])]
    )


def _path(folder: str, slug: str, language: str = "en", suffix: str = "md") -> PurePosixPath:
    middle = "" if language == "en" else f".{language}"
    return PurePosixPath(folder, f"{slug}{middle}.{suffix}")


def _entries() -> Iterator[LibraryFile]:
    """The newest version of each: a draft if somebody works on one, else what is public."""
    for kind, model in content_models().items():
        folder = KINDS[kind].folder
        relations = [field.name for field in model._meta.concrete_fields if field.is_relation]
        for content in (
            model.admin_manager.current_content().select_related(*relations).order_by("entry__slug")
        ):
            yield LibraryFile(
                _path(folder, content.entry.slug, content.language),
                raw="",
                head=_entry_head(folder, content),
                sections={"key_message": content.key_message, **content.prose},
            )


def _entry_head(folder: str, content: EntryContent) -> dict[str, object]:
    head: dict[str, object] = {}
    for field in heads()[folder]:
        if field.name == "act":
            head["act"] = content.act if isinstance(content, UrgentEntryContent) else {}
            continue
        value = getattr(content, field.name)
        head[field.name] = value.slug if hasattr(value, "slug") else value
    return head


def _sources() -> Iterator[LibraryFile]:
    for source in Source.objects.all():
        head = {field.name: getattr(source, field.name) for field in heads()["sources"]}
        yield LibraryFile(_path("sources", source.key, suffix="toml"), raw="", head=head)


def _newest(rows: list[Fact]) -> list[Fact]:
    """Drafts in place of what they supersede, in the order the statements were first recorded."""
    superseded = {row.supersedes_id for row in rows}
    return sorted((row for row in rows if row.pk not in superseded), key=_first_recorded)


def _first_recorded(row: Fact) -> int:
    return row.first_id or row.pk


def wins(row: Fact) -> bool:
    """Whether a file goes on from this row, though a draft of its own says that it is the same."""
    return row.state == Fact.State.APPROVED or row.supersedes_id is not None


def _standing(model: type[Fact]) -> list[Fact]:
    return _newest(list(model.objects.exclude(state=Fact.State.RETIRED).with_everything()))


def table_of(row: Fact) -> dict[str, object]:
    """One `[[indication]]` or `[[occurrence]]`; empty where a draft lacks something."""
    return dict(fact_rows.of_fact(row).table)


def _indications() -> Iterator[LibraryFile]:
    by_drug: dict[str, list[dict[str, object]]] = {}
    for row in _standing(Indication):
        by_drug.setdefault(row.drug.slug, []).append(table_of(row))
    for slug in sorted(by_drug):
        yield LibraryFile(
            _path("indications", slug, suffix="toml"), raw="", head={"indication": by_drug[slug]}
        )


def _occurrences() -> Iterator[LibraryFile]:
    by_treatment: dict[tuple[str, str], list[dict[str, object]]] = {}
    for row in _standing(SideEffectOccurrence):
        key = (row.treatment.kind, row.treatment.slug)
        by_treatment.setdefault(key, []).append(table_of(row))
    for kind, slug in sorted(by_treatment):
        head = {"treatment": f"{kind}:{slug}", "occurrence": by_treatment[(kind, slug)]}
        yield LibraryFile(_path("occurrences", slug, suffix="toml"), raw="", head=head)


def _one_each(model: type[GlossaryTerm | Question | Update]) -> Iterable[Fact]:
    """One row for a file."""
    return {(row.slug, row.language): row for row in sorted(_standing(model), key=wins)}.values()


def _texts() -> Iterator[LibraryFile]:
    for row in _one_each(GlossaryTerm):
        head = {"term": row.term, "other_forms": row.other_forms, "sources": row.source_keys}
        yield LibraryFile(_path("glossary", row.slug, row.language), raw="", head=head, text=row.explanation)
    for row in _one_each(Question):
        head = {"question": row.question, "topic": row.topic, "sources": row.source_keys}
        yield LibraryFile(_path("questions", row.slug, row.language), raw="", head=head, text=row.answer)
    for row in _one_each(Update):
        head = dict(fact_rows.of_fact(row).table)
        yield LibraryFile(_path("updates", row.slug, row.language), raw="", head=head, text=row.text)


def _site_profile() -> Iterator[LibraryFile]:
    profile = SiteProfile.objects.first()
    if profile:
        head = {field.name: getattr(profile, field.name) for field in heads()["site_profile"]}
        yield LibraryFile(PurePosixPath("site_profile.toml"), raw="", head=head)
