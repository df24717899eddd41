"""A page for every entry and fact that says where it is used."""

from __future__ import annotations

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from content.admin.together import line_of
from content.models import Entry, Fact, GlossaryTerm, Leaflet, Picture, Result
from content.review import facts, used
from content.review.used import Use


def url(model_admin: admin.ModelAdmin) -> URLPattern:
    """Below the address of each row."""

    def view(request: HttpRequest, pk: int) -> HttpResponse:
        return _used_view(model_admin, request, pk)

    name = f"{model_admin.opts.app_label}_{model_admin.opts.model_name}_used"
    return path("<int:pk>/used/", model_admin.admin_site.admin_view(view), name=name)


def address(model_admin: admin.ModelAdmin, pk: int) -> str:
    """Of the page of one row."""
    return reverse(f"admin:{model_admin.opts.app_label}_{model_admin.opts.model_name}_used", args=[pk])


def _used_view(model_admin: admin.ModelAdmin, request: HttpRequest, pk: int) -> HttpResponse:
    """Texts that name or show it, and the public pages on which it stands."""
    row = get_object_or_404(model_admin.model, pk=pk)
    if not model_admin.has_view_permission(request, row):
        raise PermissionDenied
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": _("Where it is used: %(name)s") % {"name": row},
        "row": row,
        "places": facts.places_of(row) if isinstance(row, Fact) else [],
        "uses": [(line_of(use.whole), use) for use in _uses_of(row)],
    }
    return TemplateResponse(request, "admin/content/used.html", context)


def _uses_of(row: object) -> list[Use]:
    match row:
        case Entry():
            return used.of_entry(row)
        case GlossaryTerm():
            return used.of_term(row)
        case Result():
            return used.of_result(row)
        case Picture() | Leaflet():
            return used.of_media(row)
    return []
