"""What parts a page has, and how long they are."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator

from content.models import PageCheck, content_models
from content.models.treatment_group import OF_ALL
from content.rules import care_cards
from content.rules.entry_text import ENGLISH, EntryText, Finding, Known, rule
from content.rules.sign_list import LEVELS, KnownSign
from content.text import prose, reading_level

MAX_KEY_MESSAGE = 40
MAX_SUMMARY = 25


def sections_present(entry: EntryText, known: Known) -> Iterator[Finding]:
    if not known.sections:
        return
    for name, heading in [("key_message", "Key message")] + [
        (section.name, str(section.heading))
        for section in known.sections
        if not (section.built or section.may_lack) and section.belongs_to(entry.head.get("form"))
    ]:
        if not entry.sections.get(name, "").strip():
            yield entry.finding("block", f'Write the section "{heading}": it is missing or empty.', at=name)


def key_message_short(entry: EntryText, known: Known) -> Iterator[Finding]:
    count = len(prose.words(entry.sections.get("key_message", "")))
    if count > MAX_KEY_MESSAGE:
        yield entry.finding(
            "block",
            f"Shorten the key message to {MAX_KEY_MESSAGE} words: it has {count}.",
            at="key_message",
        )


def summary_short(entry: EntryText, known: Known) -> Iterator[Finding]:
    summary = entry.head.get("summary")
    if not isinstance(summary, str):
        return
    count = len(prose.words(summary))
    if count > MAX_SUMMARY:
        message = f"Shorten the summary to {MAX_SUMMARY} words: it has {count}."
        yield entry.finding("block", message, at="summary")
    if len(reading_level.sentences_of(summary)) > 1:
        yield entry.finding("block", "Make the summary one sentence.", at="summary")
    if "[" in summary:
        yield entry.finding("block", "Take citations and links out of the summary.", at="summary")


def urgent_signs_present(entry: EntryText, known: Known) -> Iterator[Finding]:
    """The cards of a treatment are made from its groups; a side effect needs a sign, or a line, as urgent as it is."""
    if entry.kind != "side-effect":
        return
    told = {level for sign in _signs_on(entry, known) for level in sign.level_in.values()}
    told |= {level for level in LEVELS if entry.lists.get(f"act_{level}")}
    urgency = entry.head.get("urgency")
    wanted = (urgency,) if urgency in LEVELS else LEVELS
    if told.isdisjoint(wanted):
        missing = " or ".join(map(str, wanted))
        message = f'No sign that points here is {missing}: name one under signs, or write a line under "When to act".'
        yield entry.finding("block", message, at="signs")


def _signs_on(entry: EntryText, known: Known) -> Iterator[KnownSign]:
    also = entry.head.get("signs")
    for sign in known.signs.signs:
        if entry.slug in sign.side_effects or (isinstance(also, list) and sign.key in also):
            yield sign


def signs_known(entry: EntryText, known: Known) -> Iterator[Finding]:
    """What a page names beside the signs that point to it."""
    also = entry.head.get("signs")
    keys = {sign.key for sign in known.signs.signs}
    for key in also if isinstance(also, list) else ():
        if key not in keys:
            yield entry.finding(
                "block", f"There is no sign {key!r}: choose one of the list of signs.", at="signs"
            )


def remedies_known(entry: EntryText, known: Known) -> Iterator[Finding]:
    """The answers that a side effect shows of its treatments."""
    named = entry.head.get("remedies")
    for slug in named if isinstance(named, list) else ():
        if slug not in known.answers:
            yield entry.finding(
                "block", f"There is no answer {slug!r}: write questions/{slug}.md.", at="remedies"
            )


@rule(languages=ENGLISH)
def urgency_agrees(entry: EntryText, known: Known) -> Iterator[Finding]:
    """The signs are known by English words; a translation follows its English page."""
    if not entry.lists:
        return
    for found in care_cards.too_mild(_card_of(entry), _readers_of(entry, known), known.signs):
        who = f" for {', '.join(found.groups)}" if found.groups else ""
        message = (
            f"{found.words!r} is {found.needed}{who} in the list of signs: move it there, "
            "or say which treatment the line is about."
        )
        yield entry.finding("block", message, at=f"act_{found.level}.{found.position}")


@rule(languages=ENGLISH)
def signs_not_repeated(entry: EntryText, known: Known) -> Iterator[Finding]:
    """Cards are made from the list; what a page adds is its own alone."""
    for found in care_cards.repeated(_card_of(entry), known.signs) if entry.lists else ():
        where = "; ".join(f"{sign.file} ({sign.key})" for sign in found.signs)
        message = f"This sign is in {where}: take it out, the page shows it by itself."
        yield entry.finding("warn", message, at=f"act_{found.level}.{found.position}")


def _card_of(entry: EntryText) -> care_cards.Card:
    return {level: entry.lists.get(f"act_{level}", ()) for level in LEVELS}


def _readers_of(entry: EntryText, known: Known) -> Collection[str]:
    """The treatment groups a page speaks to. One about no treatment, or about an unknown one, speaks to all."""
    own = entry.head.get("groups")
    if isinstance(own, list) and own:
        return own
    return known.groups.get(str(entry.head.get("therapy_class", "")), ()) or OF_ALL


def dates_in_order(entry: EntryText, known: Known) -> Iterator[Finding]:
    checked, due = entry.head.get("checked_on"), entry.head.get("next_check_due")
    if not isinstance(checked, datetime.date):
        return
    if checked > known.today:
        yield entry.finding("block", f"The day of the check, {checked}, lies in the future.", at="checked_on")
    if not isinstance(due, datetime.date):
        return
    interval = content_models().get(entry.kind, PageCheck).MAX_CHECK_INTERVAL
    if due <= checked:
        yield entry.finding(
            "block", "The next check must be due after the day of this check.", at="next_check_due"
        )
    elif (due - checked).days > interval:
        latest = checked + datetime.timedelta(days=interval)
        message = f"Set the next check to {latest} or earlier: {interval // 30} months after this one."
        yield entry.finding("block", message, at="next_check_due")
    elif due < known.today:
        yield entry.finding("warn", f"The next check was due on {due}.", at="next_check_due")
