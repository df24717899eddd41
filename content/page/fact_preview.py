"""A draft of a fact as readers would see it, before anybody approves it."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import override

from content.models import Fact, Question, Result, Update
from content.page.reading import Reading
from content.page.results_shown import Fold, Results, result_shown


def of_draft(draft: Fact) -> SafeString | None:
    """The item with its numbered sources, in its own language; a result's picture. Nothing of other rows of tables."""
    match draft:
        case Result():
            return _picture(draft)
        case Update():
            return _rendered(draft, "update_list", "updates")
        case Question():
            return _rendered(draft, "question_list", "questions")
    return None


def _rendered(draft: Update | Question, component: str, name: str) -> SafeString:
    (text,) = draft.markdown
    with override(draft.language):
        reading = Reading([text], language=draft.language)
        items = {name: [(draft, reading.block(text))]}
        item = render_to_string(f"components/{component}.html", items)
        return item + render_to_string("components/sources.html", {"sources": reading.sources})


def _picture(draft: Result) -> SafeString:
    with override("en"):
        reading = Reading([], language="en", facts=[draft])
        data = Results([Fold("", "", [result_shown(draft, reading)])], [], False, [])
        picture = render_to_string("components/results.html", {"data": data})
        return picture + render_to_string("components/sources.html", {"sources": reading.sources})
