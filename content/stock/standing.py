"""What the database holds for each file, in so few words that all of it is known in a few queries.

What is public never changes in place, so its number says which text it is; drafts, sources and the site's own
words do, and stand here with all they hold. Whoever changes a published text or an approved fact in SQL, past the
models that refuse it, is not noticed here until its file changes: `import_library --overwrite` reads all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from django.db.models import QuerySet
from djangocms_versioning.constants import DRAFT

from content.kinds import KINDS
from content.models import (
    TABLED_FACTS,
    WRITTEN_FACTS,
    Coverage,
    Fact,
    SiteProfile,
    SiteProfileText,
    Source,
    TabledFact,
    content_models,
)
from content.rules import fact_rows
from content.stock.export import EVERYTHING, Only, name_of, superseded_in

Standing = dict[str, str]  # path -> what stands for it
Row = tuple[str, object]


def standing(only: Only = EVERYTHING) -> Standing:
    """Every file that an export would write, with what changes whenever its text would."""
    rows: dict[str, list[object]] = {}
    for path, row in (
        *_entries(only),
        *_facts(only),
        *_sources(only),
        *_coverage(only),
        *_site_profile(),
    ):
        rows.setdefault(path, []).append(row)
    return {
        path: hashlib.sha256(repr(sorted(of, key=repr)).encode()).hexdigest() for path, of in rows.items()
    }


def _entries(only: Only) -> Iterator[Row]:
    for kind, model in content_models().items():
        folder = KINDS[kind].folder
        if only.holds(folder):
            newest = only.among(model.admin_manager.current_content(), folder, "entry__slug").order_by()
            yield from _newest(folder, newest)


def _newest(folder: str, newest: QuerySet) -> Iterator[Row]:
    has_drafts = False
    for pk, slug, language, state in newest.values_list("pk", "entry__slug", "language", "versions__state"):
        has_drafts |= state == DRAFT
        yield name_of(folder, slug, language), pk
    names = [field.attname for field in newest.model._meta.concrete_fields]
    drafts = newest.filter(versions__state=DRAFT) if has_drafts else newest.none()
    for slug, language, *values in drafts.values_list("entry__slug", "language", *names):
        yield name_of(folder, slug, language), values


def _facts(only: Only) -> Iterator[Row]:
    for table in TABLED_FACTS:
        for *names, row in (
            *_rows(only, table, table.FOLDER, *table.file_columns()),
            *_edited_in_place(only, table),
        ):
            yield name_of(table.FOLDER, next(filter(None, names)), suffix="toml"), row
    for model in WRITTEN_FACTS:
        for slug, language, row in _rows(only, model, model.FOLDER, "slug", names=("language",)):
            yield name_of(model.FOLDER, slug, language), row


def _rows(
    only: Only, model: type[Fact], folder: str, *slugs: str, names: tuple[str, ...] = ()
) -> Iterator[tuple]:
    """Those that name the file, and its number; of a draft all it says."""
    if not only.holds(folder):
        return
    current = only.among(model.objects.exclude(state=Fact.State.RETIRED), folder, *slugs)
    said = {row.pk: _said(row) for row in current.drafts().with_everything()}
    superseded = superseded_in(model)
    for pk, *place in current.order_by().values_list("pk", *slugs, *names):
        if pk not in superseded:
            yield *place, (pk, said.get(pk))


def _edited_in_place(only: Only, table: type[TabledFact]) -> Iterator[tuple]:
    """What stands in a file with its facts, and changes without them."""
    for column in table.COLUMNS:
        if column.beside and only.holds(table.FOLDER):
            rows = table.objects.exclude(state=Fact.State.RETIRED)
            current = only.among(rows, table.FOLDER, *table.file_columns()).order_by()
            columns = (f"{column.beside}__pk", f"{column.beside}__{column.on_row}")
            for *names, pk, said in current.values_list(*table.file_columns(), *columns):
                yield *names, (pk, said)


def _said(draft: Fact) -> object:
    row = fact_rows.of_fact(draft)
    return row.table, row.words


def _sources(only: Only) -> Iterable[Row]:
    if not only.holds("sources"):
        return
    for row in only.among(Source.objects.all(), "sources", "key").values_list():
        yield name_of("sources", row[1], suffix="toml"), row


def _coverage(only: Only) -> Iterable[Row]:
    if not only.holds(Coverage.FOLDER):
        return
    for row in only.among(Coverage.objects.order_by(), Coverage.FOLDER, "drug__slug").values_list(
        "drug__slug", *(field.attname for field in Coverage._meta.concrete_fields)
    ):
        yield name_of(Coverage.FOLDER, row[0], suffix="toml"), row


def _site_profile() -> Iterable[Row]:
    for model in (SiteProfile, SiteProfileText):
        for row in model.objects.values_list():
            yield "site_profile.toml", row
