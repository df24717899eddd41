"""Where the form of a row stands in the admin."""

from __future__ import annotations

from functools import lru_cache

from django.contrib.admin.templatetags.admin_urls import admin_urlname
from django.db import models
from django.urls import reverse
from django.utils.http import urlencode

from content.models import EntryContent

NO_ROW = 2_147_000_000  # its number is free, to be put in later


def of(row: models.Model) -> str:
    """For a text of an entry: the entry's form, open at the language of the text."""
    if isinstance(row, EntryContent):
        return of_row(type(row).grouper(), row.entry_id, language=row.language)
    return of_row(type(row), row.pk)


def of_row(model: type[models.Model], pk: int, *, language: str = "") -> str:
    before, after = _around_number(model)
    address = f"{before}{pk}{after}"
    return f"{address}?{urlencode({'language': language})}" if language else address


@lru_cache(maxsize=100)  # a list has hundreds of lines
def _around_number(model: type[models.Model]) -> tuple[str, str]:
    """What stands before and after the number of a row."""
    address = reverse(admin_urlname(model._meta, "change"), args=[NO_ROW])  # type: ignore[arg-type] # a SafeString
    before, _number, after = address.partition(str(NO_ROW))
    return before, after
