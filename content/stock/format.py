"""The form of the library's files: which fields a head holds, where sections begin, how a file is written.

Text in, plain data out, and back: `format_file(read_file(text)) == text` for a file in canonical form. Nothing
here knows whether a value is true; `files` checks that.
"""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, cached_property
from pathlib import PurePosixPath
from typing import TypeAlias

import tomli_w
from django.conf import settings
from django.db import models
from django.utils import translation

from content import kinds
from content.models import (
    FACT_MODELS,
    Coverage,
    Entry,
    EntryContent,
    Fact,
    Indication,
    SiteProfile,
    Source,
    UrgentEntryContent,
    content_model_in,
    content_models,
)
from content.models.column import Column, choices_of, gather, gather_list, related, type_in_files
from content.text import prose
from content.text.hints import HandedOn

ValueType: TypeAlias = type
MAX_LINE = 110  # a list that fits on one line stands on one line


@dataclass(frozen=True)
class Field:
    """One field of a head. `refers` names what its value must be found in: "source" or a kind of entry."""

    name: str
    type: type = str
    required: bool = False
    choices: tuple[str, ...] = ()
    refers: str = ""
    fields: tuple[Field, ...] = ()  # of each table, if the value is tables
    are_figures: bool = False  # the items of a list; texts otherwise
    item: ValueType = str  # of each value in a mapping
    keys: tuple[str, ...] = ()  # of a mapping, or of a list, in their order
    every: tuple[str, ...] = ()  # those of them that "all" stands for
    most: int | None = None  # characters that its column holds


def _choices(choices: type[models.TextChoices]) -> tuple[str, ...]:
    return tuple(choices.values)


_ENTRY = (
    Field("name", required=True),
    Field("other_names", list),
    Field("summary", required=True),
    Field("written_by", required=True),
    Field("checked_on", datetime.date, required=True),
    Field("next_check_due", datetime.date, required=True),
    Field("change_note", required=True),
)
_ACT = Field("act", dict, fields=tuple(Field(name, list) for name in ("emergency", "same_day", "next_visit")))
_SOURCES = Field("sources", list, required=True, refers="source")

# The columns that hold keys of sources.
_OF_SOURCES = ("leaflets",)


def _entry_head(model: type[EntryContent]) -> tuple[Field, ...]:
    """What every entry has, then the kind's own columns in the order of its model."""
    act = (_ACT,) if issubclass(model, UrgentEntryContent) else ()
    return (*_ENTRY, *map(_of_column, model.own_columns()), *act)


def _of_column(column: models.Field) -> Field:
    return Field(
        column.name,
        type_in_files(column),
        required=not column.blank,
        choices=choices_of(column),
        refers=_what_it_refers_to(column),
        most=column.max_length,
    )


def _what_it_refers_to(column: models.Field) -> str:
    related = column.related_model
    if isinstance(related, type) and issubclass(related, Entry):
        return related.kind
    return "source" if column.name in _OF_SOURCES else ""


def _fact_head(model: type[Fact]) -> tuple[Field, ...]:
    """The fact's columns and its sources; in tables, where a file holds many facts of one kind."""
    columns = (*(_of_statement(column, model) for column in model.COLUMNS), _SOURCES)
    if model.BODY:
        return columns
    above = (Field(owner, required=True, refers=owner),) if (owner := getattr(model, "OWNER", "")) else ()
    return (*above, Field(model.NAME, list, required=True, fields=columns))


def _of_statement(column: Column, model: type[models.Model]) -> Field:
    parts = related(model, column.on_row) if column.parts else model
    return Field(
        column.name,
        column.type(model),
        column.is_required(model),
        column.choices(model),
        "" if column.may_be_words or column.is_listed else column.kind,
        tuple(_of_statement(part, parts) for part in column.parts),
        column.holds_figures(model),
        type_in_files(column.field(model)) if column.of else str,
        column.keys,
        column.every,
        None if column.has_rows or column.by_position else column.field(model).max_length,
    )


