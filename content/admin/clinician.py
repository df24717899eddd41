"""Clinicians in the admin."""

from django.contrib import admin
from django.http import HttpRequest

from content.changes import announce_change
from content.models import Clinician


@admin.register(Clinician)
class ClinicianAdmin(admin.ModelAdmin):
    list_display = ("name", "role", "license_number", "user", "is_shown", "is_demo")
    search_fields = ("name", "role")

    def has_delete_permission(self, request: HttpRequest, obj: Clinician | None = None) -> bool:
        """Who once signed stays on record."""
        return False

    def save_model(self, request: HttpRequest, obj: Clinician, form: object, change: bool) -> None:
        super().save_model(request, obj, form, change)
        announce_change()
