"""Every address of the site, from the resolver: what a matrix of addresses and people runs over."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import LocalePrefixPattern, RegexPattern, RoutePattern
from django.utils.regex_helper import normalize

SAMPLE = {"uuid": "00000000-0000-0000-0000-000000000001"}


def every_address() -> list[str]:
    """One sample address for each pattern, in English, sorted."""
    return sorted(set(_addresses(get_resolver(), "/")))


def _addresses(resolver: URLResolver, prefix: str) -> Iterator[str]:
    for entry in resolver.url_patterns:
        address = prefix + _sample(entry.pattern)
        if isinstance(entry, URLPattern):
            yield address
        else:
            yield from _addresses(entry, address)


def _sample(pattern: RoutePattern | RegexPattern | LocalePrefixPattern) -> str:
    if isinstance(pattern, LocalePrefixPattern):
        return ""
    if isinstance(pattern, RoutePattern):
        return re.sub(r"<(?:(\w+):)?\w+>", lambda found: SAMPLE.get(found[1], "1"), str(pattern))
    template, names = normalize(str(pattern))[0]
    return template.lstrip("/") % dict.fromkeys(names, "1")
