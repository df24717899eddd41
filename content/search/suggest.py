"""The names that search offers while somebody types: all of them at once, so that no typed letter leaves the device."""

from __future__ import annotations

import re
from typing import TypedDict

from content import edition
from content.kinds import ranked
from content.models import SearchDocument, SearchName

_LETTERS = {
    "he": re.compile("[\u0590-\u05ff]"),
    "ar": re.compile("[\u0600-\u06ff]"),
    "ru": re.compile("[\u0400-\u04ff]"),
}
MOST_NAMES = 600  # entries in a part; the next one is fetched where those before offer too little

Row = tuple[str, int, str, str]


class Names(TypedDict):
    """`names`: [name, place of its kind in `kinds`, address, other names as search compares them, with spaces]."""

    kinds: list[str]
    parts: int
    names: list[Row]


def _is_typed(name: str, language: str) -> bool:
    """Names in another script are for the plain search: all of them would double what is sent."""
    return not any(letters.search(name) for code, letters in _LETTERS.items() if code != language)


def names_in(language: str, part: int = 1) -> Names:
    """Every entry that search can find, under its name in this language, else in English; the kinds in their order.
    The parts come in that order too, whatever is typed: which one is asked for tells no letter of it."""
    rows = edition.shared(("suggested", language), lambda: _rows(language))
    first = (part - 1) * MOST_NAMES
    return {
        "kinds": [str(kind.singular) for kind in ranked()],
        "parts": max(1, -(-len(rows) // MOST_NAMES)),
        "names": rows[first : first + MOST_NAMES],
    }


def _rows(language: str) -> list[Row]:
    place = {kind.name: number for number, kind in enumerate(ranked())}
    documents = SearchDocument.objects.filter(kind__in=place, language__in={language, "en"})
    rows = documents.values_list("kind", "slug", "language", "title", "address", "pk")
    chosen = {row[:2]: row for row in sorted(rows, key=lambda row: row[2] == language)}
    others: dict[int, list[str]] = {}
    known = SearchName.objects.filter(document__in=documents, is_title=False).order_by("pk")
    for document, name in known.values_list("document", "name"):
        if _is_typed(name, language):
            others.setdefault(document, []).append(name)
    return [
        (title, place[kind], address, " ".join(others.get(pk, ())))
        for kind, _slug, _language, title, address, pk in sorted(
            chosen.values(), key=lambda row: (place[row[0]], row[3])
        )
    ]
