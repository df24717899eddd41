"""The page gate: every rule a text must pass before patients read it, whichever door it comes through.

A rule yields findings; "block" keeps the page from going public, "warn" is for the writer's eye. Messages say
what to do. The same rules run on the library's files (check_library), on CMS prose and when a version is published.
"""

from __future__ import annotations

from collections.abc import Iterable

from content.rules import benefit, citations, parts, reading, words
from content.rules.entry_text import EntryText, Finding, Known, Rule

RULES: tuple[Rule, ...] = (
    parts.sections_present,
    parts.key_message_short,
    parts.summary_short,
    parts.urgent_signs_present,
    parts.signs_known,
    parts.remedies_known,
    parts.urgency_agrees,
    parts.signs_not_repeated,
    parts.dates_in_order,
    citations.citations_known,
    citations.citations_present,
    citations.numbers_cited,
    citations.links_known,
    words.no_promotion,
    words.no_promise_of_safety,
    words.cure_with_number,
    words.words_listed,
    benefit.benefit_with_harm,
    words.american_spelling,
    words.house_words,
    words.one_word,
    words.no_html,
    words.not_tangled,
    reading.easy_to_read,
    reading.sentences_short,
    reading.sentences_linked,
    reading.sentences_flow,
)


def check(entry: EntryText, known: Known, *, rules: Iterable[Rule] | None = None) -> list[Finding]:
    """All findings about one text, in the order of its lines."""
    found = [
        finding._replace(rule=rule.__name__.replace("_", "-"))
        for rule in (RULES if rules is None else rules)
        for finding in rule(entry, known)
    ]
    return sorted(set(found), key=lambda finding: (finding.line, finding.rule, finding.message))
