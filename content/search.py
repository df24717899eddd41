"""Search: a string in, a list of small results out. The only door to whatever finds them."""

from __future__ import annotations

from content import directory

LONGEST_QUERY = 100


def find(query: str, *, language: str) -> list[directory.Listed]:
    """Entries by likeness of name; the index by text comes with the search work."""
    return directory.near(query, language)


def rebuild() -> None:
    """Makes the index anew from what is public."""