_COVERAGE = (
    Field("regulator", required=True, choices=_choices(Indication.Regulator)),
    Field("text", refers="source"),
    Field("newest"),
    Field("newest_on", datetime.date),
    Field("newest_from", refers="source"),
    Field("uses", int),
    Field("complete", bool),
    Field("gaps", list),
)
_TEXTS = (  # of the site profile, a table for each further language
    Field(
        "language", required=True, choices=tuple(code for code, _name in settings.LANGUAGES if code != "en")
    ),
    *(Field(name) for name in SiteProfile.IN_EVERY_LANGUAGE),
)
_OTHERS: dict[str, tuple[Field, ...]] = {
    "sources": (
        Field("title", required=True),
        Field("publisher", required=True),
        Field("url", required=True),
        Field("kind", required=True, choices=_choices(Source.Kind)),
        Field("published_on", datetime.date),
        Field("text_of"),
        Field("text_of_on", datetime.date),
        Field("checked_on", datetime.date, required=True),
    ),
    "pages": (
        Field("title", required=True),
        Field("menu_title"),
        Field("parent", refers="page"),
        Field("in_menu", bool),
        Field("order", int),
        Field("summary", required=True),
        Field("reverse_id"),
        Field("template"),
    ),
    Coverage.FOLDER: (Field(Coverage.FOLDER, list, required=True, fields=_COVERAGE),),
    "site_profile": (
        *(
            Field(column.name, type_in_files(column))
            for column in SiteProfile._meta.concrete_fields
            if not column.primary_key
        ),
        Field("texts", list, fields=_TEXTS),
    ),
}  # fmt: skip


@cache
def heads() -> dict[str, tuple[Field, ...]]:
    """The fields of a head by folder, entries first."""
    of_entries = {kinds.KINDS[kind].folder: _entry_head(model) for kind, model in content_models().items()}
    of_facts = {model.FOLDER: _fact_head(model) for model in FACT_MODELS}
    return of_entries | of_facts | _OTHERS


class Broken(Exception):
    """A file that cannot be read; `line` says where."""

    def __init__(self, message: str, line: int = 1) -> None:
        super().__init__(message)
        self.message, self.line = message, line


@dataclass
class LibraryFile:
    """One file as plain data."""

    path: PurePosixPath  # within the library: drugs/pembrolizumab.md
    raw: str
    head: dict[str, object] = field(default_factory=dict)
    text: str = ""  # what stands below the head, if it has no sections
    sections: dict[str, str] = field(default_factory=dict)  # name -> Markdown
    lines: dict[str, int] = field(default_factory=dict)  # of a field, an item ("act_emergency.0"), a section

    @property
    def folder(self) -> str:
        """Drugs, sources ...: the kind of file. "site_profile" for the one that stands alone."""
        return self.path.parts[0] if len(self.path.parts) > 1 else self.path.stem

    @property
    def slug(self) -> str:
        return self.path.name.split(".")[0]

    @property
    def language(self) -> str:
        return (self.path.suffixes[:-1] or [".en"])[0].removeprefix(".")

    @property
    def fields(self) -> tuple[Field, ...]:
        return heads()[self.folder]

    @property
    def tables(self) -> list[dict[str, object]]:
        """The rows of a file of facts, or of coverage."""
        rows = self.head.get(_ROWS.get(self.folder, ""), [])
        return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []

    @cached_property
    def canonical(self) -> str:
        return format_file(self)

    def line_of(self, name: str) -> int:
        """The line of a field or section; of the nearest thing around it, if it is not there."""
        while name not in self.lines and "." in name:
            name = name.rpartition(".")[0]
        return self.lines.get(name) or self.lines.get(name.split("_")[0], 1)


_ROWS = {model.FOLDER: model.NAME for model in FACT_MODELS if not model.BODY} | {
    Coverage.FOLDER: Coverage.FOLDER
}


@cache
def headings(folder: str) -> dict[str, str]:
    """Section name -> heading in the files, the same in every language, in order."""
    with translation.override(None):
        written = [section for section in content_model_in(folder).SECTIONS if not section.built]
        return {"key_message": "Key message"} | {section.name: str(section.heading) for section in written}


# Reading ------------------------------------------------------------------------------------------------


