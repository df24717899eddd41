"""Library files into the database: create what is missing, update what nobody edited, keep and report the rest.

One transaction, all or nothing. Whether somebody edited an entry is seen by exporting it: if the database would
write another file than the last import left, a person changed it, and the person's work stays.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby, islice
from pathlib import Path, PurePosixPath

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import FieldDoesNotExist
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Q
from djangocms_versioning.constants import DRAFT
from djangocms_versioning.models import Version

from content import kinds
from content.changes import announce_change
from content.models import (
    FACT_MODELS,
    TABLED_FACTS,
    WRITTEN_FACTS,
    Coverage,
    Drug,
    Entry,
    EntryContent,
    Fact,
    FormerSlug,
    ImportedFile,
    SiteProfile,
    SiteProfileText,
    Source,
    TabledFact,
    UrgentEntryContent,
    WrittenFact,
    content_model_in,
    content_models,
    record_new_links,
)
from content.models.column import Column, field_of, related, spread
from content.models.fact import F, FactPart, FactQuerySet
from content.review.facts import pages_showing
from content.search import upkeep
from content.stock import files
from content.stock.export import EVERYTHING, Only, export, table_of, wins
from content.stock.format import LibraryFile, headings, heads
from content.stock.library import Library
from content.stock.settled import CONVERTED, Settled, digest_of, put_aside, settle, settled_files, unsettle
from content.stock.standing import Standing, standing
from content.text.hints import HandedOn


def order() -> list[str]:
    """What others refer to comes first. CMS pages have a builder of their own."""
    return [
        "site_profile", "sources", *kinds.folders(), *(model.FOLDER for model in FACT_MODELS), Coverage.FOLDER,
    ]  # fmt: skip


@dataclass
class Report:
    """What the import did, by path."""

    created: list[PurePosixPath] = field(default_factory=list)
    updated: list[PurePosixPath] = field(default_factory=list)
    unchanged: list[PurePosixPath] = field(default_factory=list)
    kept: list[PurePosixPath] = field(default_factory=list)  # edited by a person since the last import
    missing: list[PurePosixPath] = field(default_factory=list)  # in the database, without a file
    taken_off: list[PurePosixPath] = field(default_factory=list)  # all of it, by a person, from the site
    renamed: list[PurePosixPath] = field(default_factory=list)  # still under a slug its entry once had

    @property
    def changed(self) -> bool:
        return bool(self.created or self.updated)


# More changed files than this, and the whole search index is made anew.
MOST_FOLLOWED = 20
# So many files of one folder are saved with the same few queries; a database takes so many numbers in one.
AT_ONCE = 50


def read(folder: Path, *, overwrite: bool = False) -> tuple[Library, Settled, Standing]:
    """The library, with outlines for what neither the files nor the database changed since the last import."""
    stands = standing()
    settled = settled_files(folder, {} if overwrite else stands)
    library = files.read(folder, outline=settled.outline)
    if library.outlines and not settled.holds_for(library):
        library = files.read(folder)
    return library, settled, stands


class ImportRefused(Exception):
    """The database holds something that the files contradict; nothing was written."""


@transaction.atomic
def save(
    library: Library,
    settled: Settled,
    stands: Standing,
    *,
    now: datetime.date,
    overwrite: bool = False,
    progress: Callable[[list[LibraryFile]], Iterable[LibraryFile]] = iter,
) -> Report:
    """Saves the checked files of a library that was read."""
    importer = Importer(now)
    importer.make_identities((kind, slug) for kind, slugs in library.slugs.items() for slug in slugs)
    report = importer.compare(library, overwrite=overwrite)
    report.missing = sorted(set(map(PurePosixPath, stands)) - {file.path for file in library.files})
    changed = {*report.created, *report.updated}
    _save_files(importer, [file for file in _in_order(library) if file.path in changed], progress)
    if changed:
        stands = stands | standing(Only.these(changed))
        announce_change()
    aside = {*report.kept, *report.taken_off, *report.renamed}
    settle((file for file in library.to_check if file.path not in aside), settled, stands)
    put_aside((file for file in library.to_check if file.path in aside), settled)
    unsettle(set(settled.lent) - {str(file.path) for file in library.files})
    return report


def _in_order(library: Library) -> list[LibraryFile]:
    """The files that were read, but for CMS pages."""
    folders = order()
    return sorted(
        (file for file in library.to_check if file.folder in folders),
        # English first: translations note which words they were made from.
        key=lambda file: (folders.index(file.folder), file.slug, file.language != "en", file.path),
    )


def _save_files(
    importer: Importer,
    changed: list[LibraryFile],
    progress: Callable[[list[LibraryFile]], Iterable[LibraryFile]],
) -> None:
    """Search follows a few changed files; for many, it is made anew."""
    with upkeep.paused():  # each would be looked at again for every fact and version in it
        for alike in _alike(progress(changed)):
            importer.save(alike[0].folder, alike)
    if len(changed) > MOST_FOLLOWED:
        upkeep.rebuild()
        transaction.on_commit(_analyze)
    else:
        importer.follow()


def _alike(files: Iterable[LibraryFile]) -> Iterator[list[LibraryFile]]:
    """Files of one folder, some at a time."""
    for _folder, of_one in groupby(files, key=lambda file: file.folder):
        while some := list(islice(of_one, AT_ONCE)):
            yield some


def _analyze() -> None:
    """Without statistics SQLite's planner looks entries up seven times slower."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def library_user() -> User:
    """Versions need an author; this account cannot sign in."""
    user, created = User.objects.get_or_create(
        username="library", defaults={"is_active": False, "first_name": "Library", "last_name": "files"}
    )
    if created:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user


