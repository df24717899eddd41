"""What an address says before its page is built: is it personal, and which parameters change it?"""

import re
from collections.abc import Set
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode

from django.conf import settings

from content.kinds import KINDS

# Pages about one person. They never enter, and nobody on the way may keep them.
PERSONAL = (
    "/consultation",
    "/callback",
    "/feedback",
    "/admin",
    "/accounts",
    "/login",
    "/logout",
    "/healthz",
    "/readyz",
    "/metrics",
)
# Not pages: WhiteNoise and the file storage label these themselves.
FILES = ("/static/", "/media/")

# The parameters that change a public page, by exact address, beside the lists of entries. Every other one
# (?fbclid=, the toolbar's ?edit and ?toolbar_off) is taken off before the page is built: it can neither multiply
# the copies nor alter one, and a visitor without a session cannot make django CMS write a session row.
PARAMETERS = {
    "/search/": {"q", "kind", "page"},
    "/suggest.json/": {"part"},
    "/compare/": {"drug"},
    "/find/": {"cancer", "stage", "line", "test", "age", "where", "show"},
    "/records/": {"cancer"},
    "/decision/": {"cancer"},
    "/symptoms/": {"treatment"},
    "/questions/": {"topic", "page"},
    "/updates/": {"about"},
    "/updates/feed/": {"about"},
    "/glossary/": {"letter"},
    "/api/v1/results/": {"cancer", "drug", "language"},
    "/api/v1/uses/": {"cancer", "drug", "language"},
    "/api/v1/coverage/": {"drug", "language"},
    "/api/v1/changes/": {"since"},
}
PARAMETERS_OF_LISTS = {"letter", "by", "part", "page"}
# What django CMS's toolbar listens to. On a personal page only these are taken off.
TOOLBAR_PARAMETERS = frozenset({"edit", "structure", "preview", "persist", "toolbar_off", "toolbar_on"})
# Whole branches, for addresses that are too many to list.
PARAMETERS_BELOW = {
    "/api/v1/": {"language", "q", "page", "limit", "offset"},
    "/sitemap": {"p"},
}


def without_language(path: str) -> str:
    """The address as it is in English: /he/drugs/ -> /drugs/."""
    match = _language_prefix().match(path)
    return path[match.end() - 1 :] if match else path


@lru_cache(maxsize=1)
def _language_prefix() -> re.Pattern[str]:
    codes = "|".join(re.escape(code) for code, _ in settings.LANGUAGES)
    return re.compile(f"/(?:{codes})/")


def is_personal(path: str) -> bool:
    """May this address show something about one person?"""
    return without_language(path).startswith(PERSONAL)


def allowed_parameters(path: str) -> Set[str]:
    """The names of the parameters that change the page at this address."""
    bare = without_language(path.lower())  # other spellings lead to ours with their question: not_found.py
    with_slash = f"{bare.removesuffix('/')}/"  # the redirect from /search to /search/ keeps the question
    if with_slash in parameters():
        return parameters()[with_slash]
    return next((names for branch, names in PARAMETERS_BELOW.items() if bare.startswith(branch)), set())


@lru_cache(maxsize=1)
def parameters() -> dict[str, set[str]]:
    """Those of exact addresses, once all kinds of entry are known."""
    return PARAMETERS | {f"/{kind.folder}/": PARAMETERS_OF_LISTS for kind in KINDS.values()}


def known_query(path: str, query: str) -> str:
    """The query without unknown parameters, always in the same order."""
    if is_personal(path):
        return _without_toolbar(query)
    allowed = allowed_parameters(path)
    if not allowed:
        return ""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        return ""
    # Sorting is stable: ?drug=a&drug=b keeps its order.
    return urlencode(sorted((pair for pair in pairs if pair[0] in allowed), key=lambda pair: pair[0]))


def _without_toolbar(query: str) -> str:
    """All that a form or a link of ours may say, but nothing that makes django CMS write a session row."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        return ""
    if not any(name in TOOLBAR_PARAMETERS for name, _value in pairs):
        return query
    return urlencode([pair for pair in pairs if pair[0] not in TOOLBAR_PARAMETERS])
