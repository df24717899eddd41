"""Facts in the admin: drafts are edited, approved rows are read; a change proposes a new draft."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar, TypeAlias

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import models
from django.db.models import Q, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from content.account import signed_in
from content.admin import form_address, used
from content.admin.english import beside
from content.admin.named import ByName
from content.models import (
    BiomarkerRequirement,
    Fact,
    FactWords,
    GlossaryTerm,
    Indication,
    IndicationText,
    OccurrenceText,
    Question,
    RegimenMember,
    SideEffectOccurrence,
    Update,
    WrittenFact,
)
from content.page import fact_preview
from content.prose_editor import ProseEditor
from content.review import fact_sides, facts, texts
from content.rules import fact_rows, rows
from content.rules.entry_text import Finding
from content.text.hints import HandedOn, Words


class FactParts(BaseInlineFormSet):
    """Rows that belong to a fact. What the rules found about them is known once the fact's own form was read."""

    def clean(self) -> None:
        wrong = []
        for finding in getattr(self.instance, "findings_of_parts", ()):
            if not self._is_about_these(finding):
                continue
            name, _dot, language = finding.at.partition(".")
            form = next((form for form in self.forms if form["language"].value() == (language or "en")), None)
            if form is None:
                wrong.append(finding.message)
                continue
            if form.has_error(name, "required"):
                del form.errors[name]  # the rule says what to write
            if name not in form.errors:
                form.add_error(name, finding.message)
        try:
            super().clean()
        except ValidationError as error:
            wrong += error.messages
        if wrong:
            raise ValidationError(wrong)

    def _is_about_these(self, finding: Finding) -> bool:
        return finding.at.partition(".")[0] in self.form.base_fields


class Together(BaseInlineFormSet):
    """Rows that the rules are about all together, under the name of their column."""

    column: ClassVar[str]

    def clean(self) -> None:
        findings = getattr(self.instance, "findings_of_parts", ())
        if wrong := [finding.message for finding in findings if finding.at == self.column]:
            raise ValidationError(wrong)
        super().clean()


class Requirements(Together):
    column = "biomarkers"


class Members(Together):
    """In the order in which they stand, unless somebody gave them numbers."""

    column = "regimen"


class FactForm(forms.ModelForm):
    """Held to the rules of facts together with the rows that belong to it; each error stands at its field."""

    formsets: ClassVar[list[type[BaseInlineFormSet]]] = []

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc] # which the types of Django leave out
        self.instance.findings_of_parts = []
        if set(self.errors) - {NON_FIELD_ERRORS}:
            return  # not yet a row that rules could read
        findings = rows.what_blocks_fact(
            fact_rows.of_fact(self.instance, self._parts(), beside=fact_rows.beside(self.instance))
        )
        for finding in findings:
            self._put(finding)

    def _put(self, finding: Finding) -> None:
        name = self._field_of(finding.at)
        if finding.message in self.non_field_errors():
            return  # a constraint of the table has said so already
        if name in self.fields:
            self.add_error(name, finding.message)
        else:
            self.instance.findings_of_parts.append(finding)

    def _field_of(self, at: str) -> str:
        """What the form calls the place of a finding."""
        fact = self.instance
        if at == "text":
            return fact.BODY
        name = at.partition(".")[0] if at.startswith("about.") else at  # a file has a line for each
        return next((column.on_row for column in fact.COLUMNS if column.name == name), name)

    def _parts(self) -> fact_rows.Parts:
        """As typed, saved or not."""
        rows = {_relation_of(formset): list(self._rows_of(formset)) for formset in self.formsets}
        source, more = self.cleaned_data.get("source"), self.cleaned_data.get("more_sources") or ()
        return fact_rows.Parts(rows, [source.key for source in filter(None, (source, *more))])

    def _rows_of(self, formset: type[BaseInlineFormSet]) -> Iterator[models.Model]:
        typed = formset(self.data, instance=self.instance, prefix=formset.get_default_prefix())
        for form in typed.forms if typed.is_bound and typed.management_form.is_valid() else ():
            if form.is_valid() and form.cleaned_data and not form.cleaned_data.get("DELETE"):
                yield form.instance


def _written(fact: WrittenFact) -> set[str]:
    """The columns whose words are made from the English ones."""
    return {field.name for field in texts.columns(type(fact))}


