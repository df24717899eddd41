"""Rows that are looked up while somebody types, for the admin and the forms of blocks."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from django import forms
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.widgets import AutocompleteMixin, AutocompleteSelect, AutocompleteSelectMultiple
from django.db import models
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from content.text.hints import HandedOn

LONGEST_KEY = 18  # digits that every database takes as a number


class _NumbersOnly(AutocompleteMixin):
    """Shown again with what was sent, Django's asks the database for it, and fails at what is no number."""

    def optgroups(self, name: str, value: Sequence[str], attr: HandedOn = None) -> list[Any]:
        keys = [key for key in value if key.isdecimal() and len(key) <= LONGEST_KEY]
        return super().optgroups(name, keys, attr)


class LookUp(_NumbersOnly, AutocompleteSelect):
    """One of them."""


class LookUps(_NumbersOnly, AutocompleteSelectMultiple):
    """Several of them."""


class LongSelect(forms.Select):
    """Rows that are all listed, as Django's select draws them; that asks a template for each, 50 ms for 600."""

    def render(
        self, name: str, value: object, attrs: HandedOn = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        chosen = "" if value is None else str(value)
        options = (
            f'\n  <option value="{escape(key)}"{" selected" if key == chosen else ""}>{escape(str(label))}</option>\n'
            for key, label in ((str(key), label) for key, label in self.choices)
        )
        listed = mark_safe("".join(options))  # noqa: S308 - escaped right above
        head = flatatt(self.build_attrs(self.attrs, attrs))
        return format_html('<select name="{}"{}>{}\n</select>', name, head, listed)


class LooksUp(BaseModelAdmin):
    """For whatever has `autocomplete_fields`."""

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey[Any, Any], request: HttpRequest, **kwargs: HandedOn
    ) -> forms.ModelChoiceField | None:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", LookUp(db_field, self.admin_site, using=kwargs.get("using")))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(
        self, db_field: models.ManyToManyField[Any, Any], request: HttpRequest, **kwargs: HandedOn
    ) -> forms.ModelMultipleChoiceField | None:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", LookUps(db_field, self.admin_site, using=kwargs.get("using")))
        return super().formfield_for_manytomany(db_field, request, **kwargs)
