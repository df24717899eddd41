"""Open data, read-only: what is public, as JSON with its sources. A promise of form; documented at /api/v1/docs."""

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from keyword import iskeyword
from typing import Annotated, Literal, TypeVar

from django.conf import settings
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils.translation import override
from ninja import NinjaAPI, Path, Query
from ninja.openapi.docs import Swagger
from pydantic import BaseModel, Field, create_model

from content import directory, edition
from content.kinds import KINDS
from content.models import (
    Coverage,
    DrugContent,
    EntryContent,
    Fact,
    FormerSlug,
    Indication,
    LayWords,
    Result,
    SideEffectOccurrence,
    Sign,
    SiteProfile,
    Source,
    TherapyClassContent,
    UrgentEntryContent,
)
from content.models.column import Column, related, type_in_files
from content.page import coverage_shown, signs_shown, tables, uses
from content.page.entry_page import EntryData, EntryPage, public_entry
from content.page.reading import Reading
from content.text import prose
from content.text.hints import HandedOn
from content.text.kept import Kept

api = NinjaAPI(
    title="Cancer immunotherapy: open data",
    version="1",
    description=(
        "Approved uses, side effects and pages of this site, each with its sources and the state of its review. "
        "Information for people, not medical advice. Every fact names its regulator; withdrawn uses stay, marked. "
        "Pages of other sites may ask too (CORS). `license` says what is allowed with the data. What cannot be "
        "understood is answered with 422 and says which part, what is not there with 404, anything but a question "
        "with 405, too many questions at once with 429."
    ),
    urls_namespace="api",
    # Without a validator: it would show every reader's visit to another site.
    docs=Swagger(settings={"validatorUrl": None}),
)

F = TypeVar("F", bound=Fact)
_CODES = [code for code, _name in settings.LANGUAGES]
Language = Annotated[str, Query(description=", ".join(_CODES), pattern=f"^({'|'.join(_CODES)})$")]
Slug = Annotated[str, Path(pattern="^[a-z0-9-]{1,80}$")]


# --- What comes out ----------------------------------------------------------------------------------------


def _license() -> str:
    return edition.shared("site profile", SiteProfile.current).data_license


class Licensed(BaseModel):
    """What whoever runs the site allows others to do with the data."""

    license: str = Field(
        default_factory=_license,
        description="Name or address of the license. Empty: none has been given, and all rights are reserved.",
    )


class Problem(BaseModel):
    detail: str


class WrongPart(BaseModel):
    loc: list[str | int]
    msg: str
    type: str


class Wrong(BaseModel):
    """Which parts of the question cannot be understood."""

    detail: list[WrongPart]


# What each address can answer besides: a question that cannot be understood.
ERRORS: dict[int, type[BaseModel]] = {422: Wrong}


class Named(BaseModel):
    slug: str
    name: str


class OnlyNamed(BaseModel):
    """A medicine that is no entry of the library, or words for several."""

    name: str


class Listing(BaseModel):
    slug: str
    name: str
    summary: str
    url: str


class Listings(Licensed):
    count: int
    results: list[Listing]


class SourceOut(BaseModel):
    key: str
    title: str
    publisher: str
    url: str
    published_on: datetime.date | None
    text_of: str = Field(
        description="How old the text is that was read: 2026-08, undated copy; empty if it has a day of its own."
    )
    text_of_on: datetime.date | None
    checked_on: datetime.date


class CoverageOut(BaseModel):
    """Which text of a regulator the uses of a medicine were taken from, and what of it is missing."""

    regulator: str
    text: str | None = Field(description="Key of the source that was read; null if nobody has read one.")
    text_of: str
    text_of_on: datetime.date | None
    newest: str = Field(description="The newest known revision, read or not.")
    newest_on: datetime.date | None
    newest_from: str | None
    uses: int | None = Field(description="How many uses that text has.")
    entered: int = Field(description="How many of this regulator are here.")
    complete: bool
    gaps: list[str] = Field(
        description="Uses known to be missing: a cancer, what is given with the medicine."
    )


