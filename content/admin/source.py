"""Sources in the admin: edited in place, logged, kept while cited."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from content.admin import prose_help
from content.changes import announce_change
from content.models import Source
from content.text.hints import HandedOn


@admin.register(Source)
class SourceAdmin(admin.ModelAdmin):
    list_display = ("key", "title", "publisher", "kind", "published_on", "age", "checked_on")
    list_filter = ("kind", "publisher")
    search_fields = ("key", "title", "publisher", "url")
    date_hierarchy = "checked_on"
    actions = ("read_again",)

    @admin.action(description=_("I have opened and read these today"), permissions=["change"])
    def read_again(self, request: HttpRequest, rows: QuerySet[Source]) -> None:
        """The day of reading alone: what they say is as it was."""
        today = timezone.localdate()
        for row in rows:
            self.log_change(request, row, f"Read again on {today}.")
        number = rows.update(checked_on=today)
        announce_change()
        text = ngettext("%d source was read today.", "%d sources were read today.", number) % number
        self.message_user(request, text)

    def get_readonly_fields(self, request: HttpRequest, obj: Source | None = None) -> tuple[str, ...]:
        return ("key",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Source, form: object, change: bool) -> None:
        super().save_model(request, obj, form, change)
        announce_change()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, HandedOn], *args: HandedOn, **kwargs: HandedOn
    ) -> HttpResponse:
        if source := context.get("original"):
            context["used_url"] = reverse("admin:content_bulkchange_source", args=[source.pk])
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        return [*prose_help.urls(self.admin_site), *super().get_urls()]
