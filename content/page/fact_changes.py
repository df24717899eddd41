"""What became of facts, as the pages they stood on tell it: taken off and why, or no longer approved."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from content.models import Fact, Indication, Publication, Result, SideEffectOccurrence, Sign
from content.page.reading import Reading
from content.page.uses import members_of


@dataclass(frozen=True)
class Change:
    """One line of "What changed". A reason is in English, whatever the language of the page."""

    date: datetime.date
    note: str
    reason: str = ""


def of_page(
    publications: Sequence[Publication], records: Iterable[tuple[Iterable[Fact], Reading]]
) -> list[Change]:
    """Every version that went public, and what went from its records since the first did."""
    published = [Change(timezone.localdate(row.published_at), row.change_note) for row in publications]
    if not published:
        return []
    of_facts = [
        change for record, reading in records for fact in record for change in _of_fact(fact, reading)
    ]
    told = [one for one in published if one.note]
    return newest_first([*told, *(one for one in of_facts if one.date >= published[-1].date)])


def of_list(record: Iterable[Fact], reading: Reading) -> list[Change]:
    """What went from a fixed list: that was public as long as what stood on it."""
    return newest_first(change for fact in record for change in _of_fact(fact, reading))


def newest_first(changes: Iterable[Change]) -> list[Change]:
    return sorted(changes, key=lambda change: change.date, reverse=True)


def _of_fact(fact: Fact, reading: Reading) -> Iterator[Change]:
    if fact.retired_on:
        what = named(fact, reading)
        yield Change(
            fact.retired_on, _("Taken off this page: %(what)s.") % {"what": what}, fact.retired_reason
        )
    if isinstance(fact, Indication) and fact.withdrawn_on and fact.approved_on and _withdrew(fact):
        what = named(fact, reading)
        day = date_format(fact.withdrawn_on, _("j F Y"))
        note = _("No longer approved: %(what)s. Withdrawn on %(date)s.") % {"what": what, "date": day}
        yield Change(fact.approved_on, note)


def _withdrew(row: Indication) -> bool:
    """Whether this wording is the one by which a current use came to be shown as withdrawn."""
    return row.status == row.Status.WITHDRAWN and row.status_before == row.Status.CURRENT


def named(fact: Fact, reading: Reading) -> str:
    """What a row is about, in the words of its pages. The reading must have been given it."""
    match fact:
        case Indication():
            medicine = " + ".join(entry.name for entry in members_of(fact, reading))
            cancer = reading.entry("cancer", fact.cancer.slug).name
            return ", ".join(
                [medicine, cancer, str(fact.get_setting_display()), str(fact.get_regulator_display())]
            )
        case SideEffectOccurrence():
            side_effect = reading.entry("side-effect", fact.side_effect.slug).name
            return f"{side_effect}, {reading.entry(fact.treatment.kind, fact.treatment.slug).name}"
        case Result():
            text = fact.text_in(reading.language)
            cancer = reading.entry("cancer", fact.cancer.slug).name
            return ", ".join(filter(None, [fact.trial, cancer, text.population if text else ""]))
        case Sign():
            sign = fact.text_in(reading.language)
            return sign.words if sign else fact.key
    return str(fact).rstrip(".?!")
