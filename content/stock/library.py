"""All files of a library as plain data, and what they give each other: keys, names, words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

from content import kinds
from content.models import TABLED_FACTS
from content.rules.entry_text import Finding
from content.stock.format import Field, LibraryFile
from content.text import prose, reading_level

BLOCK_LINE = re.compile(r"^\{\{.*$", re.MULTILINE)

_NAMES = ("name", "other_names", "brand_names")


@dataclass
class Library:
    """All files of a library, and what was wrong with their form."""

    files: list[LibraryFile] = field(default_factory=list)
    slugs: dict[str, dict[str, str]] = field(default_factory=dict)  # kind -> slug -> name
    findings: list[Finding] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)  # paths of files that could not be read at all
    # Of `files`, those of which only what they lend is known.
    outlines: set[PurePosixPath] = field(default_factory=set)

    @property
    def to_check(self) -> list[LibraryFile]:
        """The files that were read."""
        return [file for file in self.files if file.path not in self.outlines]

    @property
    def as_they_were(self) -> list[LibraryFile]:
        """The outlines."""
        return [file for file in self.files if file.path in self.outlines]

    def folder(self, name: str) -> list[LibraryFile]:
        """The files of one kind, by name."""
        return [file for file in self.files if file.folder == name]

    @cached_property
    def sources(self) -> frozenset[str]:
        """The keys of all sources; a broken file still stands for its source."""
        unread = {Path(path).stem for path in self.unread if path.startswith("sources/")}
        return frozenset(file.slug for file in self.folder("sources")) | unread

    @cached_property
    def cited(self) -> frozenset[str]:
        """The keys that any text or fact cites."""
        in_text = {key for file in self.files for key in prose.citation_keys(file.raw)}
        in_head = {
            key
            for file in self.files
            for _at, known, key in referring(file.head, file.fields, "")
            if known.refers == "source"
        }
        return frozenset(in_text | in_head)

    @cached_property
    def keys_by_address(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for file in self.folder("sources"):
            found.setdefault(str(file.head.get("url")), []).append(file.slug)
        return found

    @cached_property
    def files_by_key(self) -> dict[tuple[str, object], list[PurePosixPath]]:
        """Where a table stands whose key is of the whole library: by folder and key."""
        found: dict[tuple[str, object], list[PurePosixPath]] = {}
        for file in self.files if _KEY_IN_LIBRARY else ():
            for key in dict.fromkeys(texts_in(lent_by(file).get(_KEYS))):
                found.setdefault((file.folder, key), []).append(file.path)
        return found

    @cached_property
    def names(self) -> frozenset[str]:
        """Drugs, diseases and groups of treatments by all their names: masked when a text is graded."""
        return reading_level.names_to_mask(
            (kind, name) for kind, slugs in self.slugs.items() for name in slugs.values()
        ) | reading_level.names_to_mask(
            (kind_of(file.folder), name)
            for file in self.files
            if file.folder in kinds.folders()
            for name in names_of(file.head)
        )

    @cached_property
    def glossary(self) -> dict[str, tuple[str, ...]]:
        return {
            term: (term, *texts_in(file.head.get("other_forms")))
            for file in self.folder("glossary")
            if isinstance(term := file.head.get("term"), str)
        }


def kind_of(folder: str) -> str:
    return kinds.folders()[folder].name


def names_of(head: Mapping[str, object]) -> list[str]:
    """What an entry is called."""
    return [name for key in _NAMES for name in texts_in(head.get(key))]


def lent_by(file: LibraryFile) -> dict[str, object]:
    """What of a file's head others are checked with."""
    lent = {name: file.head[name] for name in (*_NAMES, "term", "other_forms", _KEYS) if name in file.head}
    key = _KEY_IN_LIBRARY.get(file.folder)
    return lent | {_KEYS: [table.get(key) for table in file.tables]} if key and file.tables else lent


_KEY_IN_LIBRARY = {model.FOLDER: model.KEY_IN_LIBRARY for model in TABLED_FACTS if model.KEY_IN_LIBRARY}
_KEYS = "keys"  # of the tables of a file, where no other file may have them


def texts_in(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def referring(
    table: Mapping[str, object], fields: tuple[Field, ...], prefix: str
) -> Iterator[tuple[str, Field, str]]:
    for known in fields:
        at, value = prefix + known.name, table.get(known.name)
        if known.refers:
            for position, item in enumerate(texts_in(value)):
                yield (f"{at}.{position}" if isinstance(value, list) else at), known, item
        elif known.fields and isinstance(value, list):
            for position, row in enumerate(value):
                if isinstance(row, dict):
                    yield from referring(row, known.fields, f"{at}.{position}.")