def _relation_of(formset: type[BaseInlineFormSet]) -> str:
    """What a fact calls its rows."""
    return formset.fk.remote_field.get_accessor_name()  # type: ignore[attr-defined] # the key, no descriptor of one


ListColumn: TypeAlias = str | Callable[[Fact], str]


def translations_behind(kind: type[Fact]) -> ListColumn:
    """A column of a list that names the languages whose words are older than the English ones."""
    digests: dict[str, str] = {}

    def in_english(slug: str) -> str:
        if not digests and issubclass(kind, WrittenFact):  # all at once: a list asks for each of its rows
            rows = kind.objects.approved().filter(Q(language="en"))
            digests.update({row.slug: row.digest_of_words() for row in rows})
        return digests.get(slug, "")

    def behind(row: Fact) -> str:
        if isinstance(row, WrittenFact):
            is_behind = row.language != "en" and row.made_from != in_english(row.slug)
            return row.language if is_behind else ""
        texts = row.parts.get("texts", ())
        return ", ".join(text.language for text in texts if isinstance(text, FactWords) and text.is_behind)

    behind.short_description = _("behind English")  # type: ignore[attr-defined] # as the admin has it
    return behind


class FactAdmin(ByName, admin.ModelAdmin):
    """Lists by state; buttons to approve a draft and to propose a change of an approved row."""

    form = FactForm
    list_filter: ClassVar[tuple[str, ...]] = ("state", "review_state")
    autocomplete_fields = ("source", "more_sources")
    readonly_fields = ("state", "review_state", "approved_on", "reviewer", "supersedes")
    view_on_site = False
    change_form_template = "admin/content/fact_change_form.html"
    actions = ("retire_these",)

    @admin.action(description=_("Take off the site"), permissions=["view"])
    def retire_these(self, request: HttpRequest, rows: QuerySet[Fact]) -> HttpResponse | None:
        """Asks once why, for all of them; who may approve a fact may take it off."""
        form = RetireForm(request.POST if "reason" in request.POST else None)
        if not form.is_valid():
            context = {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": _("Take off the site"),
                "rows": [(row, facts.why_not_retire(row, by=signed_in(request))) for row in rows],
                "form": form,
            }
            return TemplateResponse(request, "admin/content/facts_retire.html", context)
        for row in rows:
            try:
                reason = form.cleaned_data["reason"]
                facts.retire_fact(row, by=signed_in(request), reason=reason, now=timezone.localdate())
            except facts.RetireRefused as refused:
                messages.warning(request, f"{row}: {refused}")
            else:
                self.log_change(request, row, f"Taken off the site: {reason}")
                messages.success(request, _("%(fact)s was taken off the site.") % {"fact": row})
        return None

    def get_list_display(self, request: HttpRequest) -> tuple[ListColumn, ...]:
        behind = translations_behind(self.model)
        return (*super().get_list_display(request), "standing", behind)

    @admin.display(description=_("state"), ordering="state")
    def standing(self, row: Fact) -> Words:
        """One column in words for what readers see of it."""
        day = date_format(row.approved_on, "j M Y") if row.approved_on else ""
        match row.state:
            case Fact.State.DRAFT:
                return _("Draft")
            case Fact.State.RETIRED:
                return _("Taken off") if row.retired_on else _("Replaced")
        if not row.needs_clinician:
            return _("Public since %(day)s") % {"day": day}
        return (_("Checked, %(day)s") if row.is_reviewed else _("Public, not checked")) % {"day": day}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Fact]:
        rows: QuerySet = super().get_queryset(request)
        return rows.prefetch_related("texts") if "texts" in self.model.PARTS else rows

    def get_form(
        self, request: HttpRequest, obj: Fact | None = None, change: bool = False, **kwargs: HandedOn
    ) -> type[forms.ModelForm]:
        form = super().get_form(request, obj, change, **kwargs)
        if issubclass(form, FactForm):
            form.formsets = [
                inline.get_formset(request, obj) for inline in self.get_inline_instances(request, obj)
            ]
        if isinstance(obj, WrittenFact) and obj.language != "en":
            english = type(obj).objects.approved().filter(slug=obj.slug, language="en").first()  # type: ignore[misc] # of each of them
            beside(
                form,
                english,
                {name: name for name in form.base_fields if name in _written(obj)},
                obj.language,
            )
        return form

    def formfield_for_dbfield(
        self, db_field: models.Field, request: HttpRequest, **kwargs: HandedOn
    ) -> forms.Field | None:
        """An answer, an explanation, the text of an update: Markdown as on a page."""
        if db_field.name == getattr(self.model, "BODY", None):
            kwargs["widget"] = ProseEditor({"rows": 8})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_change_permission(self, request: HttpRequest, obj: Fact | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.state == Fact.State.DRAFT)

    def has_delete_permission(self, request: HttpRequest, obj: Fact | None = None) -> bool:
        return (
            super().has_delete_permission(request, obj) and obj is not None and obj.state == Fact.State.DRAFT
        )

    def save_model(self, request: HttpRequest, obj: Fact, form: forms.ModelForm, change: bool) -> None:
        if not change:
            obj.created_by = signed_in(request)
        if isinstance(obj, WrittenFact) and form.changed_data:
            obj.note_english()
        super().save_model(request, obj, form, change)

    def save_formset(
        self, request: HttpRequest, form: forms.ModelForm, formset: BaseInlineFormSet, change: bool
    ) -> None:
        super().save_formset(request, form, formset, change)
        for words in (*formset.new_objects, *(row for row, _names in formset.changed_objects)):
            if isinstance(words, FactWords) and words.language != "en":
                saved = type(words)._default_manager.get(pk=words.pk)  # beside the English ones of this form
                saved.note_english()
                saved.save(update_fields=["made_from"])

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/propose/", view(self.propose_view), name=f"{name}_propose"),
            path("<int:pk>/approve/", view(self.approve_view), name=f"{name}_approve"),
            path("<int:pk>/retire/", view(self.retire_view), name=f"{name}_retire"),
            used.url(self),
            *super().get_urls(),
        ]

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, HandedOn],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Fact | None = None,
    ) -> HttpResponse:
        if obj:
            context["title"] = capfirst(self.opts.verbose_name)
            context["fact"] = obj
            context["used_url"] = used.address(self, obj.pk)
            context["places"] = facts.places_of(obj)
            if obj.state == Fact.State.DRAFT:
                context["why_not_approve"] = facts.why_not_approve(obj, by=signed_in(request))
                context["sides"] = fact_sides.of_draft(obj)
                context["preview"] = fact_preview.of_draft(obj)
            else:
                context["why_not_retire"] = facts.why_not_retire(obj, by=signed_in(request))
        return super().render_change_form(request, context, add, change, form_url, obj)

    def propose_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A new draft that starts as the approved row."""
        fact = self.get_object(request, str(pk))
        if request.method != "POST" or fact is None or not self.has_add_permission(request):
            return redirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))
        draft = fact.propose(by=signed_in(request))
        messages.info(
            request, _("This is a new draft. Readers see the approved row until you approve this one.")
        )
        return redirect(form_address.of(draft))

    def approve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Clinicians may only read facts, so reading is what this asks for; the gate asks for the rest."""
        fact = self.get_object(request, str(pk))
        if not self.has_view_permission(request, fact):
            raise PermissionDenied
        if request.method == "POST" and fact is not None:
            try:
                facts.approve_fact(fact, by=signed_in(request), now=timezone.localdate())
            except facts.ApprovalRefused as refused:
                messages.error(request, str(refused))
            else:
                messages.success(request, _approved(fact))
        return redirect(form_address.of_row(self.model, pk))

    def retire_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Asks why, and says from where it goes. Who may approve may also take off."""
        fact = self.get_object(request, str(pk))
        if not self.has_view_permission(request, fact):
            raise PermissionDenied
        if fact is None or (why_not := facts.why_not_retire(fact, by=signed_in(request))):
            if fact:
                messages.error(request, why_not)
            return redirect(form_address.of_row(self.model, pk))
        form = RetireForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            reason, today = form.cleaned_data["reason"], timezone.localdate()
            facts.retire_fact(fact, by=signed_in(request), reason=reason, now=today)
            self.log_change(request, fact, f"Taken off the site: {reason}")
            messages.success(
                request, _("Taken off the site. Its pages say so in what changed, with your reason.")
            )
            return redirect(form_address.of_row(self.model, pk))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Take off the site: %(fact)s") % {"fact": fact},
            "fact": fact,
            "places": facts.places_of(fact),
            "form": form,
        }
        return TemplateResponse(request, "admin/content/fact_retire.html", context)


def _approved(fact: Fact) -> Words:
    places = ", ".join(f"{place.name} ({place.url})" for place in facts.places_of(fact))
    if not places:
        return _("Approved. No public page names it yet.")
    return _("Approved. It now stands on: %(places)s.") % {"places": places}


class RetireForm(forms.Form):
    """Why a fact goes, in words that readers see."""

    reason = forms.CharField(
        label=_("Why?"),
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 250, "autofocus": True}),
        help_text=_(
            "In plain English, for readers: each page it leaves shows it under what changed, and when."
        ),
        required=False,
    )

    def clean_reason(self) -> str:
        reason = " ".join(self.cleaned_data["reason"].split())
        if why_not := facts.why_not_reason(reason):
            raise ValidationError(why_not)
        return reason


class IndicationTextInline(ByName, admin.StackedInline):
    model = IndicationText
    formset = FactParts
    extra = 1
    max_num = 4


class RequirementInline(ByName, admin.StackedInline):
    model = BiomarkerRequirement
    formset = Requirements
    extra = 1


class OccurrenceTextInline(ByName, admin.StackedInline):
    model = OccurrenceText
    formset = FactParts
    extra = 1
    max_num = 4


class MemberInline(ByName, admin.StackedInline):
    model = RegimenMember
    formset = Members
    fields = ("position", "drug", "words")
    extra = 2


@admin.register(Indication)
class IndicationAdmin(FactAdmin):
    list_display = ("regimen_in_words", "for_whom", "regulator")
    list_filter = ("state", "review_state", "regulator", "status", "setting", "cancer", "members__drug")
    search_fields = ("key", "members__drug__slug", "members__words", "cancer__slug", "texts__condition")
    inlines = (MemberInline, IndicationTextInline, RequirementInline)
    list_select_related = ("cancer",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Indication]:
        rows: models.QuerySet = super().get_queryset(request)
        return rows.prefetch_related("members__drug", "requirements__biomarker")

    @admin.display(description=_("for whom"), ordering="cancer__slug")
    def for_whom(self, row: Indication) -> str:
        """What tells two uses of a medicine in one cancer apart."""
        text = row.text_in("en")
        needs = ", ".join(f"{need.biomarker} {need.level}".strip() for need in row.requirements.all())
        ended = "" if row.is_current else gettext("withdrawn")
        said = [str(row.cancer), row.get_setting_display(), text.condition if text else "", needs, ended]
        return "; ".join(part for part in said if part)

    @admin.display(description=_("regimen"))
    def regimen_in_words(self, row: Indication) -> str:
        return " + ".join(row.regimen)


@admin.register(SideEffectOccurrence)
class SideEffectOccurrenceAdmin(FactAdmin):
    list_display = ("side_effect", "treatment", "how_common", "percent_any")
    list_filter = ("state", "review_state", "side_effect", "drug", "therapy_class")
    search_fields = ("side_effect__slug", "drug__slug", "therapy_class__slug")
    inlines = (OccurrenceTextInline,)
    list_select_related = ("side_effect", "drug", "therapy_class")

    @admin.display(description=_("treatment"), ordering="drug__slug")
    def treatment(self, row: SideEffectOccurrence) -> str:
        return str(row.drug or row.therapy_class)


@admin.register(GlossaryTerm)
class GlossaryTermAdmin(FactAdmin):
    list_display = ("term", "language")
    search_fields = ("term", "explanation")
    prepopulated_fields = {"slug": ("term",)}


@admin.register(Question)
class QuestionAdmin(FactAdmin):
    list_display = ("question", "topic", "language")
    list_filter = ("state", "review_state", "topic", "language")
    search_fields = ("question", "answer")
    prepopulated_fields = {"slug": ("question",)}


@admin.register(Update)
class UpdateAdmin(FactAdmin):
    list_display = ("title", "kind", "happened_on", "language")
    list_filter = ("state", "review_state", "kind", "language")
    search_fields = ("title", "text")
    date_hierarchy = "happened_on"
    fields = (
        "language", "kind", "happened_on", "title", "slug", "text", "about", "source", "more_sources",
        *FactAdmin.readonly_fields,
    )  # fmt: skip
    prepopulated_fields = {"slug": ("happened_on", "title")}
