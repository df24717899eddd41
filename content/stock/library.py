"""All files of a library as plain data, and what they give each other: keys, names, words."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

from content import kinds
from content.models import TABLED_FACTS, Result, Sign, TherapyClass
from content.rules.entry_text import Finding
from content.rules.numbers import NUMBER
from content.rules.sign_list import SignList
from content.rules.signs import known_sign
from content.stock.format import Field, LibraryFile
from content.text import prose, reading_level

BLOCK_LINE = re.compile(r"^\{\{.*$", re.MULTILINE)

# How the key of a regulator's own text begins.
_PUBLISHER = {"FDA": "fda-", "EMA": "ema-", "IL-MOH": "moh-il-"}
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
        return frozenset(key for file in self.files for key in citations_in(file))

    @cached_property
    def keys_by_text(self) -> dict[tuple[str, str], list[str]]:
        """The keys of sources by address and age of the text: two revisions of a label are two sources."""
        found: dict[tuple[str, str], list[str]] = {}
        for file in self.folder("sources"):
            text = str(file.head.get("url")), str(file.head.get("text_of"))
            found.setdefault(text, []).append(file.slug)
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
    def text_of(self) -> dict[str, datetime.date]:
        """The day of the text that was read, by the key of its source; nothing where nobody knows it."""
        days = {file.slug: file.head.get("text_of_on") for file in self.folder("sources")}
        return {key: datetime.date.fromisoformat(str(day)) for key, day in days.items() if day}

    @cached_property
    def uses_in_force(self) -> Counter[tuple[str, str]]:
        """How many current uses there are, by medicine and regulator."""
        return Counter(
            (str(medicine), str(regulator))
            for file in self.folder("indications")
            for medicine, regulator in _uses_in_force(file)
        )

    @cached_property
    def figures_from_labels(self) -> dict[str, list[str]]:
        """The files that take a figure from a label, by the label's key."""
        labels = {file.slug for file in self.folder("sources") if file.head.get("kind") == "label"}
        found: dict[str, list[str]] = {}
        for file in self.files:
            for key in sorted(_cited_for_figures(file) & labels):
                found.setdefault(key, []).append(str(file.path))
        return found

    def labels_behind(self, medicine: str, regulator: str, newest_on: datetime.date | None) -> list[str]:
        """The keys of this regulator's labels that figures of the medicine come from, read in a text that is older
        than this day or of unknown age."""
        publisher = _PUBLISHER.get(regulator, "")
        own = {
            key
            for key, paths in self.figures_from_labels.items()
            if key.startswith(publisher)
            and f"occurrences/{medicine}.toml" in paths
            and self._medicine_of.get(key, medicine) == medicine
        }
        own |= {key for key, of in self._medicine_of.items() if of == medicine and key.startswith(publisher)}
        return [
            key
            for key in sorted(own & self.figures_from_labels.keys())
            if key not in self.text_of or (newest_on and self.text_of[key] < newest_on)
        ]

    @cached_property
    def _medicine_of(self) -> dict[str, str]:
        """Whose label a source is, by its key."""
        return {
            key: file.slug for file in self.folder("drugs") for key in texts_in(file.head.get("leaflets"))
        }

    @cached_property
    def with_results(self) -> frozenset[tuple[str, str]]:
        """The entries on whose pages a result stands: its cancer, its medicines, the classes of those."""
        cancers, medicines = set(), set()
        for file in self.folder(Result.FOLDER):
            cancers.add(file.slug)
            medicines |= {name for table in file.tables for names in medicines_in(table) for name in names}
        classes = {
            str(file.head.get("therapy_class")) for file in self.folder("drugs") if file.slug in medicines
        }
        classes |= {str(file.head.get("parent")) for file in self.folder("therapies") if file.slug in classes}
        return frozenset(
            (kind, slug)
            for kind, slugs in (("cancer", cancers), ("drug", medicines), ("therapy", classes))
            for slug in slugs
        )

    @cached_property
    def signs(self) -> SignList:
        """All signs of the library; what is wrong with their form is told elsewhere."""
        return SignList(
            tuple(known_sign(file.slug, table) for file in self.folder(Sign.FOLDER) for table in file.tables)
        )

    @cached_property
    def groups(self) -> dict[str, tuple[str, ...]]:
        """Class of treatments -> its treatment groups."""
        return {
            file.slug: tuple(texts_in(file.head.get("groups")))
            for file in self.folder(TherapyClass.folder)
            if file.language == "en"
        }


