"""What regulators decided, day by day: news that is built from approved uses, beside the notes that people write."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from content.models import Indication, Update
from content.models.indication import DAYS
from content.page import uses
from content.page.facts_shown import DECIDED_ON, DECIDED_SINCE
from content.page.labels import label
from content.page.reading import Reading


@dataclass(frozen=True)
class Decision:
    """One thing that one regulator did on one day. Its fields are named as those of an update: one list shows both."""

    slug: str
    happened_on: datetime.date
    title: str
    regulator: str
    use: tuple[
        str, ...
    ]  # for whom and with which test result, sentence by sentence, as the use is worded now
    said: str  # what the regulator did, and what it did later
    source_keys: tuple[str, ...]
    about: frozenset[str]  # "cancer:melanoma"
    is_unchecked: bool

    is_built = True

    @property
    def address(self) -> str:
        return f"{reverse('content:update-list')}#{self.slug}"


def decisions(rows: Iterable[Indication], reading: Reading, notes: Iterable[Update] = ()) -> list[Decision]:
    """Newest first: each approval, limit, full approval and withdrawal since `DECIDED_SINCE` whose day is known, but
    for those that a note tells of. `reading` knows the names of what the rows are about."""
    told = {(note.happened_on, name) for note in notes if note.needs_clinician for name in note.about}
    found = [
        _decision(row, day, reading)
        for row in rows
        if row.state == row.State.APPROVED
        for day in _days(row)
        if not _is_told(row, getattr(row, day), told)
    ]
    return sorted(found, key=lambda one: (-one.happened_on.toordinal(), one.title, one.slug))


def _days(row: Indication) -> Iterator[str]:
    """The columns of the days on which something was decided."""
    for column in DECIDED_ON:
        day = getattr(row, column)
        if day and day >= DECIDED_SINCE:
            yield column


def _is_told(row: Indication, day: datetime.date, told: set[tuple[datetime.date, str]]) -> bool:
    """By a note of that day on this cancer and on a medicine of the regimen."""
    medicines = ((day, f"drug:{slug}") for slug in row.drugs)
    return (day, f"cancer:{row.cancer.slug}") in told and any(one in told for one in medicines)


def _decision(row: Indication, day: str, reading: Reading) -> Decision:
    regimen = " + ".join(entry.name for entry in uses.members_of(row, reading))
    cancer = reading.entry("cancer", row.cancer.slug).name
    condition, population, note = uses.words_of(row, reading)
    what = _what(day)
    place = uses.place_of(row.regulator)
    source = getattr(row, DAYS["approved_on" if day == "granted_on" else day])
    return Decision(
        slug=f"{row.key}-{day.removesuffix('_on')}",
        happened_on=getattr(row, day),
        title=_("%(what)s (%(place)s): %(regimen)s, %(cancer)s")
        % {"what": what, "place": place, "regimen": regimen, "cancer": cancer},
        regulator=label(Indication.Regulator, row.regulator),
        use=_use(row, condition, population, uses.tests_of(row, reading)),
        said=" ".join(filter(None, [*_said(row, day), note])),
        source_keys=tuple(dict.fromkeys(filter(None, [source, *row.source_keys]))),
        about=frozenset(f"{kind}:{slug}" for kind, slug in row.subjects),
        is_unchecked=row.is_unchecked,
    )


def _what(day: str) -> str:
    match day:
        case "granted_on":
            return label(Update.Kind, Update.Kind.APPROVAL)
        case "narrowed_on":
            return _("Limited to fewer people")
        case "converted_on":
            return _("Made a full approval")
    return label(Update.Kind, Update.Kind.WITHDRAWAL)


def _use(row: Indication, condition: str, population: str, tests: list[list[uses.Need]]) -> tuple[str, ...]:
    needed = ", ".join(
        get_text_list([f"{need.name} {need.rest}".strip() for need in either], _("or")) for either in tests
    )
    setting = label(Indication.Setting, row.setting)
    test = f"{_('Test needed:')} {needed}" if needed else ""
    return tuple(filter(None, [setting, condition, population, test]))


def _said(row: Indication, day: str) -> Iterator[str]:
    regulator = {"regulator": label(Indication.Regulator, row.regulator)}
    match day:
        case "granted_on":
            yield f"{uses.approval_at_first(row)}."
        case "narrowed_on":
            yield _("From this day, %(regulator)s allows this use for fewer people than before.") % regulator
        case "converted_on":
            yield _("%(regulator)s had asked for more proof, and then made this a full approval.") % regulator
        case "withdrawn_on":
            yield _("From this day, %(regulator)s no longer approves this use.") % regulator
    for later in _days(row):
        if getattr(row, later) > getattr(row, day):
            yield f"{_what(later)}: {date_format(getattr(row, later), _('j F Y'))}."
