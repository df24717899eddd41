"""What an address that leads nowhere answers: staff stay in their own rooms, everybody else gets the site's page."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from content.web import views


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404. Staff read the same words whether nothing is there or it is not for them."""
    if not request.path_info.startswith("/admin/") or not admin.site.has_permission(request):
        return views.page_not_found(request, exception)
    return TemplateResponse(request, "admin/404.html", admin.site.each_context(request), status=404).render()
