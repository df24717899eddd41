"""What a row of coverage must fulfil, from a file or from the admin: above all, that "complete" is true."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from content.models.coverage import split_gap


class Said(NamedTuple):
    """What is wrong, and in which field."""

    at: str
    message: str


@dataclass(frozen=True)
class CoverageRow:
    """One medicine and one regulator, the same from a table of a file and from a form."""

    text: str = ""  # the key of the source that was read
    text_of_on: datetime.date | None = None
    newest: str = ""
    newest_on: datetime.date | None = None
    newest_from: str = ""
    uses: int | None = None
    complete: bool = False
    gaps: Collection[str] = ()
    entered: int = 0  # current uses on record


def check(row: CoverageRow, *, cancers: Collection[str], today: datetime.date) -> Iterator[Said]:
    """All that keeps the row from being saved."""
    if row.uses is not None and not row.text:
        yield Said("uses", "Name the text that was read before you count its uses.")
    if row.newest and not row.newest_from:
        yield Said("newest_from", "Say where the newest known revision is known from.")
    if not row.newest and (row.newest_on or row.newest_from):
        yield Said("newest", "Say in words which revision is the newest known.")
    if row.newest_on and row.newest_on > today:
        yield Said("newest_on", f"{row.newest_on} lies in the future.")
    for gap in row.gaps:
        cancer, _partners = split_gap(gap)
        if cancer not in cancers:
            message = f"{gap!r}: begin a known gap with the slug of a cancer, as in kidney-cancer: axitinib."
            yield Said("gaps", message)
    if row.complete and (reason := why_not_complete(row)):
        yield Said("complete", f"It cannot be called complete: {reason}")


def why_not_complete(row: CoverageRow) -> str:
    """The known gap, or an empty text."""
    if not row.text:
        return "nobody has read a text."
    if row.text_of_on is None:
        return "nobody knows how old the text is that was read."
    if row.newest and (row.newest_on is None or row.newest_on > row.text_of_on):
        return f"the newest known revision ({row.newest}) is younger than the text that was read."
    if row.uses is not None and row.entered < row.uses:
        return f"the text has {row.uses} uses, {row.entered} are entered."
    if row.gaps:
        return f"a use is known to be missing ({', '.join(row.gaps)})."
    return ""
