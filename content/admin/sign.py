"""Urgent signs in the admin: facts like others, read group by group; their lay words, edited in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from content.admin.fact import FactAdmin, FactParts
from content.admin.named import ByName
from content.changes import announce_change
from content.models import LayWords, Sign, SignLevel, SignText, TreatmentGroup
from content.rules import signs
from content.text.hints import HandedOn, Words

# In the head of the list's table, where the name of a group has no room.
_SHORT_HEADS = {
    TreatmentGroup.CHECKPOINT_INHIBITOR: "PD-1",
    TreatmentGroup.CTLA_4: "CTLA-4",
    TreatmentGroup.CAR_T: "CAR-T",
    TreatmentGroup.BISPECIFIC: "BiAb",
    TreatmentGroup.TCR_BISPECIFIC: "Tebe",
    TreatmentGroup.TIL_IL2: "TIL",
    TreatmentGroup.BCG: "BCG",
    TreatmentGroup.ONCOLYTIC_VIRUS: "Virus",
    TreatmentGroup.INTERFERON: "IFN",
    TreatmentGroup.ANTIBODY_DRUG_CONJUGATE: "ADC",
    TreatmentGroup.ANTI_CD20_OR_CD38: "CD20",
    TreatmentGroup.IMMUNOMODULATORY_DRUG: "IMiD",
    TreatmentGroup.WITH_CHEMOTHERAPY: "Chemo",
    TreatmentGroup.OTHER: "Other",
}
_LETTERS = {Sign.Level.EMERGENCY: "E", Sign.Level.SAME_DAY: "S", Sign.Level.NEXT_VISIT: "N"}


class Levels(BaseInlineFormSet):
    """The levels of a sign: the rules are about all of them together."""

    COLUMNS = tuple(column.name for column in Sign.COLUMNS if column.of == "levels")

    def clean(self) -> None:
        findings = getattr(self.instance, "findings_of_parts", ())
        if wrong := [finding.message for finding in findings if finding.at in self.COLUMNS]:
            raise ValidationError(wrong)
        super().clean()


class SignLevelInline(admin.TabularInline):
    model = SignLevel
    formset = Levels
    extra = 3
    max_num = len(TreatmentGroup.values)


class SignTextInline(ByName, admin.StackedInline):
    model = SignText
    formset = FactParts
    extra = 1
    max_num = 4


class OfGroup(admin.SimpleListFilter):
    """Signs that have a level in one treatment group; with the filter below, that one."""

    title = _("treatment group")
    parameter_name = "group"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Words]]:
        return [(group.value, group.label) for group in TreatmentGroup]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(_has_level(group=self.value())) if self.value() else queryset


class AtLevel(admin.SimpleListFilter):
    """Signs that are so urgent in the chosen group, or in any."""

    title = _("how fast to act")
    parameter_name = "urgency"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Words]]:
        return [(level.value, level.label) for level in Sign.Level]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if not self.value():
            return queryset
        group = request.GET.get(OfGroup.parameter_name)
        return queryset.filter(_has_level(level=self.value(), **({"group": group} if group else {})))


def _has_level(**wanted: str | None) -> Exists:
    return Exists(SignLevel.objects.filter(sign=OuterRef("pk"), **wanted))


def _cell(group: TreatmentGroup) -> Callable[[admin.ModelAdmin, Sign], str]:
    """A column of the list: E, S or N, with the rank among the gravest, and * where no text says so."""

    @admin.display(description=_SHORT_HEADS[group])
    def cell(self: admin.ModelAdmin, sign: Sign) -> str:
        row = next((row for row in sign.levels.all() if row.group == group), None)
        return _mark(row) if row else "\u2013"

    return cell


def _mark(row: SignLevel) -> SafeString:
    return format_html(
        '<span class="sign-level sign-{}" title="{}">{}{}{}</span>',
        row.level,
        str(row),
        _LETTERS[Sign.Level(row.level)],
        row.gravest or "",
        "*" if row.by_judgement else "",
    )


@admin.register(Sign)
class SignAdmin(FactAdmin):
    """The list is a matrix: a line a sign, a column a treatment group."""

    CELLS = tuple(f"in_{group.name.lower()}" for group in TreatmentGroup)
    list_display = ("words", *CELLS, "body_part")
    list_filter: ClassVar[Any] = ("state", "review_state", OfGroup, AtLevel, "body_part", "without_treatment")
    list_per_page = 150
    search_fields = ("key", "texts__words", "lay_words__words")
    inlines = (SignTextInline, SignLevelInline)
    readonly_fields: ClassVar[Any] = ("matrix", "called", *FactAdmin.readonly_fields)
    fields = (
        "matrix", "key", "body_part", "side_effects", "medicines", "without_treatment", "called",
        "source", "more_sources",
        *FactAdmin.readonly_fields,
    )  # fmt: skip
    change_list_template = "admin/content/sign_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows: QuerySet = super().get_queryset(request)
        return rows.prefetch_related("texts", "levels", "lay_words")

    @admin.display(description=_("words"))
    def words(self, sign: Sign) -> str:
        text = sign.text_in("en")
        return text.words if text else sign.key

    @admin.display(description=_("how fast to act"))
    def matrix(self, sign: Sign) -> str:
        """As saved: what a clinician reads before the form."""
        marks = {(row.level, row.group): _mark(row) for row in (sign.levels.all() if sign.pk else ())}
        levels = [
            (level.label, [marks.get((level.value, group.value), "") for group in TreatmentGroup])
            for level in Sign.Level
        ]
        heads = [(_SHORT_HEADS[group], group.label) for group in TreatmentGroup]
        return render_to_string("admin/content/sign_matrix.html", {"heads": heads, "levels": levels})

    @admin.display(description=_("lay words"))
    def called(self, sign: Sign) -> str:
        if not sign.pk:
            return "\u2013"
        row = next((row for row in sign.lay_words.all() if row.language == "en"), None)
        if row is None:
            address = f"{reverse('admin:content_laywords_add')}?key={sign.key}"
            return format_html('<a href="{}">{}</a>', address, _("Add lay words"))
        address = reverse("admin:content_laywords_change", args=[row.pk])
        return format_html('{} <a href="{}">{}</a>', ", ".join(row.words), address, _("Edit lay words"))


for _group in TreatmentGroup:
    setattr(SignAdmin, f"in_{_group.name.lower()}", _cell(_group))


class LayWordsForm(forms.ModelForm):
    def clean_key(self) -> str:
        key = self.cleaned_data["key"]
        if not Sign.objects.filter(key=key).exists():
            raise ValidationError(_("There is no sign with this key."))
        return key

    def clean_words(self) -> list[str]:
        words = self.cleaned_data["words"]
        if twice := signs.doubled(words):
            raise ValidationError(_("%(words)s stands here twice."), params={"words": twice})
        return words


@admin.register(LayWords)
class LayWordsAdmin(admin.ModelAdmin):
    """Changed in place and logged: no claim, so no page waits for a clinician."""

    form = LayWordsForm
    list_display = ("key", "language", "first_words")
    list_filter = ("language",)
    search_fields = ("key", "words")
    fields = ("key", "language", "words")
    readonly_on_change: ClassVar[tuple[str, ...]] = ("key", "language")

    def get_readonly_fields(self, request: HttpRequest, obj: LayWords | None = None) -> tuple[str, ...]:
        return self.readonly_on_change if obj else ()

    @admin.display(description=_("lay words"))
    def first_words(self, row: LayWords) -> str:
        return ", ".join(row.words[:8])

    def save_model(self, request: HttpRequest, obj: LayWords, form: HandedOn, change: bool) -> None:
        super().save_model(request, obj, form, change)
        _tell(obj)

    def delete_model(self, request: HttpRequest, obj: LayWords) -> None:
        super().delete_model(request, obj)
        _tell(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[LayWords]) -> None:
        """The list's action, which Django does not lead through delete_model."""
        rows = list(queryset)
        super().delete_queryset(request, queryset)
        for row in rows:
            _tell(row)


def _tell(row: LayWords) -> None:
    """Search finds the pages of the sign by its new words; finished pages show none of them, but suggest by them."""
    announce_change(Sign.objects.approved().filter(key=row.key))
