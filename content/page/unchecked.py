"""What of the facts on a page no clinician has checked: named by kind and number, instead of all of the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from django.utils.translation import ngettext

from content.models import Fact


def named(facts: Iterable[Fact]) -> list[str]:
    """12 approved uses, 40 figures on side effects; nothing if a clinician has checked them all."""
    numbers = Counter(fact.NAME for fact in facts if fact.is_unchecked)
    in_order = sorted(
        numbers.items(), key=lambda one: (_ORDER.index(one[0]) if one[0] in _ORDER else 99, one)
    )
    return [_words(kind, number) for kind, number in in_order]


_ORDER = ("indication", "result", "sign", "occurrence", "question", "update", "glossary")


def _words(kind: str, number: int) -> str:
    match kind:
        case "indication":
            words = ngettext("%(number)s approved use", "%(number)s approved uses", number)
        case "result":
            words = ngettext("%(number)s result of a trial", "%(number)s results of trials", number)
        case "sign":
            words = ngettext("%(number)s sign", "%(number)s signs", number)
        case "occurrence":
            words = ngettext("%(number)s side-effect figure", "%(number)s side-effect figures", number)
        case "question":
            words = ngettext("%(number)s answer", "%(number)s answers", number)
        case "update":
            words = ngettext("%(number)s update", "%(number)s updates", number)
        case "glossary":
            words = ngettext("%(number)s explained word", "%(number)s explained words", number)
        case _:
            words = ngettext("%(number)s other fact", "%(number)s other facts", number)
    return words % {"number": number}
