"""How search reads words: small letters, American spelling, singular; and what a mistyped word may have meant.

Texts and queries pass the same functions, so both databases compare words that already agree. No stemmer: each
word of a query also finds the longer words that begin with it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from content.spelling import american

LONGEST_WORD = 60
MOST_TERMS = 8

# A word, or several that hyphens and the like hold together: PD-L1, MSI/MMR, Crohn's.
_TERM = re.compile(r"[^\W_]+(?:[-‐‑–./'’][^\W_]+)*")
_PARTS = re.compile(r"[^\W_]+")
# Words that say nothing about what is sought. A query of nothing else keeps them.
_EMPTY_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a about after am an and are as at be been but by can could did do does for from get had has have he her "
        "his how i if in is it its me my of on or our she should so some than that the their them there they this "
        "to was we were what when where which who why will with would you your",
    )
)


def fold(text: str) -> str:
    """Small letters without accents and vowel points."""
    text = text.casefold()
    if text.isascii():
        return text
    return "".join(
        letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter)
    )


def _singular(word: str) -> str:
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("sses", "shes", "ches", "xes")) else word[:-1]


@lru_cache(maxsize=50_000)
def _tokens(term: str) -> tuple[str, ...]:
    """The parts of a term, then the whole without its hyphens."""
    parts = [_singular(american(part))[:LONGEST_WORD] for part in _PARTS.findall(fold(term))]
    return (*parts, "".join(parts)[:LONGEST_WORD]) if len(parts) > 1 else tuple(parts)


def words(text: str) -> list[str]:
    """Every word of a text as it goes into the index."""
    return [token for term in _TERM.findall(text) for token in _tokens(term)]


def squeeze(name: str) -> str:
    """A name as one word, so that "PD-1", "PD 1" and "pd1" are the same."""
    return "".join(_tokens(term)[-1] for term in _TERM.findall(name) if _tokens(term))


@dataclass(frozen=True)
class Term:
    """One word of a query. A text has it if it has all words of one of the alternatives."""

    typed: str
    alternatives: tuple[tuple[str, ...], ...]

    @property
    def word(self) -> str:
        """The term as a single word."""
        return self.alternatives[0][0]

    @property
    def needles(self) -> list[str]:
        """What to look for in a text as it is written."""
        every = [self.typed, *(word for alternative in self.alternatives for word in alternative)]
        return [needle.removesuffix("y") if len(needle) > 4 else needle for needle in dict.fromkeys(every)]


def terms(query: str) -> list[Term]:
    """What a query asks for, at most eight words."""
    typed = [term for term in _TERM.findall(query) if _tokens(term)]
    telling = [term for term in typed if fold(term) not in _EMPTY_WORDS]
    return [_term(term) for term in dict.fromkeys(telling or typed)][:MOST_TERMS]


def _term(typed: str) -> Term:
    *parts, whole = _tokens(typed)
    return Term(fold(typed), ((whole,), tuple(parts)) if parts else ((whole,),))


# --- Typing errors -------------------------------------------------------------------------------------------

SHORTEST_MENDED = 4


def letters_of(word: str) -> int:
    """A bit for each letter that occurs."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) % 62)
    return bits


def errors_allowed(word: str) -> int:
    """How far a mistyped word may be from the one that was meant."""
    return 1 if len(word) < 6 else 2 if len(word) < 12 else 3


def nearest(word: str, known: list[tuple[str, int]]) -> str:
    """The known word (given with its letters) that takes the fewest typing errors, or an empty text."""
    most, bits = errors_allowed(word), letters_of(word)
    # An error takes away one letter and brings one: most words are out without being compared.
    likely = [other for other, its in known if (its ^ bits).bit_count() <= 2 * most]
    errors = {other: _errors(word, other) for other in likely}
    # Equally near: people seldom get the first letter wrong.
    best = min(errors, key=lambda other: (errors[other], other[0] != word[0], other), default="")
    return best if best and errors[best] <= most else ""


def _errors(one: str, other: str) -> int:
    """Letters left out, added, changed or swapped (optimal string alignment)."""
    before, last = [], list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        line = [row]
        for column, its in enumerate(other, start=1):
            cost = min(last[column] + 1, line[-1] + 1, last[column - 1] + (letter != its))
            if row > 1 and column > 1 and letter == other[column - 2] and its == one[row - 2]:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        before, last = last, line
    return last[-1]
