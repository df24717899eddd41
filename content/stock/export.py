"""The way back: the database as library files, so that edits made in the admin can be reviewed and kept in git.

CMS pages are not among them: their files are a first text, and editors own them from then on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePosixPath
from typing import TypeVar

from django.db.models import Q, QuerySet

from content.kinds import KINDS
from content.models import (
    FACT_MODELS,
    TABLED_FACTS,
    WRITTEN_FACTS,
    Coverage,
    Entry,
    EntryContent,
    Fact,
    Indication,
    SiteProfile,
    Source,
    TabledFact,
    UrgentEntryContent,
    WrittenFact,
    content_models,
)
from content.models.fact import F, FactQuerySet
from content.rules import fact_rows
from content.stock.format import LibraryFile, format_file, heads

Rows = TypeVar("Rows", bound=QuerySet)


@dataclass(frozen=True)
class Only:
    """The files that are asked for, as folder -> slugs; all there are without any."""

    slugs: dict[str, set[str]] | None = None

    @classmethod
    def these(cls, paths: Iterable[PurePosixPath]) -> Only:
        slugs: dict[str, set[str]] = {}
        for path in paths:
            folder = path.parts[0] if len(path.parts) > 1 else path.stem
            slugs.setdefault(folder, set()).add(path.name.split(".")[0])
        return cls(slugs)

    def holds(self, folder: str) -> bool:
        return self.slugs is None or folder in self.slugs

    def among(self, rows: Rows, folder: str, *columns: str) -> Rows:
        """The rows that stand in such a file; `columns` hold its slug."""
        if self.slugs is None:
            return rows
        asked = self.slugs.get(folder, set())
        wanted = Q()
        for column in columns:
            wanted |= Q(**{f"{column}__in": asked})
        return rows.filter(wanted) if asked else rows.none()


EVERYTHING = Only()


def export(only: Only = EVERYTHING) -> dict[PurePosixPath, str]:
    """Files of the library as the database has them now: path -> text in canonical form."""
    files = [
        *_entries(only),
        *_sources(only),
        *_tables(only),
        *_texts(only),
        *_coverage(only),
        *_site_profile(only),
    ]
    return {file.path: format_file(file) for file in files}


def unfinished() -> Iterator[str]:
    """Drafts that are written with what they have, and that `check_library` will ask to be finished."""
    for model in FACT_MODELS:
        for row in _standing(model.objects.all()):
            if row.state == Fact.State.DRAFT and (missing := _missing(row)):
                yield f"{model._meta.verbose_name} {row}: a draft without {missing}; written as it is"


def _missing(row: Fact) -> str:
    plain = fact_rows.of_fact(row)
    words = [name for name in ("condition", "context", "words") if plain.table.get(name) == ""]
    return " and ".join(
        [*(f"its {name} in English" for name in words), *([] if row.source else ["a source"])]
    )


def path_of(folder: str, slug: str, language: str = "en", suffix: str = "md") -> PurePosixPath:
    return PurePosixPath(name_of(folder, slug, language, suffix))


def name_of(folder: str, slug: str, language: str = "en", suffix: str = "md") -> str:
    """The path as words."""
    return f"{folder}/{slug}{'' if language == 'en' else f'.{language}'}.{suffix}"


def _entries(only: Only) -> Iterator[LibraryFile]:
    """The newest version of each: a draft if somebody works on one, else what is public."""
    for kind, model in content_models().items():
        folder = KINDS[kind].folder
        if not only.holds(folder):
            continue
        relations = [field.name for field in model._meta.concrete_fields if field.is_relation]
        rows = only.among(model.admin_manager.current_content(), folder, "entry__slug")
        for content in rows.select_related(*relations).order_by("entry__slug"):
            yield LibraryFile(
                path_of(folder, content.entry.slug, content.language),
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


def _sources(only: Only) -> Iterator[LibraryFile]:
    for source in only.among(Source.objects.all(), "sources", "key"):
        head = {field.name: getattr(source, field.name) for field in heads()["sources"]}
        yield LibraryFile(path_of("sources", source.key, suffix="toml"), raw="", head=head)


def _first_recorded(row: Fact) -> int:
    return row.first_id or row.pk


def wins(row: Fact) -> bool:
    """Whether a file goes on from this row, though a draft of its own says that it is the same."""
    return row.state == Fact.State.APPROVED or row.supersedes_id is not None


def _standing(rows: FactQuerySet[F]) -> list[F]:
    """Drafts in place of what they supersede, in the order the statements were first recorded."""
    superseded = superseded_in(rows.model)
    standing = rows.exclude(state=Fact.State.RETIRED).with_everything()
    return sorted((row for row in standing if row.pk not in superseded), key=_first_recorded)


def superseded_in(model: type[Fact]) -> set[int]:
    """The rows in whose place a draft waits."""
    waiting = model.objects.exclude(state=Fact.State.RETIRED).filter(supersedes__isnull=False)
    return {row.supersedes_id for row in waiting.only("supersedes") if row.supersedes_id}


def table_of(row: Fact) -> dict[str, object]:
    """What a file says of it beside a text; empty where a draft lacks something."""
    return dict(fact_rows.of_fact(row).table)


def _tables(only: Only) -> Iterator[LibraryFile]:
    for model in TABLED_FACTS:
        rows = _standing(only.among(model.objects.all(), model.FOLDER, *model.file_columns()))
        for name, of_file in groupby(sorted(rows, key=_file_name), key=_file_name):
            together = list(of_file)
            head = _named_above(together[0]) | {model.NAME: list(map(table_of, together))}
            yield LibraryFile(path_of(model.FOLDER, name, suffix="toml"), raw="", head=head)


def _file_name(row: TabledFact) -> str:
    return row.file_name


def _named_above(row: TabledFact) -> dict[str, object]:
    """What a file says above its tables."""
    owner = row.owner
    return {row.OWNER: f"{owner.kind}:{owner.slug}"} if row.OWNER and isinstance(owner, Entry) else {}


def _one_each(model: type[WrittenFact], only: Only) -> Iterable[WrittenFact]:
    """One row for a file."""
    rows = _standing(only.among(model.objects.all(), model.FOLDER, "slug"))
    return {(row.slug, row.language): row for row in sorted(rows, key=wins)}.values()


def _texts(only: Only) -> Iterator[LibraryFile]:
    for model in WRITTEN_FACTS:
        for row in _one_each(model, only):
            (text,) = row.markdown
            path = path_of(row.FOLDER, row.slug, row.language)
            yield LibraryFile(path, raw="", head=table_of(row), text=text)


def _coverage(only: Only) -> Iterator[LibraryFile]:
    rows = only.among(Coverage.objects.all(), Coverage.FOLDER, "drug__slug")
    in_order = sorted(
        rows.select_related("drug", "text", "newest_from"),
        key=lambda row: (row.drug.slug, Indication.Regulator.values.index(row.regulator)),
    )
    for slug, of_drug in groupby(in_order, key=lambda row: row.drug.slug):
        head: dict[str, object] = {Coverage.FOLDER: list(map(_covered, of_drug))}
        yield LibraryFile(path_of(Coverage.FOLDER, slug, suffix="toml"), raw="", head=head)


def _covered(row: Coverage) -> dict[str, object]:
    return {
        "regulator": row.regulator,
        "text": row.text.key if row.text else None,
        "newest": row.newest,
        "newest_on": row.newest_on,
        "newest_from": row.newest_from.key if row.newest_from else None,
        "uses": row.uses,
        "complete": row.complete or None,
        "gaps": row.gaps,
    }


def _site_profile(only: Only) -> Iterator[LibraryFile]:
    if not only.holds("site_profile"):
        return
    profile = SiteProfile.objects.first()
    if profile:
        head = {field.name: getattr(profile, field.name) for field in heads()["site_profile"]}
        head["texts"] = list(profile.texts.values("language", *SiteProfile.IN_EVERY_LANGUAGE))
        yield LibraryFile(PurePosixPath("site_profile.toml"), raw="", head=head)
