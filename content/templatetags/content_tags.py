"""What our templates need beyond Django's and django CMS's tags."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from classytags.arguments import Argument
from classytags.core import Options
from cms.models import PageContent
from cms.templatetags.cms_tags import CMSEditableObjectBlock, CMSToolbar
from django import template
from django.conf import settings
from django.template.context import Context
from django.template.defaultfilters import linebreaksbr
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, get_language_info, gettext, gettext_lazy, override

from content import edition
from content.emergency import Dial
from content.kinds import KINDS, Kind, ranked
from content.models import SiteProfile
from content.page import care_cards, component, languages
from content.page.signs_shown import joined
from content.page.story import StoryFoot, stories_of
from content.review import standing
from content.text import dialing
from content.text.hints import HandedOn
from content.web import structured_data

register = template.Library()


class PublicPage(NamedTuple):
    """A CMS page that can be visited, as menus and trails name it."""

    pk: int
    reverse_id: str
    parent_pk: int | None
    path: str  # of the tree: a page's path begins with that of every page above it
    is_home: bool
    in_menu: bool
    title: str
    url: str

    @property
    def named(self) -> tuple[str, str]:
        return (self.title, self.url)


@register.simple_tag
def not_checked(what: str) -> str:
    """That no clinician has checked it. `what` is a key of `standing.NOT_CHECKED`."""
    return str(standing.NOT_CHECKED[what])


@register.simple_tag(takes_context=True)
def top_pages(context: Context) -> dict[str, list[tuple[str, str]]]:
    """The top CMS pages, as (title, address): those in the menu, and the others for the footer."""
    top = [page for page in _pages(context) if page.parent_pk is None and not page.is_home]
    return {
        "menu": [page.named for page in top if page.in_menu],
        "footer": [page.named for page in top if not page.in_menu],
    }


@register.simple_tag(takes_context=True)
def main_menu(context: Context, pages: list[tuple[str, str]]) -> SafeString:
    """The lists people look for first, then the CMS pages that editors put into the menu; below, the other lists."""
    here = context["request"].path
    lists, others = edition.shared(("lists", get_language()), _menu_lists)
    items = [
        {"title": title, "hint": hint, "url": url, "current": here.startswith(url)}
        for title, hint, url in [*lists, *((title, "", url) for title, url in pages)]
    ]
    return component.draw(
        "components/main_menu.html",
        {
            "items": items,
            "others": others,
            "asks": here.startswith(reverse("consultations:start")),
            "site": context["site"],
        },
    )


def _menu_lists() -> tuple[list[tuple[str, str, str]], list[tuple[str, str]]]:
    """(title, half a line, address) of the lists in the menu; (title, address) of the others."""
    return (
        [
            (str(kind.title_in_menu or kind.title), str(kind.hint_in_menu), _list_address(kind))
            for kind in KINDS.values()
            if kind.in_menu
        ],
        [(str(kind.title), _list_address(kind)) for kind in ranked() if not kind.in_menu],
    )


@register.simple_tag
def lists_in_footer() -> list[tuple[str, str]]:
    """(title, address) of every list of entries."""
    return [(str(kind.title), _list_address(kind)) for kind in ranked()]


def _list_address(kind: Kind) -> str:
    return reverse(f"content:{kind.name}-list")


# What search finds beside entries.
_OTHER_KINDS = {
    "question": gettext_lazy("Question"),
    "glossary": gettext_lazy("Word explained"),
    "update": gettext_lazy("Update"),
    "page": gettext_lazy("Page"),
}


@register.simple_tag
def kind_name(name: str) -> str:
    """What a reader calls one page of this kind."""
    return _kind_name(name, get_language())


@lru_cache(maxsize=100)  # a list of what was found asks thirty times
def _kind_name(name: str, language: str | None) -> str:
    return str(KINDS[name].singular if name in KINDS else _OTHER_KINDS.get(name, _OTHER_KINDS["page"]))


@register.simple_tag(takes_context=True)
def chapters(context: Context) -> list[tuple[str, str]]:
    """(title, address) of the CMS page on top and the pages below it; nothing if it stands alone."""
    here = context["request"].current_page
    if here is None:
        return []
    top = here.parent_id or here.pk
    pages = [
        page.named for page in _pages(context) if page.pk == top or (page.parent_pk == top and page.in_menu)
    ]
    return pages if len(pages) > 1 else []


def _pages(context: Context) -> list[PublicPage]:
    """All CMS pages of this language in tree order, asked once a request; the CMS's own menu would build the site."""
    request, language = context["request"], get_language() or settings.LANGUAGE_CODE
    if not hasattr(request, "_public_pages"):
        request._public_pages = _pages_in(language)
    return request._public_pages


