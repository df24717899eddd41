"""What each kind of library file must fulfil beyond its fields and its prose: dates, figures, names, doubles."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from content import prose, reading_level
from content.library_format import LibraryFile
from content.models import FOLDERS
from content.page_gate import Finding

if TYPE_CHECKING:
    from content.library_files import Library

SLUG = re.compile(r"^[a-z0-9]+(?:-[a-z0-9]+)*$")
BLOCK_LINE = re.compile(r"^\{\{.*$", re.MULTILINE)
_BLOCK_FORM = re.compile(r'^\{\{ block [a-z][a-z_]*(?: [a-z_]+="[^"\n]*")* \}\}$')
_CARE_CARD = re.compile(r'^\{\{ block care_card(?=.* urgency="(\w+)")(?=.* lines="([^"\n]*)")', re.MULTILINE)


def care_cards_on(file: LibraryFile) -> Iterator[tuple[str, list[str], int]]:
    """The care cards placed on a page: how urgent, which signs, on which line of the file."""
    for match in _CARE_CARD.finditer(file.text):
        line = file.line_of("text") + file.text[: match.start()].count("\n")
        yield match[1], match[2].split(" | "), line


def kind_of(folder: str) -> str:
    return FOLDERS[folder].entry.field.remote_field.model.kind


def check(file: LibraryFile, library: Library, today: datetime.date) -> Iterator[Finding]:
    """The rules of one kind of file beyond its fields and its prose."""

    def block(rule: str, at: str, message: str) -> Finding:
        return Finding(rule, "block", str(file.path), file.line_of(at), message)

    if file.folder in FOLDERS:
        kind = kind_of(file.folder)
        if file.slug not in library.slugs[kind]:
            yield block(
                "slug", "name", f"There is no {kind} {file.slug!r} in slugs.toml. Add it there first."
            )
    if file.language != "en" and not any(
        other.folder == file.folder and other.slug == file.slug and other.language == "en"
        for other in library.files
    ):
        yield block("slug", "name", "A translation needs the English file it was made from.")
    if file.folder == "centers":
        yield from _check_address(file, "website")
    elif file.folder == "sources":
        yield from _check_source(file, library, today)
    elif file.folder == "indications":
        yield from _check_indications(file, library)
    elif file.folder == "occurrences":
        yield from _check_occurrences(file)
    elif file.folder == "updates":
        yield from _check_update(file, today)
    elif file.folder == "pages":
        yield from _check_page(file, library)
    elif file.folder == "questions" and not prose.citation_keys(file.text) and not file.head.get("sources"):
        yield block("citations-present", "text", "Cite a source in the answer or name one in the head.")
    elif file.folder == "glossary":
        count = len(reading_level.sentences_of(file.text))
        if not 1 <= count <= 3:
            yield block("glossary", "text", f"Explain the term in one or two sentences: there are {count}.")


def _check_address(file: LibraryFile, name: str) -> Iterator[Finding]:
    value = file.head.get(name)
    if isinstance(value, str) and not re.match(r"^https?://[^\s/]+\.[^\s/]+", value):
        message = f"{name}: write a full address that begins with https://"
        yield Finding("address", "block", str(file.path), file.line_of(name), message)


def _check_source(file: LibraryFile, library: Library, today: datetime.date) -> Iterator[Finding]:
    yield from _check_address(file, "url")
    if file.slug not in library.cited:
        yield Finding("source-used", "warn", str(file.path), 0, "No text and no fact cites this source.")
    twins = [key for key in library.keys_by_address.get(str(file.head.get("url")), []) if key != file.slug]
    if twins:
        message = f"The same address as {', '.join(twins)}: keep one of them."
        yield Finding("source-once", "warn", str(file.path), file.line_of("url"), message)
    if "-" not in file.slug:
        message = "A source's name starts with its publisher: fda-keytruda-label."
        yield Finding("slug", "block", str(file.path), 0, message)
    published, checked = file.head.get("published_on"), file.head.get("checked_on")
    if isinstance(checked, datetime.date) and checked > today:
        message = f"checked_on {checked} lies in the future."
        yield Finding("dates-in-order", "block", str(file.path), file.line_of("checked_on"), message)
    if isinstance(published, datetime.date) and isinstance(checked, datetime.date) and published > checked:
        message = "A source cannot have been checked before it was published."
        yield Finding("dates-in-order", "block", str(file.path), file.line_of("published_on"), message)


def _check_indications(file: LibraryFile, library: Library) -> Iterator[Finding]:
    if file.slug not in library.slugs["drug"]:
        message = f"The file is named after a drug; there is no {file.slug!r} in slugs.toml."
        yield Finding("slug", "block", str(file.path), 0, message)
    keys: set[object] = set()
    uses: dict[tuple[object, ...], object] = {}
    for position, row in enumerate(file.tables):
        at, key = f"indication.{position}", row.get("key")

        def block(name: str, message: str, at: str = at) -> Finding:
            return Finding("indication", "block", str(file.path), file.line_of(f"{at}.{name}"), message)

        if key in keys:
            yield block("key", f"The key {key!r} stands here twice.")
        keys.add(key)
        if isinstance(key, str) and not SLUG.match(key):
            yield block("key", "A key is a slug: small letters, digits and single hyphens.")
        granted, withdrawn = row.get("approved_on"), row.get("withdrawn_on")
        if granted is None and not row.get("note"):
            yield block("key", "Without approved_on the note says that the day of approval is not confirmed.")
        if (
            isinstance(granted, datetime.date)
            and isinstance(withdrawn, datetime.date)
            and withdrawn <= granted
        ):
            yield block("withdrawn_on", "withdrawn_on must be after approved_on.")
        needs = row.get("biomarkers", [])
        if isinstance(needs, list) and all(isinstance(need, dict) for need in needs):
            asked = [need.get("biomarker") for need in needs]
            if len(set(map(str, asked))) < len(asked):
                yield block("biomarkers", "A biomarker stands here twice: write its levels in one.")
        use = (
            *(row.get(name) for name in ("cancer", "regulator", "setting", "condition", "population")),
            str(row.get("with")),
            str(needs),
        )
        if withdrawn is None and use in uses:
            yield block(
                "key",
                f"The same use as {uses[use]!r}: cancer, setting, partners, people and biomarkers agree.",
            )
        if withdrawn is None:
            uses[use] = key


def _check_occurrences(file: LibraryFile) -> Iterator[Finding]:
    treatment = str(file.head.get("treatment", ""))
    if treatment.partition(":")[2] != file.slug:
        message = f"The file is named after its treatment: {treatment!r} belongs in another file."
        yield Finding("slug", "block", str(file.path), file.line_of("treatment"), message)
    seen: set[tuple[object, object]] = set()
    for position, row in enumerate(file.tables):

        def block(name: str, message: str, position: int = position) -> Finding:
            line = file.line_of(f"occurrence.{position}.{name}")
            return Finding("occurrence", "block", str(file.path), line, message)

        what = (row.get("side_effect"), row.get("context"))
        if what in seen:
            yield block("side_effect", "This side effect stands here twice with the same context.")
        seen.add(what)
        figures = [row.get(name) for name in ("percent_any", "percent_severe")]
        if any(isinstance(figure, (int, float)) and not 0 <= figure <= 100 for figure in figures):
            yield block("percent_any", "A percentage lies between 0 and 100.")
        if all(isinstance(figure, (int, float)) for figure in figures) and figures[1] > figures[0]:  # type: ignore[operator]
            yield block("percent_severe", "percent_severe cannot be more than percent_any.")
        band = _how_common(figures[0])
        if band and row.get("how_common") not in (band, "unknown"):
            message = f"{figures[0]} percent is {band!r}: correct how_common, or the figure."
            yield block("how_common", message)
        people = row.get("people")
        if isinstance(people, int) and people < 1:
            yield block("people", "Leave out people if the source does not give it.")


def _how_common(percent: object) -> str:
    """EMA's word for a share of people."""
    if not isinstance(percent, (int, float)) or percent <= 0:
        return ""
    bands = ((10, "very-common"), (1, "common"), (0.1, "uncommon"), (0.01, "rare"), (0, "very-rare"))
    return next(word for least, word in bands if percent >= least)


def _check_update(file: LibraryFile, today: datetime.date) -> Iterator[Finding]:
    happened = file.head.get("happened_on")
    if not isinstance(happened, datetime.date):
        return
    at = file.line_of("happened_on")
    if not file.slug.startswith(f"{happened}-"):
        message = f"The file is named <happened_on>-<slug>: it should begin with {happened}-."
        yield Finding("slug", "block", str(file.path), at, message)
    if happened > today:
        yield Finding("dates-in-order", "block", str(file.path), at, f"{happened} lies in the future.")


def _check_page(file: LibraryFile, library: Library) -> Iterator[Finding]:
    pages = {page.slug for page in library.folder("pages")}
    parent = file.head.get("parent")
    if isinstance(parent, str) and (parent not in pages or parent == file.slug):
        message = f"There is no page {parent!r} to stand below."
        yield Finding("reference", "block", str(file.path), file.line_of("parent"), message)
    for match in BLOCK_LINE.finditer(file.text):
        if not _BLOCK_FORM.match(match[0].strip()):
            line = file.line_of("text") + file.text[: match.start()].count("\n")
            message = 'Write a block as {{ block name key="value" }} on a line of its own.'
            yield Finding("form", "block", str(file.path), line, message)
