"""Rows that are looked up while somebody types, for the admin and the forms of blocks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.widgets import AutocompleteMixin, AutocompleteSelect, AutocompleteSelectMultiple
from django.db import models
from django.http import HttpRequest

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
