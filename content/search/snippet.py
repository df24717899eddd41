"""The words around what was found, with what was sought marked. Plain text in, safe HTML out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from django.utils.safestring import SafeString, mark_safe

LENGTH = 200
BEFORE = 60  # how much of it stands before the word
MOST_PLACES = 8  # of one term that are compared

Span = tuple[int, int]
Needles = Sequence[Sequence[str]]  # for each term: the spellings to look for


def snippet(title: str, summary: str, text: str, needles: Needles) -> SafeString:
    return of_summary(title, summary, needles) or of_text(summary, text, needles)


def of_summary(title: str, summary: str, needles: Needles) -> SafeString | None:
    """The summary, if it or the title has a word that was sought."""
    if (spans := _spans(summary, needles)) or (summary and _spans(title, needles)):
        return _marked(summary, spans)
    return None


def of_text(summary: str, text: str, needles: Needles) -> SafeString:
    """Where the text has most of the words that were sought; else the summary."""
    part = _best_part(text, needles)
    return _marked(part, _spans(part, needles)) if part else SafeString(escape(summary))


def _best_part(text: str, needles: Needles) -> str:
    """A few lines of the text, where most of the terms stand together."""
    start = _best_start(text.lower(), needles)
    if start < 0:
        return ""
    begin = text.rfind(" ", 0, start - BEFORE) + 1 if start > BEFORE else 0
    end = len(text) if begin + LENGTH >= len(text) else text.rfind(" ", 0, begin + LENGTH)
    return ("… " if begin else "") + _one_line(text[begin:end]) + (" …" if end < len(text) else "")


def _one_line(text: str) -> str:
    """Headings and list items end without a full stop; a dot keeps them apart."""
    return " ".join(re.sub(r"(?<=[\w)%])\s*\n\s*", " · ", text).split())


def _spans(text: str, needles: Needles) -> list[Span]:
    """Every word that begins with something sought, in order and apart."""
    small = text.lower()
    found: list[Span] = []
    for needle in dict.fromkeys(needle for each in needles for needle in each):
        span = _find(small, needle, 0)
        while span[0] >= 0:
            found.append(span)
            span = _find(small, needle, span[1])
    apart: list[Span] = []
    for span in sorted(found, key=lambda span: (span[0], -span[1])):
        if not apart or span[0] >= apart[-1][1]:
            apart.append(span)
    return apart


def _some_places(small: str, each: Sequence[str]) -> list[int]:
    """Where a term occurs, a few times: the text may be long."""
    places: list[int] = []
    for needle in each:
        start, end = _find(small, needle, 0)
        while start >= 0 and len(places) < MOST_PLACES:
            places.append(start)
            start, end = _find(small, needle, end)
    return places


def _best_start(small: str, needles: Needles) -> int:
    """The first place after which a snippet holds most of the different terms; -1 if there is none."""
    if len(needles) == 1:  # any place is as good as another
        first, *others = (_find(small, needle, 0)[0] for needle in needles[0])
        if first >= 0 and all(first <= other or other < 0 for other in others):
            return first
    places = sorted((place, term) for term, each in enumerate(needles) for place in _some_places(small, each))
    start, most, terms = -1, 0, len({term for _place, term in places})
    for number, (at, _term) in enumerate(places):
        end = at + LENGTH - BEFORE
        held = len({term for place, term in places[number:] if place < end})
        if held > most:
            start, most = at, held
        if most == terms:
            break
    return start


def _find(small: str, needle: str, start: int) -> Span:
    """The next word that begins with `needle`, all of it; (-1, -1) if there is none."""
    while (at := small.find(needle, start)) >= 0:
        end = at + len(needle)
        if at == 0 or not small[at - 1].isalnum():
            # A few letters are a word of their own, not the beginning of one: "car" does not mark "carry".
            while end < len(small) and small[end].isalnum() and len(needle) > 3:
                end += 1
            if end == len(small) or not small[end].isalnum():
                return at, end
        start = at + 1
    return -1, -1


def _marked(text: str, spans: list[Span]) -> SafeString:
    pieces, last = [], 0
    for start, end in spans:
        pieces += [escape(text[last:start]), "<mark>", escape(text[start:end]), "</mark>"]
        last = end
    return mark_safe("".join([*pieces, escape(text[last:])]))  # noqa: S308 - every piece is escaped
