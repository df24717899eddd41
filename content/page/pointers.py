"""What a sign says of another, "see 'mouth sores'": the words of that line where it stands on the page, else how fast
to act on it."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.translation import gettext

from content.models import Sign
from content.page.signs_shown import LEVELS, all_signs

# In the English words alone: translations come with marks of their own.
_POINTS = re.compile(r"see( also)? '([^']+)'")


def followed(text: str, told: Mapping[str, str]) -> str:
    """`told` are the signs of the page by key, in the words that readers see."""
    return _POINTS.sub(lambda found: _instead(found, told), text)


def _instead(found: re.Match[str], told: Mapping[str, str]) -> str:
    sign = _named(found[2])
    if sign is None:
        return found[0]
    if sign.key in told:
        return gettext("see “%(sign)s”") % {"sign": told[sign.key]}
    act = _act(min(sign.urgency.values(), key=LEVELS.index))
    return f"{found[2]}: {act}" if found[1] else act


def _named(words: str) -> Sign | None:
    """Its key says the words, or begins with them."""
    slug = words.replace(" ", "-")
    signs = [sign for sign in all_signs() if sign.key == slug or sign.key.startswith(f"{slug}-")]
    return min(signs, key=lambda sign: len(sign.key), default=None)


def _act(level: str) -> str:
    if level == LEVELS[0]:
        return gettext("it is an emergency")
    if level == LEVELS[1]:
        return gettext("call your team today, day or night")
    return gettext("tell your team at the next visit")
