"""What our templates need beyond Django's and django CMS's tags."""

from __future__ import annotations

import json

from cms.models import PageContent
from django import template
from django.db.models import Q
from django.template.context import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

register = template.Library()

# Lists have fixed addresses; their place in the menu is fixed as well.
_LISTS = (
    ("cancer", _("Cancers")),
    ("therapy", _("Therapies")),
    ("drug", _("Medicines")),
    ("side-effect", _("Side effects")),
)


@register.inclusion_tag("components/main_menu.html", takes_context=True)
def main_menu(context: Context) -> dict[str, object]:
    """The lists, then the CMS pages that editors put into the menu."""
    here = context["request"].path
    lists = [(name, reverse(f"content:{kind}-list")) for kind, name in _LISTS]
    return {
        "items": [
            {"title": title, "url": url, "current": here.startswith(url)}
            for title, url in [*lists, *_top_pages(in_navigation=True)]
        ]
    }


@register.simple_tag
def footer_pages() -> list[tuple[str, str]]:
    """(title, address) of the CMS pages outside the menu: privacy, contact ..."""
    return _top_pages(in_navigation=False)


@register.simple_tag(takes_context=True)
def chapters(context: Context) -> list[tuple[str, str]]:
    """(title, address) of the CMS page on top and the pages below it; nothing if it stands alone."""
    page = context["request"].current_page
    if page is None:
        return []
    top = page.parent_id or page.pk
    pages = _pages(Q(page=top) | Q(page__parent=top), in_navigation=True)
    return pages if len(pages) > 1 else []


def _top_pages(*, in_navigation: bool) -> list[tuple[str, str]]:
    # Words above a list have no address of their own to speak of: they are shown on the list.
    top = Q(page__depth=1, page__is_home=False) & ~Q(page__reverse_id__startswith="list-")
    return _pages(top, in_navigation=in_navigation)


def _pages(which: Q, *, in_navigation: bool) -> list[tuple[str, str]]:
    """CMS pages in tree order. One query; django CMS's own menu would build every node of the site."""
    rows = (
        PageContent.objects.filter(
            which,
            language=get_language(),
            in_navigation=in_navigation,
            page__urls__language=get_language(),
        )
        .order_by("page__path")
        .values_list("menu_title", "title", "page__urls__path")
    )
    return [
        (menu_title or title, reverse("pages-details-by-slug", kwargs={"slug": path}))
        for menu_title, title, path in rows
    ]


@register.simple_tag
def json_ld(data: dict[str, object] | None) -> SafeString:
    """Structured data as one script block that is data: nothing in it can end the block or run."""
    if not data:
        return SafeString("")
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for character, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(character, escaped)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))  # noqa: S308 - escaped above
