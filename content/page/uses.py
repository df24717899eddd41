"""Approved uses as a page shows them: a line a regimen, with what each regulator decided about it."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from content import directory, edition
from content.models import BiomarkerRequirement, Indication
from content.page import component, coverage_shown
from content.page.labels import label
from content.page.reading import Reading

# In the order of the chips on a line.
REGULATORS = tuple(Indication.Regulator.values)
MOST_OPEN_LINES = 4
MOST_WHOLE_ON_PAPER = 12  # uses of a treatment: about a sheet and a half


@dataclass(frozen=True)
class Chip:
    """What one regulator said about a regimen.

    `state` is one of: year, tick, ended, other-line (approved in other words), no, no-record, unread.
    """

    place: str
    state: str
    year: int | None = None


@component.told_once
@dataclass(frozen=True)
class Need:
    """A test result in words; what of them is linked to the page of the biomarker, and what follows."""

    name: str
    url: str
    rest: str = ""


@dataclass(frozen=True)
class Day:
    """Something that happened to a decision later, in a sentence without its day."""

    what: str
    on: datetime.date


@component.told_once
@dataclass(frozen=True)
class Decision:
    """What one regulator decided, as it reads once a line is opened. Of each list in `needs` one is enough.
    `said` is all its words about whom it is for: what two regulators say alike is told once."""

    regulator: str
    condition: str
    population: str
    needs: list[list[Need]]
    approval: str
    granted_on: datetime.date | None
    later: list[Day]
    withdrawn_on: datetime.date | None
    note: str
    source_numbers: list[int]
    said: str


@dataclass(frozen=True)
class UseLine:
    """One regimen in one cancer and setting. `lead` stands in bold, `rest` after it, `hint` below.

    `wording` repeats what the decisions say, where a closed line could not be told from another without it.
    """

    lead: str
    rest: str
    hint: str
    wording: str
    chips: list[Chip]
    medicines: list[directory.Listed]  # those with a page of their own
    decisions: list[Decision]
    is_over: bool = False
    is_in_wider: bool = False  # paper, which has the wider one, does without


@dataclass(frozen=True)
class Limit:
    """A use that a regulator limited to fewer people. Nobody should have to open a line to learn that."""

    name: str
    place: str
    on: datetime.date


@dataclass(frozen=True)
class UseGroup:
    """The lines under one heading: a setting on a cancer's page, a cancer elsewhere. `names` are told while closed."""

    anchor: str
    heading: str
    url: str
    names: list[str]
    lines: list[UseLine]


MOST_GROUPS = 6  # stand on their own lines


@dataclass(frozen=True)
class Uses:
    """Current uses by group; those that ended apart, so that nobody takes them for current."""

    groups: list[UseGroup]
    over: list[UseLine]
    over_names: list[str]  # told while they are closed: medicines, on a medicine's page cancers
    limits: list[Limit]
    is_short: bool
    is_brief_on_paper: bool = False  # each line there without its decisions

    @property
    def states(self) -> set[str]:
        """Of the chips on its lines: the key explains what is there."""
        return {chip.state for group in self.groups for line in group.lines for chip in line.chips}

    @property
    def first_groups(self) -> list[UseGroup]:
        return self.groups[:MOST_GROUPS] if self.more_groups else self.groups

    @property
    def more_groups(self) -> list[UseGroup]:
        """A medicine for eighteen cancers: the last ones under one line."""
        return self.groups[MOST_GROUPS:] if len(self.groups) > MOST_GROUPS + 2 else []


def what_was_read(regulator: str, row: Indication) -> str:
    """What it means that a regulator has no decision on this use of another: all of its text is entered and says
    nothing, the text was not read, or we have no record of it. A text from before the use says nothing of it."""
    read = coverage_shown.complete()
    texts = (read[drug, regulator] for drug in row.drugs if (drug, regulator) in read)
    if any(not (day and row.granted_on) or day >= row.granted_on for day in texts):
        return "no"
    return "unread" if regulator == Indication.Regulator.ISRAEL else "no-record"


