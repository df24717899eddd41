"""What the Markdown editor asks of the server while somebody writes: a preview, and sources. For staff only."""

from __future__ import annotations

from django.contrib.admin.sites import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from content.models import Source
from content.page.reading import Reading

LONGEST_TEXT = 50_000
MOST_SOURCES = 12


@require_POST
def preview(request: HttpRequest) -> TemplateResponse:
    """The text as readers would see it, with its sources. POST, so that drafts stand in no log."""
    _must_write(request)
    text = request.POST.get("text", "")[:LONGEST_TEXT]
    reading = Reading([text], language=get_language())
    context = {"html": reading.block(text), "sources": reading.sources}
    return TemplateResponse(request, "admin/content/prose_preview.html", context)


@require_GET
def find_sources(request: HttpRequest) -> JsonResponse:
    """Sources whose key, title or publisher holds every word asked for."""
    _must_write(request)
    rows = Source.objects.order_by("key")
    for word in request.GET.get("q", "")[:100].split():
        rows = rows.filter(Q(key__icontains=word) | Q(title__icontains=word) | Q(publisher__icontains=word))
    found = rows.values("key", "title", "publisher", "published_on")[:MOST_SOURCES]
    return JsonResponse({"sources": list(found)})


def _must_write(request: HttpRequest) -> None:
    """Whoever may write a page or an entry; nobody else has a use for these addresses."""
    writes = ("cms.change_page", "content.change_drug", "content.change_question")
    if not any(request.user.has_perm(permission) for permission in writes):
        raise PermissionDenied


def urls(site: AdminSite) -> list[URLPattern]:
    """Below /admin/content/source/."""
    return [
        path("find/", site.admin_view(find_sources), name="content_find_sources"),
        path("preview/", site.admin_view(preview), name="content_prose_preview"),
    ]
