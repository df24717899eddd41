"""Where something is used: which texts cite a source, link to an entry, show a fact or a drawing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from cms.models import CMSPlugin, PageContent, Placeholder
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _

from content.models import (
    BLOCKS,
    FACT_MODELS,
    WRITTEN_FACTS,
    Citation,
    Coverage,
    DrugContent,
    Entry,
    EntryContent,
    EntryLink,
    Fact,
    FormerSlug,
    GlossaryTerm,
    Leaflet,
    Picture,
    Result,
    Source,
    TherapyClassContent,
    content_models,
    record_new_links,
)
from content.models.block import DiagramBlock, ResultBlock
from content.models.column import related
from content.review import texts
from content.review.texts import Whole
from content.text.hints import Words

AT_ONCE = 500  # texts in memory while all are read


@dataclass(frozen=True)
class Use:
    """A text that uses it, in the version that readers see or in one that waits."""

    whole: Whole | Coverage
    kind: Words
    is_public: bool


def of_source(source: Source) -> list[Use]:
    """Whatever rests on it: what cites it, links to it as a leaflet, or was read in it."""
    rows = Citation.objects.filter(source=source).order_by().values_list("content_type", "object_id")
    cited = _by_type(rows)
    leaflets = Q(leaflets_as_text__contains=f'"{source.key}"')
    return [
        *_entries(cited, {DrugContent: leaflets}),
        *_pages(cited),
        *_facts(lambda model: _rests_on(model, source, cited)),
        *_coverage(source),
    ]


def _by_type(rows: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
    """The numbers of texts by their content type."""
    found: dict[int, set[int]] = {}
    for content_type, pk in rows:
        found.setdefault(content_type, set()).add(pk)
    return found


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
    """`asked` joins nothing, so that no row comes twice; nothing of a kind that is about nothing of it."""
    for model in FACT_MODELS:
        if not (wanted := asked(model)):
            continue
        rows = model.objects.exclude(state=Fact.State.RETIRED).filter(wanted)
        # Their names are made of the names of entries.
        named_by = [
            field.name
            for field in model._meta.concrete_fields
            if isinstance(field, models.ForeignKey) and issubclass(field.related_model, Entry)
        ]
        for row in rows.select_related(*named_by) if named_by else rows:
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
    """Texts that link to it, under any slug it ever had, and facts about it."""
    former = FormerSlug.objects.filter(folder=entry.folder, new_slug=entry.slug).values("slug")
    links = EntryLink.objects.filter(Q(slug=entry.slug) | Q(slug__in=former), kind=entry.kind)
    linking = _by_type(links.values_list("content_type", "object_id"))
    return [
        *_entries_linking(linking),
        *_pages_linking(linking),
        *_facts(lambda model: _about(model, entry) | Q(pk__in=linking.get(_type_of(model), ()))),
    ]


def _entries_linking(linking: Mapping[int, set[int]]) -> Iterator[Use]:
    """Those whose newest version does."""
    for model in content_models().values():
        if pks := linking.get(_type_of(model)):
            newest = texts.alive(model.admin_manager.current_content().filter(pk__in=pks))
            for row in newest.only("name", "language", "entry").order_by("name", "pk"):
                yield Use(row, texts.kind_of(row), texts.is_public(row))


def _pages_linking(linking: Mapping[int, set[int]]) -> Iterator[Use]:
    """Those whose newest version has a block that does, in the language of the page."""
    blocks = {pk for model in BLOCKS for pk in linking.get(_type_of(model), ())}
    if not blocks:
        return
    places = set(CMSPlugin.objects.filter(pk__in=blocks).values_list("placeholder", "language"))
    own = ContentType.objects.get_for_model(PageContent)
    holders = Placeholder.objects.filter(pk__in={pk for pk, _language in places}, content_type=own)
    page_of = dict(holders.values_list("pk", "object_id"))
    said_in = {(page_of.get(pk), language) for pk, language in places}
    newest = PageContent.admin_manager.current_content().filter(pk__in=page_of.values())
    for row in texts.alive(newest).order_by("title", "pk"):
        if (row.pk, row.language) in said_in:
            yield Use(row, texts.kind_of(row), texts.is_public(row))


def rebuild_links() -> int:
    """Reads anew which texts link to which entries. Returns how many texts were read."""
    number = 0
    with transaction.atomic():
        EntryLink.objects.all().delete()
        models_with_links: list[Any] = [*content_models().values(), *BLOCKS, *WRITTEN_FACTS]
        for model in models_with_links:
            rows = model._base_manager.order_by("pk").iterator(chunk_size=AT_ONCE)
            while some := list(islice(rows, AT_ONCE)):
                record_new_links(some)
                number += len(some)
    return number


def _about(model: type[Fact], entry: Entry) -> Q:
    """By itself or in a part. Asked before: put together, all facts of the kind would be read."""
    numbers: list[models.QuerySet[Any, Any]] = [
        model._default_manager.filter(**{name: entry}).values_list("pk") for name in _naming(model, entry)
    ]
    for name in model.PARTS:
        part, relation = related(model, name), model._meta.get_field(name)
        if isinstance(relation, models.ManyToOneRel):
            numbers += [
                part._default_manager.filter(**{column: entry}).values_list(relation.field.name)
                for column in _naming(part, entry)
            ]
    if not numbers:
        return Q()
    first, *others = [rows.order_by() for rows in numbers]
    return Q(pk__in=[pk for (pk,) in first.union(*others)])


def _naming(model: type[models.Model], entry: Entry) -> list[str]:
    """Columns that name an entry of this kind."""
    return [
        field.name
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and field.related_model is type(entry)
    ]


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
