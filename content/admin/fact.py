"""Facts in the admin: drafts are edited, approved rows are read; a change proposes a new draft."""

from __future__ import annotations

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from content import review
from content.hooks import announce_change
from content.models import (
    BiomarkerRequirement,
    Fact,
    GlossaryTerm,
    Indication,
    IndicationText,
    OccurrenceText,
    Question,
    SideEffectOccurrence,
)


class FactAdmin(admin.ModelAdmin):
    """Lists by state; buttons to approve a draft and to propose a change of an approved row."""

    list_filter = ("state", "review_state")
    autocomplete_fields = ("source", "more_sources")
    readonly_fields = ("state", "review_state", "approved_on", "reviewer", "supersedes")
    change_form_template = "admin/content/fact_change_form.html"

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        return (*super().get_list_display(request), "state", "review_state", "approved_on")

    def has_change_permission(self, request: HttpRequest, obj: Fact | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.state == Fact.State.DRAFT)

    def has_delete_permission(self, request: HttpRequest, obj: Fact | None = None) -> bool:
        return (
            super().has_delete_permission(request, obj) and obj is not None and obj.state == Fact.State.DRAFT
        )

    def save_model(self, request: HttpRequest, obj: Fact, form: object, change: bool) -> None:
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/propose/", view(self.propose_view), name=f"{name}_propose"),
            path("<int:pk>/approve/", view(self.approve_view), name=f"{name}_approve"),
            *super().get_urls(),
        ]

    def render_change_form(
        self, request: HttpRequest, context: dict, obj: Fact | None = None, **kwargs: object
    ) -> HttpResponse:
        if obj:
            context["fact"] = obj
            context["appears_on"] = review.pages_showing(obj)
            context["why_not_approve"] = review.why_not_approve(obj, by=request.user)
        return super().render_change_form(request, context, obj=obj, **kwargs)

    def propose_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A new draft that starts as the approved row."""
        fact = self.get_object(request, str(pk))
        if request.method != "POST" or fact is None or not self.has_add_permission(request):
            return redirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))
        draft = fact.propose(by=request.user)
        messages.info(
            request, _("This is a new draft. Readers see the approved row until you approve this one.")
        )
        return redirect(
            reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[draft.pk])
        )

    def approve_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Clinicians may only read facts, so reading is what this asks for; the gate asks for the rest."""
        fact = self.get_object(request, str(pk))
        if not self.has_view_permission(request, fact):
            raise PermissionDenied
        change = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        if request.method == "POST" and fact is not None:
            try:
                with transaction.atomic():
                    pages = review.approve_fact(fact, by=request.user, now=timezone.localdate())
                    announce_change()
            except review.ApprovalRefused as refused:
                messages.error(request, str(refused))
            else:
                messages.success(
                    request,
                    _("Approved. It now stands on: %(pages)s.") % {"pages": ", ".join(map(str, pages))},
                )
        return redirect(reverse(change, args=[pk]))


class IndicationTextInline(admin.TabularInline):
    model = IndicationText
    extra = 1
    max_num = 4


class RequirementInline(admin.TabularInline):
    model = BiomarkerRequirement
    extra = 1


class OccurrenceTextInline(admin.TabularInline):
    model = OccurrenceText
    extra = 1
    max_num = 4


@admin.register(Indication)
class IndicationAdmin(FactAdmin):
    list_display = ("drug", "cancer", "setting", "regulator", "status")
    list_filter = ("state", "review_state", "regulator", "status", "setting", "cancer", "drug")
    search_fields = ("key", "drug__slug", "cancer__slug", "texts__condition")
    inlines = (IndicationTextInline, RequirementInline)
    list_select_related = ("drug", "cancer")


@admin.register(SideEffectOccurrence)
class SideEffectOccurrenceAdmin(FactAdmin):
    list_display = ("side_effect", "drug", "therapy_class", "how_common", "percent_any")
    list_filter = ("state", "review_state", "side_effect", "drug", "therapy_class")
    search_fields = ("side_effect__slug", "drug__slug", "therapy_class__slug")
    inlines = (OccurrenceTextInline,)
    list_select_related = ("side_effect", "drug", "therapy_class")


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
