"""Open data, read-only: what is public, as JSON with its sources. A promise of form; documented at /api/v1/docs."""

import datetime
from collections.abc import Iterable
from typing import Annotated, Literal

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.utils.translation import override
from ninja import NinjaAPI, Path, Query, Schema
from ninja.openapi.docs import Swagger
from pydantic import Field

from content import directory
from content.kinds import KINDS
from content.models import (
    DrugContent,
    EntryContent,
    FormerSlug,
    Indication,
    SideEffectContent,
    SideEffectOccurrence,
    Source,
    content_models,
)
from content.page.entry_page import EntryPage
from content.text import prose

api = NinjaAPI(
    title="Cancer immunotherapy: open data",
    version="1",
    description=(
        "Approved uses, side effects and pages of this site, each with its sources and the state of its review. "
        "Information for people, not medical advice. Every fact names its regulator; withdrawn uses stay, marked."
    ),
    urls_namespace="api",
    # Without a validator: it would show every reader's visit to another site.
    docs=Swagger(settings={"validatorUrl": None}),
)

_CODES = [code for code, _name in settings.LANGUAGES]
Language = Annotated[str, Query(description=", ".join(_CODES), pattern=f"^({'|'.join(_CODES)})$")]
Slug = Annotated[str, Path(pattern="^[a-z0-9-]{1,80}$")]


# --- What comes out ----------------------------------------------------------------------------------------


class Problem(Schema):
    detail: str


class Named(Schema):
    slug: str
    name: str


class Listing(Schema):
    slug: str
    name: str
    summary: str
    url: str


class Listings(Schema):
    count: int
    results: list[Listing]


class SourceOut(Schema):
    key: str
    title: str
    publisher: str
    url: str
    published_on: datetime.date | None
    checked_on: datetime.date


class ReviewOut(Schema):
    status: Literal["reviewed", "unreviewed", "overdue"]
    reviewer: str | None
    reviewed_on: datetime.date | None
    next_review_due: datetime.date


class RequirementOut(Named):
    level: str


class IndicationOut(Schema):
    cancer: Named
    drug: Named
    with_: list[Named] = Field(serialization_alias="with")
    setting: str
    condition: str
    biomarkers: list[RequirementOut]
    population: str
    regulator: str
    approval: str
    approved_on: datetime.date | None
    note: str
    status: Literal["current", "withdrawn"]
    withdrawn_on: datetime.date | None
    sources: list[str]


class SideEffectOfDrug(Named):
    urgency: str | None
    how_common: str


class OccurrenceOut(Schema):
    side_effect: Named
    treatment: Named
    how_common: str
    percent_any: float | None
    percent_severe: float | None
    people: int | None
    context: str
    sources: list[str]


class Act(Schema):
    emergency: list[str]
    same_day: list[str]
    routine: list[str]


class EntryOut(Schema):
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
    biomarkers: list[Named]
    side_effects: list[SideEffectOfDrug]


class TherapyOut(EntryOut):
    parent: Named | None
    act: Act
    indications: list[IndicationOut]


class DrugOut(EntryOut):
    brand_names: list[str]
    therapy_class: Named
    kind: str
    targets: list[str]
    route: str
    act: Act
    indications: list[IndicationOut]
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


def _named(entry: directory.Listed) -> dict[str, str]:
    return {"slug": entry.slug, "name": entry.name}


