"""Where something is used: which texts cite a source, link to an entry, show a fact or a drawing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from cms.models import PageContent, Placeholder
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from content.models import (
    BLOCKS,
    FACT_MODELS,
    Citation,
    Coverage,
    DrugContent,
    Entry,
    EntryContent,
    Fact,
    GlossaryTerm,
    Leaflet,
    Picture,
    Result,
    Source,
    TherapyClassContent,
    content_models,
)
from content.models.block import DiagramBlock, ResultBlock
from content.models.column import related
from content.review import texts
from content.review.texts import Whole
from content.text import prose
from content.text.hints import Words


@dataclass(frozen=True)
class Use:
    """A text that uses it, in the version that readers see or in one that waits."""

    whole: Whole | Coverage
    kind: Words
    is_public: bool


def of_source(source: Source) -> list[Use]:
    """Whatever rests on it: what cites it, links to it as a leaflet, or was read in it."""
    rows = Citation.objects.filter(source=source).order_by().values_list("content_type", "object_id")
    cited: dict[int, set[int]] = {}
    for content_type, pk in rows:
        cited.setdefault(content_type, set()).add(pk)
    leaflets = Q(leaflets_as_text__contains=f'"{source.key}"')
    return [
        *_entries(cited, {DrugContent: leaflets}),
        *_pages(cited),
        *_facts(lambda model: _rests_on(model, source, cited)),
        *_coverage(source),
    ]


def _entries(cited: dict[int, set[int]], beside: dict[type[EntryContent], Q] | None = None) -> Iterator[Use]:
    for model in content_models().values():
        rows: models.QuerySet[Any] = model.admin_manager.all()
        wanted = Q(pk__in=cited.get(_type_of(model), ()))
        if beside and model in beside:
            rows = rows.alias(leaflets_as_text=Cast("leaflets", models.TextField()))
            wanted |= beside[model]
        yield from _versions(rows.filter(wanted).select_related("entry"))


def _versions(rows: models.QuerySet[Any]) -> Iterator[Use]:
    """Those that readers see or that wait; what was once public and is no more rests in the record."""
    for row in texts.alive(rows).order_by("language", "pk"):
        yield Use(row, texts.kind_of(row), texts.is_public(row))


def _pages(cited: dict[int, set[int]]) -> Iterator[Use]:
    """Pages with a block that cites it."""
    placeholders = {
        pk
        for model in BLOCKS
        if (blocks := cited.get(_type_of(model)))
        for pk in model._default_manager.filter(pk__in=blocks).values_list("placeholder", flat=True)
    }
    yield from _pages_with(placeholders)


def _pages_with(placeholders: Iterable[int]) -> Iterator[Use]:
    own = ContentType.objects.get_for_model(PageContent)
    holders = Placeholder.objects.filter(pk__in=set(placeholders), content_type=own)
    rows = PageContent.admin_manager.filter(pk__in=holders.values("object_id"))
    yield from _versions(rows.select_related("page"))


def _facts(asked: Callable[[type[Fact]], Q]) -> Iterator[Use]:
    for model in FACT_MODELS:
        rows = model.objects.exclude(state=Fact.State.RETIRED).filter(asked(model))
        # Their names are made of the names of entries.
        named_by = [
            field.name
            for field in model._meta.concrete_fields
            if isinstance(field, models.ForeignKey) and issubclass(field.related_model, Entry)
        ]
        for row in rows.select_related(*named_by).distinct() if named_by else rows.distinct():
            yield Use(row, texts.kind_of(row), row.state == Fact.State.APPROVED)


def _rests_on(model: type[Fact], source: Source, cited: dict[int, set[int]]) -> Q:
    further = model.more_sources.through._default_manager.filter(source=source)
    asked = Q(source=source) | Q(pk__in=further.values(str(model._meta.model_name)))
    asked |= Q(pk__in=cited.get(_type_of(model), ()))
    for name in key_columns(model):
        asked |= Q(**{name: source.key})
    return asked


def key_columns(model: type[Fact]) -> list[str]:
    """Columns that name a source by its key: of the day of an approval, of a withdrawal."""
    return [
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, models.SlugField) and field.name.endswith("_source")
    ]


def _coverage(source: Source) -> Iterator[Use]:
    for row in Coverage.objects.filter(Q(text=source) | Q(newest_from=source)).select_related("drug"):
        yield Use(row, _("Coverage"), True)


def of_entry(entry: Entry) -> list[Use]:
    """Texts that link to it, and facts about it."""
    link = f"{entry.kind}:{entry.slug}"
    linking = [
        Use(whole, texts.kind_of(whole), texts.is_public(whole))
        for whole in texts.holding([link], among=[*content_models(), "page"])
        if _links_to(whole, (entry.kind, entry.slug))
    ]
    return [*linking, *_facts(lambda model: _about(model, entry))]


def _links_to(whole: Whole, key: tuple[str, str]) -> bool:
    return any(
        key in prose.entry_links(text) for row in texts.rows_of(whole) for _field, text in texts.words_in(row)
    )


def _about(model: type[Fact], entry: Entry) -> Q:
    asked = Q(pk__in=[])
    for table, at in [(model, ""), *((related(model, name), name) for name in model.PARTS)]:
        for field in table._meta.concrete_fields:
            if isinstance(field, models.ForeignKey) and field.related_model is type(entry):
                asked |= Q(**{f"{at}__{field.name}" if at else field.name: entry})
    return asked


def of_term(term: GlossaryTerm) -> list[Use]:
    """Texts in which its word stands."""
    whole_word = [whole for whole in texts.holding([term.term]) if whole != term]
    return [Use(whole, texts.kind_of(whole), texts.is_public(whole)) for whole in whole_word]


def of_result(result: Result) -> list[Use]:
    """Pages with a block that shows it."""
    placeholders = ResultBlock._default_manager.filter(key=result.key).values_list("placeholder", flat=True)
    return list(_pages_with(placeholders))


def of_media(row: Picture | Leaflet) -> list[Use]:
    """Pages with a block that shows it."""
    return list(_pages_with(row.blocks.values_list("placeholder", flat=True)))


def of_drawings() -> list[tuple[Words, list[Use]]]:
    """The site's own drawings, each with what shows it."""
    therapies = list(_versions(TherapyClassContent.admin_manager.exclude(diagram="").select_related("entry")))
    blocks = list(DiagramBlock._default_manager.values_list("name", "placeholder"))
    on_pages = {use.whole.pk: use for use in _pages_with(placeholder for _name, placeholder in blocks)}
    holders = dict(
        Placeholder.objects.filter(pk__in=[pk for _name, pk in blocks]).values_list("pk", "object_id")
    )
    return [
        (
            label,
            [
                *(use for use in therapies if getattr(use.whole, "diagram", "") == drawing),
                *(
                    on_pages[holders[placeholder]]
                    for name, placeholder in blocks
                    if name == drawing and holders[placeholder] in on_pages
                ),
            ],
        )
        for drawing, label in TherapyClassContent.Diagram.choices
    ]


def _type_of(model: type[models.Model]) -> int:
    return ContentType.objects.get_for_model(model).pk
