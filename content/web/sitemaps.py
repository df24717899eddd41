"""The public addresses for search engines: each with its last change and the languages it can be read in.

Django's own classes give all languages of a page one date, so only its template is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

from cms.models import PageContent
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import F, Max, Q
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override
from djangocms_versioning.constants import PUBLISHED

from content.emergency import NUMBERS
from content.models import GlossaryTerm, Publication, Question, Update, content_models
from content.rules import page_address

# Pages for what stays on the reader's device.
TOOLS = ("card", "my-questions", "records", "diary", "decision", "offline")

Days = dict[tuple[int, int], date]  # (content type, row) -> the day it went public


@dataclass
class Address:
    """One page in the languages it is public in."""

    url_in: Callable[[str], str]  # language -> address without the host
    changed: dict[str, date | None] = field(default_factory=dict)  # language -> its last change

    def note(self, language: str, day: date | None) -> None:
        known = self.changed.get(language)
        self.changed[language] = max(day, known) if day and known else day or known


def sitemap(request: HttpRequest) -> TemplateResponse:
    urlset = [row for address in addresses() for row in _rows(address)]
    return TemplateResponse(request, "sitemap.xml", {"urlset": urlset}, content_type="application/xml")


def addresses() -> Iterator[Address]:
    """Every page to be found, with and without a file behind it. Personal pages and search stay out."""
    days = _publication_days()
    yield from _entries_and_lists(days)
    yield from _lists_of_facts()
    read_on = max(row.read_on for row in NUMBERS)
    yield Address(_route("content:emergency-numbers"), dict.fromkeys(dict(settings.LANGUAGES), read_on))
    for name in TOOLS:
        yield Address(_route(f"content:{name}"), dict.fromkeys(dict(settings.LANGUAGES)))
    yield from _pages(days)


def _rows(address: Address) -> Iterator[dict[str, object]]:
    """As Django's template for sitemaps wants it: a row for each language, each naming all of them."""
    located = {language: _url(address, language) for language in sorted(address.changed)}
    alternates = [{"lang_code": language, "location": url} for language, url in located.items()]
    for language, url in located.items():
        yield {"location": url, "lastmod": address.changed[language], "alternates": alternates}


def _url(address: Address, language: str) -> str:
    with override(language):
        return f"{settings.SITE_URL}{address.url_in(language)}"


def _route(name: str, **arguments: str) -> Callable[[str], str]:
    return lambda language: reverse(name, kwargs=arguments)


def _publication_days() -> Days:
    rows = Publication.objects.filter(version__state=PUBLISHED).order_by()
    values = rows.values_list("version__content_type", "version__object_id", "published_at")
    return {(content_type, pk): timezone.localdate(moment) for content_type, pk, moment in values}


def _entries_and_lists(days: Days) -> Iterator[Address]:
    for kind, model in content_models().items():
        content_type = ContentType.objects.get_for_model(model).pk
        of_list = Address(_route(f"content:{kind}-list"))
        entries: dict[str, Address] = {}
        slug_of_entry = F("entry__slug")
        for pk, slug, language in model.objects.order_by(slug_of_entry).values_list(
            "pk", slug_of_entry, "language"
        ):
            day = days.get((content_type, pk))
            entries.setdefault(slug, Address(_route(f"content:{kind}-detail", slug=slug))).note(language, day)
            of_list.note(language, day)
        yield of_list
        yield from entries.values()


def _lists_of_facts() -> Iterator[Address]:
    for name, rows in (
        ("question-list", Question.objects.approved()),
        ("update-list", Update.objects.approved()),
        ("glossary", GlossaryTerm.objects.approved()),
    ):
        newest = rows.order_by().values_list("language").annotate(Max("approved_on"))
        yield Address(_route(f"content:{name}"), dict(newest))


def _pages(days: Days) -> Iterator[Address]:
    """CMS pages. The words above a list live at the list's address, which is there already."""
    content_type = ContentType.objects.get_for_model(PageContent).pk
    pages: dict[int, Address] = {}
    contents = PageContent.objects.exclude(page__reverse_id__in=page_address.lists())
    # A page that only leads elsewhere is nothing to be found.
    public = (
        contents.filter(Q(redirect="") | Q(redirect__isnull=True), page__login_required=False)
        .select_related("page")
        .prefetch_related("page__urls")
    )
    for content in public.order_by("page__path"):
        address = pages.setdefault(content.page_id, Address(content.page.get_absolute_url))
        if content.page.get_path(content.language) is not None:
            address.note(content.language, days.get((content_type, content.pk)))
    yield from pages.values()