@dataclass(frozen=True)
class FactDraft:
    """A fact to save, what it cites, and the rows that belong to it."""

    row: Fact
    sources: list[str]  # keys, the main one first
    parts: list[models.Model] = field(default_factory=list)


TABLED = {model.FOLDER: model for model in TABLED_FACTS}
WRITTEN = {model.FOLDER: model for model in WRITTEN_FACTS}
# The folder, the slug of the file, and what tells the facts of a file apart.
Place = tuple[str, str, object]


class Importer:
    """Writes files of one folder at a time. Knows who is writing, when, and the identities that files refer to."""

    def __init__(self, now: datetime.date) -> None:
        self.now = now
        self.user = library_user()
        self._sources: dict[str, Source] = {}
        self._identities: dict[tuple[str, str], Entry] = {}
        self._entries: list[EntryContent] = []
        self._facts: dict[type[Fact], set[int]] = {}  # the numbers of those that came or went
        rows = FormerSlug.objects.values_list("folder", "slug", "new_slug")
        self._former = {(folder, old): new for folder, old, new in rows}

    def compare(self, library: Library, *, overwrite: bool) -> Report:
        """What is to be done with each file, by what the database holds instead."""
        report = Report(unchanged=[file.path for file in library.as_they_were if file.folder in order()])
        in_order = _in_order(library)
        asked = Only.these(file.path for file in in_order) if library.outlines else EVERYTHING
        have = export(asked)
        left_by_import = dict(ImportedFile.objects.values_list("path", "digest"))
        for file in in_order:
            found = have.get(file.path)
            if self.is_renamed(file):
                report.renamed.append(file.path)
            elif self.was_taken_off(file):
                report.taken_off.append(file.path)
            elif found == file.canonical:
                report.unchanged.append(file.path)
            elif found is None:
                report.created.append(file.path)
            elif overwrite or left_by_import.get(str(file.path)) in (digest_of(found), CONVERTED):
                report.updated.append(file.path)
            else:
                report.kept.append(file.path)
        return report

    @cached_property
    def _off(self) -> set[Place]:
        return _taken_off()

    def is_renamed(self, file: LibraryFile) -> bool:
        """An entry that was given another address since: its file would bring the old one back."""
        return any((folder, file.slug) in self._former for folder in _folders_of_owners(file.folder))

    def was_taken_off(self, file: LibraryFile) -> bool:
        """Whether a person took all of it off the site, and nothing took its place: it stays off."""
        keys = list(_keys_of(file))
        return bool(keys) and all((file.folder, file.slug, key) in self._off for key in keys)

    def make_identities(self, planned: Iterable[tuple[str, str]]) -> None:
        """A grouper for every planned entry, so that facts can refer to those without a page."""
        slugs: dict[str, set[str]] = {}
        for kind, slug in planned:
            if (kinds.KINDS[kind].folder, slug) not in self._former:
                slugs.setdefault(kind, set()).add(slug)
        for kind, wanted in slugs.items():
            model = content_models()[kind].grouper()
            have = set(model.objects.values_list("slug", flat=True))
            model.objects.bulk_create([model(slug=slug) for slug in sorted(wanted - have)])
            self._identities |= {(kind, row.slug): row for row in model.objects.all()}

    def follow(self) -> None:
        """Brings search up to date with what was saved, and with the pages that show it."""
        facts = [
            fact
            for model, numbers in self._facts.items()
            for fact in model.objects.filter(pk__in=numbers).with_everything()
        ]
        pages = {page for fact in facts for page in pages_showing(fact)}
        upkeep.refresh_facts(facts, {*pages, *self._entries})

    def save(self, folder: str, files: list[LibraryFile]) -> None:
        """Files of this folder."""
        match folder:
            case "site_profile":
                self._save_site_profile(files[0])
            case "sources":
                self._save_sources(files)
            case Coverage.FOLDER:
                self._save_coverage(files)
            case _ if folder in TABLED:
                self._save_facts(TABLED[folder], list(self._tables(files, TABLED[folder])))
            case _ if folder in WRITTEN:
                self._save_facts(WRITTEN[folder], list(self._texts(files, WRITTEN[folder])))
            case _:
                self._save_entries(files, content_model_in(folder))

    def _save_site_profile(self, file: LibraryFile) -> None:
        values = _columns(file)
        values.pop("texts", None)
        profile, _created = SiteProfile.objects.update_or_create(pk=1, defaults=values)
        if "texts" in file.head:  # as with its columns: what the file leaves out stays
            profile.texts.all().delete()
            texts = _checked(file)["texts"]
            profile.texts.bulk_create(SiteProfileText(profile=profile, **text) for text in texts)

    def _save_sources(self, files: list[LibraryFile]) -> None:
        Source.objects.bulk_create(
            [Source(key=file.slug, **_columns(file)) for file in files],
            update_conflicts=True,
            unique_fields=["key"],
            update_fields=[known.name for known in heads()["sources"]],
        )

    def _save_coverage(self, files: list[LibraryFile]) -> None:
        for file in files:
            drug = self._identity("drug", file.slug)
            for table in file.tables:
                values = {name: value for name, value in table.items() if name != "regulator"}
                for name in ("text", "newest_from"):
                    values[name] = self._source(str(key)) if (key := values.get(name)) else None
                Coverage.objects.update_or_create(
                    drug_id=drug.pk, regulator=table["regulator"], defaults=self._empty_coverage | values
                )
            regulators = [table["regulator"] for table in file.tables]
            Coverage.objects.filter(drug_id=drug.pk).exclude(regulator__in=regulators).delete()

    @property
    def _empty_coverage(self) -> dict[str, object]:
        """What a table says that leaves everything out."""
        names = (field.name for field in heads()[Coverage.FOLDER][0].fields)
        return {name: field_of(Coverage, name).get_default() for name in names if name != "regulator"}

    # --- Entries

    def _save_entries(self, files: list[LibraryFile], model: type[EntryContent]) -> None:
        entries = {file.slug: self._identity(model.grouper().kind, file.slug) for file in files}
        rows = model.admin_manager.current_content().filter(entry__in=entries.values())
        newest = {(row.entry_id, row.language): row for row in rows}
        new: list[EntryContent] = []
        for file in files:
            entry, values = entries[file.slug], self._entry_columns(file, model)
            if row := newest.get((entry.pk, file.language)):
                self._save_again(row, values)
            else:
                new.append(model(language=file.language, **values))
                new[-1].entry = entry
        model.save_new(new)
        for row in new:
            self._publish(Version.objects.create(content=row, created_by=self.user), row)

    def _save_again(self, newest: EntryContent, values: dict[str, object]) -> None:
        version = newest.versions.get()
        if version.state != DRAFT:
            version = version.copy(self.user)
        content = version.content
        for name, value in values.items():
            setattr(content, name, value)
        content.save()
        self._publish(version, content)

    def _publish(self, version: Version, content: EntryContent) -> None:
        if settings.CLINICAL_REVIEW == "label":
            self._entries.append(content)
            version.content = content  # at hand: publishing need not read it again
            version.publish(self.user)

    def _entry_columns(self, file: LibraryFile, model: type[EntryContent]) -> dict[str, object]:
        values: dict[str, object] = {}
        for known in heads()[file.folder]:
            value = file.head.get(known.name)
            if known.name == "act":
                continue
            if is_entry := known.refers in kinds.KINDS:
                value = self._identity(known.refers, str(value)) if value else None
            values[known.name] = _or_empty(value, known.type, nullable=is_entry)
        if issubclass(model, UrgentEntryContent):
            act = _checked(file).get("act", {})
            values |= {
                f"act_{urgency}": act.get(urgency, []) for urgency in ("emergency", "same_day", "next_visit")
            }
        return values | dict.fromkeys(headings(file.folder), "") | file.sections

    def _identity(self, kind: str, slug: str) -> Entry:
        model = content_models()[kind].grouper()
        slug = self._former.get((model.folder, slug), slug)
        if (kind, slug) not in self._identities:
            self._identities[(kind, slug)] = model.objects.get_or_create(slug=slug)[0]
        return self._identities[(kind, slug)]

    # --- Facts

    def _tables(self, files: list[LibraryFile], model: type[TabledFact]) -> Iterator[FactDraft]:
        owners = {file.slug: self._owner(file, model) for file in files}
        of_these = Q()
        for column in model.SUBJECT:
            of_these |= Q(**{f"{column}__in": [its[column] for its in owners.values() if its[column]]})
        have = _by_place(model.objects.filter(of_these))
        elsewhere = _by_key_alone(model, files)
        for file in files:
            reworded = _reworded(model, file, have)
            for table in file.tables:
                place = (file.folder, file.slug, _key_of(model, table))
                stands = have.get(place)
                if stands is None and place in self._off:
                    continue
                old = stands or elsewhere.get(table.get("key")) or reworded.get(place)
                self._edit_in_place(model, table, old)
                if old and old is stands and _same(_statement(model, table_of(old)), table):
                    continue
                row = self._draft(model, old)
                for column, owner in owners[file.slug].items():
                    setattr(row, column, owner)
                parts = self._fill(row, table)
                row.derive(_by_relation(row, parts))  # approval would do it, one update for each row
                yield FactDraft(row, _keys_in(table), parts)

    def _edit_in_place(
        self, model: type[TabledFact], table: dict[str, HandedOn], old: TabledFact | None
    ) -> None:
        """What stands in the file with a fact and is no part of it. Search follows the row that stands already."""
        for column in model.COLUMNS:
            wanted = table.get(column.name, [])
            if not column.beside or (old and getattr(old, column.name) == wanted):
                continue
            rows = related(model, column.beside)._default_manager
            rows.update_or_create(key=table["key"], language="en", defaults={column.on_row: wanted})
            if old:
                self._facts.setdefault(model, set()).add(old.pk)

    def _owner(self, file: LibraryFile, model: type[TabledFact]) -> dict[str, Entry | str | None]:
        """What a file is about, in the column of its kind; the others are empty."""
        kind, _, slug = str(file.head.get(model.OWNER, "")).rpartition(":")
        columns: dict[str, Entry | str | None] = {}
        for column, entry in model.owners().items():
            if entry is None:
                columns[column] = file.slug
            else:
                is_this = not kind or kind == entry.kind
                columns[column] = self._identity(entry.kind, slug or file.slug) if is_this else None
        return columns

    def _texts(self, files: list[LibraryFile], model: type[WrittenFact]) -> Iterator[FactDraft]:
        have = _by_place(model.objects.filter(Q(slug__in=[file.slug for file in files])))
        for file in files:
            row = self._draft(model, have.get((file.folder, file.slug, file.language)))
            row.slug, row.language = file.slug, file.language
            setattr(row, model.BODY, file.text)
            for known in heads()[file.folder]:
                if known.name != "sources":
                    setattr(row, known.name, _or_empty(file.head.get(known.name), known.type))
            yield FactDraft(row, _checked(file)["sources"])

    def _fill(self, row: Fact, table: dict[str, HandedOn]) -> list[models.Model]:
        """Sets the columns of a row as its file has them. Returns what belongs to it in rows of their own."""
        words: dict[str, HandedOn] = {}
        parts: list[models.Model] = []
        keyed: dict[tuple[str, str], dict[str, HandedOn]] = {}  # relation and key -> the columns of a row
        for column in row.COLUMNS:
            value = table.get(column.name)
            if column.of_words:
                words[column.on_row] = value or ({} if column.type(type(row)) is dict else "")
            elif column.of:
                for key, one in _by_key(column, value).items():
                    keyed.setdefault((column.of, key), {column.by: key})[column.on_row] = one
            elif column.is_listed:
                parts += [self._member(row, column, place, name) for place, name in enumerate(value or [])]
            elif column.parts:
                rows = value or []
                parts += [self._part(row, column, one, place) for place, one in enumerate(rows)]
                words |= {
                    one.on_row: [part[one.name] for part in rows] for one in column.parts if one.by_position
                }
            elif not column.beside:
                setattr(row, column.on_row, self._value(column, type(row), value))
        parts += [_belonging_to(row, relation, values) for (relation, _key), values in keyed.items()]
        return [_belonging_to(row, "texts", words), *parts]

    def _part(self, row: Fact, column: Column, table: dict[str, object], place: int) -> models.Model:
        model = related(type(row), column.on_row)
        values = {
            one.on_row: self._value(one, model, table.get(one.name))
            for one in column.parts
            if not one.by_position
        }
        if issubclass(model, FactPart):
            values["position"] = place
        return _belonging_to(row, column.on_row, values)

    def _member(self, row: Fact, column: Column, position: int, name: str) -> models.Model:
        """One of a list: the entry of that name, or the words if there is none."""
        folder = content_models()[column.kind].grouper().folder
        entry = self._identities.get((column.kind, self._former.get((folder, name), name)))
        values = {"position": position, column.kind: entry, "words": "" if entry else name}
        return _belonging_to(row, column.on_row, values)

    def _value(self, column: Column, model: type[models.Model], value: object) -> object:
        kind = column.type(model)
        if value is None and kind is bool:
            return False
        if not value or not column.kind or column.may_be_words:
            return _or_empty(value, kind)
        if isinstance(value, list):
            folder = kinds.KINDS[column.kind].folder
            return [self._former.get((folder, slug), slug) for slug in value]
        return self._identity(column.kind, str(value))

    def _draft(self, model: type[F], old: F | None) -> F:
        """A row to fill: a waiting draft, a new one that will supersede what stands, or simply a new one."""
        if old is not None and old.state == Fact.State.DRAFT:
            for name in model.PARTS:
                getattr(old, name).all().delete()
            old.more_sources.clear()
            return old
        row = model(created_by=self.user)
        if old is not None:
            row.supersedes, row.first_id = old, old.first_id or old.pk
        return row

    def _save_facts(self, model: type[Fact], drafts: list[FactDraft]) -> None:
        """All at once: file by file, facts took a third of an import's time."""
        for draft in drafts:
            draft.row.source = self._source(draft.sources[0])
            if draft.row.pk:
                draft.row.save()
        new = model.objects.bulk_create([draft.row for draft in drafts if not draft.row.pk])
        record_new_links(row for row in new if isinstance(row, WrittenFact))
        citations = model.more_sources.through
        citations._default_manager.bulk_create(
            citations(**{str(model._meta.model_name): draft.row, "source": self._source(key)})
            for draft in drafts
            for key in draft.sources[1:]
        )
        parts = [part for draft in drafts for part in draft.parts]
        for kind in {type(part) for part in parts}:
            kind._default_manager.bulk_create(part for part in parts if type(part) is kind)
        if settings.CLINICAL_REVIEW == "label":
            came = {draft.row.pk for draft in drafts}
            try:
                with transaction.atomic():
                    model.objects.filter(pk__in=came).approve(by=None, now=self.now)
            except IntegrityError as error:
                raise ImportRefused("\n".join(_said_twice(model, drafts)) or str(error)) from error
            went = {pk for draft in drafts if (pk := draft.row.supersedes_id)}
            self._facts.setdefault(model, set()).update(came | went)
        for draft in drafts:
            row = draft.row
            if isinstance(row, WrittenFact) and row.language != "en":
                row.note_english()
                type(row).objects.filter(pk=row.pk).update(made_from=row.made_from)

    def _source(self, key: str) -> Source:
        if key not in self._sources:
            self._sources[key] = Source.objects.get(key=key)
        return self._sources[key]


