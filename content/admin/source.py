"""Sources in the admin: edited in place, logged, kept while cited."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from content.admin import prose_help
from content.changes import announce_change
from content.models import Source, SourceLook
from content.text.hints import HandedOn


def look_in_words(source: Source) -> str:
    """What the watch last saw of it, at the address that it has now."""
    look: SourceLook | None = getattr(source, "look", None)
    if look is None or look.url != source.url:
        return gettext("Not looked at since it was read.")
    return look.in_words()


@admin.register(Source)
class SourceAdmin(admin.ModelAdmin):
    # As wide as a screen is beside the menu and the filters: the rest is on the form.
    list_display = ("key", "title_and_publisher", "checked_on", "last_look")
    list_select_related = ("look",)
    list_filter = ("kind", "look__finding")
    search_fields = ("key", "title", "publisher", "url")
    date_hierarchy = "checked_on"
    actions = ("read_again",)

    @admin.display(description=_("title"), ordering="title")
    def title_and_publisher(self, source: Source) -> str:
        age = f" ({source.age})" if source.age else ""
        return f"{source.title}, {source.publisher}{age}"

    @admin.display(description=_("looked at"))
    def last_look(self, source: Source) -> str:
        return look_in_words(source)

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
