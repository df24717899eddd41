"""Letters that nobody sees: kept where a person writes, dropped where a machine reads."""

from __future__ import annotations

import re
import unicodedata

# Word processors paste these where they mean a new line.
LINE_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Shown as nothing although they count as letters, marks or signs: fillers, selectors of a variant.
SHOWN_AS_NOTHING = {"\u034f", "\u115f", "\u1160", "\u17b4", "\u17b5", "\u2800", "\u3164", "\uffa0"}
VARIANTS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))


def for_people(text: str, *, keeps_lines: bool) -> str:
    """As typed, without control characters: they come along from PDF and Word, and nobody could find and delete them.
    Joiners stay, they are part of words; nothing but invisible letters is nothing."""
    text = LINE_BREAKS.sub("\n", text)
    if not keeps_lines:
        text = text.replace("\t", " ")
    text = "".join(letter for letter in text if letter in "\n\t" or unicodedata.category(letter) != "Cc")
    return "" if all(map(_is_nothing, text)) else text


def for_machines(text: str) -> str:
    """Plain digits, spaces and hyphens, wide letters made narrow, and nothing that cannot be seen."""
    text = unicodedata.normalize("NFKC", text)
    return "".join(_plain(letter) for letter in text if not is_invisible(letter))


def trimmed(text: str) -> str:
    """Without what hangs invisibly on the edges of copied text."""
    start, end = 0, len(text)
    while start < end and _is_nothing(text[start]):
        start += 1
    while end > start and _is_nothing(text[end - 1]):
        end -= 1
    return text[start:end]


def is_invisible(letter: str) -> bool:
    return (
        unicodedata.category(letter) in ("Cc", "Cf")
        or letter in SHOWN_AS_NOTHING
        or any(ord(letter) in variants for variants in VARIANTS)
    )


def _is_nothing(letter: str) -> bool:
    return letter.isspace() or is_invisible(letter)


def _plain(letter: str) -> str:
    category = unicodedata.category(letter)
    if category == "Nd":
        return str(unicodedata.digit(letter))
    if category == "Pd" or letter == "\u2212":  # a minus sign
        return "-"
    return " " if letter.isspace() else letter
