"""The pages of the tools. What a reader chose stands in the address, and nowhere else."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext

from content.page import languages
from content.tools import compare as side_by_side
from content.tools import found


def find(request: HttpRequest) -> HttpResponse:
    """First which cancer, then what is known of it, then the uses: each step an address."""
    language = get_language() or "en"
    slug = request.GET.get("cancer", "")
    context: dict[str, object] = {
        "cancers": found.cancers(language),
        "chosen": slug,
        "breadcrumbs": [(gettext("Home"), "/")],
        "languages": _everywhere("find"),
        "has_asked": bool(request.GET),
    }
    if not slug:
        return TemplateResponse(request, "content/find.html", context)
    try:
        known = found.library(slug, language)
        form, answers = found.form(known, request.GET)
    except found.Unknown:
        return TemplateResponse(request, "content/find.html", context | {"is_unknown": True}, status=404)
    context |= {"known": known, "form": form, "asked": found.asked_in_words(known, form)}
    if request.GET.get("show") and not form.is_wrong:
        context |= {"found": found.found_uses(known, answers), "change": _without(request, "show")}
    return TemplateResponse(request, "content/find.html", context)


def _without(request: HttpRequest, name: str) -> str:
    query = request.GET.copy()
    query.pop(name, None)
    return f"{request.path}?{query.urlencode()}"


def _everywhere(name: str) -> list[dict[str, object]]:
    """A tool is there in every language of the site, whatever is written in it."""
    return languages.links(dict(settings.LANGUAGES), lambda _code: reverse(f"content:{name}"))


def compare(request: HttpRequest) -> HttpResponse:
    """Two to four side by side; with fewer or more, what to choose."""
    language = get_language() or "en"
    values = [value for value in request.GET.getlist("drug") if value]
    context: dict[str, object] = {
        "breadcrumbs": [(gettext("Home"), "/")],
        "languages": _everywhere("compare"),
        "has_asked": bool(values),
    }
    try:
        columns = side_by_side.chosen(values, language)
    except side_by_side.Unknown:
        choices = {"kinds": side_by_side.all_names(language), "is_unknown": True, "room": range(2)}
        return TemplateResponse(request, "content/compare.html", context | choices, status=404)
    context["columns"] = [(column, _with_drugs(request, columns, without=column)) for column in columns]
    context["is_too_many"] = len(columns) > side_by_side.MOST
    context["was_twice"] = len(columns) < len(values)
    if side_by_side.FEWEST <= len(columns) <= side_by_side.MOST:
        context["comparison"] = side_by_side.comparison(columns, language)
    if len(columns) < side_by_side.MOST:
        context["kinds"] = side_by_side.all_names(language)
        context["room"] = range(max(1, side_by_side.FEWEST - len(columns)))
    return TemplateResponse(request, "content/compare.html", context)


def _with_drugs(
    request: HttpRequest, columns: list[side_by_side.Column], *, without: side_by_side.Column
) -> str:
    query = QueryDict(mutable=True)
    query.setlist("drug", [column.value for column in columns if column is not without])
    return f"{request.path}?{query.urlencode(safe=',')}"
