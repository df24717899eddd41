"""Signs in what people type and in what pages say: "can't catch my breath" and "hard to breathe" are one sign."""

from __future__ import annotations

from functools import cache

from content.search.words import first_word, stems, words
from content.signs import Sign, signs

# A single word that so many signs share ("pain") says none of them.
MOST_MEANT = 3


def described(query: str) -> list[Sign]:
    """The signs a query tells of, best first: all words of one of its phrases, or, of few signs, some."""
    asked = stems(query)
    whole: dict[str, int] = {}
    likely = [pair for stem in asked for pair in _phrases_by_stem().get(stem, ())]
    for phrase, sign in likely:
        if phrase <= asked:
            whole[sign.key] = max(whole.get(sign.key, 0), len(phrase))
    if whole:
        return sorted((sign for sign in signs() if sign.key in whole), key=lambda sign: -whole[sign.key])
    some = {sign.key for phrase, sign in likely if asked <= phrase}
    return [sign for sign in signs() if sign.key in some] if len(some) <= MOST_MEANT else []


def only_describes(query: str, found: list[Sign]) -> bool:
    """Does it ask for nothing beside these signs?"""
    said = [_stems_by_sign()[sign.key] for sign in found]
    return stems(query) <= frozenset().union(*said)


def told(text: str) -> list[Sign]:
    """The signs a text names in one of their own words."""
    stand = words(text)
    begins = _by_first_word()
    told = {
        key
        for place, word in enumerate(stand)
        for phrase, key in begins.get(word, ())
        if _stands_at(place, phrase, stand)
    }
    return [sign for sign in signs() if sign.key in told]


def _stands_at(place: int, phrase: str, stand: list[str]) -> bool:
    wanted = _words_of(phrase)
    return tuple(stand[place : place + len(wanted)]) == wanted


def lay_words(found: list[Sign], language: str) -> tuple[str, ...]:
    """What else people call them. So far in English only."""
    return tuple(word for sign in found for word in sign.lay) if language == "en" else ()


@cache
def _phrases() -> tuple[tuple[frozenset[str], Sign], ...]:
    return tuple((stems(phrase), sign) for sign in signs() for phrase in sign.lay)


@cache
def _stems_by_sign() -> dict[str, frozenset[str]]:
    return {sign.key: frozenset(stem for phrase in sign.lay for stem in stems(phrase)) for sign in signs()}


@cache
def _phrases_by_stem() -> dict[str, list[tuple[frozenset[str], Sign]]]:
    found: dict[str, list[tuple[frozenset[str], Sign]]] = {}
    for phrase, sign in _phrases():
        for stem in phrase:
            found.setdefault(stem, []).append((phrase, sign))
    return found


@cache
def _by_first_word() -> dict[str, list[tuple[str, str]]]:
    """The other words of a phrase are stemmed once a text has its first."""
    begins: dict[str, list[tuple[str, str]]] = {}
    for sign in signs():
        for phrase in sign.lay:
            begins.setdefault(first_word(phrase), []).append((phrase, sign.key))
    return begins


@cache
def _words_of(phrase: str) -> tuple[str, ...]:
    return tuple(words(phrase))
