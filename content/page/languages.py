"""The languages a page can be read in, for the switcher and for search engines."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, override


def of_view(name: str, **arguments: object) -> list[dict[str, object]]:
    """Of a page that is there in every language of the site, whatever is written in it."""
    return links(dict(settings.LANGUAGES), lambda _code: reverse(name, kwargs=arguments))


def links(codes: Iterable[str], address: Callable[[str], str]) -> list[dict[str, object]]:
    """Code, name and address of each; `address` is asked with that language active."""
    found = []
    for code in sorted(codes):
        with override(code):
            url = address(code)
        name = dict(settings.LANGUAGES)[code]
        found.append({"code": code, "name": name, "url": url, "current": code == get_language()})
    return found
