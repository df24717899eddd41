"""The languages a page can be read in, for the switcher and for search engines."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.conf import settings
from django.utils.translation import get_language, override


def links(codes: Iterable[str], address: Callable[[str], str]) -> list[dict[str, object]]:
    """Code, name and address of each; `address` is asked with that language active."""
    found = []
    for code in sorted(codes):
        with override(code):
            url = address(code)
        name = dict(settings.LANGUAGES)[code]
        found.append({"code": code, "name": name, "url": url, "current": code == get_language()})
    return found
