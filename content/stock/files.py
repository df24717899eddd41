"""The library's files: read them all, hold every rule against them. Pure: no database, all findings collected.

`read` gives the files as plain data with everything wrong about their form; `check` adds what is wrong with what
they say. The form itself is in `format`, the rules for prose in `page_gate`, for facts in `rules.facts`.
"""

from __future__ import annotations

import dataclasses
import datetime
import difflib
import os
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import zip_longest
from pathlib import Path, PurePosixPath

from django.conf import settings

from content import kinds
from content.models import WRITTEN_FACTS, content_model_in
from content.models.column import ALL
from content.rules import facts, page_gate
from content.rules.entry_text import EntryText, Finding, Known
from content.rules.fact_rows import SLUG
from content.stock import fact_files
from content.stock.fact_files import care_cards_on
from content.stock.format import Broken, Field, LibraryFile, heads, parse
from content.stock.library import BLOCK_LINE, Library, kind_of, referring, texts_in

# What a file without sections is to the page gate.
_TEXT_KINDS = {"pages": "page"}
_NOT_CHECKED = {"README.md", "slugs.toml", "names.toml"}


# Reading ------------------------------------------------------------------------------------------------


def read(
    folder: Path,
    *,
    outline: Callable[[PurePosixPath, bytes], LibraryFile | None] = lambda path, data: None,
) -> Library:
    """Every file of the library, with all that is wrong with its form. What has an `outline` is not looked into."""
    library = Library(slugs=read_slugs(folder))
    for relative in _paths_in(folder):
        data = (folder / relative).read_bytes()
        if known := outline(relative, data):
            library.files.append(known)
            library.outlines.add(relative)
            continue
        if problem := _misplaced(relative):
            library.findings.append(Finding("place", "block", str(relative), 0, problem))
            continue
        try:
            file, broken = parse(relative, data)
        except Broken as error:
            library.findings.append(Finding("form", "block", str(relative), error.line, error.message))
            library.unread.add(str(relative))
            continue
        library.files.append(file)
        findings = [
            *(Finding("form", "block", str(relative), error.line, error.message) for error in broken),
            *_check_head(file),
        ]
        library.findings += findings or _check_canonical(file)
    return library


def _paths_in(folder: Path) -> Iterator[PurePosixPath]:
    """All files one folder down, by name, and the one that stands alone."""
    with os.scandir(folder) as entries:
        folders = sorted(entry.name for entry in entries if entry.is_dir())
    for name in folders:
        with os.scandir(folder / name) as entries:
            files = sorted(entry.name for entry in entries if entry.is_file())
        for file in files:
            if file not in _NOT_CHECKED and not file.startswith("."):
                yield PurePosixPath(name, file)
    if (folder / "site_profile.toml").exists():
        yield PurePosixPath("site_profile.toml")


def read_slugs(folder: Path) -> dict[str, dict[str, str]]:
    """Kind -> slug -> name, of every address the library promises."""
    with (folder / "slugs.toml").open("rb") as file:
        listed = tomllib.load(file)
    return {
        kind.name: {
            slug: names if isinstance(names, str) else names[0]
            for slug, names in listed.get(kind.folder, {}).items()
        }
        for kind in kinds.KINDS.values()
    }


def _misplaced(path: PurePosixPath) -> str:
    folder = path.parts[0] if len(path.parts) > 1 else path.stem
    if folder not in heads():
        return f"There is no folder {folder!r} in the library. It is one of: {', '.join(heads())}."
    texts = {*kinds.folders(), *_TEXT_KINDS, *(model.FOLDER for model in WRITTEN_FACTS)}
    suffix = ".md" if folder in texts else ".toml"
    if path.suffix != suffix:
        return f"A file in {folder} ends in {suffix}."
    slug, *languages = path.name.removesuffix(suffix).split(".")
    if not SLUG.match(slug) and folder != "site_profile":
        return "A file name is a slug: small letters, digits and single hyphens."
    known = [code for code, _ in settings.LANGUAGES]
    if languages and (
        suffix == ".toml" or len(languages) > 1 or languages[0] not in known or languages == ["en"]
    ):
        return f"A translation is named {slug}.<language>{suffix}, with one of {', '.join(known[1:])}."
    return ""


