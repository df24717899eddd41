"""How hard a text is to read: Flesch-Kincaid grade, SMOG, and the length of its sentences.

Our own, in 100 lines: textstat 0.7.8 brings setuptools and a GPL word list of 3.6 MB, its later versions
download that list while they run. Two formulas are not worth it. The syllables are counted by rule, with a list
for the words the rules get wrong and the medical words our pages use most; against the CMU dictionary the count
is right for 97 of 100 words of our texts, and a page's grade comes out at most 0.4 above textstat's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

from content.kinds import KINDS
from content.text import prose

MASK = "it"  # what a drug or disease name counts as: one short word


@dataclass(frozen=True)
class Level:
    """The measures of a text. A bullet, a heading-like line and a table row each count as a sentence."""

    words: int
    sentences: tuple[str, ...]
    syllables: int
    long_words: int  # of three syllables or more

    def __add__(self, other: Level) -> Level:
        """The level of both texts, one after the other."""
        return Level(
            self.words + other.words,
            self.sentences + other.sentences,
            self.syllables + other.syllables,
            self.long_words + other.long_words,
        )

    @property
    def words_per_sentence(self) -> float:
        return self.words / max(len(self.sentences), 1)

    @property
    def grade(self) -> float:
        """Flesch-Kincaid: the school year that can read it."""
        if not self.words:
            return 0.0
        return 0.39 * self.words_per_sentence + 11.8 * self.syllables / self.words - 15.59

    @property
    def smog(self) -> float:
        if not self.sentences:
            return 0.0
        return 1.0430 * (self.long_words * 30 / len(self.sentences)) ** 0.5 + 3.1291


NOTHING = Level(words=0, sentences=(), syllables=0, long_words=0)


def measure(text: str, *, names: Collection[str] = ()) -> Level:
    """Measures Markdown prose; `names` (of drugs, diseases) are masked first."""
    mask = _mask(frozenset(names))
    sentences = sentences_of(text)
    words = [word for sentence in sentences for word in words_of(mask(sentence))]
    counts = [syllables(word.lower()) for word in words]
    return Level(len(words), tuple(sentences), sum(counts), sum(count >= 3 for count in counts))


# A full stop ends a sentence if a capital, a letter that has no capital (Hebrew, Arabic), a digit or a bracket
# follows, and it does not belong to "Dr." or "e.g.".
_SENTENCE_END = re.compile(r"(?<=[.!?؟])[\"”’')]*\s+(?=[\"“‘'(]?[A-Z0-9А-ЯЁ\u0590-\u06ff])")
_ABBREVIATION = re.compile(r"\b(?:Dr|Prof|Mr|Mrs|Ms|vs|e\.g|i\.e|U\.S|approx)\.$")
_LETTERS = re.compile(r"\w+")
_WORD = re.compile(r"[A-Za-zÀ-ÿ]+(?:['’][A-Za-z]+)*|\d+(?:[.,]\d+)*%?")


def sentences_of(text: str) -> list[str]:
    """The sentences of Markdown prose, without headings."""
    return list(_sentences_of(text))


@lru_cache(maxsize=4_000)  # the page gate asks for the same ones rule by rule
def _sentences_of(text: str) -> tuple[str, ...]:
    found: list[str] = []
    for block in prose.blocks(text):
        if block.kind == "heading":
            continue
        start = ""
        for piece in _SENTENCE_END.split(prose.plain(block.text)):
            sentence = f"{start} {piece}".strip()
            if _ABBREVIATION.search(sentence):
                start = sentence
                continue
            start = ""
            if _LETTERS.search(sentence):
                found.append(sentence)
        if start:
            found.append(start)
    return tuple(found)


def words_of(sentence: str) -> list[str]:
    """The words of a plain sentence; both halves of "same-day" count."""
    return _WORD.findall(sentence)


@lru_cache(maxsize=8)
def _mask(names: frozenset[str]) -> Callable[[str], str]:
    """Looks names up by their first word, and of each length that names with it have: one alternation of all took 20
    times as long at 1,000 names, and trying each with that first word a second for a page at 10,000."""
    small = frozenset(map(str.lower, names))
    by_first_word: dict[str, set[int]] = {}
    for name in small:
        if word := _LETTERS.match(name):
            by_first_word.setdefault(word[0], set()).add(len(name))
    lengths = {word: sorted(found, reverse=True) for word, found in by_first_word.items()}

    def mask(sentence: str) -> str:
        lower, parts, done = sentence.lower(), [], 0
        for word in _LETTERS.finditer(lower):
            if word[0] not in lengths or (start := word.start()) < done:
                continue
            for length in lengths[word[0]]:
                end = start + length
                if lower[start:end] in small and not _LETTERS.match(lower, end):
                    parts += [sentence[done:start], MASK]
                    done = end
                    break
        return "".join([*parts, sentence[done:]])

    return mask


def names_to_mask(names: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Of the (kind, name) pairs those of drugs, diseases and treatments, also without brackets and the plural s."""
    hard = {kind for kind, about in KINDS.items() if about.names_are_hard}
    masked: set[str] = set()
    for kind, name in names:
        if kind in hard:
            bare = " ".join((re.sub(r"\(.*?\)", " ", name) if "(" in name else name).split())
            masked |= {name, bare, bare.removesuffix("s")}
    return frozenset(name for name in masked if len(name) > 2)


