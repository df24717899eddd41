"""How easily a text is read, and whether it says what its words mean."""

from __future__ import annotations

from collections.abc import Iterator

from content.rules.entry_text import ENGLISH, EntryText, Finding, Known, rule
from content.text import reading_level

MAX_GRADE = 8.0
MAX_SMOG = 9.5
MAX_MEAN_SENTENCE = 14.0
MAX_SENTENCE = 28
MIN_WORDS_TO_GRADE = 100


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


@rule(languages=ENGLISH)
def sentences_short(entry: EntryText, known: Known) -> Iterator[Finding]:
    for name, block, sentence in entry.sentences:
        count = len(sentence.split())
        if count > MAX_SENTENCE and block.kind not in ("heading", "row"):
            message = f"Split this sentence of {count} words (at most {MAX_SENTENCE}): {sentence[:50]!r}…"
            yield entry.finding("block", message, at=name, line=block.line)
