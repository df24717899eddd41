"""The first use of a word that needs explaining becomes a link to its explanation, text by text of a page.

Works on HTML that `prose` has made. A word inside a link, a heading, the line of a fold or the head of a
table is left alone.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from django.utils.safestring import SafeString, mark_safe

from content.text.kept import Kept, Made

Terms = tuple[tuple[str, str], ...]  # (form as texts have it, slug of its explanation)

_TAG = re.compile(r"(<[^>]*>)")
_CLOSED = re.compile(r"<(/?)(a|h[1-6]|summary|th)\b")


class _Words(NamedTuple):
    """Terms ready to be looked for: the longest first, as whole words."""

    pattern: re.Pattern[str]
    slugs: Mapping[str, str]  # form in small letters -> slug


_linked: Kept[tuple[str, ...]] = Kept(size=2 * 2**20)  # beside it the terms that became links


def forget() -> None:
    _linked.clear()


def first_uses(html: SafeString, terms: Terms, done: set[str], glossary: str) -> SafeString:
    """The HTML with a link at the first use of each term that is not `done`; those join `done`.

    `glossary` is the address of the page with all explanations.
    """
    words = _words(terms)
    there = (
        dict.fromkeys(words.slugs[match.casefold()] for match in words.pattern.findall(html)) if terms else {}
    )
    wanted = tuple(slug for slug in there if slug not in done)
    if not wanted:
        return html
    key = (hashlib.blake2b(html.encode(), digest_size=16).digest(), terms, wanted, glossary)
    linked = _linked.get(key)
    if linked is None:
        linked = _link(html, words, set(wanted), glossary)
        _linked.put(key, *linked)
    done.update(linked.beside)
    return linked.html


def _link(html: str, words: _Words, wanted: set[str], glossary: str) -> Made[tuple[str, ...]]:
    used: list[str] = []

    def link(match: re.Match[str]) -> str:
        slug = words.slugs[match[0].casefold()]
        if slug not in wanted:
            return match[0]
        wanted.remove(slug)
        used.append(slug)
        return f'<a class="term" href="{glossary}#{slug}">{match[0]}</a>'

    parts = [words.pattern.sub(link, text) if is_free and wanted else text for text, is_free in _texts(html)]
    return Made(mark_safe("".join(parts)), tuple(used))  # noqa: S308 - it was clean, and a slug holds no signs


def _texts(html: str) -> Iterator[tuple[str, bool]]:
    """The HTML in pieces: tags, and words with whether a link may stand among them."""
    depth = 0
    for piece in _TAG.split(html):
        if piece.startswith("<"):
            if closed := _CLOSED.match(piece):
                depth += -1 if closed[1] else 1
            yield piece, False
        else:
            yield piece, depth == 0


@lru_cache(maxsize=8)
def _words(terms: Terms) -> _Words:
    slugs = {form.casefold(): slug for form, slug in terms}
    # By the first letter: each place in a text then tries the few terms that can begin there, not all of them.
    begin: dict[str, list[str]] = {form[:1]: [] for form in slugs}
    for form in sorted(slugs, key=len, reverse=True):
        begin[form[:1]].append(re.escape(form[1:]))
    forms = "|".join(f"{re.escape(first)}(?:{'|'.join(rest)})" for first, rest in begin.items())
    return _Words(re.compile(rf"(?<![\w-])(?:{forms})(?![\w-])", re.IGNORECASE), slugs)
