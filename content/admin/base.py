"""The admin of the six kinds of entry: one form for who it is and what a reader reads, versioned."""

from __future__ import annotations

from cms.admin.placeholderadmin import FrontendEditableAdminMixin
from cms.admin.utils import CONTENT_PREFIX, GrouperModelAdmin
from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from content.models import CONTENT_MODELS, EntryContent, UrgentEntryContent

FIRST = ("name", "other_names", "summary", "key_message")
URGENT = ("act_emergency", "act_same_day", "act_next_visit")
REVIEW = ("written_by", "checked_on", "next_check_due", "change_note")


class EntryAdmin(GrouperModelAdmin):
    """List, form, language tabs and version actions of one kind. Built from the content model alone."""

    grouper_field_name = "entry"
    extra_grouping_fields = ("language",)
    list_display = ("content__name", "slug", "content__next_check_due", "admin_list_actions")
    search_fields = ("slug", "content__name", "content__other_names")

    def get_fieldsets(self, request: HttpRequest, obj: models.Model | None = None) -> list:
        return _fieldsets(self.content_model)

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> list[str]:
        # A slug goes live at once and is printed on leaflets: it is changed by `rename_entry`, which redirects.
        fixed = ["slug"] if obj else []
        return [*super().get_readonly_fields(request, obj), *fixed]

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Entries are unpublished, never deleted: their record is evidence."""
        return False


def _fieldsets(model: type[EntryContent]) -> list:
    sections = [section.name for section in model.SECTIONS if not section.built]
    urgent = URGENT if issubclass(model, UrgentEntryContent) else ()
    apart = {"id", "entry", "language", *FIRST, *URGENT, *REVIEW, *sections}
    kind_fields = [field.name for field in model._meta.concrete_fields if field.name not in apart]
    blocks = [
        (None, ("slug",), ("language", *FIRST)),
        (_("Facts"), (), tuple(kind_fields)),
        (_("When to act"), (), urgent),
        (_("Text"), (), tuple(sections)),
        (_("Check and change"), (), REVIEW),
    ]
    return [
        (title, {"fields": [*grouper, *(CONTENT_PREFIX + name for name in names)]})
        for title, grouper, names in blocks
        if grouper or names
    ]


class EntryContentAdmin(FrontendEditableAdminMixin, admin.ModelAdmin):
    """Behind the toolbar and the version list only; people use the grouper's admin."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def _get_model_admin_and_permission(
        self, request: HttpRequest, obj: EntryContent
    ) -> tuple[admin.ModelAdmin, bool]:
        """The CMS's own check looks at the change permission only and would edit a published row."""
        version = obj.versions.first()
        return self, bool(version and version.check_modify.as_bool(request.user))

    def formfield_for_dbfield(
        self, db_field: models.Field, request: HttpRequest, **kwargs: object
    ) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(db_field, models.TextField) and not isinstance(db_field, models.JSONField):
            field.widget.attrs.setdefault("rows", 20)
        return field


for content_model in CONTENT_MODELS:
    grouper = content_model.entry.field.related_model
    admin.site.register(content_model, EntryContentAdmin)
    admin.site.register(
        grouper, type(f"{grouper.__name__}Admin", (EntryAdmin,), {"content_model": content_model})
    )