def _check_head(file: LibraryFile) -> Iterator[Finding]:
    yield from _check_fields(file, file.head, file.fields, "")


def _check_fields(
    file: LibraryFile, table: Mapping[str, object], fields: tuple[Field, ...], prefix: str
) -> Iterator[Finding]:
    """Unknown and missing fields, wrong types and words not on the list, in one table and those within."""
    names = [known.name for known in fields]
    for name in table:
        if name not in names:
            near = difflib.get_close_matches(name, names, 1)
            hint = f" Do you mean {near[0]!r}?" if near else f" Known here: {', '.join(names)}."
            yield _form(file, prefix + name, f"There is no field {name!r} here.{hint}")
    for known in fields:
        at, value = prefix + known.name, table.get(known.name)
        if value is None or value == "":
            if known.required:
                yield _form(file, at, f"Fill in the field {known.name!r}.")
        elif problem := _wrong_value(known, value):
            yield _form(file, at, f"{known.name}: {problem}")
        elif isinstance(value, dict) and known.fields:
            yield from _check_fields(file, value, known.fields, f"{at}_")
        elif known.fields and isinstance(value, list):
            for position, row in enumerate(value):
                yield from _check_fields(file, row, known.fields, f"{at}.{position}.")
        elif known.required and value == []:
            yield _form(file, at, f"Fill in the field {known.name!r}.")


def _wrong_value(known: Field, value: object) -> str:
    if known.type is datetime.date and (type(value) is not datetime.date):
        return "write a date as 2026-11-22, without quotation marks."
    if known.type is list:
        if problem := _wrong_items(known, value):
            return problem
        if known.keys and isinstance(value, list):
            return _wrong_keys(known, value)
    elif known.type is dict and known.keys:
        return _wrong_mapping(known, value) if isinstance(value, dict) else "write a table."
    elif known.type is float and (isinstance(value, bool) or not isinstance(value, (int, float))):
        return "write a number, without quotation marks."
    elif known.type is int and type(value) is not int:
        return "write a whole number, without quotation marks."
    elif known.type in (str, bool, dict) and not isinstance(value, known.type):
        kind = {str: 'a text in "quotation marks"', bool: "true or false", dict: "a table"}[known.type]
        return f"write {kind}."
    if isinstance(value, str) and value != value.strip():
        return "take out the space at its beginning or end."
    if isinstance(value, str) and known.most and len(value) > known.most:
        return f"it has {len(value)} characters; at most {known.most} fit."
    for item in value if isinstance(value, list) else [value]:
        if known.choices and item not in known.choices:
            return f"{item!r} is not one of: {', '.join(known.choices)}."
    return ""


def _wrong_items(known: Field, value: object) -> str:
    if known.are_figures:
        are_numbers = isinstance(value, list) and all(type(item) in (int, float) for item in value)
        return "" if are_numbers else "write a list of numbers: [52, 44.3]."
    inner = dict if known.fields else str
    if not isinstance(value, list) or not all(isinstance(item, inner) for item in value):
        return "write a list of tables." if known.fields else 'write a list of texts: ["one", "two"].'
    if any(isinstance(item, str) and (not item.strip() or "\n" in item) for item in value):
        return "an item is empty or holds a line break."
    return "an item stands there twice." if not known.fields and len(set(value)) < len(value) else ""


def _wrong_mapping(known: Field, value: Mapping[str, object]) -> str:
    if wrong := _wrong_keys(known, value):
        return wrong
    for key, item in value.items():
        if wrong := _wrong_value(Field(key, known.item, choices=known.choices), item):
            return f"{key}: {wrong}"
    return ""


def _wrong_keys(known: Field, value: Iterable[str]) -> str:
    may_be = (ALL, *known.keys) if known.every else known.keys
    unknown = next((key for key in value if key not in may_be), "")
    return f"{unknown!r} is not one of: {', '.join(may_be)}." if unknown else ""