def _said_twice(model: type[Fact], drafts: list[FactDraft]) -> Iterator[str]:
    """For each fact of the files that an approved row says already: which, and what to do."""
    goes = {draft.row.supersedes_id for draft in drafts}
    approved = model.objects.approved().exclude(pk__in=goes - {None})
    for row in (draft.row for draft in drafts):
        for rule in model._meta.constraints:
            if not isinstance(rule, models.UniqueConstraint):
                continue
            alike = {name: getattr(row, name) for name in rule.fields}
            for stands in approved.filter(Q(**alike) & (rule.condition or Q())).exclude(pk=row.pk):
                place = f"{row.FOLDER}/{row.file_name}.toml" if isinstance(row, TabledFact) else row.FOLDER
                yield (
                    f"{place}: {row} says what the approved {stands} says already. If its key was renamed, give it the "
                    f"key {stands} again; if they differ, say in the file in what, or take {stands} off in the admin."
                )


def _columns(file: LibraryFile) -> dict[str, object]:
    """The head as columns, whether the file holds them or not."""
    return {
        known.name: _or_empty(file.head.get(known.name), known.type)
        for known in heads()[file.folder]
        if file.folder != "site_profile" or known.name in file.head
    }


def _checked(file: LibraryFile) -> dict[str, HandedOn]:
    """The head of a file that the rules have passed: it holds what its columns ask for."""
    return file.head