def _url(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


def _source(source: Source) -> dict[str, object]:
    return {name: getattr(source, name) for name in SourceOut.model_fields}


def _indications(page: EntryPage) -> list[dict[str, object]]:
    return [_indication(fact, page) for fact in page.facts if isinstance(fact, Indication)]


def _indication(fact: Indication, page: EntryPage) -> dict[str, object]:
    text = fact.text_in(page.language)
    return {
        "cancer": _named(page.entry("cancer", fact.cancer.slug)),
        "drug": _named(page.entry("drug", fact.drug.slug)),
        "with_": [_named(page.entry("drug", partner)) for partner in fact.partners],
        "setting": fact.setting,
        "condition": text.condition if text else "",
        "population": text.population if text else "",
        "biomarkers": [
            {**_named(page.entry("biomarker", need.biomarker.slug)), "level": need.level}
            for need in fact.requirements.all()
        ],
        "regulator": fact.regulator,
        "approval": fact.approval,
        "approved_on": fact.granted_on,
        "note": text.note if text else "",
        "status": fact.status,
        "withdrawn_on": fact.withdrawn_on,
        "sources": fact.source_keys,
    }


def _occurrences(page: EntryPage) -> list[SideEffectOccurrence]:
    return [fact for fact in page.facts if isinstance(fact, SideEffectOccurrence)]


def _occurrence(fact: SideEffectOccurrence, page: EntryPage) -> dict[str, object]:
    return {
        "side_effect": _named(page.entry("side-effect", fact.side_effect.slug)),
        "treatment": _named(page.entry(fact.treatment.kind, fact.treatment.slug)),
        "how_common": fact.how_common,
        "percent_any": fact.percent_any,
        "percent_severe": fact.percent_severe,
        "people": fact.people,
        "context": fact.context_in(page.language),
        "sources": fact.source_keys,
    }


def _side_effects(page: EntryPage) -> list[dict[str, object]]:
    """Each side effect once, with the most common figure on record."""
    slugs = {fact.side_effect.slug for fact in _occurrences(page)}
    rows = SideEffectContent.objects.filter(language=page.language, entry__slug__in=slugs)
    urgencies = dict(rows.values_list("entry__slug", "urgency"))
    order = SideEffectOccurrence.HowCommon.values
    most_common: dict[str, str] = {}
    for fact in sorted(_occurrences(page), key=lambda fact: order.index(fact.how_common)):
        most_common.setdefault(fact.side_effect.slug, fact.how_common)
    return [
        {
            **_named(page.entry("side-effect", slug)),
            "urgency": urgencies.get(slug),
            "how_common": how_common,
        }
        for slug, how_common in most_common.items()
    ]


def _biomarkers(page: EntryPage) -> list[dict[str, str]]:
    facts = [fact for fact in page.facts if isinstance(fact, Indication)]
    slugs = sorted({need.biomarker.slug for fact in facts for need in fact.requirements.all()})
    return [_named(page.entry("biomarker", slug)) for slug in slugs]


def _act(content: EntryContent) -> dict[str, list[str]]:
    plain = {urgency: [prose.plain(line) for line in lines] for urgency, lines in content.act.items()}
    return {"emergency": plain["emergency"], "same_day": plain["same_day"], "routine": plain["next_visit"]}


def _therapy_class(page: EntryPage) -> dict[str, str]:
    return _named(page.entry("therapy", page.content.therapy_class.slug))


def _parent(page: EntryPage) -> dict[str, str] | None:
    parent = page.content.parent
    return _named(page.entry("therapy", parent.slug)) if parent else None


# Fields that are not simply a column of the same name.
MADE = {
    "indications": _indications,
    "occurrences": lambda page: [_occurrence(fact, page) for fact in _occurrences(page)],
    "side_effects": _side_effects,
    "biomarkers": _biomarkers,
    "act": lambda page: _act(page.content),
    "therapy_class": _therapy_class,
    "parent": _parent,
}


def _entry(page: EntryPage, schema: type[EntryOut]) -> dict[str, object]:
    content = page.content
    own = [name for name in schema.model_fields if name not in EntryOut.model_fields]
    review = page.review
    return {
        "slug": content.entry.slug,
        "name": content.name,
        "other_names": content.other_names,
        "summary": content.summary,
        "sections": _sections(content),
        "sources": [_source(numbered.source) for numbered in page.sources],
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
        if row.url
    ]
    return {"count": len(results), "results": results}


@api.get("/sources/", response=Listings, tags=["sources"], summary="All sources")
def list_sources(request: HttpRequest) -> dict[str, object]:
    results = [
        {"slug": row.key, "name": row.title, "summary": row.publisher, "url": row.url}
        for row in Source.objects.all()
    ]
    return {"count": len(results), "results": results}


@api.get("/sources/{slug}/", response={200: SourceOut, 404: Problem}, tags=["sources"], summary="One source")
def one_source(request: HttpRequest, slug: Slug) -> dict[str, object]:
    source = Source.objects.filter(key=slug).first()
    if source is None:
        raise Http404
    return _source(source)


def _add(kind: str, folder: str, schema: type[EntryOut]) -> None:
    """`/drugs/` and `/drugs/<slug>/`: addresses of their own for each kind, so that each form is documented."""
    name = kind.replace("-", "_")

    @api.get(
        f"/{folder}/",
        response=Listings,
        tags=[folder],
        summary=f"All public {folder}",
        operation_id=f"list_{name}",
    )
    def list_entries(request: HttpRequest, language: Language = "en") -> dict[str, object]:
        with override(language):
            return _listings(directory.all_of(kind, language))

    @api.get(
        f"/{folder}/{{slug}}/",
        response={200: schema, 404: Problem},
        by_alias=True,
        tags=[folder],
        summary=f"One of the {folder}",
        operation_id=f"get_{name}",
    )
    def one_entry(
        request: HttpRequest, slug: Slug, language: Language = "en"
    ) -> dict[str, object] | HttpResponse:
        contents = content_models()[kind].objects.public(slug, language)
        if contents.model is DrugContent:
            contents = contents.select_related("therapy_class")
        content = contents.first()
        if content is None:
            return _moved(request, folder, slug)
        with override(language):
            return _entry(EntryPage(content), schema)


def _moved(request: HttpRequest, folder: str, slug: str) -> HttpResponse:
    """Where the entry is now, if it once had this slug."""
    former = FormerSlug.objects.filter(folder=folder, slug=slug).first()
    if former is None:
        raise Http404
    query = f"?{request.META['QUERY_STRING']}" if request.META["QUERY_STRING"] else ""
    return HttpResponsePermanentRedirect(f"/api/v1/{folder}/{former.new_slug}/{query}")


# The forms that say more than `EntryOut`.
_FORMS: dict[str, type[EntryOut]] = {
    "cancer": CancerOut,
    "therapy": TherapyOut,
    "drug": DrugOut,
    "side-effect": SideEffectOut,
    "biomarker": BiomarkerOut,
    "center": CenterOut,
}
for _kind in KINDS.values():
    _add(_kind.name, _kind.folder, _FORMS.get(_kind.name, EntryOut))
