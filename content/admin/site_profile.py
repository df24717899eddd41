"""The site profile in the admin: one row, opened directly."""

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from content.changes import announce_change
from content.models import SiteProfile, SiteProfileText


class TextInline(admin.StackedInline):
    model = SiteProfileText
    extra = 0


@admin.register(SiteProfile)
class SiteProfileAdmin(admin.ModelAdmin):
    inlines = [TextInline]

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        SiteProfile.objects.get_or_create(pk=1)
        return redirect(reverse("admin:content_siteprofile_change", args=[1]))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SiteProfile | None = None) -> bool:
        return False

    def save_related(self, request: HttpRequest, form: ModelForm, formsets: object, change: bool) -> None:
        """Last of a save: now both the profile and its texts are stored."""
        super().save_related(request, form, formsets, change)
        announce_change()