# Syllables ----------------------------------------------------------------------------------------------

# What the rules below get wrong, and words of our pages that no general list holds.
_KNOWN = {
    word: int(count)
    for count, words in {
        "1": "eyes stayed",
        "2": "people platinum being safety guideline language several special business someone "
        "barre lifelong elsewhere fatigue equal unique client squamous facial herpes",
        "3": "reaction idea area diagnosed anyone nausea suicide require required everything "
        "languages earlier clinician specialist recovery temperature diagram however retreatment",
        "4": "esophagus diarrhea diabetes everybody pancreatic january february european commercially "
        "diagnostics capillary",
        "5": "esophageal insufficiency deficiency peritoneal coordinator pituitary",
    }.items()
    for word in words.split()
}
_VOWELS = re.compile(r"[aeiouy]+")
_SILENT_END = re.compile(
    r"(?<=[^aeiouy])e$|(?<=[^aeiouytd])ed$|(?<=[^aeiouyszxcgh])es$|(?<=[^cs]h)es$|(?<=[aeiouy][lr])es?$"
)
_SILENT_INSIDE = re.compile(
    r"(?<=[aeiouy][^aeiouylr])e(?=(?:ly|less|ful|ment|ness|some|times?|where|thing)(?:s|ly)?$)"
)
_TWO_IN_ONE = re.compile(
    r"i(?=a(?!g)|o(?!us|n)|u)|(?<=[^tscg])i(?=ous|on)|e(?=o|um|us)|u(?=a(?!r)|ous|ity|al)|y(?=i)|ie(?=t|nc)|oi(?=ng)|(?<=[aeou])y(?=[aeou])|(?<=cr|re)ea(?=t(?!h|ur)|ct)"
)
_SPOKEN_END = re.compile(r"[^aeiouy]les?$|[^aeiouylr]led$|sms?$|[^s]thms?$")


@lru_cache(maxsize=50_000)
def syllables(word: str) -> int:
    """The syllables of a word in small letters."""
    if word in _KNOWN:
        return _KNOWN[word]
    if not word[0].isalpha():
        return 1  # a numeral is read at a glance
    stem = word.replace("’", "'").removesuffix("'s")
    if stem.removesuffix("s") in _KNOWN:
        return _KNOWN[stem.removesuffix("s")]
    spoken = _SILENT_END.sub("", _SILENT_INSIDE.sub("", stem))
    count = len(_VOWELS.findall(spoken)) + len(_TWO_IN_ONE.findall(spoken)) + len(_SPOKEN_END.findall(stem))
    return max(count, 1)
