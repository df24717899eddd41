"""What the library holds, in figures: pages, uses, coverage, sources, reading level."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Iterator

from content import kinds
from content.models import Coverage
from content.stock.format import LibraryFile
from content.stock.library import Library, citations_in
from content.text import reading_level

_LINK = re.compile(r"\[[^\]]*\]\([^)]*\)|\[@[^\]]*\]")  # a word in a link is not explained


def lines(library: Library) -> Iterator[str]:
    """A line a figure, in English."""
    yield from _pages(library)
    yield from _uses(library)
    yield from _sources(library)
    yield from _reading(library)
    yield from _words(library)
    yield from _coverage(library)


def _pages(library: Library) -> Iterator[str]:
    for folder in kinds.folders():
        files = _in_english(library, folder)
        forms = Counter(str(file.head["form"]) for file in files if file.head.get("form"))
        said = f" ({', '.join(f'{number} {form}' for form, number in forms.items())})" if forms else ""
        yield f"{folder}: {len(files)} pages{said}"


def _uses(library: Library) -> Iterator[str]:
    uses = [table for file in library.folder("indications") for table in file.tables]
    for regulator in dict.fromkeys(str(use["regulator"]) for use in uses):
        own = [use for use in uses if use["regulator"] == regulator]
        over = sum("withdrawn_on" in use for use in own)
        undated = sum("approved_on" not in use for use in own)
        yield f"uses, {regulator}: {len(own) - over} current, {over} ended, {undated} without a day"


def _sources(library: Library) -> Iterator[str]:
    kind_of = {file.slug: str(file.head.get("kind")) for file in library.folder("sources")}
    cited = Counter(kind_of.get(key, "unknown") for file in library.files for key in citations_in(file))
    total = sum(cited.values())
    for kind, number in cited.most_common():
        yield f"citations of a {kind}: {number} ({100 * number / total:.0f} %)"


def _reading(library: Library) -> Iterator[str]:
    for folder in kinds.folders():
        levels = [
            sum(
                (reading_level.measure(text, names=library.names) for text in file.sections.values()),
                start=reading_level.NOTHING,
            )
            for file in _in_english(library, folder)
        ]
        if levels:
            grades = [level.grade for level in levels]
            mean = statistics.mean(level.words_per_sentence for level in levels)
            yield (
                f"reading, {folder}: grade {statistics.median(grades):.1f} in the median, "
                f"{max(grades):.1f} at most; {mean:.1f} words a sentence"
            )


def _words(library: Library) -> Iterator[str]:
    number, unused = len(_in_english(library, "glossary")), unused_terms(library)
    yield f"words explained: {number}, {len(unused)} unused: {', '.join(unused) or '-'}"


def unused_terms(library: Library) -> list[str]:
    """Slugs of explained words that no text of an entry, page or question uses outside its links."""
    folders = (*kinds.folders(), "pages", "questions")
    files = (file for folder in folders for file in _in_english(library, folder))
    said = "\n".join(_LINK.sub(" ", text) for file in files for text in (file.text, *file.sections.values()))
    return [
        file.slug
        for file in _in_english(library, "glossary")
        if not any(
            re.search(rf"(?<![\w-]){re.escape(form)}(?![\w-])", said, re.IGNORECASE) for form in _forms(file)
        )
    ]


def _forms(file: LibraryFile) -> list[str]:
    others = file.head.get("other_forms")
    return [str(file.head["term"]), *map(str, others if isinstance(others, list) else ())]


def _coverage(library: Library) -> Iterator[str]:
    """A line a medicine and regulator: complete, as of which text, or not read."""
    age = {file.slug: str(file.head.get("text_of") or "undated copy") for file in library.folder("sources")}
    for file in library.folder(Coverage.FOLDER):
        said = []
        for table in file.tables:
            text = str(table.get("text", ""))
            state = "complete, " if table.get("complete") else ""
            newer = f", newest {table['newest']}" if table.get("newest") else ""
            said.append(
                f"{table['regulator']} {state}{age.get(text, text)}{newer}"
                if text
                else f"{table['regulator']} not read"
            )
        yield f"coverage, {file.slug}: {'; '.join(said)}"


def _in_english(library: Library, folder: str) -> list[LibraryFile]:
    return [file for file in library.folder(folder) if file.language == "en"]
