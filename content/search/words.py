"""How search reads words: small letters, American spelling, stems; and what a mistyped word may have meant.

Texts and queries pass the same functions, so both databases compare words that already agree: somebody who
vomited finds vomiting. Names are kept as they are spelled, in the singular, for a stem is no name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import snowballstemmer

from content.text.spelling import american

LONGEST_WORD = 60
_WORDS_OF_A_NAME = 20
MOST_TERMS = 8

_APOSTROPHES = "'’‘ʼ`´′"
# A word, or several that hyphens and the like hold together: PD-L1, MSI/MMR, Crohn's.
_TERM = re.compile(rf"[^\W_]+(?:[-‐‑–./{_APOSTROPHES}][^\W_]+)*")
# What is left of a word behind its apostrophe is none: the t of "can't" is no T cell.
_SHORTENED = re.compile(rf"[{_APOSTROPHES}](?:s|m|d|re|ve|ll)$")
_DENIED = re.compile(rf"n[{_APOSTROPHES}]t$")
_PARTS = re.compile(r"[^\W_]+")
# Words that say nothing about what is sought. A query of nothing else keeps them.
_EMPTY_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a about after all am an and are arent as at be been but by can cannot cant could couldnt did didnt do "
        "does doesnt dont for from get getting got had has have havent he her his how i if im in is isnt it "
        "its ive me my of on or our she should so some than that the their them there they this to was "
        "wasnt we were what when where which who why will with wont would you your youre during do so there",
    )
)


# Arabic letters that people write one for the other, and the line that only stretches a word.
_ALIKE = str.maketrans({"ی": "ي", "ک": "ك", "ة": "ه", "ـ": None})
# Forms that no ending tells.
_IRREGULAR = {
    "swollen": "swell", "swelled": "swell", "bled": "bleed", "threw": "throw", "thrown": "throw", "felt": "feel",
    "shook": "shake", "shaken": "shake", "slept": "sleep", "ate": "eat", "eaten": "eat", "drank": "drink",
    "feet": "foot", "teeth": "tooth", "children": "child", "broke": "break", "broken": "break",
}  # fmt: skip


def fold(text: str) -> str:
    """Small letters and plain digits without accents, vowel points and signs of no width. Russian й stays itself."""
    text = text.casefold()
    if text.isascii():
        return text
    letters = unicodedata.normalize("NFKD", text).replace("и\u0306", "й").translate(_ALIKE)
    return "".join(map(_plain, letters))


@lru_cache(maxsize=5_000)
def _plain(letter: str) -> str:
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return ""
    return str(unicodedata.digit(letter)) if letter.isdecimal() else letter


def _singular(word: str) -> str:
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-2] if word.endswith(("sses", "shes", "ches", "xes")) else word[:-1]


def _spelling(part: str) -> str:
    word = _singular(american(part))
    return _IRREGULAR.get(word, word)


def _typed(text: str) -> list[str]:
    """The terms of a text, after what would split them is gone."""
    return _TERM.findall(fold(text))


@lru_cache(maxsize=50_000)
def _tokens(term: str) -> tuple[str, ...]:
    """The parts of a term as they are spelled, then the whole without its hyphens. None of "can't"."""
    if _DENIED.search(term):
        return ()
    parts = [_spelling(part)[:LONGEST_WORD] for part in _PARTS.findall(_SHORTENED.sub("", term))]
    return (*parts, "".join(parts)[:LONGEST_WORD]) if len(parts) > 1 else tuple(parts)


_STEMMERS = (
    ("a", "z", "english"),
    ("а", "я", "russian"),
    ("ء", "ي", "arabic"),
)  # by the letter it begins with


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    """What "vomited" and "vomiting" have in common, and "thirst" and "thirsty"; codes and Hebrew as they are."""
    for first, last, language in _STEMMERS:
        if first <= word[0] <= last and word.isalpha():
            # A stemmer keeps the word it works on, so that threads cannot share one.
            stem = snowballstemmer.stemmer(language).stemWord(word)
            return stem[:-1] if len(stem) > 4 and stem.endswith("i") else stem
    return word


def words(text: str) -> list[str]:
    """Every word of a text as it goes into the index."""
    return [_stem(token) for term in _typed(text) for token in _tokens(term)]


def first_word(text: str) -> str:
    """The first of them, or an empty text."""
    tokens = (_stem(token) for term in _typed(text) for token in _tokens(term))
    return next(tokens, "")


def spelled(text: str) -> list[str]:
    """Every word of a name, to be compared with mistyped ones."""
    return [token for term in _typed(text) for token in _tokens(term)]


def squeeze(name: str) -> str:
    """A name as one word, so that "PD-1", "PD 1" and "pd1" are the same."""
    return joined(_tokens(term)[-1] for term in _typed(name) if _tokens(term))


def joined(parts: Iterable[str]) -> str:
    """Words as one. Arabic ى is only here the ي that many write for it: the stemmer tells them apart."""
    return "".join(parts).replace("ى", "ي")


# What a Hebrew word may begin with that is none of it: and, the, in, as, to, from, that.
_HEBREW_BEGINNINGS = "ובהכלמש"


def key(parts: Iterable[str]) -> str:
    """Words as one by what their forms have in common, to be compared with the keys of names."""
    return joined(map(_bare, parts))


def _bare(word: str) -> str:
    if "ء" <= word[0] <= "ي":
        word = _stem(word)  # the article, which hid the ending from the stemmer
    if not _is_hebrew(word):
        return _stem(word)
    # All that may be a beginning goes, also of a name: what is left is the same for "the melanoma" and "in melanoma".
    while len(word) > 2 and word[0] in _HEBREW_BEGINNINGS:
        word = word[1:]
    return word


def _is_hebrew(word: str) -> bool:
    return "א" <= word[0] <= "ת"


def key_of(name: str) -> str:
    """The key of a name; of a short word or a code, whose forms are other words, the name as one word."""
    parts = [part for term in terms(name, most=_WORDS_OF_A_NAME) for part in term.parts]
    made, whole = key(parts), squeeze(name)
    # Four are left of the Hebrew melanoma.
    shortest = 4 if whole and _is_hebrew(whole) else 5
    return made if len(whole) > 4 and len(made) >= shortest and made.isalpha() else whole


_ALSO_CANCER = frozenset({"tumor", "carcinoma", "malignancy", "neoplasm"})


def alike(line: list[str]) -> list[list[str]]:
    """What else a row of words may be called: "liver tumor" and "cancer of the liver" are liver cancer."""
    lines = []
    if named := [at for at, word in enumerate(line) if word == "cancer" or word in _ALSO_CANCER]:
        as_cancer = ["cancer" if word in _ALSO_CANCER else word for word in line]
        lines = [as_cancer] if as_cancer != line else []
        if (at := named[0]) + 1 < len(line):
            lines.append([*as_cancer[:at], as_cancer[at + 1], "cancer", *as_cancer[at + 2 :]])
    return lines


@dataclass(frozen=True)
class Term:
    """One word of a query. `word` is how it is spelled, `parts` what its hyphens part; a text has it if it has all
    stems of an alternative."""

    typed: str
    word: str
    parts: tuple[str, ...]
    alternatives: tuple[tuple[str, ...], ...]

    @property
    def needles(self) -> list[str]:
        """What to look for in a text as it is written."""
        every = [self.typed, self.word, *(stem for alternative in self.alternatives for stem in alternative)]
        return [needle.removesuffix("y") if len(needle) > 4 else needle for needle in dict.fromkeys(every)]


def terms(query: str, *, most: int = MOST_TERMS) -> list[Term]:
    """What a query asks for, at most eight words."""
    typed = [term for term in _typed(query) if _tokens(term)]
    telling = [term for term in typed if _tokens(term)[-1] not in _EMPTY_WORDS]
    return [_term(term) for term in dict.fromkeys(telling or typed)][:most]


def stems(text: str) -> frozenset[str]:
    """The telling words of a phrase or query, in no order."""
    return frozenset(stem for term in terms(text) for stem in term.alternatives[-1])


def _term(typed: str) -> Term:
    *parts, whole = _tokens(typed)
    alternatives = ((_stem(whole),), tuple(map(_stem, parts))) if parts else ((_stem(whole),),)
    return Term(typed, whole, tuple(parts) or (whole,), alternatives)


# --- Typing errors -------------------------------------------------------------------------------------------

SHORTEST_MENDED = 4


def letters_of(word: str) -> int:
    """A bit for each letter that occurs."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) % 62)
    return bits


