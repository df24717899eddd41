"""A number of people helped stands beside a number of people harmed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from content.rules.entry_text import EntryText, Finding, Known, paragraphs_and_lists
from content.rules.numbers import FREQUENCY, PERCENT
from content.text import prose

_OF_100 = re.compile(r"\b(?:of|in|out of)(?: every| each| the| these| those| about)* 100\b", re.IGNORECASE)
_HARM = re.compile(
    r"\b(?:side effects?|harms?|harmed|severe|serious|died (?:of|from)|stop(?:ped)? (?:the )?treatment|had to stop|"
    r"inflammation|infections?|fever|syndrome|bleeding|rash|diarrhea|fatal|life-threatening)\b",
    re.IGNORECASE,
)


def benefit_with_harm(entry: EntryText, known: Known) -> Iterator[Finding]:
    """A number of people helped stands beside a number of people harmed, both "of 100 people"."""
    if entry.language != "en" or "benefit" not in entry.sections:
        return
    helped = [block for block in prose.blocks(entry.sections["benefit"]) if _counts_people(block.text)]
    if not helped:
        return
    for block in helped:
        if not _OF_100.search(prose.plain(block.text)) and not _near_of_100(entry.sections["benefit"], block):
            message = 'Give the number as "of 100 people", so that benefit and harm can be compared.'
            yield entry.finding("block", message, at="benefit", line=block.line)
    texts = [prose.plain(text) for name, text in entry.sections.items() if name != "questions"]
    # A result on the page says its harm, or in words that it was not read.
    harmed = (entry.kind, entry.slug) in known.with_results or any(
        _OF_100.search(text) and _HARM.search(text) for whole in texts for text in whole.split("\n")
    )
    if not harmed:
        message = 'Numbers of benefit need a number of harm, "of 100 people", on the same page.'
        yield entry.finding("block", message, at="benefit", line=helped[0].line)


def _counts_people(text: str) -> bool:
    text = prose.plain(text)
    return bool(
        FREQUENCY.search(text) or re.search(PERCENT.pattern + r" of (?:the )?(?:people|patients)", text)
    )


def _near_of_100(section: str, block: prose.Block) -> bool:
    """Whether the paragraph also gives it of 100, or the numbers hang on an introduction that does."""
    for claims in paragraphs_and_lists(section):
        if block in claims:
            return any(_OF_100.search(prose.plain(other.text)) for other in claims)
    return False
