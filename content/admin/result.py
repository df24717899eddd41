"""Results in the admin: groups and outcomes are typed in rows, with their English words; a draft shows its picture."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from content.admin.fact import FactAdmin, FactForm, FactParts
from content.admin.named import ByName
from content.models import Result, ResultArm, ResultOutcome, ResultText
from content.models.fact import FactPart, in_language
from content.rules import fact_rows
from content.text.hints import HandedOn

# The words typed in a row, and the list of the result's words in which they are kept.
_WORDS: dict[object, dict[str, str]] = {
    ResultArm: {"name": "arm_names"},
    ResultOutcome: {"what": "outcome_whats", "when": "outcome_whens"},
}


class RowForm(forms.ModelForm):
    """A row with its English words. Without any it was left empty."""

    def clean(self) -> dict[str, HandedOn]:
        cleaned = super().clean() or self.cleaned_data
        vars(self.instance)["typed"] = {
            kept: cleaned.get(name, "") for name, kept in _WORDS[type(self.instance)].items()
        }
        return cleaned


class ArmForm(RowForm):
    name = forms.CharField(label=_("what this group had"), max_length=200)


class OutcomeForm(RowForm):
    what = forms.CharField(
        label=_("what was counted"), max_length=200, help_text=_("alive; had a severe side effect")
    )
    when = forms.CharField(label=_("until when"), max_length=120, help_text=_("after 5 years"))


class Rows(BaseInlineFormSet):
    """In the order of the page; what the rules found about them stands above them."""

    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        text = in_language(self.instance.texts.all(), "en") if self.instance.pk else None
        for name, kept in _WORDS[self.model].items():
            words = getattr(text, kept, [])
            if index is not None and form.instance.pk and index < len(words):
                form.fields[name].initial = words[index]

    def clean(self) -> None:
        relation = self.fk.remote_field.get_accessor_name()
        wrong = [
            finding.message
            for finding in getattr(self.instance, "findings_of_parts", ())
            if finding.at.partition(".")[0] == relation
        ]
        if wrong:
            raise ValidationError(list(dict.fromkeys(wrong)))
        super().clean()

    @property
    def kept_rows(self) -> list[FactPart]:
        """As they were typed, but for those that are taken out."""
        return [
            form.instance
            for form in self.forms
            if form.cleaned_data and not form.cleaned_data.get("DELETE") and form.instance.pk
        ]


class ResultForm(FactForm):
    """Held to the rules with the words of its rows."""

    def _parts(self) -> fact_rows.Parts:
        parts = super()._parts()
        for text in parts.rows["texts"]:
            if isinstance(text, ResultText) and text.language == "en":
                _put_words(text, [*parts.rows["arms"], *parts.rows["outcomes"]])
        return parts


def _put_words(text: ResultText, rows: Iterable[object]) -> None:
    for name in ("arm_names", "outcome_whats", "outcome_whens"):
        setattr(text, name, [])
    for row in rows:
        for name, word in getattr(row, "typed", {}).items():
            getattr(text, name).append(word)


class ResultTextInline(ByName, admin.StackedInline):
    model = ResultText
    formset = FactParts
    extra = 1
    max_num = 4

    def formfield_for_dbfield(
        self, db_field: models.Field, request: HttpRequest, **kwargs: HandedOn
    ) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name in ("arm_names", "outcome_whats", "outcome_whens"):
            field.help_text = _(
                "For a translation: a line for each row below, in its order. English words stand in the rows."
            )
        return field


class ArmInline(admin.TabularInline):
    model = ResultArm
    form = ArmForm
    formset = Rows
    extra = 2
    fields = ("name", "medicines", "people")


class OutcomeInline(admin.StackedInline):
    model = ResultOutcome
    form = OutcomeForm
    formset = Rows
    extra = 2
    fields = (("kind", "what", "when"), ("values", "low", "high"), ("median_months", "status"))


@admin.register(Result)
class ResultAdmin(FactAdmin):
    form = ResultForm
    list_display = ("trial", "cancer", "setting", "people")
    list_filter = ("state", "review_state", "setting", "cancer")
    search_fields = ("key", "trial", "registry_id", "cancer__slug", "texts__population")
    inlines = (ResultTextInline, ArmInline, OutcomeInline)
    list_select_related: ClassVar[tuple[str, ...]] = ("cancer",)

    def save_related(
        self,
        request: HttpRequest,
        form: forms.ModelForm,
        formsets: Iterable[BaseInlineFormSet],
        change: bool,
    ) -> None:
        """The rows keep the order in which they stand; their words go to the English text."""
        formsets = list(formsets)
        super().save_related(request, form, formsets, change)
        rows = [row for formset in formsets if isinstance(formset, Rows) for row in _in_place(formset)]
        text = form.instance.texts.filter(language="en").first()
        if text is not None:
            _put_words(text, rows)
            text.save()


def _in_place(formset: Rows) -> list[FactPart]:
    rows = formset.kept_rows
    for place, row in enumerate(rows):
        if row.position != place:
            row.position = place
            row.save(update_fields=["position"])
    return rows
