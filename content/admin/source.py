"""Sources in the admin: edited in place, logged, kept while cited."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern

from content.admin import prose_help, unsaved
from content.changes import announce_change
from content.models import Source


@admin.register(Source)
class SourceAdmin(admin.ModelAdmin):
    list_display = ("key", "title", "publisher", "kind", "published_on", "age", "checked_on")
    list_filter = ("kind", "publisher")
    search_fields = ("key", "title", "publisher", "url")
    date_hierarchy = "checked_on"

    def get_readonly_fields(self, request: HttpRequest, obj: Source | None = None) -> tuple[str, ...]:
        return ("key",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Source, form: object, change: bool) -> None:
        super().save_model(request, obj, form, change)
        announce_change()

    def get_urls(self) -> list[URLPattern]:
        return [*prose_help.urls(self.admin_site), *unsaved.urls(self.admin_site), *super().get_urls()]