def _belonging_to(row: Fact, relation: str, values: dict[str, HandedOn]) -> models.Model:
    """A row of its own that says a part of this one."""
    found = type(row)._meta.get_field(relation)
    if not isinstance(found, models.ManyToOneRel):
        raise FieldDoesNotExist(f"{type(row).__name__} has no parts called {relation}.")
    return found.related_model(**{found.field.name: row}, **values)


def _keys_in(table: dict[str, HandedOn]) -> list[str]:
    return table["sources"]


def _by_relation(row: Fact, parts: Iterable[models.Model]) -> dict[str, list[models.Model]]:
    of_type = {related(type(row), name): name for name in row.PARTS}
    found: dict[str, list[models.Model]] = {name: [] for name in row.PARTS}
    for part in parts:
        found[of_type[type(part)]].append(part)
    return found


def _or_empty(value: object, kind: type, *, nullable: bool = False) -> object:
    if value is not None or nullable:
        return value
    if kind is list:
        return []
    return "" if kind is str else None


def _standing(rows: FactQuerySet[F]) -> list[F]:
    """Approved rows, or the drafts that wait to supersede them; drafts of their own come first and win nothing."""
    standing = list(rows.exclude(state=Fact.State.RETIRED).with_everything())
    superseded = {row.supersedes_id for row in standing}
    newest = [row for row in standing if row.pk not in superseded]
    return sorted(newest, key=wins)


