"""The library's list of addresses, brought up to what the database has: new entries, and those with a new name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import tomli_w

from content import kinds
from content.models import FormerSlug, content_models

NAME = "slugs.toml"
_TABLE = re.compile(r"^\[([a-z-]+)\]\s*$")
_LINE = re.compile(r"^([a-z0-9-]+)\s*=")


def up_to_date(text: str) -> str:
    """The file with a line for each entry that somebody has written; what stands in it stays as it is."""
    former = {(row.folder, row.slug): row.new_slug for row in FormerSlug.objects.all()}
    missing = _written()
    lines: list[str] = []
    folder = ""
    for line in text.splitlines():
        if table := _TABLE.match(line):
            folder = table[1]
        elif listed := _LINE.match(line):
            slug = former.get((folder, listed[1]), listed[1])
            line = slug + line[len(listed[1]) :]
            missing.get(folder, {}).pop(slug, None)
        lines.append(line)
    return "\n".join(_with(lines, missing))


def _written() -> dict[str, dict[str, str]]:
    """Folder -> slug -> name of every entry with a text, in English where there is one."""
    found: dict[str, dict[str, str]] = {}
    for kind, model in content_models().items():
        rows = model.admin_manager.current_content().order_by("language").values_list(
            "entry__slug", "language", "name"
        )  # fmt: skip
        named = found.setdefault(kinds.KINDS[kind].folder, {})
        for slug, language, name in rows:
            if language == "en" or slug not in named:
                named[slug] = name
    return found


def _with(lines: list[str], missing: dict[str, dict[str, str]]) -> Iterator[str]:
    """Each new line before the first of its table that comes after it; a blank line ends the last one."""
    left: dict[str, str] = {}
    for line in [*lines, ""]:
        if listed := _LINE.match(line):
            yield from _of(left, until=listed[1])
        elif table := _TABLE.match(line):
            left = dict(missing.get(table[1], {}))
        elif not line.strip():  # the end of a table
            yield from _of(left, until="~")
        yield line


def _of(left: dict[str, str], *, until: str) -> Iterator[str]:
    for slug in sorted(slug for slug in left if slug < until):
        yield tomli_w.dumps({slug: left.pop(slug)}).rstrip("\n")


def changed_in(folder: Path) -> str:
    """What the file of this folder is to say, if that is something else; empty where there is none."""
    path = folder / NAME
    if not path.exists():
        return ""
    text = path.read_text(encoding="utf-8")
    wanted = up_to_date(text)
    return wanted if wanted != text else ""
