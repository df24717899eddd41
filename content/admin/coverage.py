"""Coverage in the admin: edited in place, held to the rules of the files, logged with what it said before."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from content.admin.named import ByName
from content.changes import announce_change
from content.models import CancerType, Coverage, Source
from content.rules import coverage
from content.text.hints import HandedOn


class CoverageForm(forms.ModelForm):
    """What cannot be true stands at its field."""

    def clean(self) -> dict[str, HandedOn]:
        said: dict[str, HandedOn] = super().clean() or self.cleaned_data
        text, newest_from = said.get("text"), said.get("newest_from")
        row = coverage.CoverageRow(
            text=text.key if text else "",
            text_of_on=text.text_of_on if text else None,
            newest=said.get("newest") or "",
            newest_on=said.get("newest_on"),
            newest_from=newest_from.key if newest_from else "",
            uses=said.get("uses"),
            complete=bool(said.get("complete")),
            gaps=said.get("gaps") or (),
            entered=self._entered(said),
        )
        cancers = set(CancerType.objects.values_list("slug", flat=True))
        for at, message in coverage.check(row, cancers=cancers, today=timezone.localdate()):
            if at not in self.errors:
                self.add_error(at, message)
        return said

    def _entered(self, said: dict[str, HandedOn]) -> int:
        drug, regulator = said.get("drug"), said.get("regulator")
        return Coverage(drug=drug, regulator=regulator).uses_on_record() if drug and regulator else 0


@admin.register(Coverage)
class CoverageAdmin(ByName, admin.ModelAdmin):
    form = CoverageForm
    list_display = ("drug", "regulator", "text", "newest", "is_behind", "uses", "complete")
    list_filter = ("regulator", "complete")
    list_select_related = ("drug", "text")
    search_fields = ("drug__slug", "text__key", "newest")
    autocomplete_fields = ("text", "newest_from")
    view_on_site = False

    @admin.display(boolean=True, description="a newer text is known")
    def is_behind(self, row: Coverage) -> bool:
        return row.is_behind

    def get_readonly_fields(self, request: HttpRequest, obj: Coverage | None = None) -> tuple[str, ...]:
        return ("drug", "regulator") if obj else ()

    def save_model(self, request: HttpRequest, obj: Coverage, form: object, change: bool) -> None:
        super().save_model(request, obj, form, change)
        announce_change()

    def delete_model(self, request: HttpRequest, obj: Coverage) -> None:
        super().delete_model(request, obj)
        announce_change()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Coverage]) -> None:
        super().delete_queryset(request, queryset)
        announce_change()

    def construct_change_message(
        self, request: HttpRequest, form: HandedOn, formsets: HandedOn, add: bool = False
    ) -> HandedOn:
        """Names the values too: no older row tells what it said."""
        if add:
            return super().construct_change_message(request, form, formsets, add)
        now, before = form.cleaned_data, form.initial
        return "; ".join(
            f"{name}: {_shown(name, before.get(name))} -> {_shown(name, now[name])}"
            for name in form.changed_data
        )


def _shown(name: str, value: HandedOn) -> str:
    if isinstance(value, int) and name in ("text", "newest_from"):
        value = Source.objects.get(pk=value)
    if isinstance(value, list):
        value = ", ".join(value)
    return "none" if value in (None, "") else str(value)