def _keys_of(file: LibraryFile) -> Iterator[object]:
    """What tells the facts of a file apart; nothing for other files."""
    if file.folder in WRITTEN:
        yield file.language
    elif file.folder in TABLED:
        yield from (_key_of(TABLED[file.folder], table) for table in file.tables)


def _key_of(model: type[TabledFact], table: Mapping[str, object]) -> object:
    return tuple(table[name] for name in model.IDENTITY)


def _folders_of_owners(folder: str) -> Iterable[str]:
    """The folders of the entries that files of this one are named after."""
    if folder == Coverage.FOLDER:
        return (Drug.folder,)
    if folder not in TABLED:
        return (folder,)
    return [owner.folder for owner in TABLED[folder].owners().values() if owner]


def _taken_off() -> set[Place]:
    """Folder, file and key of every fact that a person took off the site and that has no row since."""
    rows = [
        row
        for model in FACT_MODELS
        for row in model.objects.filter(retired_on__isnull=False).with_everything()
    ]
    if not rows:
        return set()
    standing = [row for model in FACT_MODELS for row in _standing(model.objects.all())]
    return set(map(_place_of, rows)) - set(map(_place_of, standing))


def _by_place(rows: FactQuerySet[F]) -> dict[Place, F]:
    """Those that stand, each in its place; of two the one that a file goes on from."""
    return {_place_of(row): row for row in _standing(rows)}


