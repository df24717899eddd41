"""What an address that leads nowhere answers: staff stay in their own rooms, everybody else gets the site's page."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.template.response import TemplateResponse
from django.urls import is_valid_path

from content.web import views
from immuno_site.addresses import is_personal


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404, unless it is only written otherwise. Staff read the same whether nothing is there or it is not for them."""
    if address := _written_otherwise(request):
        return HttpResponsePermanentRedirect(address)
    if not request.path_info.startswith("/admin/") or not admin.site.has_permission(request):
        return views.page_not_found(request, exception)
    return TemplateResponse(request, "admin/404.html", admin.site.each_context(request), status=404).render()


def _written_otherwise(request: HttpRequest) -> str:
    """The same address as we write it: small letters, and English without its code. Personal addresses are never led
    anywhere, and whoever sends a form is told that there is nothing."""
    path = request.path_info
    ours = _with_one_slash(path.lower())
    if ours.startswith("/en/"):
        ours = _with_one_slash(ours.removeprefix("/en/"))
    if ours == path or is_personal(ours) or request.method not in ("GET", "HEAD") or not is_valid_path(ours):
        return ""
    query = request.META["QUERY_STRING"]
    return f"{ours}?{query}" if query else ours


def _with_one_slash(path: str) -> str:
    """Two would lead to another site."""
    return f"/{path.lstrip('/')}"
