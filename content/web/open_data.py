"""Open data beyond entries: approved uses and coverage as lists, what has changed, and all of it in one file.

Whoever serves open data takes `api` from here: the addresses of `api.py` and these are one documented interface.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import re
import zipfile
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import Annotated, Literal, cast

from django.conf import settings
from django.db.models import Exists, F, Max, OuterRef, Q, Value
from django.http import FileResponse, Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import override
from djangocms_versioning.constants import PUBLISHED
from pydantic import BaseModel, BeforeValidator, Field

from content import directory, edition
from content.kinds import KINDS
from content.models import FACT_MODELS, Coverage, Indication, Source, content_models
from content.models.coverage import uses_on_record
from content.page.entry_page import EntryData
from content.text.hints import HandedOn
from content.web.api import (
    ERRORS,
    FORMS,
    CoverageOut,
    EntryOut,
    IndicationOut,
    Language,
    Licensed,
    Named,
    OfEntry,
    Problem,
    ResultsOut,
    Signs,
    SourceOut,
    api,
    covered,
    entry_out,
    indication_out,
    list_results,
    list_signs,
    named,
    source_out,
    with_sources,
)

__all__ = ["api", "write_archive"]


# --- Approved uses, coverage -------------------------------------------------------------------------------


class UsesOut(Licensed):
    count: int
    results: list[IndicationOut]
    sources: list[SourceOut]


class CoverageOfDrug(CoverageOut):
    drug: Named


class CoveragesOut(Licensed):
    count: int
    results: list[CoverageOfDrug]


@api.get(
    "/uses/",
    response={200: UsesOut, **ERRORS},
    by_alias=True,
    tags=["uses"],
    summary="Approved uses, withdrawn ones too; of one cancer or one drug, if it is named",
)
def list_uses(
    request: HttpRequest | None, cancer: OfEntry = "", drug: OfEntry = "", language: Language = "en"
) -> dict[str, object]:
    rows = Indication.objects.approved().with_everything().order_by("cancer__slug", "key")
    rows = rows.filter(cancer__slug=cancer) if cancer else rows
    facts = list(rows.filter(members__drug__slug=drug).distinct() if drug else rows)
    return with_sources(facts, indication_out, language)


@api.get(
    "/coverage/",
    response={200: CoveragesOut, **ERRORS},
    tags=["coverage"],
    summary="Which texts of regulators the uses were taken from, and what of them is missing",
)
def list_coverage(
    request: HttpRequest | None, drug: OfEntry = "", language: Language = "en"
) -> dict[str, object]:
    all_rows = Coverage.objects.select_related("drug", "text", "newest_from")
    rows = list(all_rows.filter(drug__slug=drug) if drug else all_rows)
    entered = uses_on_record({row.drug_id for row in rows})
    with override(language):
        drugs = directory.look_up({("drug", row.drug.slug) for row in rows}, language)
        results = [
            covered(row, entered.get((row.drug_id, row.regulator), 0))
            | {"drug": named(drugs["drug", row.drug.slug])}
            for row in rows
        ]
    return {"count": len(results), "results": results}


# --- What has changed --------------------------------------------------------------------------------------


class ChangeOut(BaseModel):
    on: datetime.date
    what: Literal["published", "withdrawn", "approved", "taken off"] = Field(
        description="Of an entry: published, withdrawn. Of a fact: approved, taken off; by us, not by a regulator."
    )
    kind: str = Field(description="The kind of entry or fact: drug, indication, sign.")
    key: str = Field(description="Slug of an entry, key of a fact.")
    language: str = Field(description="Of the text; empty for facts that have words in several.")
    note: str


class ChangesOut(Licensed):
    count: int
    results: list[ChangeOut]


def _written_as_a_day(said: object) -> object:
    """A bare number would be taken for seconds."""
    if isinstance(said, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", said):
        raise ValueError("Write the day as 2026-12-31.")
    return said


Day = Annotated[datetime.date, BeforeValidator(_written_as_a_day)]


@api.get(
    "/changes/",
    response={200: ChangesOut, **ERRORS},
    tags=["changes"],
    summary="What went public or was taken away, newest first. Ask again with the ETag of the last answer",
)
def list_changes(request: HttpRequest | None, since: Day | None = None) -> dict[str, object]:
    """An answer has an ETag; sent back as If-None-Match it brings 304 and no body while nothing has changed."""
    first = since or datetime.date.min
    changes = [*_of_entries(first), *_of_facts(first)]
    alike = itemgetter("kind", "key", "what", "language", "note")  # an ETag needs one order
    changes.sort(key=lambda one: (-one["on"].toordinal(), *alike(one)))
    return {"count": len(changes), "results": changes}


Change = dict[str, HandedOn]


def _of_entries(since: datetime.date) -> Iterator[Change]:
    """Every version that went public; that it went is told where no version of it is public now."""
    text = ("entry__slug", "language")
    for kind, model in content_models().items():
        rows = model._base_manager.order_by()
        told = rows.filter(versions__publication__published_at__date__gte=since).values_list(  # type: ignore[misc] # versioning adds it
            *text, "versions__publication__published_at", "versions__publication__change_note"
        )
        for slug, language, at, note in told:
            yield _change(timezone.localdate(at), "published", kind, slug, language, note)
        same = {"entry": OuterRef("entry"), "language": OuterRef("language")}
        public = rows.filter(versions__publication__isnull=False, versions__state=PUBLISHED, **same)  # type: ignore[misc]
        past = rows.filter(~Exists(public), versions__publication__isnull=False)  # type: ignore[misc]
        gone = past.values(*text).annotate(last=Max("versions__modified")).filter(last__date__gte=since)
        for slug, language, moment in gone.values_list(*text, "last"):
            yield _change(timezone.localdate(moment), "withdrawn", kind, slug, language, "")


def _of_facts(since: datetime.date) -> Iterator[Change]:
    on_time = Q(retired_on__gte=since) | Q(retired_on=None, approved_on__gte=since)
    for model in FACT_MODELS:
        names = {field.name for field in model._meta.concrete_fields}
        key = next((F(name) for name in ("key", "slug") if name in names), Value(""))
        language = F("language") if "language" in names else Value("")
        rows = model.objects.on_record().filter(on_time).order_by()
        told = rows.values_list(key, language, "approved_on", "retired_on", "retired_reason")
        for name, spoken, approved, retired, reason in told:
            if retired:
                yield _change(retired, "taken off", str(model._meta.model_name), name, spoken, reason)
            else:
                yield _change(approved, "approved", str(model._meta.model_name), name, spoken, "")


def _change(on: datetime.date, what: str, kind: str, key: str, language: str, note: str) -> Change:
    return {"on": on, "what": what, "kind": kind, "key": key, "language": language, "note": note}


# --- All of it ---------------------------------------------------------------------------------------------


def archive() -> Path:
    """Made by `write_open_data`, once a night: to put all pages together takes too long for a visitor to wait.

    Its comment tells what had been withdrawn by then.
    """
    return Path(settings.DATA_DIR) / "open-data.zip"


@api.get(
    "/all.zip",
    response={404: Problem},
    tags=["everything"],
    summary="All of open data as one file of JSON files, made once a night; 404 once something in it was withdrawn",
    openapi_extra={
        "responses": {
            200: {
                "description": "A ZIP file; about.json in it says when it was made.",
                "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
            }
        }
    },
)
def download_all(request: HttpRequest) -> FileResponse:
    if not archive().is_file() or _comment_of(archive()) != _withdrawn():
        raise Http404
    return FileResponse(
        archive().open("rb"), as_attachment=True, filename="open-data.zip", content_type="application/zip"
    )


def _comment_of(path: Path) -> bytes:
    with zipfile.ZipFile(path) as packed:
        return packed.comment


def _withdrawn() -> bytes:
    """All that was taken away so far, as a digest."""
    return edition.shared("withdrawn", _digest_of_withdrawn)


def _digest_of_withdrawn() -> bytes:
    told = sorted(
        str(one)
        for one in (*_of_entries(datetime.date.min), *_of_facts(datetime.date.min))
        if one["what"] in ("withdrawn", "taken off")
    )
    return hashlib.blake2b("\n".join(told).encode(), digest_size=16).hexdigest().encode()


def write_archive() -> int:
    """Whole or not at all: somebody may be reading the file before. How many files are in it."""
    part = archive().with_suffix(".part")
    withdrawn = _withdrawn()  # before anything is read: what goes meanwhile may be in the file
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.comment = withdrawn
        for name, said in _files():
            packed.writestr(name, json.dumps(said, ensure_ascii=False, indent=1))
        number = len(packed.namelist())
    part.replace(archive())
    return number


def _files() -> Iterator[tuple[str, object]]:
    yield (
        "about.json",
        {"site": settings.SITE_URL, "made_at": timezone.now().isoformat(), **_plain(Licensed, {})},
    )
    yield "changes.json", _plain(ChangesOut, list_changes(None))
    yield "coverage.json", _plain(CoveragesOut, list_coverage(None))
    yield "sources.json", [_plain(SourceOut, source_out(source)) for source in Source.objects.all()]
    for language, _name in settings.LANGUAGES:
        with override(language), edition.of_one_page():
            yield f"{language}/uses.json", _plain(UsesOut, list_uses(None, language=language))
            yield f"{language}/results.json", _plain(ResultsOut, list_results(None, language=language))
            yield f"{language}/signs.json", _plain(Signs, list_signs(None, language=language))
            for kind, model in content_models().items():
                form = FORMS.get(kind, EntryOut)
                entries = model.objects.in_language(language).order_by("entry__slug")
                yield (
                    f"{language}/{KINDS[kind].folder}.json",
                    [_plain(form, entry_out(EntryData(content), form)) for content in entries],
                )


def _plain(form: type[BaseModel], said: dict[str, object]) -> dict[str, object]:
    """In the same form as the addresses answer."""
    return cast("dict[str, object]", form.model_validate(said).model_dump(mode="json", by_alias=True))