@edition.of_one_page()
def uses_of(
    facts: Iterable[Indication], reading: Reading, *, by_setting: bool, regulators: Sequence[str] = REGULATORS
) -> Uses | None:
    """The uses under their settings (on a cancer's page) or cancers; nothing if there are none."""
    alike = _alike(facts)
    if not alike:
        return None
    current = list(_told_together(rows for rows in alike.values() if rows[0].is_current))
    # Sixty uses of a medicine fill eight sheets, and a reader has one cancer, whose own page tells all of each.
    is_brief_on_paper = not by_setting and len(current) > MOST_WHOLE_ON_PAPER
    page = _Page(reading, by_setting, regulators, current, is_brief_on_paper)
    ended: dict[Key, list[Indication]] = {}
    for rows in alike.values():
        if not rows[0].is_current:
            ended.setdefault(_use_of(rows[0]), []).extend(rows)
    groups: dict[str, list[list[Indication]]] = {}
    for rows in sorted(current, key=page.order):
        groups.setdefault(page.group_of(rows[0]), []).append(rows)
    # Sources are numbered on the way: what ended comes last.
    shown = [page.group(name, lines, ended) for name, lines in groups.items()]
    gone = [rows for rows in sorted(alike.values(), key=page.order) if not rows[0].is_current]
    return Uses(
        shown,
        over=[page.line(rows, ended, [rows]) for rows in gone],
        over_names=page.names(gone),
        limits=list(dict.fromkeys(page.limits(row for rows in current for row in rows))),
        is_short=len(current) <= MOST_OPEN_LINES,
        is_brief_on_paper=is_brief_on_paper,
    )


def members_of(row: Indication, reading: Reading) -> list[directory.Listed]:
    """The regimen by name, in order; words stand as they are."""
    return [
        reading.entry("drug", member.drug.slug) if member.drug else directory.Listed("drug", "", member.words)
        for member in row.members.all()
    ]


Key = tuple[object, ...]


def _alike(facts: Iterable[Indication]) -> dict[Key, list[Indication]]:
    """The rows that share a line: one regimen, cancer and setting, and one use, by its name or its words."""
    found: dict[Key, list[Indication]] = {}
    order = {regulator: place for place, regulator in enumerate(REGULATORS)}
    rows = sorted(facts, key=lambda row: (order[row.regulator], row.granted_on or datetime.date.max, row.key))
    for row in rows:
        key = (*_use_of(row), row.is_current)
        number = 0
        while any(other.regulator == row.regulator for other in found.get((*key, number), ())):
            number += 1  # a regulator decides a use once
        found.setdefault((*key, number), []).append(row)
    return found


def _use_of(row: Indication) -> Key:
    text = row.text_in("en")
    use = ("named", row.same_use) if row.same_use else ("said", text.condition if text else "")
    return (row.cancer_id, row.setting, frozenset(row.regimen), *use)


def _told_together(lines: Iterable[list[Indication]]) -> Iterator[list[Indication]]:
    """Where each regulator has one use of a regimen in a cancer and setting, its words alone make no line of their own:
    the line says them place by place."""
    of_regimen: dict[Key, list[list[Indication]]] = {}
    for rows in lines:
        of_regimen.setdefault(_use_of(rows[0])[:3], []).append(rows)
    for uses in of_regimen.values():
        rows = [row for one in uses for row in one]
        regulators = [row.regulator for row in rows]
        if len({*regulators}) == len(regulators):
            yield sorted(rows, key=lambda row: REGULATORS.index(row.regulator))
        else:
            yield from uses


_OF_ADVANCED = {Indication.Setting.FIRST_LINE, Indication.Setting.LATER_LINE}


def what_is_given(row: Indication) -> Key:
    return row.cancer_id, frozenset(row.regimen)


def may_be_one_setting(one: str, other: str) -> bool:
    """ "At any point" of advanced disease is its first treatment as well."""
    settings = {one, other}
    return len(settings) == 1 or (Indication.Setting.ADVANCED in settings and bool(settings & _OF_ADVANCED))


