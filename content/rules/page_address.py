"""Addresses of CMS pages: none may be hidden by a fixed one. The words above a list live at the list's address."""

from __future__ import annotations

from cms.models import Page, PageContent, PageUrl
from django.conf import settings
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from content.kinds import KINDS

# Taken, whether or not an application answers there yet.
RESERVED = frozenset(
    {
        "accounts", "admin", "api", "callback", "compare", "consultation", "feedback", "find", "healthz", "login",
        "logout", "media", "readyz", "robots.txt", "sitemap.xml", "static", "symptoms",
    }
)  # fmt: skip
CMS_VIEWS = frozenset({"pages-root", "pages-details-by-slug"})


def lists() -> dict[str, str]:
    """The CMS page of this reverse_id holds the words above the list of this name."""
    of_rows = {f"list-{kind}": f"content:{kind}-list" for kind in (*KINDS, "question", "update")}
    return of_rows | {"list-glossary": "content:glossary"}


def of_list(reverse_id: str | None) -> str:
    """The address of the list a page's words stand above, without slashes; empty for other pages."""
    name = lists().get(reverse_id or "")
    if not name:
        return ""
    with override(settings.LANGUAGE_CODE):
        return reverse(name).strip("/")


def is_hidden(path: str | None) -> bool:
    """Would a fixed address answer in place of a CMS page at this path?"""
    if not path:
        return False
    first = path.strip("/").split("/")[0].lower()
    if first in RESERVED or first in dict(settings.LANGUAGES):
        return True
    with override(settings.LANGUAGE_CODE):
        try:
            match = resolve(f"/{path.strip('/')}/")
        except Resolver404:
            return True
    return match.url_name not in CMS_VIEWS


def why_not(page: Page | None, path: str | None) -> str:
    """The reason a page cannot have this path, or an empty text."""
    own = of_list(page.reverse_id) if page else ""
    if own:
        return "" if path == own else _("These are the words above a list: their address stays /%s/.") % own
    if is_hidden(path):
        return _("/%s/ belongs to another part of the site and would hide this page. Choose another.") % path
    return ""


def settle(content: PageContent) -> None:
    """Words above a list take its address and stay out of the menu, whatever a form says."""
    if own := of_list(content.page.reverse_id):
        content.overwrite_url, content.in_navigation = own, False


def why_hidden(content: PageContent) -> str:
    """The reason readers could not reach this version, or an empty text."""
    page = content.page
    return why_not(page, page.get_url_data(content.slug, content.overwrite_url, content.language)["path"])


def why_astray(content: PageContent) -> str:
    """The reason this page must not send its readers on as its settings say, or an empty text."""
    own = content.page.get_url_data(content.slug, content.overwrite_url, content.language)["path"]
    passed, target = {(content.language, own)}, content.redirect or ""
    while target:
        if target.startswith("https://"):
            return ""
        if not target.startswith("/") or target.startswith(("//", "/\\")):
            return _("Its redirect %s is no address: write /guide/ or https://...") % target
        language, path = _split(target)
        if (language, path) in passed:
            return _("Its redirect leads to %s, which leads back. Readers would never arrive.") % target
        passed.add((language, path))
        if path and is_hidden(path):
            return "" if _answers(path) else _("Its redirect leads to %s, where nothing is.") % target
        url = PageUrl.objects.filter(language=language, path=path).first()
        page = url and PageContent.objects.filter(page=url.page_id, language=language).first()
        if page is None:
            return _("Its redirect leads to %s, where no public page is.") % target
        target = page.redirect or ""
    return ""


def _split(target: str) -> tuple[str, str]:
    """The language and path of an address on this site."""
    path = target.partition("#")[0].partition("?")[0].strip("/")
    first, _slash, rest = path.partition("/")
    is_translated = first in dict(settings.LANGUAGES) and first != settings.LANGUAGE_CODE
    return (first, rest) if is_translated else (settings.LANGUAGE_CODE, path)


def _answers(path: str) -> bool:
    """Is this one of the fixed addresses? What an entry's address leads to may come and go."""
    with override(settings.LANGUAGE_CODE):
        try:
            resolve(f"/{path}/")
        except Resolver404:
            return False
    return True
