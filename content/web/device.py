"""Pages whose answers stay on the reader's device: nothing that is typed on them is ever sent."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import get_language, gettext

from content.models import TreatmentGroup
from content.page import languages
from content.tools import decision as sheet
from content.tools import diary as days
from content.tools import emergency_card, found
from content.tools import records as checklist


def card(request: HttpRequest) -> TemplateResponse:
    """The emergency card; without a script, and on paper, one with lines to write on."""
    context = {
        "data": emergency_card.shared_data(),
        "medicines": emergency_card.medicines(),
        "blank": emergency_card.blank(get_language() or "en"),
        "sources": emergency_card.sources(),
    }
    return _tool(request, "card", context)


def my_questions(request: HttpRequest) -> TemplateResponse:
    """What somebody wants to ask at the next visit."""
    return _tool(request, "my_questions", {"lines": range(12)})


def diary(request: HttpRequest) -> TemplateResponse:
    """What differs from one's usual, day by day; without a script, a table to fill in by hand."""
    context = {
        "lines": days.lines(),
        "rows": days.rows(),
        "groups": TreatmentGroup.choices,
        "days": range(14),
    }
    return _tool(request, "diary", context)


def records(request: HttpRequest) -> TemplateResponse:
    """What to gather for the cancer in the address; what is ticked stays on the device."""
    language, slug = get_language() or "en", request.GET.get("cancer", "")
    found = checklist.checklist(slug, language) if slug else None
    is_unknown = bool(slug and not found)
    context = {
        "cancers": checklist.cancers(language),
        "chosen": slug,
        "list": found,
        "is_unknown": is_unknown,
    }
    return _tool(request, "records", context, status=404 if is_unknown else 200)


def decision(request: HttpRequest) -> TemplateResponse:
    """Options of the cancer in the address, or one's own; what is written on the sheet stays on the device."""
    language, slug = get_language() or "en", request.GET.get("cancer", "")
    context: dict[str, Any] = {
        "cancers": found.cancers(language),
        "chosen": slug,
        "always": sheet.ALWAYS,
        "values": sheet.VALUES,
        "to_know": sheet.TO_KNOW,
        "standing": sheet.STANDING,
    }
    try:
        context["list"] = sheet.options(slug, language) if slug else None
    except found.Unknown:
        return _tool(request, "decision", context | {"is_unknown": True}, status=404)
    return _tool(request, "decision", context)


def offline(request: HttpRequest) -> TemplateResponse:
    """Which pages this device keeps; only the device knows."""
    return _tool(request, "offline", {})


def _tool(request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200) -> TemplateResponse:
    every_language = languages.of_view(f"content:{name.replace('_', '-')}")
    shared = {"breadcrumbs": [(gettext("Home"), "/")], "languages": every_language}
    return TemplateResponse(request, f"content/tools/{name}.html", context | shared, status=status)
