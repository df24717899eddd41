"""What is new about an entry: notes and decisions that name it, on its page and in the list of updates."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from content import directory, edition
from content.models import Indication, Update
from content.page.decisions import Decision, decisions
from content.page.reading import Reading

NEW_FOR = datetime.timedelta(days=366)
NARROWS_TO = ("cancer", "drug")  # the kinds of entry that the list of updates can be narrowed to

Told = Update | Decision


@dataclass(frozen=True)
class News:
    """The newest update about an entry, and how many there are in all."""

    title: str
    date: datetime.date
    address: str
    count: int
    about: str  # "cancer:melanoma": the list of updates can be asked for it


def about(kind: str, slug: str, uses: Iterable[Indication], reading: Reading) -> News | None:
    """Of an entry with these approved uses. Nothing if nothing happened within a year: it would not be new."""
    name = f"{kind}:{slug}"
    notes = _all(reading.language)
    told: list[Told] = [*notes, *(decisions(uses, reading, notes) if kind in NARROWS_TO else [])]
    updates = in_order(one for one in told if name in one.about)
    if not updates or updates[0].happened_on < datetime.date.today() - NEW_FOR:
        return None
    newest = updates[0]
    return News(newest.title, newest.happened_on, newest.address, len(updates), name)


def in_order(updates: Iterable[Told]) -> list[Told]:
    """Newest first; of one day, notes before what is built."""
    return sorted(updates, key=lambda one: (-one.happened_on.toordinal(), isinstance(one, Decision)))


def _all(language: str) -> list[Update]:
    """Newest first. Pages share them."""
    return edition.shared(
        ("updates", language), lambda: list(Update.objects.approved().filter(language=language))
    )


def subjects(updates: Iterable[Told], language: str) -> list[directory.Listed]:
    """The cancers and medicines that updates are about, by name: what a reader may narrow the list to."""
    named = {name.partition(":") for row in updates for name in row.about}
    keys = {(kind, slug) for kind, _, slug in named if kind in NARROWS_TO}
    found = directory.look_up(keys, language)
    return sorted(found.values(), key=lambda listed: (listed.kind, listed.name.casefold()))
