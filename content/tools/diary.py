"""The diary: which signs a day can be marked with, and what the sign list says of each.

The browser keeps the marks and chooses among all of it, so that no request tells what somebody noticed:

    lines() -> {group, or "" for any treatment: {key of a sign: [level, words]}}
"""

from __future__ import annotations

from typing import NamedTuple

from django.utils.translation import get_language, gettext, gettext_lazy

from content import edition
from content.models import TreatmentGroup
from content.page import signs_shown
from content.text.hints import HandedOn, Words

# What to look at each day, with its signs from the mildest to the gravest.
ROWS: dict[str, tuple[Words, tuple[str, ...]]] = {
    "stools": (
        gettext_lazy("Stools"),
        ("looser-stools", "diarrhea-4-to-6", "diarrhea-7-or-more", "bloody-or-black-stool"),
    ),
    "breath": (gettext_lazy("Breath"), ("new-cough", "new-breathlessness", "gasping-or-blue-lips")),
    "skin": (
        gettext_lazy("Skin"),
        ("strong-itch", "new-rash", "rash-with-fever", "painful-rash", "blisters-or-peeling"),
    ),
    "energy": (gettext_lazy("Energy"), ("slow-tiredness", "sudden-tiredness")),
    "temperature": (gettext_lazy("Temperature"), ("temperature-37-5", "fever-38", "shaking-chills")),
    "weight": (gettext_lazy("Weight"), ("losing-weight", "fast-weight-gain")),
}


class Row(NamedTuple):
    """One thing to look at each day."""

    name: str
    label: Words
    signs: list[tuple[str, str]]  # key, words


def rows() -> list[Row]:
    """With those of its signs that are approved."""
    language = get_language() or "en"
    known = {sign.key: sign.text_in(language) for sign in signs_shown.all_signs()}
    return [
        Row(name, label, [(key, _words(text, language)) for key in keys if (text := known.get(key))])
        for name, (label, keys) in ROWS.items()
    ]


def _words(text: object, language: str) -> str:
    words: str = getattr(text, "words", "")
    return words if getattr(text, "language", "") == language else gettext(words)


def lines() -> dict[str, HandedOn]:
    """Put together once between two changes of anything public."""
    language = get_language() or "en"
    return edition.shared(("diary", language), lambda: _lines(language))


def _lines(language: str) -> dict[str, HandedOn]:
    readers = {group: signs_shown.readers([group]) for group in TreatmentGroup.values}
    readers[""] = signs_shown.OF_ANY_TREATMENT
    wanted = {key for _label, keys in ROWS.values() for key in keys}
    return {
        group: {
            line.key: [line.level, " ".join(filter(None, [f"{line.text}.", line.when]))]
            for line in reversed(signs_shown.card(who, language).lines)  # the strictest is the last to be set
            if line.key in wanted
        }
        for group, who in readers.items()
    }
