"""Updates in the admin."""

from django.contrib import admin
from django.http import HttpRequest

from content.hooks import announce_change
from content.models import Update


@admin.register(Update)
class UpdateAdmin(admin.ModelAdmin):
    list_display = ("title", "kind", "happened_on", "language")
    list_filter = ("kind", "language")
    search_fields = ("title", "text")
    date_hierarchy = "happened_on"
    autocomplete_fields = ("source", "more_sources")
    prepopulated_fields = {"slug": ("title",)}

    def save_related(self, request: HttpRequest, form: object, formsets: object, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        announce_change()