@dataclass(frozen=True)
class _Page:
    """Where the lines stand: what a page is about need not be said on each."""

    reading: Reading
    by_setting: bool
    regulators: Sequence[str]
    current: Sequence[list[Indication]] = ()  # the rows of each line
    is_brief_on_paper: bool = False
    _members_by_row: dict[int, list[directory.Listed]] = field(default_factory=dict)
    _medicines_by_row: dict[int, tuple[str, str]] = field(default_factory=dict)

    def members(self, row: Indication) -> list[directory.Listed]:
        """Its regimen by name: asked to order lines, to head them and to tell them apart."""
        if row.pk not in self._members_by_row:
            self._members_by_row[row.pk] = members_of(row, self.reading)
        return self._members_by_row[row.pk]

    @property
    def own(self) -> directory.Key:
        return self.reading.own or ("", "")

    def group_of(self, row: Indication) -> str:
        return row.setting if self.by_setting else row.cancer.slug

    def order(self, rows: Sequence[Indication]) -> tuple[object, ...]:
        row = rows[0]
        settings = Indication.Setting.values
        place = settings.index(row.setting)
        members = self._members(row)
        first = (place, "") if self.by_setting else (0, self._cancer(row).name)
        day = min((one.granted_on for one in rows if one.granted_on), default=datetime.date.max)
        name = members[0] if self._names_medicines else ""
        return (*first, name, place, len(members), day, members, row.key)

    @property
    def _names_medicines(self) -> bool:
        """On a medicine's own page each line is about it."""
        return self.own[0] != "drug"

    def _members(self, row: Indication) -> list[str]:
        return [entry.name for entry in self.members(row)] or [""]

    def _cancer(self, row: Indication) -> directory.Listed:
        return self.reading.entry("cancer", row.cancer.slug)

    def group(self, name: str, lines: list[list[Indication]], ended: dict[Key, list[Indication]]) -> UseGroup:
        row = lines[0][0]
        cancer = self._cancer(row)
        heading = label(Indication.Setting, row.setting) if self.by_setting else cancer.name
        return UseGroup(
            anchor=f"use-{name}" if self.reading.own else "",
            heading=heading,
            url="" if self.by_setting else cancer.url,
            names=self.names(lines) if self._names_medicines else [],
            lines=[self.line(rows, ended, lines) for rows in lines],
        )

    def names(self, lines: Iterable[list[Indication]]) -> list[str]:
        """What the line of a closed group tells: the medicines that lead in it, or the cancers, once each."""
        if not self._names_medicines:
            return list(dict.fromkeys(self._cancer(rows[0]).name for rows in lines))
        names = [entry.name for rows in lines for entry in self._leading(rows[0])]
        return [_small(name, position) for position, name in enumerate(dict.fromkeys(names))]

    def limits(self, rows: Iterable[Indication]) -> Iterable[Limit]:
        for row in rows:
            if row.narrowed_on:
                name = self._medicines(row)[0] if self._names_medicines else self._cancer(row).name
                yield Limit(name, place_of(row.regulator), row.narrowed_on)

    def _medicines(self, row: Indication) -> tuple[str, str]:
        """Those that lead, and what is given with them: each line is compared with all beside it."""
        if row.pk not in self._medicines_by_row:
            self._medicines_by_row[row.pk] = self._in_words(row)
        return self._medicines_by_row[row.pk]

    def _in_words(self, row: Indication) -> tuple[str, str]:
        entries = self.members(row)
        others = [entry for entry in entries if (entry.kind, entry.slug) != self.own]
        if not self._names_medicines:
            return "", together_with([entry.name for entry in others]) or _("alone")
        leading = self._leading(row)
        lead = " + ".join(_small(entry.name, position) for position, entry in enumerate(leading))
        rest = together_with([entry.name for entry in entries[1:] if not entry.url])
        return lead, rest or ("" if leading[1:] else _("alone"))

    def _leading(self, row: Indication) -> list[directory.Listed]:
        """The first of a regimen, and the others that have a page."""
        first, *others = self.members(row)
        return [first, *(entry for entry in others if entry.url)]

    def line(
        self, rows: list[Indication], ended: dict[Key, list[Indication]], beside: list[list[Indication]]
    ) -> UseLine:
        row = rows[0]
        lead, rest = self._medicines(row)
        setting = label(Indication.Setting, row.setting)
        entries = self.members(row)
        is_over = not row.is_current
        is_in_wider = all(one.part_of for one in rows)
        if not self._names_medicines:
            lead = setting
        with self.reading.printed_if(not (is_in_wider or self.is_brief_on_paper)):
            decisions = [self._decision(one) for one in rows]
        return UseLine(
            lead=lead,
            rest=rest,
            hint=". ".join(filter(None, self._hints(row, rows, setting))),
            wording=self._wording(row, rows, beside),
            chips=[chip for regulator in self.regulators if (chip := self._chip(regulator, rows, ended))],
            medicines=[entry for entry in entries if entry.url and (entry.kind, entry.slug) != self.own],
            decisions=decisions,
            is_over=is_over,
            is_in_wider=is_in_wider,
        )

    def _hints(self, row: Indication, rows: list[Indication], setting: str) -> Iterable[str]:
        if not row.is_current and self.own[0] != "cancer":
            yield self._cancer(row).name
        if self._names_medicines and not (self.by_setting and row.is_current):
            yield setting
        if self.own[0] == "biomarker":
            yield self._levels(rows)

    def _wording(self, row: Indication, rows: list[Indication], beside: list[list[Indication]]) -> str:
        if self.own[0] == "biomarker":
            return ""
        if len({_use_of(one) for one in rows}) > 1:
            return "; ".join(f"{place_of(one.regulator)}: {_words(one, self.reading)[0]}" for one in rows)
        twins = [others for others in beside if others is not rows and self._looks_like(others[0], row)]
        return self._told_apart(row, twins) if twins else ""

    def _looks_like(self, one: Indication, other: Indication) -> bool:
        return one.setting == other.setting and self._medicines(one) == self._medicines(other)

    def _told_apart(self, row: Indication, twins: list[list[Indication]]) -> str:
        """For whom, where a page has two lines of one regimen; the test, where that is the same as well."""
        condition = _words(row, self.reading)[0]
        if all(_words(others[0], self.reading)[0] != condition for others in twins):
            return condition
        return ". ".join(map(_either, self._needs(row))) or condition

    def _levels(self, rows: list[Indication]) -> str:
        """Of the biomarker whose page this is; by place, where regulators ask for different ones."""
        said: dict[str, list[str]] = {}
        for row in rows:
            own = [
                Need(need.level, "") for need in row.requirements.all() if need.biomarker.slug == self.own[1]
            ]
            said.setdefault(_either(own), []).append(place_of(row.regulator))
        if len(said) == 1:
            return next(iter(said))
        return "; ".join(f"{', '.join(places)}: {level}" for level, places in said.items())

    def _chip(
        self, regulator: str, rows: list[Indication], ended: dict[Key, list[Indication]]
    ) -> Chip | None:
        row, place = rows[0], place_of(regulator)
        own = next((one for one in rows if one.regulator == regulator), None)
        if own is None and row.is_current and ended:  # its end, which stands with what is no longer approved
            over = ended.get(_use_of(row), ())
            own = next((one for one in over if one.regulator == regulator), None)
        if own is not None and own.withdrawn_on:
            return Chip(place, "ended", own.withdrawn_on.year)
        if own is not None:
            return Chip(place, "year", own.granted_on.year) if own.granted_on else Chip(place, "tick")
        if row.is_current and self._stands_in_another_line(regulator, rows):
            return Chip(place, "other-line")
        state = what_was_read(regulator, row)
        # The page of a biomarker holds only what asks for it: approved without the test, it is not missing.
        is_known_here = row.is_current and (self.own[0] != "biomarker" or state == "unread")
        return Chip(place, state) if is_known_here else None

    def _stands_in_another_line(self, regulator: str, rows: list[Indication]) -> bool:
        """Whether a regulator approves this regimen here too, in words that no other regulator of this line shares."""
        mine = {one.regulator for one in rows}
        return any(
            regulator in theirs and not theirs & mine
            for others in self._by_what_is_given.get(what_is_given(rows[0]), ())
            if may_be_one_setting(rows[0].setting, others[0].setting)
            for theirs in [{one.regulator for one in others}]
        )

    @cached_property
    def _by_what_is_given(self) -> dict[Key, list[list[Indication]]]:
        """The current lines of one regimen in one cancer: each is compared with those, not with all."""
        found: dict[Key, list[list[Indication]]] = {}
        for rows in self.current:
            found.setdefault(what_is_given(rows[0]), []).append(rows)
        return found

    def _decision(self, row: Indication) -> Decision:
        condition, population, note = _words(row, self.reading)
        needs = self._needs(row)
        return Decision(
            regulator=label(Indication.Regulator, row.regulator),
            condition=self.reading.words(condition),
            population=population,
            needs=needs,
            approval=_approval(row),
            granted_on=row.granted_on,
            later=list(_later(row)),
            withdrawn_on=row.withdrawn_on,
            note=note,
            source_numbers=self.reading.cite(row),
            said=". ".join([condition, population, *map(_either, needs)]),
        )

    def _needs(self, row: Indication) -> list[list[Need]]:
        groups: dict[object, list[Need]] = {}
        for need in row.requirements.all():
            group = f"of {need.any_of}" if need.any_of is not None else need.pk
            groups.setdefault(group, []).append(self._need(need))
        return list(groups.values())

    def _need(self, need: BiomarkerRequirement) -> Need:
        """A level that is a number says of what; one in words names its biomarker already."""
        entry = self.reading.entry("biomarker", need.biomarker.slug)
        url = "" if (entry.kind, entry.slug) == self.own else entry.url
        if (
            need.scale in BiomarkerRequirement.COUNTED
            and need.scale != BiomarkerRequirement.Scale.PER_MEGABASE
        ):
            return Need(entry.name, url, _small(need.level, 1))
        return Need(need.level, url)