class ReviewOut(BaseModel):
    status: Literal["reviewed", "unreviewed", "overdue"]
    reviewer: str | None
    reviewed_on: datetime.date | None
    next_review_due: datetime.date


def _said_by(fact: type[Fact]) -> type[BaseModel]:
    """What rows of this fact say, column by column, as they are called in the library's files."""
    fields: dict[str, HandedOn] = {_safe(column.name): _open_field(column, fact) for column in fact.COLUMNS}
    return create_model(f"{fact.__name__}Columns", __base__=BaseModel, **fields)


def _safe(name: str) -> str:
    return f"{name}_" if iskeyword(name) else name


def _open_field(column: Column, fact: type[Fact]) -> tuple[object, object]:
    return _open_type(column, fact), Field(serialization_alias=column.name)


def _open_type(column: Column, model: type[models.Model]) -> object:
    if column.is_listed:
        return list[Named | OnlyNamed]
    if column.parts:
        return list[_part_of(column, model)]  # type: ignore[misc] # a type made of data
    kind = column.type(model)
    if column.kind:
        return list[Named] if kind is list else Named
    if kind is dict:
        return dict[str, type_in_files(column.field(model)) if column.of else str]  # type: ignore[misc] # made of data
    if kind is list:
        return list[float] if column.holds_figures(model) else list[str]
    return kind if column.is_required(model) or kind is str else kind | None


def _part_of(column: Column, model: type[models.Model]) -> type[BaseModel]:
    """A row that belongs to a fact: the entry it names, if it names one, and what it says."""
    part = related(model, column.on_row)
    names_one = [one for one in column.parts if one.kind and one.type(part) is not list]
    said: dict[str, HandedOn] = {
        one.name: (_open_type(one, part), ...) for one in column.parts if one not in names_one
    }
    return create_model(part.__name__, __base__=Named if names_one else BaseModel, **said)


class IndicationOut(_said_by(Indication)):  # type: ignore[misc] # a type made of data
    cancer: Named
    drug: Named | None = Field(description="The first medicine of the regimen that is an entry.")
    with_: list[Named] = Field(serialization_alias="with", description="The rest of the regimen.")
    status: Literal["current", "withdrawn"]
    sources: list[str]


class OccurrenceOut(_said_by(SideEffectOccurrence)):  # type: ignore[misc] # a type made of data
    treatment: Named
    sources: list[str]


class ResultOut(_said_by(Result)):  # type: ignore[misc] # a type made of data
    """Of 100 people: one number for each arm, in their order."""

    cancer: Named
    sources: list[str]


class ResultsOut(Licensed):
    count: int
    results: list[ResultOut]
    sources: list[SourceOut]


class SignOut(_said_by(Sign)):  # type: ignore[misc] # a type made of data
    """A sign; `urgency`, `gravest` and `qualifiers` go by treatment group."""

    body_part: str
    review: Literal["reviewed", "unreviewed"]
    sources: list[str]


class Signs(Licensed):
    count: int
    results: list[SignOut]


class SideEffectOfDrug(Named):
    urgency: str | None
    how_common: str


class Act(BaseModel):
    emergency: list[str]
    same_day: list[str]
    routine: list[str]


class EntryOut(Licensed):
    """What every kind has."""

    slug: str
    name: str
    other_names: list[str]
    summary: str
    sections: dict[str, str]
    sources: list[SourceOut]
    review: ReviewOut
    url: str


class CancerOut(EntryOut):
    icd10: list[str]
    indications: list[IndicationOut]
    results: list[ResultOut]
    biomarkers: list[Named]
    side_effects: list[SideEffectOfDrug]


class TherapyOut(EntryOut):
    parent: Named | None
    act: Act
    indications: list[IndicationOut]
    results: list[ResultOut]


