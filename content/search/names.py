"""What readers call entries, also in other scripts, and in what words they ask our questions, from library/names.toml:
for search alone, no page shows them."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from django.conf import settings

from content.kinds import folders

FILE = "names.toml"


def also_called(kind: str, slug: str) -> tuple[str, ...]:
    """In all languages at once: somebody may type Russian on an English page."""
    return _read(settings.LIBRARY / FILE).get((kind, slug), ())


@cache
def _read(path: Path) -> dict[tuple[str, str], tuple[str, ...]]:
    if not path.exists():
        return {}
    lists = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        (_kind_of(folder), slug): tuple(dict.fromkeys(name for names in of.values() for name in names))
        for folder, entries in lists.items()
        for slug, of in entries.items()
    }


def _kind_of(folder: str) -> str:
    return "question" if folder == "questions" else folders()[folder].name