def _small(words: str, position: int) -> str:
    """Within a line: "Pembrolizumab + ipilimumab", "CPS 10 or more" as it is."""
    if position and words[1:2].islower():
        return words[:1].lower() + words[1:]
    return words


def together_with(names: list[str]) -> str:
    if not names:
        return ""
    small = [_small(name, 1) for name in names]
    return _("with %(medicines)s") % {"medicines": get_text_list(small, _("and"))}


def _either(needs: list[Need]) -> str:
    said = [_small(f"{need.name} {need.rest}".strip(), place) for place, need in enumerate(needs)]
    return get_text_list(said, _("or")) if said else ""


def _words(row: Indication, reading: Reading) -> tuple[str, str, str]:
    text = row.text_in(reading.language)
    if not text:
        return "", "", ""
    condition = text.condition
    if row.part_of:
        condition = _("Earlier, narrower use, now part of a wider one: %(use)s") % {"use": condition}
    return condition, text.population, text.note


def _approval(row: Indication) -> str:
    """The day of approval stands behind it: "full" there would be read as full from that day on."""
    if row.approval == Indication.Approval.CONVERTED and not row.converted_on:
        return label(Indication.Approval, row.approval)
    return approval_at_first(row)


def approval_at_first(row: Indication) -> str:
    """As it was on the day of approval: what became of it later is told with its own day."""
    early = (Indication.Approval.ACCELERATED, Indication.Approval.CONDITIONAL)
    if row.approval == Indication.Approval.CONVERTED or (row.approval in early and not row.is_current):
        return _("Early approval: more proof was owed then")
    return label(Indication.Approval, row.approval)