class DrugOut(EntryOut):
    brand_names: list[str]
    therapy_class: Named
    kind: str
    form: Literal["full", "short"]
    targets: list[str]
    route: str
    act: Act
    indications: list[IndicationOut]
    coverage: list[CoverageOut]
    results: list[ResultOut]
    side_effects: list[SideEffectOfDrug]


class SideEffectOut(EntryOut):
    body_system: str
    urgency: Literal["emergency", "same_day", "routine"]
    symptoms: list[str]
    act: Act
    occurrences: list[OccurrenceOut]


class BiomarkerOut(EntryOut):
    indications: list[IndicationOut]


class CenterOut(EntryOut):
    city: str
    country: str
    website: str


# --- How it is made ------------------------------------------------------------------------------------------


def named(entry: directory.Listed) -> dict[str, str]:
    return {"slug": entry.slug, "name": entry.name}


def _url(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


def source_out(source: Source) -> dict[str, object]:
    own = {name: getattr(source, name) for name in SourceOut.model_fields if name != "text_of"}
    return own | {"text_of": source.age}


def _coverage(page: EntryPage) -> list[dict[str, object]]:
    in_force = Counter(
        fact.regulator for fact in page.facts if isinstance(fact, Indication) and fact.is_current
    )
    rows = coverage_shown.of_medicine(page.content.entry.slug)
    return [covered(row, in_force[row.regulator]) for row in rows]


def covered(row: Coverage, entered: int) -> dict[str, object]:
    return {
        "regulator": row.regulator,
        "text": row.text.key if row.text else None,
        "text_of": row.text.age if row.text else "",
        "text_of_on": row.text_of_on,
        "newest": row.newest,
        "newest_on": row.newest_on,
        "newest_from": row.newest_from.key if row.newest_from else None,
        "uses": row.uses,
        "entered": entered,
        "complete": coverage_shown.is_complete(row, entered),
        "gaps": row.gaps,
    }


def _indications(page: EntryPage) -> list[dict[str, object]]:
    return [indication_out(fact, page) for fact in page.facts if isinstance(fact, Indication)]


def _columns(fact: Indication | SideEffectOccurrence | Result, page: Reading) -> dict[str, object]:
    words = fact.text_in(page.language)
    return {
        _safe(column.name): [
            _open_part(column, part, page, words, place)
            for place, part in enumerate(fact.rows_of(column.on_row))
        ]
        if column.parts
        else _open(column, words if column.of_words else fact, page)
        for column in fact.COLUMNS
    }


def _open(column: Column, row: models.Model | None, page: Reading) -> object:
    if row is None:  # no words in English yet: an old row
        return ""
    value = getattr(row, column.on_row)
    if column.is_listed:
        return [_open_member(column, one, page) for one in value.all()]
    if not column.kind:
        return value
    if isinstance(value, list):
        return [_named_or_words(page.entry(column.kind, member), member) for member in value]
    return named(page.entry(column.kind, value.slug))


def _named_or_words(entry: directory.Listed, member: str) -> dict[str, str]:
    """Words stay as they are: what has no entry has no other name."""
    is_entry = entry.url or (entry.kind, member) in directory.planned()
    return named(entry) if is_entry else {"slug": member, "name": member}


def _open_member(column: Column, member: models.Model, page: Reading) -> dict[str, str]:
    entry = getattr(member, column.kind)
    return named(page.entry(column.kind, entry.slug)) if entry else {"name": str(member)}


def _open_part(
    column: Column, part: models.Model, page: Reading, words: models.Model | None, place: int
) -> dict[str, object]:
    said: dict[str, object] = {}
    for one in column.parts:
        if one.by_position:
            list_of = getattr(words, one.on_row, [])
            said[one.name] = list_of[place] if place < len(list_of) else ""
            continue
        value = _open(one, part, page)
        said |= value if isinstance(value, dict) else {one.name: value}
    return said


def _results(page: EntryPage) -> list[dict[str, object]]:
    return [_result(fact, page) for fact in page.facts if isinstance(fact, Result)]


def _result(fact: Result, page: Reading) -> dict[str, object]:
    cancer = named(page.entry("cancer", fact.cancer.slug))
    return {**_columns(fact, page), "cancer": cancer, "sources": page.sources_of(fact)}


def indication_out(fact: Indication, page: Reading) -> dict[str, object]:
    members = uses.members_of(fact, page)
    drug = next((entry for entry in members if entry.slug), None)
    others = [entry for entry in members if entry is not drug]
    return {
        **_columns(fact, page),
        "cancer": named(page.entry("cancer", fact.cancer.slug)),
        "drug": named(drug) if drug else None,
        "with_": [{"slug": entry.slug or entry.name, "name": entry.name} for entry in others],
        "status": fact.status,
        "sources": page.sources_of(fact),
    }


def _occurrences(page: EntryPage) -> list[SideEffectOccurrence]:
    return [fact for fact in page.facts if isinstance(fact, SideEffectOccurrence)]


def _occurrence(fact: SideEffectOccurrence, page: EntryPage) -> dict[str, object]:
    treatment = named(page.entry(fact.treatment.kind, fact.treatment.slug))
    return {**_columns(fact, page), "treatment": treatment, "sources": page.sources_of(fact)}


def _side_effects(page: EntryPage) -> list[dict[str, object]]:
    """Each side effect once, with the most common figure on record."""
    slugs = {fact.side_effect.slug for fact in _occurrences(page)}
    public, signs = tables.public_side_effects(slugs, page.language), signs_shown.all_signs()
    order = SideEffectOccurrence.HowCommon.values
    most_common: dict[str, str] = {}
    for fact in sorted(_occurrences(page), key=lambda fact: order.index(fact.how_common)):
        most_common.setdefault(fact.side_effect.slug, fact.how_common)
    return [
        {
            **named(page.entry("side-effect", slug)),
            "urgency": signs_shown.urgency_of(public[slug], signs) if slug in public else None,
            "how_common": how_common,
        }
        for slug, how_common in most_common.items()
    ]


def _biomarkers(page: EntryPage) -> list[dict[str, str]]:
    facts = [fact for fact in page.facts if isinstance(fact, Indication)]
    slugs = sorted({need.biomarker.slug for fact in facts for need in fact.requirements.all()})
    return [named(page.entry("biomarker", slug)) for slug in slugs]


def _act(page: EntryPage) -> dict[str, list[str]] | None:
    content = page.content
    if not isinstance(content, UrgentEntryContent):
        return None
    plain = {
        urgency: [*(line.text for line in page.signs.at(urgency)), *map(prose.plain, lines)]
        for urgency, lines in content.act.items()
    }
    return {"emergency": plain["emergency"], "same_day": plain["same_day"], "routine": plain["next_visit"]}


def _therapy_class(page: EntryPage) -> dict[str, str] | None:
    content = page.content
    return (
        named(page.entry("therapy", content.therapy_class.slug))
        if isinstance(content, DrugContent) and content.therapy_class
        else None
    )


def _parent(page: EntryPage) -> dict[str, str] | None:
    parent = page.content.parent if isinstance(page.content, TherapyClassContent) else None
    return named(page.entry("therapy", parent.slug)) if parent else None


# Fields that are not simply a column of the same name.
MADE: dict[str, Callable[[EntryPage], object]] = {
    "indications": _indications,
    "results": _results,
    "occurrences": lambda page: [_occurrence(fact, page) for fact in _occurrences(page)],
    "side_effects": _side_effects,
    "biomarkers": _biomarkers,
    "coverage": _coverage,
    "act": _act,
    "therapy_class": _therapy_class,
    "parent": _parent,
    "urgency": lambda page: page.urgency,
}


def entry_out(page: EntryPage, schema: type[EntryOut]) -> dict[str, object]:
    content = page.content
    own = [name for name in schema.model_fields if name not in EntryOut.model_fields]
    review = page.review
    return {
        "slug": content.entry.slug,
        "name": content.name,
        "other_names": content.other_names,
        "summary": content.summary,
        "sections": _sections(content),
        "sources": [source_out(numbered.source) for numbered in page.sources],
        "review": {
            "status": review.status,
            "reviewer": review.reviewer or None,
            "reviewed_on": review.reviewed_on,
            "next_review_due": review.next_review_due,
        },
        "url": _url(content.get_absolute_url()),
        **{name: MADE[name](page) if name in MADE else getattr(content, name) for name in own},
    }


def _sections(content: EntryContent) -> dict[str, str]:
    """The words of each section, without markup; what they cite stands under `sources`."""
    return {
        name: prose.plain(text)
        for name, text in {"key_message": content.key_message, **content.prose}.items()
    }


# --- Addresses -----------------------------------------------------------------------------------------------


def _listings(rows: Iterable[directory.Listed]) -> dict[str, object]:
    results = [
        {"slug": row.slug, "name": row.name, "summary": row.summary, "url": _url(row.url)}
        for row in rows
        if row.state == "written"
    ]
    return {"count": len(results), "results": results}


@api.get("/sources/", response=Listings, tags=["sources"], summary="All sources")
def list_sources(request: HttpRequest) -> dict[str, object]:
    results = [
        {"slug": row.key, "name": row.title, "summary": row.publisher, "url": row.url}
        for row in Source.objects.all()
    ]
    return {"count": len(results), "results": results}


@api.get(
    "/sources/{slug}/",
    response={200: SourceOut, 404: Problem, **ERRORS},
    tags=["sources"],
    summary="One source",
)
def one_source(request: HttpRequest, slug: Slug) -> dict[str, object]:
    source = Source.objects.filter(key=slug).first()
    if source is None:
        raise Http404
    return source_out(source)


OfEntry = Annotated[str, Query(pattern="^[a-z0-9-]{0,80}$")]


@api.get(
    "/results/",
    response={200: ResultsOut, **ERRORS},
    by_alias=True,
    tags=["results"],
    summary="What trials found, of 100 people; of one cancer or one drug, if it is named",
)
def list_results(
    request: HttpRequest | None, cancer: OfEntry = "", drug: OfEntry = "", language: Language = "en"
) -> dict[str, object]:
    rows = Result.objects.approved().for_pages()
    rows = rows.filter(cancer__slug=cancer) if cancer else rows
    facts = list(rows.filter(drugs__slug=drug) if drug else rows)
    return with_sources(facts, _result, language)


def with_sources(
    facts: Sequence[F], shape: Callable[[F, Reading], dict[str, object]], language: str
) -> dict[str, object]:
    """Facts as they are given out, and every source they rest on."""
    with override(language):
        page = Reading([], language=language, facts=facts)
        results = [shape(fact, page) for fact in facts]
        keys = dict.fromkeys(key for fact in facts for key in page.sources_of(fact))
        sources = [source_out(source) for key in keys if (source := page.source(key))]
    return {"count": len(results), "results": results, "sources": sources}


@api.get(
    "/signs/",
    response={200: Signs, **ERRORS},
    by_alias=True,
    tags=["signs"],
    summary="Urgent signs, and how fast to act",
)
def list_signs(request: HttpRequest | None, language: Language = "en") -> dict[str, object]:
    """What a person notices. Levels by treatment group: emergency, same_day, next_visit."""
    with override(language):
        rows = signs_shown.all_signs()
        named = directory.look_up({key for row in rows for key in _named_by(row)}, language)
        lay = _lay(language)
        results = [_sign(row, language, named, lay) for row in rows]
    return {"count": len(results), "results": results}


@api.get(
    "/signs/{slug}/",
    response={200: SignOut, 404: Problem, **ERRORS},
    by_alias=True,
    tags=["signs"],
    summary="One urgent sign",
)
def one_sign(request: HttpRequest, slug: Slug, language: Language = "en") -> dict[str, object]:
    row = next((row for row in signs_shown.all_signs() if row.key == slug), None)
    if row is None:
        raise Http404
    with override(language):
        named = directory.look_up(_named_by(row), language)
        return _sign(row, language, named, _lay(language))


def _named_by(row: Sign) -> set[directory.Key]:
    return {
        *(("side-effect", slug) for slug in row.side_effects),
        *(("drug", slug) for slug in row.medicines),
    }


def _lay(language: str) -> dict[str, list[str]]:
    return dict(LayWords.objects.filter(language=language).values_list("key", "words"))


def _sign(
    row: Sign,
    language: str,
    known: Mapping[directory.Key, directory.Listed],
    lay: Mapping[str, list[str]],
) -> dict[str, object]:
    text = row.text_in(language)
    return {
        "key": row.key,
        "words": text.words if text else "",
        "when": text.when if text else "",
        "lay": lay.get(row.key, []),
        "side_effects": [named(known[("side-effect", slug)]) for slug in row.side_effects],
        "medicines": [named(known["drug", slug]) for slug in row.medicines],
        "without_treatment": row.without_treatment,
        "urgency": row.urgency,
        "by_judgement": row.judged,
        "gravest": row.gravest,
        "qualifiers": text.qualifiers if text else {},
        "body_part": row.body_part,
        "review": "reviewed" if row.is_reviewed else "unreviewed",
        "sources": row.source_keys,
    }


# Entries as JSON, by the edition in which they say so.
_told: Kept[None] = Kept(size=2 * 2**20)


def _as_json(told: str) -> HttpResponse:
    return HttpResponse(told, content_type=api.get_content_type())


def _add(kind: str, folder: str, schema: type[EntryOut]) -> None:
    """`/drugs/` and `/drugs/<slug>/`: addresses of their own for each kind, so that each form is documented."""
    name = kind.replace("-", "_")

    @api.get(
        f"/{folder}/",
        response={200: Listings, **ERRORS},
        tags=[folder],
        summary=f"All public {folder}",
        operation_id=f"list_{name}",
    )
    def list_entries(request: HttpRequest, language: Language = "en") -> dict[str, object]:
        with override(language):
            return _listings(directory.all_of(kind, language))

    @api.get(
        f"/{folder}/{{slug}}/",
        response={200: schema, 404: Problem, **ERRORS},
        by_alias=True,
        tags=[folder],
        summary=f"One of the {folder}",
        operation_id=f"get_{name}",
    )
    def one_entry(request: HttpRequest, slug: Slug, language: Language = "en") -> HttpResponse:
        key = (edition.current(), kind, slug, language)
        if kept := _told.get(key):
            return _as_json(kept.text)
        content = public_entry(kind, slug, language)
        if content is None:
            return _moved(request, folder, slug)
        with override(language), edition.of_one_page():
            said = schema.model_validate(entry_out(EntryData(content), schema))
        told = said.model_dump_json(by_alias=True)
        if edition.current():
            _told.put(key, told, None)
        return _as_json(told)


def _moved(request: HttpRequest, folder: str, slug: str) -> HttpResponse:
    """Where the entry is now, if it once had this slug."""
    former = FormerSlug.objects.filter(folder=folder, slug=slug).first()
    if former is None:
        raise Http404
    query = f"?{request.META['QUERY_STRING']}" if request.META["QUERY_STRING"] else ""
    return HttpResponsePermanentRedirect(f"/api/v1/{folder}/{former.new_slug}/{query}")


# The forms that say more than `EntryOut`.
FORMS: dict[str, type[EntryOut]] = {
    "cancer": CancerOut,
    "therapy": TherapyOut,
    "drug": DrugOut,
    "side-effect": SideEffectOut,
    "biomarker": BiomarkerOut,
    "center": CenterOut,
}
for _kind in KINDS.values():
    _add(_kind.name, _kind.folder, FORMS.get(_kind.name, EntryOut))