def parse(path: PurePosixPath, data: bytes) -> tuple[LibraryFile, list[Broken]]:
    """The file and everything wrong with its form. Raises Broken if there is nothing to go on with."""
    try:
        raw = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Broken("This is not UTF-8. Save the file as UTF-8.", line) from None
    if raw.startswith("\ufeff"):
        raise Broken("Save the file as UTF-8 without a byte order mark.")
    file = LibraryFile(path, raw)
    if path.suffix == ".toml":
        file.head = _load_toml(raw, 0)
        file.lines = dict(_head_lines(raw, 0))
        return file, []
    match = re.match(r"\+\+\+\n(.*?)^\+\+\+ *(?:\n|\Z)", raw.replace("\r\n", "\n"), re.DOTALL | re.MULTILINE)
    if not match:
        raise Broken("Begin the file with a head in TOML between two lines of +++.")
    file.head = _load_toml(match[1], 1)
    file.lines = dict(_head_lines(match[1], 1))
    first_line = match[0].count("\n") + 1
    body = raw.replace("\r\n", "\n")[match.end() :]
    if file.folder not in kinds.folders():
        skipped = len(body) - len(body.lstrip("\n"))
        file.text, file.lines["text"] = body.strip("\n"), first_line + skipped
        return file, []
    return file, list(_read_sections(file, body, first_line))


def _load_toml(text: str, lines_before: int) -> dict[str, object]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        position = re.search(r" \(at line (\d+), column \d+\)", str(error))
        line = lines_before + (int(position[1]) if position else text.count("\n"))
        reason = str(error).replace(position[0], "") if position else str(error)
        raise Broken(f"This is not TOML: {reason}.", line) from None


def _head_lines(text: str, lines_before: int) -> Iterator[tuple[str, int]]:
    """Where each field stands: "name", "act_emergency", "act_emergency.2", "indication.3.key"."""
    table, key, items = "", "", 0
    counts: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), lines_before + 1):
        if header := re.match(r"\[\[\s*(\w+)\s*\]\]", line):
            counts[header[1]] = counts.get(header[1], -1) + 1
            table = f"{header[1]}.{counts[header[1]]}."
            yield table[:-1], number
        elif below := re.match(r"\[\s*(\w+)\.(\w+)\s*\]", line):
            table = f"{below[1]}.{counts.get(below[1], 0)}.{below[2]}."
            yield table[:-1], number
        elif header := re.match(r"\[\s*(\w+)\s*\]", line):
            table = f"{header[1]}_"
            yield header[1], number
        elif assignment := re.match(r"([\w-]+)\s*=", line):
            key, items = table + assignment[1], 0
            yield key, number
        elif re.match(r"\s+[\"'{]", line):
            yield f"{key}.{items}", number
            items += 1


def _read_sections(file: LibraryFile, body: str, first_line: int) -> Iterator[Broken]:
    names = {heading: name for name, heading in headings(file.folder).items()}
    order = list(names.values())
    parts = list(re.finditer(r"^##[ \t]+(.*?)[ \t]*$", body, re.MULTILINE))
    if body[: parts[0].start() if parts else len(body)].strip():
        yield Broken("Begin the prose with a heading: ## Key message", first_line)
    for part, following in zip(parts, [*parts[1:], None], strict=True):
        line = first_line + body[: part.start()].count("\n")
        name = names.get(part[1])
        if name is None:
            yield Broken(f'There is no section "{part[1]}" here. It is one of: {", ".join(names)}.', line)
            continue
        if name in file.sections:
            yield Broken(f'The section "{part[1]}" stands here twice.', line)
            continue
        if file.sections and order.index(name) < order.index(list(file.sections)[-1]):
            yield Broken(f'Put the section "{part[1]}" in its order: {", ".join(names)}.', line)
        text = body[part.end() : following.start() if following else len(body)]
        file.sections[name] = text.strip("\n").rstrip()
        file.lines[name] = line + len(text) - len(text.lstrip("\n"))


# Writing ------------------------------------------------------------------------------------------------


def format_file(file: LibraryFile) -> str:
    """The file in canonical form: fields in order, empty ones left out, one blank line between blocks."""
    if file.path.suffix == ".toml":
        return format_head(file.folder, file.head)
    if file.folder in kinds.folders():
        return format_entry(file.folder, file.head, file.sections)
    return format_text(file.folder, file.head, file.text)


def format_entry(folder: str, head: Mapping[str, object], sections: Mapping[str, str]) -> str:
    """An entry: its head and its sections by name, in the order of the page."""
    parts = [f"+++\n{format_head(folder, head)}+++"]
    for name, heading in headings(folder).items():
        if sections.get(name):
            parts += [f"## {heading}", prose.tidy(sections[name])]
    return "\n\n".join(part for part in parts if part) + "\n"


