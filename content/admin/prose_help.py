"""What the Markdown editor asks of the server while somebody writes: a preview, and sources. For staff only."""

from __future__ import annotations

from django.contrib.admin.sites import AdminSite
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from content.account import signed_in
from content.models import Sign, Source, content_models
from content.page.reading import Reading

LONGEST_TEXT = 50_000
MOST_SOURCES = 12


@require_POST
def preview(request: HttpRequest) -> TemplateResponse:
    """The text as readers would see it, with its sources. POST, so that drafts stand in no log."""
    writer(request)
    text = request.POST.get("text", "")[:LONGEST_TEXT]
    reading = Reading([text], language=get_language())
    context = {"html": reading.block(text), "sources": reading.sources}
    return TemplateResponse(request, "admin/content/prose_preview.html", context)


@require_GET
def find_sources(request: HttpRequest) -> JsonResponse:
    """Sources whose key, title or publisher holds every word asked for."""
    writer(request)
    rows = Source.objects.order_by("key")
    for word in _asked(request).split():
        rows = rows.filter(Q(key__icontains=word) | Q(title__icontains=word) | Q(publisher__icontains=word))
    found = rows.values("key", "title", "publisher", "published_on")[:MOST_SOURCES]
    return JsonResponse({"sources": list(found)})


@require_GET
def find_entries(request: HttpRequest) -> JsonResponse:
    """Entries with a text whose names hold what was typed: for a link in a text."""
    writer(request)
    asked = _asked(request)
    named = Q(name__icontains=asked) | Q(other_names__icontains=asked)
    found = []
    for kind, model in content_models().items():
        rows = model.objects.with_entry().filter(named, language="en").order_by("name")
        found += [{"kind": kind, "slug": row.entry.slug, "name": row.name} for row in rows[:MOST_SOURCES]]
    # What begins with it first: "pem" is more often Pembrolizumab than a word inside another name.
    found.sort(key=lambda one: (not one["name"].lower().startswith(asked.lower()), one["name"]))
    return JsonResponse({"entries": found[:MOST_SOURCES]})


@require_GET
def find_signs(request: HttpRequest) -> JsonResponse:
    """Approved signs by their key or words."""
    writer(request)
    asked = _asked(request)
    rows = Sign.objects.approved().filter(texts__language="en")
    rows = rows.filter(Q(key__icontains=asked) | Q(texts__words__icontains=asked)).order_by("key")
    found = [
        {"key": key, "words": words} for key, words in rows.values_list("key", "texts__words")[:MOST_SOURCES]
    ]
    return JsonResponse({"signs": found})


def _asked(request: HttpRequest) -> str:
    return request.GET.get("q", "")[:100].replace("\0", "").strip()  # PostgreSQL knows no NUL


def writer(request: HttpRequest) -> User:
    """Whoever may write a page, an entry or a fact; nobody else has a use for these addresses."""
    user = signed_in(request)
    writes = ("cms.change_page", "content.change_drug", "content.change_question")
    if not any(user.has_perm(permission) for permission in writes):
        raise PermissionDenied
    return user


def urls(site: AdminSite) -> list[URLPattern]:
    """Below /admin/content/source/."""
    return [
        path("find/", site.admin_view(find_sources), name="content_find_sources"),
        path("find/entries/", site.admin_view(find_entries), name="content_find_entries"),
        path("find/signs/", site.admin_view(find_signs), name="content_find_signs"),
        path("preview/", site.admin_view(preview), name="content_prose_preview"),
    ]
