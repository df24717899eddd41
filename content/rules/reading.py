"""How easily a text is read, and whether it says what its words mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

from content.rules.entry_text import ENGLISH, TABLES, EntryText, Finding, Known, rule
from content.text import prose, reading_level

MAX_GRADE = 8.0
MAX_SMOG = 9.5
MAX_MEAN_SENTENCE = 14.0
MAX_SENTENCE = 28
MIN_WORDS_TO_GRADE = 100
# Short sentences are easy to read, but a run of them loses what links them: because, so, unless.
SHORT_SENTENCE = 6  # has fewer words
MAX_SHORT_IN_A_ROW = 2
MIN_MEAN_SENTENCE = 8.0
MIN_SENTENCES_TO_AVERAGE = 3


@rule(languages=ENGLISH)
def easy_to_read(entry: EntryText, known: Known) -> Iterator[Finding]:
    if sum(map(len, entry.sections.values())) < MIN_WORDS_TO_GRADE:  # no words without letters
        return
    levels = {name: reading_level.measure(text, names=known.names) for name, text in entry.sections.items()}
    for name, level in levels.items():
        if level.words >= MIN_WORDS_TO_GRADE and level.grade > MAX_GRADE:
            message = (
                f"Reading grade {level.grade:.1f}, at most {MAX_GRADE:.0f}: shorter sentences "
                f"({level.words_per_sentence:.0f} words on average), shorter words."
            )
            yield entry.finding("block", message, at=name)
    whole = sum(levels.values(), start=reading_level.NOTHING)
    if whole.words < MIN_WORDS_TO_GRADE:
        return
    if whole.smog > MAX_SMOG:
        message = (
            f"SMOG {whole.smog:.1f} for the page, at most {MAX_SMOG}: fewer words of three syllables or more."
        )
        yield entry.finding("block", message)
    if whole.words_per_sentence > MAX_MEAN_SENTENCE:
        message = (
            f"{whole.words_per_sentence:.1f} words in a sentence on average, at most {MAX_MEAN_SENTENCE:.0f}."
        )
        yield entry.finding("block", message)


def of_whole(entry: EntryText, known: Known) -> reading_level.Level:
    """The measures of the page's prose."""
    levels = (reading_level.measure(text, names=known.names) for text in entry.sections.values())
    return sum(levels, start=reading_level.NOTHING)


@rule(languages=ENGLISH)
def sentences_short(entry: EntryText, known: Known) -> Iterator[Finding]:
    for name, block, sentence in entry.sentences:
        count = len(sentence.split())
        if count > MAX_SENTENCE and block.kind not in ("heading", "row"):
            message = f"Split this sentence of {count} words (at most {MAX_SENTENCE}): {sentence[:50]!r}…"
            yield entry.finding("block", message, at=name, line=block.line)


@rule(languages=ENGLISH)
def sentences_linked(entry: EntryText, known: Known) -> Iterator[Finding]:
    for name, block, counts in _running_text(entry, known):
        runs = [len(list(run)) for is_short, run in groupby(counts, SHORT_SENTENCE.__gt__) if is_short]
        if (longest := max(runs, default=0)) > MAX_SHORT_IN_A_ROW:
            message = (
                f"{longest} sentences in a row have fewer than {SHORT_SENTENCE} words: "
                "link them with because, so, unless."
            )
            yield entry.finding("warn", message, at=name, line=block.line)


@rule(languages=ENGLISH)
def sentences_flow(entry: EntryText, known: Known) -> Iterator[Finding]:
    for name, rows in groupby(_running_text(entry, known), itemgetter(0)):
        counts = [count for _name, _block, in_block in rows for count in in_block]
        if len(counts) < MIN_SENTENCES_TO_AVERAGE:
            continue
        mean = sum(counts) / len(counts)
        if not MIN_MEAN_SENTENCE <= mean <= MAX_MEAN_SENTENCE:
            message = (
                f"{mean:.1f} words in a sentence of this section on average: "
                f"{MIN_MEAN_SENTENCE:.0f} to {MAX_MEAN_SENTENCE:.0f} read well."
            )
            yield entry.finding("warn", message, at=name)


def _running_text(entry: EntryText, known: Known) -> Iterator[tuple[str, prose.Block, list[int]]]:
    """Paragraphs, and bullets of two sentences or more, each with the words of its sentences.

    What a bullet is about (**Travel.**) is a heading, and so is what leads to a list. Lists of questions are no
    running text, nor are the few words of a table's row.
    """
    asks = {section.name for section in known.sections if not section.cited and not section.built}
    for name, text in entry.sections.items() if entry.kind not in TABLES else ():
        for block in prose.blocks(text) if name not in asks else ():
            if block.kind not in ("paragraph", "item"):
                continue
            sentences = reading_level.sentences_of(_LABEL.sub("", block.text))
            if sentences and sentences[-1].endswith(":"):
                sentences.pop()
            if len(sentences) > (block.kind == "item"):
                yield name, block, [len(reading_level.words_of(sentence)) for sentence in sentences]


_LABEL = re.compile(r"^\*\*[^*]+(?:[.:?]\*\*|\*\*[.:]|\*\*$)\s*")
