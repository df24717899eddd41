"""Addresses of the site: those that are promised, and every one from the resolver, for a matrix with people."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import LocalePrefixPattern, RegexPattern, RoutePattern
from django.utils.regex_helper import normalize

# One page of each kind, and the tools: in every library, tests/library included.
LIBRARY = [
    "/cancers/",
    "/cancers/melanoma/",
    "/therapies/",
    "/therapies/pd-1-inhibitors/",
    "/drugs/",
    "/drugs/pembrolizumab/",
    "/side-effects/",
    "/side-effects/lung-inflammation/",
    "/biomarkers/",
    "/biomarkers/pd-l1/",
    "/centers/",
    "/centers/sheba-medical-center/",
    "/questions/",
    "/updates/",
    "/glossary/",
    "/emergency-numbers/",
    "/card/",
    "/my-questions/",
    "/diary/",
    "/records/",
    "/decision/?cancer=melanoma",
    "/search/",
    "/search/?q=rash",
]

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
