"""What a table of approved uses covers and what is missing of it, by name: said above every such table."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from content import directory, edition
from content.models import (
    Coverage,
    Drug,
    EntryContent,
    Fact,
    Indication,
    Source,
)
from content.models.cancer_type import is_solid
from content.models.coverage import split_gap, uses_on_record
from content.page import component, facts_shown
from content.page.reading import Reading
from content.rules.coverage import CoverageRow, why_not_complete
from content.text import prose

MOST_TEXTS_NAMED = 3

# --- What the component gets ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class MedicineRead:
    """One medicine, and a revision that is younger than what was read, or may be; empty if none is known. Of one
    `in_list`, a notice was read, and what it says stands in the table."""

    medicine: directory.Listed
    newest: str
    newest_numbers: list[int]
    in_list: bool = False


@dataclass(frozen=True)
class TextRead:
    """The texts of one age that uses were taken from."""

    medicines: list[MedicineRead]
    text_of: str  # as the source has it; empty if nobody knows
    checked_on: datetime.date
    source_numbers: list[int]

    @property
    def newer(self) -> list[MedicineRead]:
        return [one for one in self.medicines if one.newest]


@dataclass(frozen=True)
class MissingUse:
    """A use that is not entered, though we know of it."""

    medicine: directory.Listed
    cancer: directory.Listed
    partners: list[directory.Listed]


@dataclass(frozen=True)
class CoveredPlace:
    """One regulator."""

    name: str
    is_unread: bool  # nobody has read a text of any medicine here
    texts: list[TextRead]
    unread: list[directory.Listed]  # medicines in the table of which nobody has read this regulator's text
    missing: list[MissingUse]
    uses: int | None = None  # in the text of the one medicine
    entered: int = 0
    is_complete: bool = False

    @property
    def read(self) -> int:
        """Medicines of which a text was read."""
        return sum(len(text.medicines) for text in self.texts)

    @property
    def behind(self) -> int:
        """Those of which a newer text is known, or may be."""
        return sum(bool(one.newest) or not text.text_of for text in self.texts for one in text.medicines)

    @property
    def is_long(self) -> bool:
        """Too many texts to name each above the table: how old they are stands one tap away, what lacks does not."""
        return self.read > MOST_TEXTS_NAMED


@component.told_once
@dataclass(frozen=True)
class CoverageShown:
    """Above one table. `about` says what it lists: medicines for a cancer, uses of one medicine ..."""

    about: str  # cancer, drug, biomarker
    places: list[CoveredPlace]
    not_in_list: list[directory.Listed]

    @property
    def is_long(self) -> bool:
        return any(place.is_long for place in self.places)


# --- How it is made -------------------------------------------------------------------------------------------

_PLACES = {
    Indication.Regulator.FDA.value: lambda: _("United States"),
    Indication.Regulator.EMA.value: lambda: _("European Union"),
    Indication.Regulator.ISRAEL.value: lambda: _("Israel"),
}


def rows_about(own: directory.Key, facts: Iterable[Fact]) -> list[Coverage]:
    """What there is on the medicines of a table about `own`, and on uses known to be missing there."""
    uses = [fact for fact in facts if isinstance(fact, Indication)]
    if not uses:
        return []
    medicines = {own, *(key for use in uses for key in use.mentions)}
    return [row for row in _all() if ("drug", row.drug.slug) in medicines or own in _cancers(row)]


def _all() -> list[Coverage]:
    """Pages share them."""
    return edition.shared(
        "coverage", lambda: list(Coverage.objects.select_related("drug", "text", "newest_from"))
    )


def of_medicine(slug: str) -> list[Coverage]:
    """A row a regulator."""
    return [row for row in _all() if row.drug.slug == slug]


def complete() -> Mapping[tuple[str, str], datetime.date | None]:
    """The medicines and regulators of which every use in the newest text is on record, with the day of that text."""
    return edition.shared("complete coverage", lambda: dict(_complete()))


def _complete() -> Iterator[tuple[tuple[str, str], datetime.date | None]]:
    rows = [row for row in _all() if row.complete]
    entered = uses_on_record({row.drug_id for row in rows}) if rows else {}
    for row in rows:
        if is_complete(row, entered.get((row.drug_id, row.regulator), 0)):
            yield (row.drug.slug, row.regulator), row.text_of_on


def is_complete(row: Coverage, entered: int) -> bool:
    """Whether it may be said that every use in the newest text is on record: somebody said so, and it holds today."""
    return row.complete and not why_not_complete(as_row(row, entered))


def mentioned(rows: Iterable[Coverage]) -> set[directory.Key]:
    """The entries that these rows name."""
    named: set[directory.Key] = set()
    for row in rows:
        named.add(("drug", row.drug.slug))
        for cancer, partners in map(split_gap, row.gaps):
            named |= {("cancer", cancer), *(("drug", partner) for partner in partners)}
    return named


def _cancers(row: Coverage) -> list[directory.Key]:
    """Where uses of the medicine are missing."""
    return [("cancer", split_gap(gap)[0]) for gap in row.gaps]


def sources(rows: Iterable[Coverage]) -> set[str]:
    """The keys of the texts."""
    return {source.key for row in rows for source in (row.text, row.newest_from) if source}


def coverage_of(
    content: EntryContent, facts: Collection[Fact], reading: Reading, rows: Collection[Coverage]
) -> CoverageShown | None:
    """Of the table on this entry's page."""
    linked = (slug for text in content.markdown for kind, slug in prose.entry_links(text) if kind == "drug")
    return covered((content.entry.kind, content.entry.slug), facts, reading, rows, linked=linked)


