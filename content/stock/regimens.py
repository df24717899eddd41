"""Prose against facts: the medicines that the page of a cancer names, and those of its approved uses."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property

from content.models.cancer_type import ANY_SOLID_TUMOR
from content.stock.format import LibraryFile
from content.stock.library import Library, names_of, texts_in
from content.text import prose

_IN_NO_USE = "named, but in no use"
_UNNAMED = "in a current use, but not named"


def lines(library: Library) -> Iterator[str]:
    """A line for each cancer and each way in which its page and its table differ, in English."""
    named_by = _Names(library)
    uses = {file.slug: file for file in library.folder("indications")}
    # Uses that ask for a test result alone belong to every cancer.
    everywhere = _medicines(uses.get(ANY_SOLID_TUMOR), named_by.slugs)
    for page in library.folder("cancers"):
        if page.language != "en":
            continue
        named = named_by.of(page)
        table = uses.get(page.slug)
        for what, slugs in (
            (_IN_NO_USE, named - _medicines(table, named_by.slugs) - everywhere),
            (_UNNAMED, _medicines(table, named_by.slugs, current=True) - named),
        ):
            if slugs:
                yield f"{page.slug}: {what}: {', '.join(sorted(slugs))}"


def _medicines(table: LibraryFile | None, known: frozenset[str], *, current: bool = False) -> frozenset[str]:
    """The medicines with a page that stand in the uses of a table, ended ones too unless `current`."""
    rows: list[Mapping[str, object]] = list(table.tables) if table else []
    return known & {
        medicine
        for row in rows
        if not (current and row.get("withdrawn_on"))
        for medicine in texts_in(row.get("regimen"))
    }


class _Names:
    """Which medicine a word in a text means."""

    def __init__(self, library: Library) -> None:
        self._heads = {file.slug: file.head for file in library.folder("drugs") if file.language == "en"}
        self.slugs = frozenset(self._heads)

    def of(self, page: LibraryFile) -> frozenset[str]:
        """The medicines that a page names or links to. The longest name wins, so that trastuzumab deruxtecan
        does not name trastuzumab."""
        found: set[str] = set()
        for text in page.sections.values():
            found |= {slug for kind, slug in prose.entry_links(text) if kind == "drug"}
            words = prose.plain(prose.without_citations(text))
            found |= {self._meant_by(match.group()) for match in self._pattern.finditer(words)}
        return self.slugs & found

    def _meant_by(self, word: str) -> str:
        return self._slug_by_name.get(word) or self._slug_by_name[word.lower()]

    @cached_property
    def _slug_by_name(self) -> dict[str, str]:
        """Without the names that several share, such as CAR-T, because they mean none of them."""
        named = {(_as_key(name), slug) for slug, head in self._heads.items() for name in names_of(head)}
        shared = Counter(name for name, _ in named)
        return {name: slug for name, slug in named if shared[name] == 1}

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        longest_first = sorted(self._slug_by_name, key=len, reverse=True)
        names = "|".join(
            re.escape(name) if name.isupper() else f"(?i:{re.escape(name)})" for name in longest_first
        )
        return re.compile(rf"\b(?:{names or '(?!)'})(?!\w)")


def _as_key(name: str) -> str:
    """In small letters, but for abbreviations: "GO" is a medicine, "go" is not."""
    return name if name.isupper() else name.lower()
