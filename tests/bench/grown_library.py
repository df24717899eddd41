"""The library's files, grown to a number of entries: copies of what is there, facts included, under other names.

python -m tests.bench.grown_library FOLDER ENTRIES
"""

from __future__ import annotations

import dataclasses
import itertools
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from content.stock.format import LibraryFile

# The folders in which files of facts are called like the entry.
FACTS = {"cancers": ("indications",), "drugs": ("occurrences",), "therapies": ("occurrences",)}


def grow(folder: Path, count: int) -> None:
    from django.conf import settings

    from content.kinds import folders
    from content.stock.files import read
    from content.stock.format import format_file

    shutil.copytree(settings.LIBRARY, folder)
    library = read(folder)
    entries = [file for file in library.files if file.folder in folders()]
    there = sum(file.folder in folders() for file in library.files)
    facts = {
        (file.folder, file.slug): file
        for file in library.files
        if file.folder in ("indications", "occurrences")
    }
    promised: dict[str, list[str]] = {}
    twins: dict[str, list[str]] = {}

    def write(file: LibraryFile, slug: str, **head: object) -> None:
        path = file.path.with_name(file.path.name.replace(file.slug, slug, 1))
        copy = dataclasses.replace(file, path=path, head={**file.head, **head})
        (folder / path).write_text(format_file(copy), encoding="utf-8", newline="\n")

    copies = ((number, file) for number in itertools.count(2) for file in entries)
    for number, file in itertools.islice(copies, count - there):
        slug, name = f"{file.slug}-{number}", f"{file.head['name']} {number}"
        nobody_elses = {key: [] for key in ("other_names", "brand_names") if key in file.head}
        write(file, slug, name=name, **nobody_elses)
        promised.setdefault(file.folder, []).append(f'{slug} = "{name}"\n')
        if file.folder == "side-effects":
            twins.setdefault(file.slug, []).append(slug)
        for kind in FACTS.get(file.folder, ()):
            if rows := facts.get((kind, file.slug)):
                treatment = rows.head.get("treatment", "")
                write(
                    rows,
                    slug,
                    **({"treatment": f"{treatment}-{number}"} if treatment else _renamed(rows, number)),
                )
    for file in library.files:
        if file.folder == "signs":
            write(file, file.slug, **_pointing_to(file, twins))
    slugs = folder / "slugs.toml"
    text = slugs.read_text(encoding="utf-8")
    for name, lines in promised.items():
        text = text.replace(f"[{name}]\n", f"[{name}]\n{''.join(lines)}")
    slugs.write_text(text, encoding="utf-8")


def _renamed(rows: LibraryFile, number: int) -> dict[str, object]:
    """Keys of uses are of the whole library."""
    return {"indication": [{**row, "key": f"{row['key']}-{number}"} for row in rows.tables]}


def _pointing_to(signs: LibraryFile, twins: dict[str, list[str]]) -> dict[str, object]:
    """A page of a side effect has urgent signs because they point to it: to its copies as well."""

    def more(slugs: list[str]) -> list[str]:
        return [there for slug in slugs for there in (slug, *twins.get(slug, ()))]

    return {"sign": [{**row, "side_effects": more(row.get("side_effects", []))} for row in signs.tables]}


if __name__ == "__main__":
    django.setup()
    grow(Path(sys.argv[1]), int(sys.argv[2]))