def _form(file: LibraryFile, at: str, message: str) -> Finding:
    return Finding("form", "block", str(file.path), file.line_of(at), message)


def _check_canonical(file: LibraryFile) -> list[Finding]:
    expected = file.canonical
    if expected == file.raw:
        return []
    pairs = zip_longest(file.raw.split("\n"), expected.split("\n"))
    line, (found, wanted) = next((n, pair) for n, pair in enumerate(pairs, 1) if pair[0] != pair[1])
    message = (
        f"Not in canonical form: {_shown(found)} should be {_shown(wanted)}. check_library --fix rewrites it."
    )
    return [Finding("canonical", "block", str(file.path), line, message)]


def _shown(line: str | None) -> str:
    return "the end of the file" if line is None else "an empty line" if line == "" else repr(line[:60])


# Checking -----------------------------------------------------------------------------------------------


def check(
    library: Library, *, today: datetime.date | None = None
) -> Iterator[tuple[LibraryFile, list[Finding]]]:
    """Each file with all that is wrong with what it says, one after the other (for a progress bar)."""
    today = today or datetime.date.today()
    known = known_to(library, today=today)
    for file in library.to_check:
        findings = [*_check_references(file, known), *fact_files.check(file, library, today)]
        for row in fact_files.fact_rows(file):
            findings += facts.check(row, known)
        if entry := entry_text(file):
            sections = content_model_in(file.folder).SECTIONS if file.folder in kinds.folders() else ()
            findings += page_gate.check(entry, dataclasses.replace(known, sections=sections))
        yield file, findings


def findings(library: Library, *, today: datetime.date | None = None) -> list[Finding]:
    """Everything wrong with the library, form and content, file by file.

    Of a library with outlines only what blocks is told in full: what is uncited or has a double is for
    `check_library`, which reads all.
    """
    found = list(library.findings)
    for _file, more in check(library, today=today):
        found += more
    return sorted(found, key=lambda finding: (finding.where, finding.line, finding.rule))


def known_to(library: Library, *, today: datetime.date) -> Known:
    """What the library's texts may cite, link to and must explain."""
    return Known(
        sources=library.sources,
        links=library.slugs,
        names=library.names,
        with_results=library.with_results,
        signs=library.signs,
        answers=frozenset(file.slug for file in library.folder("questions")),
        groups=library.groups,
        today=today,
    )


def entry_text(file: LibraryFile) -> EntryText | None:
    """The file as the page gate wants it; None for a file that holds no prose."""
    if file.folder in kinds.folders():
        act = file.head.get("act")
        lists = (
            {f"act_{name}": texts_in(items) for name, items in act.items()} if isinstance(act, dict) else {}
        )
        kind, sections = kind_of(file.folder), file.sections
    elif file.folder in _TEXT_KINDS:
        kind, lists = _TEXT_KINDS[file.folder], {}
        for urgency, signs, line in care_cards_on(file):
            lists.setdefault(f"act_{urgency}", []).extend(signs)
            file.lines.setdefault(f"act_{urgency}", line)
        # A block placed on a page is no sentence.
        sections = {"text": BLOCK_LINE.sub("", file.text)}
    else:
        return None
    return EntryText(
        kind=kind,
        slug=file.slug,
        language=file.language,
        sections=sections,
        lists=lists,
        head=file.head,
        where=str(file.path),
        line_of=file.line_of,
    )


def _check_references(file: LibraryFile, known: Known) -> Iterator[Finding]:
    """Every field that names a source or an entry names one that exists."""
    for at, field_, value in referring(file.head, file.fields, ""):
        if message := _wrong_reference(field_.refers, value, known):
            yield Finding("reference", "block", str(file.path), file.line_of(at), message)


def _wrong_reference(refers: str, value: str, known: Known) -> str:
    if refers == "source":
        return "" if value in known.sources else f"There is no source {value!r}: add sources/{value}.toml."
    if refers == "page":
        return ""  # checked against the other pages below
    if refers == "treatment":
        return facts.why_no_entry(value, known, ("drug", "therapy"))
    return facts.why_no_entry(f"{refers}:{value}", known, (refers,))
