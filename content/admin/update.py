"""Updates in the admin."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from content import search
from content.changes import announce_change
from content.models import Update


@admin.register(Update)
class UpdateAdmin(admin.ModelAdmin):
    list_display = ("title", "kind", "happened_on", "language")
    list_filter = ("kind", "language")
    search_fields = ("title", "text")
    date_hierarchy = "happened_on"
    autocomplete_fields = ("source", "more_sources")
    prepopulated_fields = {"slug": ("title",)}

    def save_model(self, request: HttpRequest, obj: Update, form: object, change: bool) -> None:
        if change:  # it may have another address or language from now on
            search.refresh_update(Update.objects.get(pk=obj.pk), is_deleted=True)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: object, formsets: object, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        search.refresh_update(form.instance)
        announce_change()

    def delete_model(self, request: HttpRequest, obj: Update) -> None:
        search.refresh_update(obj, is_deleted=True)
        super().delete_model(request, obj)
        announce_change()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Update]) -> None:
        for row in queryset:
            search.refresh_update(row, is_deleted=True)
        super().delete_queryset(request, queryset)
        announce_change()