def _by_key_alone(model: type[TabledFact], files: Iterable[LibraryFile]) -> dict[object, TabledFact]:
    """Those that stand under the keys of these files, whosever file they are from: a table may move to another one."""
    if model.IDENTITY != ("key",):
        return {}
    keys = [table["key"] for file in files for table in file.tables]
    return {table_of(row)["key"]: row for row in _standing(model.objects.filter(**{"key__in": keys}))}


def _reworded(
    model: type[TabledFact], file: LibraryFile, have: Mapping[Place, TabledFact]
) -> dict[Place, TabledFact]:
    """Place of a table -> the row it says again in other words, where words are part of what tells facts apart.

    Taken only where it is plain: a row that no table of the file names, and one table that says all else alike.
    """
    words = {column.name for column in model.COLUMNS if column.of_words} & set(model.IDENTITY)
    if not words:
        return {}
    named = {(file.folder, file.slug, _key_of(model, table)): table for table in file.tables}
    came = [(place, table) for place, table in named.items() if place not in have]
    left = [
        row for place, row in have.items() if place[:2] == (file.folder, file.slug) and place not in named
    ]
    found: dict[Place, TabledFact] = {}
    for place, table in came:
        alike = [row for row in left if _same_but_for(words, table_of(row), table)]
        rivals = [other for _, other in came if _same_but_for(words, table, other)]
        if len(alike) == len(rivals) == 1:
            found[place] = alike[0]
    return found


