"""Where the form of a row stands in the admin."""

from __future__ import annotations

from django.contrib.admin.templatetags.admin_urls import admin_urlname
from django.db import models
from django.urls import reverse
from django.utils.http import urlencode

from content.models import EntryContent


def of(row: models.Model) -> str:
    """For a text of an entry: the entry's form, open at the language of the text."""
    if isinstance(row, EntryContent):
        return of_row(type(row).grouper(), row.entry_id, language=row.language)
    return of_row(type(row), row.pk)


def of_row(model: type[models.Model], pk: int, *, language: str = "") -> str:
    address = reverse(admin_urlname(model._meta, "change"), args=[pk])  # type: ignore[arg-type] # a SafeString
    return f"{address}?{urlencode({'language': language})}" if language else address