def _later(row: Indication) -> Iterable[Day]:
    if row.narrowed_on:
        yield Day(_("Limited to fewer people"), row.narrowed_on)
    if row.converted_on:
        yield Day(_("Made a full approval"), row.converted_on)
    if row.announced_on:
        yield Day(_("Its end was announced"), row.announced_on)


_PLACES = {
    Indication.Regulator.FDA.value: gettext_noop("US"),
    Indication.Regulator.EMA.value: gettext_noop("EU"),
    Indication.Regulator.ISRAEL.value: gettext_noop("Israel"),
}


def place_of(regulator: str) -> str:
    """A regulator by where its word holds."""
    return _(_PLACES[regulator])


# --- For tools and news, whose lines are put together otherwise ---------------------------------------------------


def title_of(row: Indication, reading: Reading) -> str:
    """Its regimen in one line: "Pembrolizumab with platinum chemotherapy"."""
    return " ".join(filter(None, _Page(reading, True, REGULATORS)._medicines(row)))


def decision_of(row: Indication, reading: Reading) -> Decision:
    return _Page(reading, True, REGULATORS)._decision(row)


def words_of(row: Indication, reading: Reading) -> tuple[str, str, str]:
    """Condition, for whom, and what is not certain."""
    return _words(row, reading)


def tests_of(row: Indication, reading: Reading) -> list[list[Need]]:
    """What tests have to show; of each list one is enough."""
    return _Page(reading, True, REGULATORS)._needs(row)