def _same_but_for(words: set[str], have: Mapping[str, object], wanted: Mapping[str, object]) -> bool:
    return _same(
        {name: value for name, value in have.items() if name not in words},
        {name: value for name, value in wanted.items() if name not in words},
    )


def _place_of(row: Fact) -> Place:
    match row:
        case TabledFact():
            return row.FOLDER, row.file_name, _key_of(type(row), table_of(row))
        case WrittenFact():
            return row.FOLDER, row.slug, row.language
    raise TypeError(f"{type(row).__name__} has no library file yet: add it here.")


def _by_key(column: Column, value: HandedOn) -> dict[str, HandedOn]:
    """A mapping as rows of their own have it."""
    named = dict.fromkeys(value, True) if isinstance(value, list) else value or {}
    return spread(named, column.every)


def _statement(model: type[TabledFact], table: dict[str, object]) -> dict[str, object]:
    """What of a table is the fact itself."""
    beside = {column.name for column in model.COLUMNS if column.beside}
    return {name: value for name, value in table.items() if name not in beside}


def _same(have: dict[str, object], wanted: dict[str, object]) -> bool:
    """Equal but for fields left out."""
    empty: tuple[object, ...] = (None, "", [], {}, False)
    return all(
        have.get(name) == wanted.get(name) or (have.get(name) in empty and not wanted.get(name))
        for name in have
    )
