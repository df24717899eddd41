"""Signs in what people type and in what pages say: "can't catch my breath" and "hard to breathe" are one sign."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from content import edition
from content.models import Sign
from content.search.words import first_word, stems, words

# A single word that more signs share ("pain") says none of them.
MOST_MEANT = 15


@dataclass(frozen=True)
class Described:
    """A sign as people put it, in one language."""

    key: str
    lay: tuple[str, ...]
    side_effects: tuple[str, ...]


@dataclass(frozen=True)
class Told:
    """The signs a query tells of, best first; how many words say so; and whether it tells of nothing else."""

    signs: list[Described]
    words: int
    is_all: bool


def told(text: str, language: str = "en") -> list[Described]:
    """The signs a text names in one of their own words."""
    return book(language).told(text)


def lay_words(keys: Iterable[str], language: str) -> tuple[str, ...]:
    """What else people call these signs."""
    by_key = book(language).by_key
    return tuple(word for key in dict.fromkeys(keys) if key in by_key for word in by_key[key].lay)


def book(language: str) -> Book:
    """All signs that have lay words in this language, to look into. One query between two changes."""
    return _book_of(edition.shared(("lay words", language), lambda: _read(language)))


def _read(language: str) -> tuple[Described, ...]:
    rows = Sign.objects.approved().filter(lay_words__language=language)
    return tuple(
        Described(key, tuple(lay), tuple(side_effects))
        for key, lay, side_effects in rows.values_list("key", "lay_words__words", "side_effects")
    )


@lru_cache(maxsize=8)
def _book_of(signs: tuple[Described, ...]) -> Book:
    return Book(signs)


@dataclass(frozen=True)
class Book:
    """Signs by their words, which take a while to stem."""

    signs: tuple[Described, ...]

    def described(self, query: str) -> Told:
        """Signs of which it has all words of a phrase, or, of few signs, some. Of a long question a phrase has to be a
        third, or it asks for something else."""
        asked = stems(query)
        whole: dict[str, int] = {}
        likely = [pair for stem in asked for pair in self._phrases_by_stem.get(stem, ())]
        for phrase, sign in likely:
            if phrase <= asked:
                whole[sign.key] = max(whole.get(sign.key, 0), len(phrase))
        if whole:
            told = sorted(
                (sign for sign in self.signs if sign.key in whole), key=lambda sign: -whole[sign.key]
            )
            longest = max(whole.values())
            if not asked <= frozenset().union(*(self._stems_of[sign.key] for sign in told)):
                return Told(told, longest if 3 * longest >= len(asked) else 0, is_all=False)
            return Told(told, longest, is_all=True)
        some = {sign.key for phrase, sign in likely if asked <= phrase}
        few = [sign for sign in self.signs if sign.key in some] if len(some) <= MOST_MEANT else []
        return Told(few, len(asked) if few else 0, is_all=True)

    @cached_property
    def _stems_of(self) -> dict[str, frozenset[str]]:
        return {
            sign.key: frozenset(stem for phrase in sign.lay for stem in stems(phrase)) for sign in self.signs
        }

    def told(self, text: str) -> list[Described]:
        """Those a text names in one of their own words."""
        stand = words(text)
        told = {
            key
            for place, word in enumerate(stand)
            for phrase, key in self._by_first_word.get(word, ())
            if tuple(stand[place : place + len(phrase)]) == phrase
        }
        return [sign for sign in self.signs if sign.key in told]

    @cached_property
    def by_key(self) -> dict[str, Described]:
        return {sign.key: sign for sign in self.signs}

    @cached_property
    def _phrases_by_stem(self) -> dict[str, list[tuple[frozenset[str], Described]]]:
        found: dict[str, list[tuple[frozenset[str], Described]]] = {}
        for sign in self.signs:
            for phrase in map(stems, sign.lay):
                for stem in phrase:
                    found.setdefault(stem, []).append((phrase, sign))
        return found

    @cached_property
    def _by_first_word(self) -> dict[str, list[tuple[tuple[str, ...], str]]]:
        begins: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for sign in self.signs:
            for phrase in sign.lay:
                begins.setdefault(first_word(phrase), []).append((tuple(words(phrase)), sign.key))
        return begins
