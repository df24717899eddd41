"""What readers search for, to read: words that lead nowhere are names or pages that the library lacks."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from content.admin.read_only import ReadOnlyAdmin
from content.models import AskedTerm


@admin.register(AskedTerm)
class AskedTermAdmin(ReadOnlyAdmin):
    list_display = ("words", "week", "language", "times", "found")
    list_display_links = None
    list_filter = ("found", "week", "language")
    search_fields = ("words",)
    change_list_template = "admin/content/asked_term_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[AskedTerm]:
        return AskedTerm.objects.readable()