def _pages_in(language: str) -> list[PublicPage]:
    with override(language):  # their addresses begin with it
        return edition.shared(("menu", language), lambda: list(_public_pages(language)))


def _public_pages(language: str) -> Iterator[PublicPage]:
    rows = (
        PageContent.objects.filter(
            language=language,
            page__urls__language=language,
            page__urls__path__isnull=False,  # below a page that is not public
        )
        # Words above a list have no address of their own to speak of: they are shown on the list.
        .exclude(page__reverse_id__startswith="list-")
        .order_by("page__path")
        .values_list(
            "page", "page__reverse_id", "page__parent", "page__path", "page__is_home", "in_navigation",
            "menu_title", "title", "page__urls__path",
        )
    )  # fmt: skip
    for pk, name, parent, tree, is_home, in_menu, menu_title, title, path in rows:
        yield PublicPage(
            pk, name or "", parent, tree, is_home, in_menu, menu_title or title, _address_of(path)
        )


@register.simple_tag
def page_named(reverse_id: str) -> dict[str, str] | None:
    """Address and language of a CMS page in the reader's language, or in English; nothing if it is not public."""
    for language in dict.fromkeys((get_language() or "en", "en")):
        for page in _pages_in(language):
            if page.reverse_id == reverse_id:
                return {"url": page.url, "language": language}
    return None


@register.filter
def told(site: SiteProfile, name: str) -> str:
    """A text of the profile; one that is there in English only is marked so, and keeps its direction."""
    words, language = site.text(name)
    html = linebreaksbr(words, autoescape=True)
    if not words or language == get_language():
        return html
    direction = "rtl" if get_language_info(language)["bidi"] else "ltr"
    return format_html('<span lang="{}" dir="{}">{}</span>', language, direction, html)


@register.filter
def in_a_line(dials: list[Dial]) -> SafeString:
    """Numbers to tap, within a sentence."""
    between = conditional_escape(gettext(", "))
    return format_html_join(between, "{}", ((_dialed(dial),) for dial in dials))


def _dialed(dial: Dial) -> str:
    return format_html('<a href="{}">{}</a>', dial.address, dial.words) if dial.address else dial.words


@register.filter
def linked_in_a_row(partners: list[care_cards.Partner]) -> SafeString:
    """ "A checkpoint inhibitor or BCG", each a link."""
    links: list[str] = [format_html('<a href="{}">{}</a>', one.url, one.noun) for one in partners]
    return mark_safe(joined(links))  # noqa: S308 - what is joined is escaped


@register.filter
def isolated(words: str) -> SafeString:
    """A name in its own direction within a sentence of any."""
    return format_html("<bdi>{}</bdi>", words)


@register.filter
def whatsapp_address(number: str, text: str) -> str:
    return dialing.whatsapp(number, text)


def _address_of(path: str) -> str:
    return reverse("pages-details-by-slug", kwargs={"slug": path}) if path else reverse("pages-root")


class _StaffToolbar(CMSToolbar):
    """`{% staff_toolbar %}`: django CMS's `cms_toolbar`, made only for whoever gets to see it."""

    name = "staff_toolbar"

    def render_tag(self, context: Context, **kwargs: template.NodeList) -> str:
        user = getattr(
            context.get("request"), "user", None
        )  # an error page may come before anybody was asked
        if user is not None and user.is_staff:
            return super().render_tag(context, **kwargs)
        return kwargs["nodelist"].render(context)


register.tag(_StaffToolbar.name, _StaffToolbar)