def errors_allowed(word: str) -> int:
    """How far a mistyped word may be from the one that was meant. Three errors make one medicine another."""
    return 1 if len(word) < 7 else 2


def may_be_mistyped(word: str) -> bool:
    """A code is what it is: no other one was meant."""
    return len(word) >= SHORTEST_MENDED and word.isalpha()


def mendable(name: str) -> list[str]:
    """The words of a name that somebody may have meant: no code, no abbreviation."""
    words = (word for part in name.split() if not part.strip("().,;").isupper() for word in spelled(part))
    return [word for word in words if may_be_mistyped(word)]


def nearest(word: str, known: list[tuple[str, int]]) -> str:
    """The known word (given with its letters) that takes the fewest typing errors, or an empty text."""
    most, bits = errors_allowed(word), letters_of(word)
    # An error takes away one letter and brings one: most words are out without being compared.
    likely = [other for other, its in known if (its ^ bits).bit_count() <= 2 * most]
    errors = {other: _errors(word, other) for other in likely}
    # Equally near: people seldom get the first letter wrong.
    best = min(errors, key=lambda other: (errors[other], other[0] != word[0], other), default="")
    if not best or errors[best] > most:
        return ""
    # So short a word is soon another one: no more than two letters changed places.
    return best if len(word) > 5 or sorted(word) == sorted(best) else ""


def _errors(one: str, other: str) -> int:
    """Letters left out, added, changed or swapped (optimal string alignment)."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, start=1):
        line = [row]
        for column, its in enumerate(other, start=1):
            cost = min(last[column] + 1, line[-1] + 1, last[column - 1] + (letter != its))
            if row > 1 and column > 1 and letter == other[column - 2] and its == one[row - 2]:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        before, last = last, line
    return last[-1]
