"""The pages of the tools. What a reader chose stands in the address, and nowhere else; own words stand nowhere."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils.translation import get_language, gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters

from content.page import care_cards, languages
from content.tools import compare as side_by_side
from content.tools import found
from content.tools import symptoms as look_up


def find(request: HttpRequest) -> HttpResponse:
    """First which cancer, then what is known of it, then the uses: each step an address."""
    language = get_language() or "en"
    slug = request.GET.get("cancer", "")
    context: dict[str, object] = {
        "cancers": found.cancers(language),
        "chosen": slug,
        "breadcrumbs": [(gettext("Home"), "/")],
        "languages": languages.of_view("content:find"),
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


def compare(request: HttpRequest) -> HttpResponse:
    """Two to four side by side; with fewer or more, what to choose."""
    language = get_language() or "en"
    values = [value for value in request.GET.getlist("drug") if value]
    context: dict[str, object] = {
        "breadcrumbs": [(gettext("Home"), "/")],
        "languages": languages.of_view("content:compare"),
        "has_asked": bool(values),
    }
    try:
        columns = side_by_side.chosen(values, language)
    except side_by_side.Unknown:
        to_choose = {"choices": side_by_side.choices(language), "is_unknown": True, "room": range(2)}
        return TemplateResponse(request, "content/compare.html", context | to_choose, status=404)
    context["columns"] = [(column, _with_drugs(request, columns, without=column)) for column in columns]
    context["is_too_many"] = len(columns) > side_by_side.MOST
    context["was_twice"] = len(columns) < len(values)
    if side_by_side.FEWEST <= len(columns) <= side_by_side.MOST:
        context["comparison"] = side_by_side.comparison(columns, language)
    if len(columns) < side_by_side.MOST:
        context["choices"] = side_by_side.choices(language)
        context["room"] = range(max(1, side_by_side.FEWEST - len(columns)))
    return TemplateResponse(request, "content/compare.html", context)


def _with_drugs(
    request: HttpRequest, columns: list[side_by_side.Column], *, without: side_by_side.Column
) -> str:
    query = QueryDict(mutable=True)
    query.setlist("drug", [column.value for column in columns if column is not without])
    return f"{request.path}?{query.urlencode(safe=',')}"


@csrf_exempt  # it changes nothing, and a token would need a cookie
@sensitive_post_parameters()
def symptoms(request: HttpRequest) -> HttpResponse:
    """First which treatment, then all signs by how fast to act. Own words come in the body of a POST, which is neither
    logged nor kept: an address would stay in histories, logs and the page cache."""
    language = get_language() or "en"
    values = [value for value in request.GET.getlist("treatment") if value]
    context: dict[str, object] = {
        "breadcrumbs": [(gettext("Home"), "/")],
        "languages": languages.of_view("content:symptoms"),
        "medicines": look_up.medicines(language),
        "kinds": look_up.kinds(),
        "not_sure": look_up.NOT_SURE,
        "signs": care_cards.gravest(language),
        "has_asked": bool(values),
        "answer": None,
    }
    try:
        treatments = look_up.chosen(values, language)
    except look_up.Unknown:
        return TemplateResponse(request, "content/symptoms.html", context | {"is_unknown": True}, status=404)
    words = (
        request.POST.get("words", "").strip()[: look_up.LONGEST_WORDS] if request.method == "POST" else None
    )
    if values or words is not None:
        answer = look_up.answer(treatments, language, words or None)
        context |= {
            "answer": answer,
            "signs": answer.gravest,
            "treatments": treatments,
            "words": words,
            "parts": [(part.code, part.name, part.behind) for part in answer.parts],
        }
    response = TemplateResponse(request, "content/symptoms.html", context)
    if request.method == "POST":
        response["Cache-Control"] = "no-store, private"
    return response