class _Editable(CMSEditableObjectBlock):
    """`{% editable content "field" %}...{% endeditable %}`: django CMS's `render_model_block`, but only for whoever
    edits; for everybody else it would draw a template of its own around each block."""

    name = "editable"
    options = Options(
        Argument("instance"),
        Argument("edit_fields"),
        Argument("language", default=None, required=False),
        Argument("view_url", default=None, required=False),
        Argument("view_method", default=None, required=False),
        "as",
        Argument("varname", required=False, resolve=False),
        blocks=[("endeditable", "nodelist")],
    )

    def render_tag(self, context: Context, **kwargs: HandedOn) -> str:
        if self._is_editable(context.get("request")):
            return super().render_tag(context, **kwargs)
        return kwargs["nodelist"].render(context)


register.tag(_Editable.name, _Editable)


class _Capture(template.Node):
    """Renders what it holds into a variable, to be shown after something that depends on it."""

    def __init__(self, nodelist: template.NodeList, name: str) -> None:
        self.nodelist, self.name = nodelist, name

    def render(self, context: Context) -> str:
        context[self.name] = self.nodelist.render(context)
        return ""


@register.tag
def capture(parser: template.base.Parser, token: template.base.Token) -> _Capture:
    """`{% capture as body %}...{% endcapture %}`: a page's blocks come first, because they number its sources."""
    _tag, _as, name = token.split_contents()
    nodelist = parser.parse(("endcapture",))
    parser.delete_first_token()
    return _Capture(nodelist, name)


@register.simple_tag(takes_context=True)
def page_trail(context: Context) -> list[tuple[str, str]]:
    """(title, address) of the pages above the CMS page being shown, from the home page down."""
    here = context["current_pagecontent"].page
    above = [
        page.named
        for page in _pages(context)
        if here.path.startswith(page.path) and page.pk != here.pk and not page.is_home
    ]
    return [(gettext("Home"), reverse("pages-root")), *above]


@register.simple_tag
def kept(template_name: str, **inputs: object) -> SafeString:
    """`{% kept "components/x.html" a=1 %}` for `{% include "components/x.html" with a=1 only %}`, drawn once for the
    same values. Not for what asks the database or the clock."""
    return component.draw(template_name, inputs)


@register.simple_tag
def gravest_signs() -> list[care_cards.Line]:
    """What cannot wait, whatever the treatment."""
    return care_cards.gravest(get_language() or settings.LANGUAGE_CODE)


@register.simple_tag
def kept_answer(template_name: str, **inputs: object) -> SafeString:
    """The same for a component that shows what a reader typed, or what was found for it."""
    return component.draw(template_name, inputs, asked=True)


@register.simple_tag(takes_context=True)
def page_languages(context: Context) -> list[dict[str, object]]:
    """The languages this page can be read in: as its view says, or those a CMS page is published in."""
    if "languages" in context or "current_pagecontent" not in context:
        return context.get("languages") or []
    page = context["current_pagecontent"].page
    codes = PageContent.objects.filter(page=page).values_list("language", flat=True)
    return languages.links(codes, page.get_absolute_url)


@register.simple_tag(takes_context=True)
def story_foot(context: Context) -> StoryFoot:
    """Review, sources and changes of the CMS page being shown, once its blocks are rendered."""
    return StoryFoot(context["current_pagecontent"], stories_of(context["request"]))


@register.simple_tag(takes_context=True)
def story_structured_data(context: Context, foot: StoryFoot) -> SafeString:
    """What search engines are told of the CMS page being shown; after its blocks, which number its sources."""
    content: PageContent = context["current_pagecontent"]
    return json_ld(structured_data.story(content, foot, page_trail(context), context["site"]))


@register.simple_tag(takes_context=True)
def home_structured_data(context: Context) -> SafeString:
    return json_ld(structured_data.home(context["site"], name=gettext("Immunotherapy, explained")))


@register.filter
def of_day(date: str) -> str:
    """2026-08 as August 2026, in the reader's language; other words of a source as they are."""
    if not re.fullmatch(r"[0-9]{4}(?:-[0-9]{2}){0,2}", date):
        return date
    day = datetime.date(*map(int, f"{date}-01-01".split("-")[:3]))
    precision = {4: "Y", 7: gettext("F Y"), 10: gettext("j F Y")}
    return date_format(day, precision[len(date)])


@register.simple_tag
def json_ld(data: dict[str, object] | None) -> SafeString:
    """Structured data as one script block that is data: nothing in it can end the block or run."""
    if not data:
        return SafeString("")
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for character, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(character, escaped)
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(text))  # noqa: S308 - escaped above
