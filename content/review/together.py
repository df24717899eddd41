"""One change to many texts at once: made in drafts, told in their change notes, undone while nobody went on."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Mapping
from itertools import takewhile
from typing import Any, TypeAlias

from cms.models import PageContent
from django.apps import apps
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from djangocms_versioning.constants import DRAFT

from content.models import (
    BulkChange,
    BulkDraft,
    DraftEdit,
    DrugContent,
    EntryContent,
    Fact,
    PageCheck,
    Source,
)
from content.review import facts, signing, texts, used
from content.review.texts import Whole
from content.text.hints import Words

# Looks at a row and says which of its columns get which values; nothing for a row that stays as it is.
Change: TypeAlias = Callable[[models.Model], Mapping[str, Any]]
# A text that was left as it is, and why.
Left: TypeAlias = tuple[str, str]


class ChangeRefused(Exception):
    """A text cannot be changed so; the message says why. The others are."""


# --- What can be changed --------------------------------------------------------------------------------------

_NOT_WORDS = re.compile(r"(\[@[^\]]*\]|\]\([^)]*\))")  # citations, and where links lead


def replacing_words(old: str, new: str) -> Change:
    """Whole words, wherever a reader reads them; at the start of a sentence with a capital letter, too."""
    pattern = re.compile(rf"(?<!\w)({re.escape(old)}|{re.escape(old[:1].upper() + old[1:])})(?!\w)")

    def put(match: re.Match[str]) -> str:
        return new if match[1] == old else new[:1].upper() + new[1:]

    def in_text(text: str) -> str:
        parts = _NOT_WORDS.split(text)
        return "".join(part if place % 2 else pattern.sub(put, part) for place, part in enumerate(parts))

    return lambda row: _in_each_text(row, in_text)


def replacing_source(old: Source, new: Source) -> Change:
    """In citations, leaflets, and as the source of a fact or of one of its days."""
    once = re.compile(rf"\[@{re.escape(new.key)}\](?:[ \n]{{0,2}}\[@{re.escape(new.key)}\])+")

    def in_text(text: str) -> str:
        if f"[@{old.key}]" not in text:
            return text
        return once.sub(f"[@{new.key}]", text.replace(f"[@{old.key}]", f"[@{new.key}]"))

    def change(row: models.Model) -> dict[str, Any]:
        changed = _in_each_text(row, in_text)
        if isinstance(row, DrugContent) and old.key in row.leaflets:
            changed["leaflets"] = list(
                dict.fromkeys(new.key if key == old.key else key for key in row.leaflets)
            )
        return changed | (_source_of_fact(row, old, new) if isinstance(row, Fact) else {})

    return change


def _source_of_fact(fact: Fact, old: Source, new: Source) -> dict[str, Any]:
    changed: dict[str, Any] = {
        name: new.key for name in used.key_columns(type(fact)) if getattr(fact, name) == old.key
    }
    if fact.source_id == old.pk:
        changed["source_id"] = new.pk
    main = changed.get("source_id", fact.source_id)
    before = [source.pk for source in fact.more_sources.order_by("pk")]
    after = sorted({new.pk if pk == old.pk else pk for pk in before} - {main})
    return changed | ({"more_sources": after} if after != before and ({old.pk, new.pk} & {*before}) else {})


def checking_next(due: datetime.date, *, checked_on: datetime.date | None) -> Change:
    """The day of the next check; with `checked_on`, also that the text was held against its sources then."""

    def change(row: models.Model) -> dict[str, Any]:
        if not isinstance(row, EntryContent | PageCheck):
            return {}
        checked = checked_on or row.checked_on
        if checked is None:
            raise ChangeRefused(_("It was never held against its sources: say that it was read now."))
        if due <= checked:
            raise ChangeRefused(_("It was checked on %(day)s: choose a later day.") % {"day": checked})
        if (due - checked).days > row.MAX_CHECK_INTERVAL:
            raise ChangeRefused(
                _("It must be checked again within %(number)d days of its check on %(day)s.")
                % {"number": row.MAX_CHECK_INTERVAL, "day": checked}
            )
        return {"next_check_due": due, "checked_on": checked}

    return change


def _in_each_text(row: models.Model, change: Callable[[str], str]) -> dict[str, Any]:
    if isinstance(row, PageCheck):
        return {}
    after: dict[str, Any] = {}
    for field in texts.columns(type(row)):
        value = getattr(row, field.name)
        changed = [change(line) for line in value] if isinstance(value, list) else change(value or "")
        if changed != (value or ("" if not isinstance(value, list) else value)):
            after[field.name] = changed
    return after


def changes_of(whole: Whole, change: Change) -> list[tuple[texts.Hit, str]]:
    """What would differ: each text as it is, with what it would be, around the first difference."""
    shown = []
    for row in texts.rows_of(whole):
        for name, value in change(row).items():
            if name not in {field.name for field in texts.columns(type(row))}:
                continue
            field = next(field for field in texts.columns(type(row)) if field.name == name)
            was, becomes = (
                "\n".join(one) if isinstance(one, list) else str(one) for one in (getattr(row, name), value)
            )
            shown.append(_difference(texts.place_of(row, field), was, becomes))
    return shown


_AROUND = 60


def _difference(place: Words, was: str, becomes: str) -> tuple[texts.Hit, str]:
    """Cut at words, so that what is read is whole."""
    start = _alike(was, becomes)
    while start and was[start - 1].isalnum():
        start -= 1
    same = _alike(was[start:][::-1], becomes[start:][::-1])
    while same and was[-same].isalnum():
        same -= 1
    end, new_end = len(was) - same, len(becomes) - same
    before = was[max(0, start - _AROUND) : start]
    after = was[end : end + _AROUND]
    return texts.Hit(place, before, was[start:end], after), becomes[start:new_end]


def _alike(one: str, other: str) -> int:
    """With how many letters both begin."""
    return sum(1 for _pair in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


# --- Making and undoing ---------------------------------------------------------------------------------------


@transaction.atomic
def change_all(
    wholes: Iterable[Whole], change: Change, *, by: User, note: str, words: str
) -> tuple[BulkChange, list[Left]]:
    """Changes each in its draft, or in a new one. Returns what was done, and what was left with the reason."""
    made = BulkChange.objects.create(words=words[:250], made_by=by)
    left: list[Left] = []
    for whole in wholes:
        try:
            with transaction.atomic():
                _change(made, whole, change, by=by, note=note)
        except ChangeRefused as refused:
            left.append((texts.name_of(whole), str(refused)))
    return made, left


def _change(made: BulkChange, whole: Whole, change: Change, *, by: User, note: str) -> None:
    draft, is_new = _draft_of(whole, by)
    before: dict[str, dict[str, Any]] = {}
    for row in _rows_of(draft):
        values = dict(change(row))
        if not values:
            continue
        before[f"{row._meta.label_lower}.{row.pk}"] = {name: _value(row, name) for name in values}
        _must_fit(row, values)
        _put(row, values)
    if not before:
        raise ChangeRefused(_("There is nothing to change in it."))
    if (check := _to_tell(draft, is_new=is_new)) is not None:
        label = f"{check._meta.label_lower}.{check.pk}"
        before.setdefault(label, {})["change_note"] = check.change_note
        _put(check, {"change_note": note})
    if not isinstance(draft, Fact):
        DraftEdit.record(draft, by)
    BulkDraft.objects.create(
        change=made,
        content_type=ContentType.objects.get_for_model(draft),
        object_id=draft.pk,
        is_new=is_new,
        name=texts.name_of(draft)[:300],
        before={} if is_new else before,
        digest=_digest(draft),
    )


def _draft_of(whole: Whole, by: User) -> tuple[Whole, bool]:
    """The draft to work in, and whether it was made for this."""
    if isinstance(whole, Fact):
        return (whole, False) if whole.state == Fact.State.DRAFT else (whole.propose(by=by), True)
    version = whole.versions.get()
    if version.state == DRAFT:
        return whole, False
    copy: Whole = version.copy(by).content
    return copy, True


def _rows_of(draft: Whole) -> list[models.Model]:
    check = signing.check_of(draft) if isinstance(draft, PageContent) else None
    return [*texts.rows_of(draft), *([check] if check else [])]


def _value(row: models.Model, name: str) -> Any:
    if row._meta.get_field(name).many_to_many:
        return sorted(getattr(row, name).values_list("pk", flat=True))
    return getattr(row, name)


def _must_fit(row: models.Model, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        field = row._meta.get_field(name)
        longest = getattr(field, "max_length", None)
        if longest and isinstance(value, str) and len(value) > longest:
            part = capfirst(str(getattr(field, "verbose_name", name)))
            raise ChangeRefused(
                _("%(part)s would be longer than %(number)d letters.") % {"part": part, "number": longest}
            )


def _put(row: models.Model, values: Mapping[str, Any]) -> None:
    several = {name for name in values if row._meta.get_field(name).many_to_many}
    for name in values.keys() - several:
        setattr(row, name, values[name])
    row.save()
    for name in several:
        getattr(row, name).set(values[name])


def _to_tell(draft: Whole, *, is_new: bool) -> EntryContent | PageCheck | None:
    """The row with the change note, unless an editor has written one already."""
    check = None if isinstance(draft, Fact) else signing.check_of(draft)
    return check if check is not None and (is_new or not check.change_note.strip()) else None


def _digest(draft: Whole) -> str:
    stored = type(draft)._base_manager.get(pk=draft.pk)
    return facts.digest(stored) if isinstance(stored, Fact) else signing.digest(stored)


@transaction.atomic
def undo(change: BulkChange) -> list[Left]:
    """Removes the drafts it made and puts back what it changed in others. Returns those that are left, and why."""
    left = [
        (row.name, reason) for row in change.drafts.select_related("content_type") if (reason := _undo(row))
    ]
    change.undone_at = timezone.now()
    change.save(update_fields=["undone_at"])
    return left


def _undo(row: BulkDraft) -> str:
    draft = row.draft
    if not isinstance(draft, EntryContent | PageContent | Fact):
        return ""  # somebody has removed it
    if not _is_draft(draft):
        return _("It was published since. Make a new draft to change it.")
    if _digest(draft) != row.digest:
        return _("Somebody has worked on it since. Open it to change it.")
    if row.is_new:
        return _remove(draft)
    for name, values in row.before.items():
        label, _dot, pk = name.rpartition(".")
        changed = apps.get_model(label)._base_manager.filter(pk=pk).first()
        if changed is not None:
            _put(changed, {name: _stored(changed, name, value) for name, value in values.items()})
    return ""


def _is_draft(draft: Whole) -> bool:
    if isinstance(draft, Fact):
        return draft.state == Fact.State.DRAFT
    return bool(draft.versions.get().state == DRAFT)


def _stored(row: models.Model, name: str, value: Any) -> Any:
    field = row._meta.get_field(name)
    return field.to_python(value) if isinstance(field, models.Field) and not field.many_to_many else value


def _remove(draft: Whole) -> str:
    try:
        with transaction.atomic():
            (draft if isinstance(draft, Fact) else draft.versions.get()).delete()
    except ProtectedError:
        return _("It was signed. Its record is kept.")
    return ""
