"""CMS pages in the admin: what django CMS offers, less what would go round the review gate."""

from __future__ import annotations

from cms.admin.pageadmin import PageAdmin
from cms.extensions import PageContentExtensionAdmin
from cms.models import Page, PageContent
from cms.toolbar.utils import get_object_preview_url
from cms.utils.page_permissions import user_can_change_page
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path

from content.account import signed_in
from content.admin import earlier
from content.changes import announce_change
from content.models import PageCheck
from content.models.versions import is_draft


class StoryPageAdmin(PageAdmin):
    """The tree of pages."""

    def has_change_advanced_settings_permission(self, request: HttpRequest, obj: Page | None = None) -> bool:
        """The identifier decides whether a page needs a clinician: that is no editor's choice."""
        return request.user.is_superuser and super().has_change_advanced_settings_permission(request, obj)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.earlier_view)
        return [path("<int:pk>/earlier/<str:language>/", view, name="cms_page_earlier"), *super().get_urls()]

    def earlier_view(self, request: HttpRequest, pk: int, language: str) -> HttpResponse:
        """What readers saw of this page before, and the way back to it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        contents = PageContent.admin_manager.filter(page=pk, language=language)
        content = get_object_or_404(contents.current_content().select_related("page"))
        url = get_object_preview_url(content, language=language)
        may_change = user_can_change_page(signed_in(request), page=content.page)
        return earlier.view(self, request, content, text_url=url, may_change=may_change)

    def set_home(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Changes two trees of addresses at once, and django CMS reports it to nobody."""
        response = super().set_home(request, object_id)
        announce_change()
        return response


admin.site.unregister(Page)
admin.site.register(Page, StoryPageAdmin)


@admin.register(PageCheck)
class PageCheckAdmin(PageContentExtensionAdmin):
    """Who wrote a page, when it was checked, what is new. Opened from the toolbar."""

    fields = ("written_by", "checked_on", "next_check_due", "change_note")

    def has_change_permission(self, request: HttpRequest, obj: PageCheck | None = None) -> bool:
        is_open = obj is None or is_draft(obj.extended_object)
        return is_open and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: PageCheck | None = None) -> bool:
        """Goes with a page that was never public; what readers saw stays on record."""
        is_open = obj is None or is_draft(obj.extended_object)
        return is_open and super().has_delete_permission(request, obj)