def format_text(folder: str, head: Mapping[str, object], text: str) -> str:
    """A question, an update, a glossary term, a page: its head and one text."""
    return f"+++\n{format_head(folder, head)}+++\n\n{prose.tidy(text)}\n"


def format_head(folder: str, head: Mapping[str, object]) -> str:
    """The TOML of a head, also the whole of a .toml file."""
    simple: list[str] = []
    tables: list[str] = []
    fields = {known.name: known for known in heads()[folder]}
    for name in [*fields, *(name for name in head if name not in fields)]:
        value = head.get(name)
        if value in _EMPTY:
            continue
        known = fields.get(name)
        if isinstance(value, dict):
            lists = _assignments(value, known.fields if known else (), keep_empty=True)
            if any(value.values()):
                tables.append("\n".join([f"[{name}]", *lists]))
        elif known and known.fields and isinstance(value, list):
            tables += ["\n".join(_table(name, row, known.fields)) for row in value]
        else:
            simple.append(f"{name} = {_value(_in_order(name, value), len(name) + 3)}")
    return "\n\n".join([part for part in ["\n".join(simple), *tables] if part]) + "\n"


_EMPTY: tuple[object, ...] = (None, "", [], {})


def _table(name: str, row: Mapping[str, object], fields: Sequence[Field]) -> Iterator[str]:
    """One of several; below it, as tables of their own, the mappings that do not fit on a line."""
    yield f"[[{name}]]"
    mappings = {
        known.name: _in_order(known.name, row.get(known.name), known) for known in fields if known.keys
    }
    large = {
        key: value for key, value in mappings.items() if isinstance(value, dict) and _is_long(key, value)
    }
    yield from _assignments({key: value for key, value in row.items() if key not in large}, fields)
    for key, value in large.items():
        yield f"[{name}.{key}]"
        yield from _assignments(value, ())


def _is_long(name: str, value: dict[str, object]) -> bool:
    return len(f"{name} = {_value(value, 0)}") > MAX_LINE


def _assignments(
    table: Mapping[str, object], fields: Sequence[Field], *, keep_empty: bool = False
) -> list[str]:
    known = {field.name: field for field in fields}
    return [
        f"{name} = {_value(_in_order(name, table.get(name, []), known.get(name)), len(name) + 3)}"
        for name in [*known, *(name for name in table if name not in known)]
        if keep_empty
        or (table.get(name) not in _EMPTY and not _goes_without_saying(table.get(name), known.get(name)))
    ]


def _goes_without_saying(value: object, known: Field | None) -> bool:
    return value is False and not (known and known.required)


def _rows_in_order(known: Field, rows: list[HandedOn]) -> list[HandedOn]:
    """Tables within a table: their fields in order, empty ones left out."""
    names = [field.name for field in known.fields]
    return [
        {
            name: row[name]
            for name in [*names, *(name for name in row if name not in names)]
            if row.get(name) not in (None, "", [])
        }
        if isinstance(row, dict)
        else row
        for row in rows
    ]


def _in_order(name: str, value: object, known: Field | None = None) -> object:
    """As the database gives it back: of sources the main one first, the others by key; mappings by their keys."""
    if known and known.fields and isinstance(value, list):
        return _rows_in_order(known, value)
    if known and known.keys and isinstance(value, dict):
        return gather(value, known.keys, known.every)
    if known and known.keys and isinstance(value, list):
        return gather_list(value, known.keys, known.every)
    return (
        [value[0], *sorted(value[1:])] if name == "sources" and isinstance(value, list) and value else value
    )


def _value(value: object, indent: int) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_value(item, 0)}" for name, item in value.items()) + " }"
    if isinstance(value, list):
        items = [_value(item, 4) for item in value]
        line = f"[{', '.join(items)}]"
        if len(line) + indent <= MAX_LINE:
            return line
        return "[\n" + "".join(f"    {item},\n" for item in items) + "]"
    if isinstance(
        value, (float, Decimal)
    ):  # 20.0, 20.00 from a database and 20 are one figure, written one way
        value = int(value) if value == int(value) else float(value)
    if isinstance(value, str) and not _TO_ESCAPE.search(value):
        return f'"{value}"'
    return tomli_w.dumps({"x": value}).removeprefix("x = ").rstrip("\n")


_TO_ESCAPE = re.compile(r'["\\\x00-\x1f\x7f]')
