"""The pages of the tools. What a reader chose stands in the address, and nowhere else."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext

from content.page import languages
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
