"""What each kind of library file must fulfil beyond its fields and its prose; its facts as `rules.facts` wants them."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator

from content import kinds
from content.models import FACT_MODELS, TABLED_FACTS, Coverage, Drug, Indication, TabledFact
from content.models.column import field_of
from content.rules import coverage
from content.rules.coverage import CoverageRow
from content.rules.entry_text import Finding
from content.rules.fact_rows import HEADLINES, WORDS, FactRow, words_of_table
from content.stock.format import LibraryFile
from content.stock.library import BLOCK_LINE, Library, kind_of, texts_in

_BLOCK_FORM = re.compile(r'^\{\{ block [a-z][a-z_]*(?: [a-z_]+="[^"\n]*")* \}\}$')
_CARE_CARD = re.compile(r'^\{\{ block care_card(?=.* urgency="(\w+)")(?=.* lines="([^"\n]*)")', re.MULTILINE)


def care_cards_on(file: LibraryFile) -> Iterator[tuple[str, list[str], int]]:
    """The care cards placed on a page: how urgent, which signs, on which line of the file."""
    for match in _CARE_CARD.finditer(file.text):
        line = file.line_of("text") + file.text[: match.start()].count("\n")
        yield match[1], match[2].split(" | "), line


def check(file: LibraryFile, library: Library, today: datetime.date) -> Iterator[Finding]:
    """The rules of one kind of file beyond its fields and its prose."""

    def block(rule: str, at: str, message: str) -> Finding:
        return Finding(rule, "block", str(file.path), file.line_of(at), message)

    if file.folder in kinds.folders():
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
    elif file.folder in _TABLED:
        yield from _check_owner(file, library, _TABLED[file.folder])
        yield from _check_keys(file, library, _TABLED[file.folder])
    elif file.folder == Coverage.FOLDER:
        yield from _check_coverage(file, library, today)
    elif file.folder == "pages":
        yield from _check_page(file, library)


def _check_address(file: LibraryFile, name: str) -> Iterator[Finding]:
    value = file.head.get(name)
    if isinstance(value, str) and not re.match(r"^https?://[^\s/]+\.[^\s/]+", value):
        message = f"{name}: write a full address that begins with https://"
        yield Finding("address", "block", str(file.path), file.line_of(name), message)


def _check_source(file: LibraryFile, library: Library, today: datetime.date) -> Iterator[Finding]:
    yield from _check_address(file, "url")
    if file.slug not in library.cited:
        yield Finding("source-used", "warn", str(file.path), 0, "No text and no fact cites this source.")
    alike = library.keys_by_text.get((str(file.head.get("url")), str(file.head.get("text_of"))), [])
    twins = [key for key in alike if key != file.slug]
    if twins:
        message = f"The same address as {', '.join(twins)}: keep one of them."
        yield Finding("source-once", "warn", str(file.path), file.line_of("url"), message)
    if "-" not in file.slug:
        message = "A source's name starts with its publisher: fda-keytruda-label."
        yield Finding("slug", "block", str(file.path), 0, message)
    published, checked = file.head.get("published_on"), file.head.get("checked_on")
    text_of = file.head.get("text_of_on")
    if text_of and not file.head.get("text_of"):
        message = "Say in words too how old the text is, as text_of."
        yield Finding("text-of", "block", str(file.path), file.line_of("text_of_on"), message)
    if isinstance(text_of, datetime.date) and isinstance(checked, datetime.date) and text_of > checked:
        message = "A text cannot be younger than the day it was read."
        yield Finding("dates-in-order", "block", str(file.path), file.line_of("text_of_on"), message)
    if isinstance(checked, datetime.date) and checked > today:
        message = f"checked_on {checked} lies in the future."
        yield Finding("dates-in-order", "block", str(file.path), file.line_of("checked_on"), message)
    if isinstance(published, datetime.date) and isinstance(checked, datetime.date) and published > checked:
        message = "A source cannot have been checked before it was published."
        yield Finding("dates-in-order", "block", str(file.path), file.line_of("published_on"), message)


def _check_coverage(file: LibraryFile, library: Library, today: datetime.date) -> Iterator[Finding]:
    """One medicine, a table for each regulator."""
    if file.slug not in library.slugs[Drug.kind]:
        message = f"The file is named after a medicine; there is no {file.slug!r} in slugs.toml."
        yield Finding("slug", "block", str(file.path), 0, message)
    order = list(Indication.Regulator.values)
    listed = [str(table.get("regulator")) for table in file.tables]
    if listed != [regulator for regulator in order if regulator in listed]:
        message = f"One table for each regulator, in this order: {', '.join(order)}."
        yield Finding("coverage", "block", str(file.path), file.line_of(Coverage.FOLDER), message)
    for position, table in enumerate(file.tables):
        at = f"{Coverage.FOLDER}.{position}."
        row = coverage_row(file, table, library)
        for said in coverage.check(row, cancers=library.slugs["cancer"], today=today):
            yield Finding("coverage", "block", str(file.path), file.line_of(at + said.at), said.message)
        behind = library.labels_behind(file.slug, str(table.get("regulator")), row.newest_on)
        for key in behind if row.newest else ():
            age = f"a text of {library.text_of[key]:%B %Y}" if key in library.text_of else "an undated copy"
            citing = ", ".join(library.figures_from_labels[key])
            message = f"{key} is {age}, the newest known revision is {row.newest}. Figures from it: {citing}."
            yield Finding("figures-behind", "warn", str(file.path), file.line_of(f"{at}newest"), message)


def coverage_row(file: LibraryFile, table: dict[str, object], library: Library) -> CoverageRow:
    """A table as the rules want it. What has the wrong form is told elsewhere."""
    key, uses, gaps = str(table.get("text", "")), table.get("uses"), table.get("gaps")
    newest_on = table.get("newest_on")
    return CoverageRow(
        text=key,
        text_of_on=library.text_of.get(key),
        newest=str(table.get("newest", "")),
        newest_on=newest_on if type(newest_on) is datetime.date else None,
        newest_from=str(table.get("newest_from", "")),
        uses=uses if isinstance(uses, int) else None,
        complete=table.get("complete") is True,
        gaps=texts_in(gaps),
        entered=library.uses_in_force[file.slug, str(table.get("regulator"))],
    )


_TABLED = {model.FOLDER: model for model in TABLED_FACTS}


def _check_owner(file: LibraryFile, library: Library, model: type[TabledFact]) -> Iterator[Finding]:
    """Files of facts are named after what they are about."""
    if model.OWNER:
        named = str(file.head.get(model.OWNER, ""))
        if named.partition(":")[2] != file.slug:
            message = f"The file is named after its {model.OWNER}: {named!r} belongs in another file."
            yield Finding("slug", "block", str(file.path), file.line_of(model.OWNER), message)
        return
    ((column, owner),) = model.owners().items()
    if owner and file.slug not in library.slugs[owner.kind]:
        message = f"The file is named after a {owner.kind}; there is no {file.slug!r} in slugs.toml."
        yield Finding("slug", "block", str(file.path), 0, message)
    known = [value for value, _label in field_of(model, column).choices or ()] if not owner else []
    if known and file.slug not in known:
        message = f"The file is named after its {column}, one of: {', '.join(known)}."
        yield Finding("slug", "block", str(file.path), 0, message)


def _check_keys(file: LibraryFile, library: Library, model: type[TabledFact]) -> Iterator[Finding]:
    """Keys that no table of another file may have; within a file, the rules of the rows see it."""
    for position, table in enumerate(file.tables if model.KEY_IN_LIBRARY else ()):
        key = table.get(model.KEY_IN_LIBRARY)
        others = [path.name for path in library.files_by_key.get((file.folder, key), ()) if path != file.path]
        if others:
            message = f"The key {key!r} stands already in {', '.join(others)}."
            line = file.line_of(f"{model.NAME}.{position}.{model.KEY_IN_LIBRARY}")
            yield Finding("key-once", "block", str(file.path), line, message)


# A folder of facts: the kind of its rows, and for those in tables, what one table is called.
_FACTS = {model.FOLDER: model.NAME for model in FACT_MODELS}


def fact_rows(file: LibraryFile) -> Iterator[FactRow]:
    """The facts of a file as the rules want them; each stands beside those above it."""
    kind = _FACTS.get(file.folder, "")
    if kind in WORDS:
        above: list[FactRow] = []
        for position, table in enumerate(file.tables):
            row = _row_of_table(file, kind, position, table, tuple(above))
            above.append(row)
            yield row
    elif kind:
        headlines = {name: text for name in HEADLINES if isinstance(text := file.head.get(name), str)}
        words = {"text": file.text, **headlines}
        yield FactRow(
            kind, file.slug, file.head, {file.language: words}, file.language, str(file.path), file.line_of
        )


def _row_of_table(
    file: LibraryFile, kind: str, position: int, table: dict[str, object], above: tuple[FactRow, ...]
) -> FactRow:
    return FactRow(
        kind,
        str(table.get("key", file.slug)),
        table,
        {"en": words_of_table(kind, table)},
        where=str(file.path),
        line_of=lambda at: file.line_of(f"{kind}.{position}.{at}"),
        beside=above,
    )


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