def kind_of(folder: str) -> str:
    return kinds.folders()[folder].name


def names_of(head: Mapping[str, object]) -> list[str]:
    """What an entry is called."""
    return [name for key in _NAMES for name in texts_in(head.get(key))]


def lent_by(file: LibraryFile) -> dict[str, object]:
    """What of a file's head others are checked with."""
    lent = {name: file.head[name] for name in _LENT if name in file.head} | _results_in(file)
    if day := file.head.get("text_of_on"):
        lent["text_of_on"] = str(day)
    if uses := _uses_in_force(file):
        lent["uses_in_force"] = uses
    if file.folder == Sign.FOLDER:
        lent[Sign.NAME] = [
            {name: table[name] for name in _OF_SIGNS if name in table} for table in file.tables
        ]
    key = _KEY_IN_LIBRARY.get(file.folder)
    return lent | {_KEYS: [table.get(key) for table in file.tables]} if key and file.tables else lent


_KEY_IN_LIBRARY = {model.FOLDER: model.KEY_IN_LIBRARY for model in TABLED_FACTS if model.KEY_IN_LIBRARY}
_KEYS = "keys"  # of the tables of a file, where no other file may have them

# What entries are held against, and other signs.
_OF_SIGNS = ("key", "lay", "urgency", "gravest")


def citations_in(file: LibraryFile) -> Iterator[str]:
    """The keys of sources, as often as its head, its tables and its text name them."""
    for _at, known, key in referring(file.head, file.fields, ""):
        if known.refers == "source":
            yield key
    yield from prose.citation_keys(file.raw)


def _cited_for_figures(file: LibraryFile) -> set[str]:
    """The keys of sources beside a figure: in a row of a table, or on a line of prose."""
    in_rows = {
        key
        for row in file.tables
        if any(type(value) in (int, float) for value in row.values())
        for key in texts_in(row.get("sources"))
    }
    lines = (line for line in file.raw.split("\n") if "[@" in line and NUMBER.search(line))
    return in_rows | {key for line in lines for key in prose.citation_keys(line)}


def _uses_in_force(file: LibraryFile) -> list[list[str]]:
    """The medicine and the regulator of each current use in a file; of an outline, as it was lent."""
    if file.folder != "indications":
        return []
    lent = file.head.get("uses_in_force")
    if isinstance(lent, list):
        return lent
    return [
        [medicine, str(row.get("regulator"))]
        for row in file.tables
        if not row.get("withdrawn_on")
        for medicine in texts_in(row.get("regimen"))
    ]


_LENT = (*_NAMES, "term", "other_forms", "therapy_class", "parent", "groups", "keys")


def _results_in(file: LibraryFile) -> dict[str, object]:
    """Their keys, which stand once in the library, and the medicines on whose pages they stand."""
    if file.folder != Result.FOLDER:
        return {}
    lent = [
        {"key": row.get("key"), "arms": [{"medicines": medicines} for medicines in medicines_in(row)]}
        for row in file.tables
    ]
    return {Result.NAME: lent}


def medicines_in(table: Mapping[str, object]) -> Iterator[list[str]]:
    """Of each group of a result."""
    arms = table.get("arms")
    for arm in arms if isinstance(arms, list) else ():
        yield texts_in(arm.get("medicines")) if isinstance(arm, dict) else []


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
