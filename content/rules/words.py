"""Which words a text may not use: no promotion, no promise, no cure without a number, no British spelling, no HTML."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from content.rules.entry_text import ENGLISH, TABLES, EntryText, Finding, Known, blocks, claims, rule
from content.rules.numbers import NUMBER
from content.text import prose, spelling

LISTS = tomllib.loads((Path(__file__).parent / "words.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class WordList:
    """The words of one language as patterns, from words.toml."""

    promotion: re.Pattern[str]
    may_be_asked: re.Pattern[str]
    promise: re.Pattern[str]
    denial: re.Pattern[str]
    cure: re.Pattern[str]
    state_of_disease: re.Pattern[str]
    number: re.Pattern[str]


@cache
def _list_of(language: str) -> WordList:
    lists = LISTS[language]
    prefix = lists.get("prefix", "")
    patterns = {
        name: re.compile(rf"(?<!\w){prefix}(?:{'|'.join(words)})(?!\w)", re.IGNORECASE)
        for name, words in lists.items()
        if name not in ("prefix", "one_word")
    }
    return WordList(**patterns, number=NUMBER if language == "en" else re.compile(r"\d"))


def _sentences(entry: EntryText) -> Iterator[tuple[str, prose.Block, str]]:
    for name, block, sentence in entry.sentences:
        yield name, block, _bare(sentence)


_VOWEL_SIGNS = re.compile("[\u0591-\u05c7\u0640\u064b-\u065f\u0670]")
_ALEFS = re.compile("[آأإ]")


def _bare(text: str) -> str:
    """Without vowel signs of Hebrew and Arabic, all forms of alef as one: how it is spelled changes no promise."""
    return text if text.isascii() else _ALEFS.sub("ا", _VOWEL_SIGNS.sub("", text))


def _asks(sentence: str) -> bool:
    return sentence.endswith(("?", "؟"))


@rule(languages=LISTS)
def no_promotion(entry: EntryText, known: Known) -> Iterator[Finding]:
    words = _list_of(entry.language)
    for name, block, sentence in _sentences(entry):
        found = words.promotion.search(sentence)
        if found and not (_asks(sentence) and words.may_be_asked.fullmatch(found[0])):
            message = f"Take out {found[0]!r}: say what is known instead."
            yield entry.finding("block", message, at=name, line=block.line)


@rule(languages=LISTS)
def no_promise_of_safety(entry: EntryText, known: Known) -> Iterator[Finding]:
    words = _list_of(entry.language)
    for name, block, sentence in _sentences(entry):
        found = words.promise.search(sentence)
        if found and not _asks(sentence) and not words.denial.search(sentence.replace(found[0], " ")):
            message = f"Do not promise {found[0]!r}: name the risk, or say what is not known."
            yield entry.finding("block", message, at=name, line=block.line)


@rule(languages=LISTS)
def cure_with_number(entry: EntryText, known: Known) -> Iterator[Finding]:
    if entry.kind == "glossary":  # to say what the word means promises nothing
        return
    words = _list_of(entry.language)
    for name, group in claims(entry, known):
        for block in group:
            text = _bare(prose.plain(block.text))
            if entry.kind in TABLES:
                text = words.state_of_disease.sub("", text)
            found = words.cure.search(text)
            if found and not (words.number.search(text) and prose.citation_keys(block.text)):
                message = f"{found[0]!r} needs a number of people and its source in the same paragraph. Or take it out."
                yield entry.finding("block", message, at=name, line=block.line)


def words_listed(entry: EntryText, known: Known) -> Iterator[Finding]:
    """Whoever reviews a page should know what no rule has looked at."""
    if entry.language not in LISTS:
        message = (
            f"No rule knows the words of {entry.language!r}: read it yourself for promises and promotion."
        )
        yield entry.finding("warn", message)


@rule(languages=ENGLISH)
def american_spelling(entry: EntryText, known: Known) -> Iterator[Finding]:
    for name, block in blocks(entry):
        text = prose.plain(block.text)
        if found := spelling.british_word(text):
            message = f"{found!r} is British: write {spelling.american(found)!r}."
            yield entry.finding("block", message, at=name, line=block.line)


_PLEASE = re.compile(r"\bplease\b", re.IGNORECASE)
_DRUG = re.compile(r"\b(?:drug|drugs)\b(?! (?:label|company|companies|use|test)\b)")


@rule(languages=ENGLISH)
def house_words(entry: EntryText, known: Known) -> Iterator[Finding]:
    for name, block in blocks(entry):
        text = prose.plain(block.text)
        if _PLEASE.search(text):
            yield entry.finding("block", 'Leave out "please": say what to do.', at=name, line=block.line)
        if found := _DRUG.search(text):
            yield entry.finding("warn", f'Write "medicine", not {found[0]!r}.', at=name, line=block.line)


@rule(languages=ENGLISH)
def one_word(entry: EntryText, known: Known) -> Iterator[Finding]:
    """A reader takes two words for two things. The glossary may explain the one by the other."""
    if entry.kind == "glossary":
        return
    for name, block in blocks(entry):
        text = prose.plain(block.text)
        for house_word, others in _one_word_each():
            if found := others.search(text):
                message = f"Write {house_word!r}, not {found[0]!r}: one word for one thing."
                yield entry.finding("warn", message, at=name, line=block.line)


@cache
def _one_word_each() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """The word of this site for each thing, and what else it might be called."""
    return tuple(
        (row["write"], re.compile(rf"(?<!\w)(?:{'|'.join(row['not'])})(?!\w)", re.IGNORECASE))
        for row in LISTS["en"]["one_word"]
    )


def not_tangled(entry: EntryText, known: Known) -> Iterator[Finding]:
    for name, text in entry.texts:
        if prose.is_too_tangled(text):
            message = (
                f"Divide this text: at most {prose.LONGEST:,} characters and {prose.MOST_BRACKETS} signs “[”. "
                "It is shown unformatted."
            )
            yield entry.finding("block", message, at=name)


_HTML = re.compile(r"<(?!https?://)[a-zA-Z/!?]|&(?:#\d|#x|[a-z]+;)|javascript:|\]\(\s*data:", re.IGNORECASE)


def no_html(entry: EntryText, known: Known) -> Iterator[Finding]:
    for name, block in blocks(entry):
        if _HTML.search(block.text):
            message = "Take out the HTML: it would show as text. Markdown is all there is."
            yield entry.finding("block", message, at=name, line=block.line)
        if "![" in block.text:
            yield entry.finding("block", "Pictures cannot stand in prose.", at=name, line=block.line)
