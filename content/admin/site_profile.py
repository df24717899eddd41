"""The site profile in the admin: one row, opened directly."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from content.changes import announce_change
from content.models import SiteProfile


@admin.register(SiteProfile)
class SiteProfileAdmin(admin.ModelAdmin):
    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        SiteProfile.objects.get_or_create(pk=1)
        return redirect(reverse("admin:content_siteprofile_change", args=[1]))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SiteProfile | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: SiteProfile, form: object, change: bool) -> None:
        super().save_model(request, obj, form, change)
        announce_change()
