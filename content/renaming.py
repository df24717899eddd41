"""A new address for an entry. The old one is printed on leaflets: it leads to the new one for good."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import transaction
from django.db.models import Q
from django.utils.translation import override

from content.changes import announce_change
from content.models import (
    TABLED_FACTS,
    Drug,
    Entry,
    FormerSlug,
    ImportedFile,
    SideEffect,
    Sign,
    content_models,
)
from content.models.base import LONGEST_SLUG, address
from content.review import used
from content.search import upkeep

# The list of a sign that holds slugs of this kind.
_IN_SIGNS = {SideEffect.kind: "side_effects", Drug.kind: "medicines"}


def folders_of_facts(folder: str) -> list[str]:
    """Folders of the library whose files are called like the entries of this one."""
    return [
        table.FOLDER
        for table in TABLED_FACTS
        for owner in table.owners().values()
        if owner and owner.folder == folder
    ]


@dataclass(frozen=True)
class Plan:
    """What renaming an entry changes, told before it is done."""

    new: str
    pages: list[tuple[str, str]]  # old address, new address: of each language readers have it in
    also: list[str]  # older addresses, which will lead to the new one
    links: int  # texts that link to it and facts about it: they stay as they are and find it
    signs: int  # signs that name it by its slug, which are changed with it


def plan(entry: Entry, new: str) -> Plan:
    """For an address that `why_not` has passed."""
    languages = content_models()[entry.kind].objects.filter(Q(entry=entry)).values_list("language", flat=True)
    pages = []
    for language in sorted(languages):
        with override(language):
            pages.append((address(entry.kind, entry.slug), address(entry.kind, new)))
    former = FormerSlug.objects.filter(folder=entry.folder, new_slug=entry.slug).exclude(slug=new)
    column = _IN_SIGNS.get(entry.kind)
    signs = Sign.objects.values_list(column, flat=True) if column else ()
    return Plan(
        new=new,
        pages=pages,
        also=[f"/{entry.folder}/{slug}/" for slug in former.values_list("slug", flat=True)],
        links=len(used.of_entry(entry)),
        signs=sum(entry.slug in slugs for slugs in signs),
    )


class RenameRefused(ValidationError):
    """The new address is taken, was printed for something else, or is none."""


@transaction.atomic
def rename(kind: str, old: str, new: str) -> Entry:
    """Moves the entry; every address it ever had leads to the new one. Refuses an address that is not free."""
    model = content_models()[kind].grouper()
    entry = model.objects.filter(slug=old).first()
    if entry is None:
        raise RenameRefused(f"There is no {kind} {old}.")
    if reason := why_not(entry, new):
        raise RenameRefused(reason)
    entry.slug = new
    entry.save(update_fields=["slug"])
    _leave_redirects(model.folder, old, new)
    if column := _IN_SIGNS.get(kind):
        _rename_in_signs(column, old, new)
    _rename_imported_files(model.folder, old, new)
    upkeep.forget(kind, old)
    for content in content_models()[kind].objects.public(new):
        upkeep.refresh(content)
    announce_change()
    return entry


def why_not(entry: Entry, new: str) -> str:
    """The reason this entry cannot have this slug, or an empty text."""
    model = type(entry)
    if new == entry.slug:
        return "It has this address already."
    try:
        validate_slug(new)
    except ValidationError:
        return f"{new!r} is no address: use small letters, digits and hyphens."
    if new != new.lower() or "_" in new or len(new) > LONGEST_SLUG:
        return f"{new!r} is no address: use at most {LONGEST_SLUG} small letters, digits and hyphens."
    if model.objects.filter(slug=new).exists():
        return f"/{model.folder}/{new}/ is already the address of an entry."
    former = FormerSlug.objects.filter(folder=model.folder, slug=new).first()
    if former and former.new_slug != entry.slug:
        return f"/{model.folder}/{new}/ was printed for {former.new_slug} and still leads there."
    return ""


def _leave_redirects(folder: str, old: str, new: str) -> None:
    """One step from every old address; none from the new one, if the entry has come back to it."""
    rows = FormerSlug.objects.filter(folder=folder)
    rows.filter(slug=new).delete()
    rows.filter(new_slug=old).update(new_slug=new)
    rows.create(folder=folder, slug=old, new_slug=new)


def _rename_in_signs(column: str, old: str, new: str) -> None:
    """What a sign points to is the same side effect or medicine: the row says nothing else by it."""
    for pk, slugs in Sign.objects.values_list("pk", column):
        if old in slugs:
            renamed = [new if slug == old else slug for slug in slugs]
            Sign.objects.filter(pk=pk).update(**{column: renamed})


def _rename_imported_files(folder: str, old: str, new: str) -> None:
    """So that the next import takes the renamed files for the ones it knows."""
    for row in ImportedFile.objects.filter(path__contains=old):
        path = PurePosixPath(row.path)
        stem, dot, rest = path.name.partition(".")
        if stem == old and path.parent.name in (folder, *folders_of_facts(folder)):
            row.path = str(path.with_name(f"{new}{dot}{rest}"))
            row.save(update_fields=["path"])
