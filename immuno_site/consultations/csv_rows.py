"""Rows for a spreadsheet in which nothing a patient typed can become a formula."""

from __future__ import annotations

import csv
import datetime
import io
from collections.abc import Iterable, Iterator

from django.utils import timezone

# What Excel, LibreOffice and Google start a formula with, in both widths; tab and line breaks hide them.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20")
BOM = "\ufeff"  # or Excel would read Hebrew and Arabic as something else


def safe_cell(value: object) -> str:
    """A cell's text. A leading apostrophe makes a spreadsheet take it as text."""
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    text = str(value)
    return (
        f"'{text}"
        if text.lstrip(" \u00a0\ufeff\u200b\u200e\u200f\u2066\u2067\u2068").startswith(FORMULA)
        else text
    )


def lines(head: Iterable[object], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The file, line by line."""
    yield BOM + _line(head)
    for row in rows:
        yield _line(row)


def _line(cells: Iterable[object]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerow([safe_cell(cell) for cell in cells])
    return buffer.getvalue()
