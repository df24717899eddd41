"""Rows for a spreadsheet in which nothing a patient typed can become a formula."""

from __future__ import annotations

import csv
import datetime
import io
import re
from collections.abc import Iterable, Iterator

from django.utils import timezone

# What Excel, LibreOffice and Google start a formula with, in both widths, and what they do not see before it.
FORMULA = r"=+\-@|%\uff1d\uff0b\uff0d\uff20"
UNSEEN = r"\s\"\ufeff\u200b\u200e\u200f\u2066-\u2068"
# Also after a separator: a program that takes another one than ours begins a cell there.
BEGINS = re.compile(rf"(^|[,;])(?=[{UNSEEN}]*[{FORMULA}])")
ENDS = re.compile(rf"([,;])(?=[{UNSEEN}]*$)")
# And a line or a cell that nobody meant to begin.
BREAKS = re.compile(r"(?:\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029])\s*")
BOM = "\ufeff"  # or Excel would read Hebrew and Arabic as something else


def safe_cell(value: object) -> str:
    """A cell's text on one line. An apostrophe makes a spreadsheet take what follows as text."""
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    text = BREAKS.sub(" / ", str(value)).replace("\t", " ")
    return ENDS.sub(r"\1'", BEGINS.sub(r"\1'", text))


def lines(head: Iterable[object], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The file, line by line."""
    yield BOM + _line(head)
    for row in rows:
        yield _line(row)


def _line(cells: Iterable[object]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerow([safe_cell(cell) for cell in cells])
    return buffer.getvalue()
