"""Entries and sources in forms: chosen by the names that people know, looked up while somebody types."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.db import models
from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat
from django.http import HttpRequest

from content.look_up import LooksUp
from content.models import Entry, Source, content_models
from content.text.hints import HandedOn


def is_named(model: object) -> bool:
    """Whether its rows are known by another name than the one under which they are kept."""
    return isinstance(model, type) and issubclass(model, (Entry, Source))


def named(rows: QuerySet[Any]) -> QuerySet[Any]:
    """With what each is `called`: an entry by its newest English name, one without a text by its slug."""
    if issubclass(rows.model, Source):
        words = ("title", Value(", "), "publisher", Value(" ("), "key", Value(")"))
        return rows.annotate(called=Concat(*words, output_field=models.CharField()))
    (content,) = (model for model in content_models().values() if model.grouper() is rows.model)
    texts = content.admin_manager.filter(Q(entry=OuterRef("pk")), language="en").order_by("-pk")
    return rows.annotate(
        called=Coalesce(Subquery(texts.values("name")[:1]), F("slug"), output_field=models.CharField())
    )


class NamedChoice(forms.ModelChoiceField):
    """One of them."""

    def __init__(self, queryset: QuerySet[Any], **kwargs: HandedOn) -> None:
        super().__init__(named(queryset), **kwargs)

    def label_from_instance(self, obj: HandedOn) -> str:
        return str(obj.called)


class NamedChoices(forms.ModelMultipleChoiceField):
    """Several of them."""

    def __init__(self, queryset: QuerySet[Any], **kwargs: HandedOn) -> None:
        super().__init__(named(queryset), **kwargs)

    def label_from_instance(self, obj: HandedOn) -> str:
        return str(obj.called)


class ByName(LooksUp):
    """For an admin or its rows: whatever points to an entry or a source is looked up by name. Words in any language
    begin on their own side."""

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:
        pointing = [
            field.name
            for field in (*self.model._meta.fields, *self.model._meta.many_to_many)
            if is_named(field.related_model)
        ]
        return [*dict.fromkeys([*super().get_autocomplete_fields(request), *pointing])]

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey[Any, Any], request: HttpRequest, **kwargs: HandedOn
    ) -> forms.ModelChoiceField | None:
        if is_named(db_field.related_model):
            kwargs["form_class"] = NamedChoice
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(
        self, db_field: models.ManyToManyField[Any, Any], request: HttpRequest, **kwargs: HandedOn
    ) -> forms.ModelMultipleChoiceField | None:
        if is_named(db_field.related_model):
            kwargs["form_class"] = NamedChoices
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: HandedOn
    ) -> forms.Field | None:
        field: forms.Field | None = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(field.widget, forms.TextInput | forms.Textarea):
            field.widget.attrs.setdefault("dir", "auto")
        return field


class NamedResults(AutocompleteJsonView):
    """What a look-up finds, under the same names."""

    def get_queryset(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset()
        return named(rows) if is_named(rows.model) else rows

    def serialize_result(self, obj: HandedOn, to_field_name: str) -> dict[str, str]:
        result: dict[str, str] = super().serialize_result(obj, to_field_name)
        return result | {"text": str(getattr(obj, "called", obj))}
