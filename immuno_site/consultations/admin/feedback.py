"""Remarks on pages: a small queue of its own. Read them, then settle them."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from content.account import signed_in
from content.text.hints import HandedOn, Words
from immuno_site.consultations.admin.room import RoomAdmin, record
from immuno_site.consultations.models import AccessEvent, Feedback
from immuno_site.consultations.models.feedback import FeedbackQuerySet


class QueueFilter(admin.SimpleListFilter):
    """What is to be done comes first; what looks like spam is apart."""

    title, parameter_name = _("list"), "list"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Words]]:
        return [("done", _("Done")), ("suspected", _("Suspected spam"))]

    def choices(self, changelist: ChangeList) -> Iterator[HandedOn]:
        for choice in super().choices(changelist):
            yield choice | ({"display": _("To do")} if choice["display"] == _("All") else {})

    def queryset(  # type: ignore[override] # the lists of this model are of this kind
        self, request: HttpRequest, queryset: FeedbackQuerySet
    ) -> FeedbackQuerySet:
        if self.value() == "done":
            return queryset.filter(done_at__isnull=False)
        if self.value() == "suspected":
            return queryset.suspected()
        return queryset.open()


@admin.register(Feedback)
class FeedbackAdmin(RoomAdmin):
    list_display = ("page", "about", "words", "language", "received_at", "done_at", "done_by")
    list_filter = (QueueFilter, "about", "language")
    list_display_links = None
    list_select_related = ("done_by",)
    actions = ("settle",)
    show_full_result_count = False

    # People write about themselves, although we ask them not to: reading is a look, however it was asked for.

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        record(request, AccessEvent.Action.VIEWED, detail="feedback")
        return super().get_changelist_instance(request)

    def get_object(self, request: HttpRequest, *args: HandedOn) -> Feedback | None:
        record(request, AccessEvent.Action.VIEWED, detail="feedback")
        return super().get_object(request, *args)

    @admin.action(description=_("Settle: read and done"))
    def settle(self, request: HttpRequest, queryset: QuerySet[Feedback]) -> None:
        if not request.user.has_perm("consultations.change_feedback"):
            return
        for feedback in queryset.filter(done_at__isnull=True):
            feedback.settle(by=signed_in(request), now=timezone.now())
        messages.success(request, gettext("Settled."))