def covered(
    own: directory.Key,
    facts: Iterable[Fact],
    reading: Reading,
    rows: Iterable[Coverage],
    *,
    linked: Iterable[str] = (),
    regulator: str = "",
) -> CoverageShown | None:
    """Of a table about `own`; nothing if it lists nothing.

    `linked` are medicines that the text beside it names; `regulator` is the only one whose uses it lists.
    """
    kind, slug = own
    uses = [fact for fact in facts if isinstance(fact, Indication) and fact.is_current]
    if not uses:
        return None
    listed = {key[1] for use in uses for key in use.mentions if key[0] == "drug"}
    rows = list(rows)
    known = [row for row in rows if row.drug.slug in (listed if kind != "drug" else {slug})]
    left_out: set[str] = set()
    if kind == "cancer":
        of_this = {row.drug.slug for row in rows if own in _cancers(row)}
        left_out = {*linked, *of_this} - listed
        if is_solid(slug):  # they stand on the page of any solid tumor
            left_out -= facts_shown.for_any_solid_tumor()
    return CoverageShown(
        about=kind,
        places=[
            _place(one, [row for row in known if row.regulator == one], uses, own, reading)
            for one in Indication.Regulator.values
            if regulator in ("", one)
        ],
        not_in_list=_by_name(reading.entry("drug", one) for one in left_out),
    )


def _place(
    regulator: str, rows: list[Coverage], uses: list[Indication], own: directory.Key, reading: Reading
) -> CoveredPlace:
    entered = sum(use.regulator == regulator for use in uses)
    only = rows[0] if own[0] == "drug" and rows else None
    with reading.printed_if(sum(bool(row.text) for row in rows) <= MOST_TEXTS_NAMED):
        texts = _texts(rows, {key for use in uses for key in use.source_keys}, reading)
    return CoveredPlace(
        name=_PLACES[regulator](),
        is_unread=not texts,
        texts=texts,
        unread=_by_name(_medicine(row, reading) for row in rows if row.text is None),
        missing=[use for row in rows for use in _missing(row, own, reading)],
        uses=only.uses if only else None,
        entered=entered,
        is_complete=bool(only and is_complete(only, entered)),
    )


def as_row(row: Coverage, entered: int) -> CoverageRow:
    """As the rules want it."""
    return CoverageRow(
        text=row.text.key if row.text else "",
        text_of_on=row.text_of_on,
        newest=row.newest,
        newest_on=row.newest_on,
        newest_from=row.newest_from.key if row.newest_from else "",
        uses=row.uses,
        complete=row.complete,
        gaps=row.gaps,
        entered=entered,
    )


def _texts(rows: list[Coverage], cited: Collection[str], reading: Reading) -> list[TextRead]:
    """The oldest last, for what nobody knows is oldest. `cited` are the sources of the table."""
    by_age: dict[str, list[Coverage]] = {}
    for row in rows:
        if row.text:
            by_age.setdefault("" if row.text.is_undated else row.text.age, []).append(row)
    return [
        TextRead(
            source_numbers=sorted({number for row in by_age[age] for number in _numbers(row.text, reading)}),
            medicines=[
                MedicineRead(
                    _medicine(row, reading),
                    row.newest if row.is_behind else "",
                    _numbers(row.newest_from, reading) if row.is_behind else [],
                    in_list=bool(row.newest_from and row.newest_from.key in cited),
                )
                for row in by_age[age]
            ],
            text_of=age,
            checked_on=min(row.text.checked_on for row in by_age[age] if row.text),
        )
        for age in sorted(by_age, reverse=True)
    ]


def _missing(row: Coverage, own: directory.Key, reading: Reading) -> Iterator[MissingUse]:
    """On a cancer's page those in this cancer; none on a biomarker's, for they do not name tests."""
    for gap in row.gaps:
        cancer, partners = split_gap(gap)
        if own[0] == "drug" or own == ("cancer", cancer):
            yield MissingUse(
                _medicine(row, reading),
                reading.entry("cancer", cancer),
                [reading.entry("drug", partner) for partner in partners],
            )


def _numbers(source: Source | None, reading: Reading) -> list[int]:
    return [reading.number(source.key)] if source and reading.source(source.key) else []


def _medicine(row: Coverage, reading: Reading) -> directory.Listed:
    return reading.entry(Drug.kind, row.drug.slug)


def _by_name(listed: Iterable[directory.Listed]) -> list[directory.Listed]:
    return sorted(listed, key=lambda one: one.name.casefold())
