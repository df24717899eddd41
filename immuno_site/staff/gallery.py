"""The gallery: every component with made-up input, on one page for staff and for tests. Nothing here is a fact."""

from __future__ import annotations

import dataclasses
import datetime
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar

from django import forms
from django.conf import settings
from django.contrib.admin.views.decorators import staff_member_required
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from content.directory import Listed
from content.models import SiteProfile, Source, Update
from content.page.fact_changes import Change
from content.page.reading import NumberedSource
from content.page.tables import (
    Names,
    OccurrenceRow,
    SideEffectToKnow,
)
from content.page.uses import Chip, Day, Decision, Need, UseGroup, UseLine, Uses
from content.review.standing import Review

COMPONENTS = Path(settings.ROOT) / "templates" / "components"
DAY = datetime.date(2026, 1, 31)

LINKED = Listed("drug", "sample-a", "Sample A", "One plain sentence about sample A.", "#sample-a")
PLANNED = Listed("drug", "sample-b", "Sample B, without a page")
SITE = SiteProfile(
    pk=1,
    organization="Sample organization",
    who_pays="A sentence that says who pays.",
    phone="+000 00 000 0000",
    whatsapp="+000 00 000 0000",
    email="sample@example.org",
    address="Sample street 1\nSample town",
)
SOURCES = [
    NumberedSource(
        1,
        Source(
            key="sample-source",
            title="Title of a source",
            publisher="Its publisher",
            url="https://example.org/source",
            published_on=DAY,
            checked_on=DAY,
        ),
    )
]
LINES = [
    mark_safe('A line with a source<sup><a class="cite" href="#source-1" aria-label="Source 1">1</a></sup>'),
    "A second line, long enough to run over the end of the line on a narrow screen",
    "A third line",
    "A fourth line",
]
ANSWER = mark_safe("<p>An answer in <strong>plain</strong> words.</p>")


Row = TypeVar("Row", Decision, OccurrenceRow)
# What a row of a table holds where a sample says nothing of its own, by the type of the field.
_BY_TYPE: dict[str, Any] = {
    "str": "Plain words",
    "list[int]": [1],
    "datetime.date | None": DAY,
    "int | None": 1234,
}


def _sampled(row: type[Row], **given: Any) -> Row:  # as the row says
    """A row of a table: a new field of a fact shows by itself."""
    own: dict[str, Any] = {field.name: _BY_TYPE.get(str(field.type)) for field in dataclasses.fields(row)}
    return row(**own | given)


def _use(*, is_over: bool = False) -> UseLine:
    needs = [[Need("Sample marker", "#x", "1% or more"), Need("Sample change", "")]]
    decision = _sampled(
        Decision,
        regulator="FDA (United States)",
        needs=needs,
        later=[Day("Limited to fewer people", DAY)],
        withdrawn_on=DAY if is_over else None,
    )
    states = ("year", "tick", "unread", "no-record", "no", "ended")
    chips = [Chip("US", state, DAY.year) for state in states]
    return UseLine("Sample A", "with sample B", "After surgery", chips, [LINKED], [decision], is_over)


def _occurrence(percent_any: str | None, percent_severe: str | None) -> OccurrenceRow:
    return _sampled(
        OccurrenceRow,
        side_effect=LINKED,
        treatment=LINKED,
        how_common="Very common: 1 in 10 people or more",
        how_common_code="very-common",
        percent_any=Decimal(percent_any) if percent_any else None,
        percent_severe=Decimal(percent_severe) if percent_severe else None,
        context="Given alone",
    )


def _review(status: str) -> Review:
    checked = status != "unreviewed"
    return Review(
        status=status,
        reviewer="Name of a clinician, role" if checked else "",
        reviewed_on=DAY if checked else None,
        next_review_due=DAY if status == "overdue" else datetime.date(2999, 1, 31),
        written_by="Name of a writer",
        checked_on=DAY,
    )


class SampleForm(forms.Form):
    """One field of each sort, all with an error."""

    question = forms.CharField(label=_("Your question"), help_text=_("A hint."), widget=forms.Textarea)
    how = forms.ChoiceField(
        label=_("How shall we answer?"),
        choices=[("a", "One way"), ("b", "Another")],
        widget=forms.RadioSelect,
    )
    where = forms.ChoiceField(label=_("Where do you live?"), choices=[("", "Choose"), ("a", "A country")])


FORM = SampleForm({"question": "", "how": "", "where": ""})
USES = Uses(
    [UseGroup("use-sample", "Sample cancer", "#sample", ["Sample A"], [_use()])],
    [_use(is_over=True)],
    is_short=True,
)
EFFECTS = [
    SimpleNamespace(name=f"Side effect {urgency}", urgency=urgency, get_absolute_url="#", symptoms=[])
    for urgency in ("emergency", "same_day", "routine")
]
UPDATES = [
    (
        Update(
            slug=f"sample-update-{review_state}",
            kind="approval",
            happened_on=DAY,
            title="Title of an update",
            review_state=review_state,
        ),
        ANSWER,
    )
    for review_state in ("unreviewed", "reviewed")
]
QUESTIONS = [(SimpleNamespace(slug="sample-question", question="A question?"), ANSWER)]
LANGUAGES = [
    {"code": "en", "name": "English", "url": "#en", "current": True},
    {"code": "he", "name": "עברית", "url": "#he", "current": False},
]

# Component -> the inputs of each sample shown of it.
SAMPLES: dict[str, list[dict[str, object]]] = {
    "act": [
        {
            "act": {"emergency": LINES, "same_day": LINES[1:3], "next_visit": LINES[2:]},
            "emergency_words": SITE.emergency_words,
        }
    ],
    "also_called": [{"names": ["another name", "a third"]}],
    "body_map": [{"parts": [("lungs", "Lungs", EFFECTS), ("skin", "Skin", EFFECTS)]}],
    "breadcrumbs": [{"items": [("Home", "#home"), ("A list", "#list")]}],
    "cancers": [{"data": [LINKED, PLANNED]}],
    "cancers_and_medicines": [{"data": USES}],
    "cards": [{"entries": [LINKED, PLANNED]}],
    "care_card": [{"urgency": "same_day", "html": ANSWER}],
    "changes": [{"changes": [Change(DAY, "What is new.")]}],
    "chapters": [{"pages": [("A guide", "#guide"), ("Its first part", "#part")], "path": "#part"}],
    "consultation_call": [{"site": SITE, "about": "drug:sample-a"}],
    "contact_box": [{"site": SITE}],
    "diagram": [{"name": "checkpoint-inhibitor"}, {"name": "car-t"}, {"name": "bcg"}],
    "do_dont_list": [{"do": LINES[1:], "dont": LINES[2:]}],
    "doors": [{}],
    "not_listed": [{}],
    "emergency_strip": [{"emergency_words": SITE.emergency_words}],
    "entry_list": [{"entries": [LINKED, PLANNED]}],
    "error_summary": [{"form": FORM}],
    "field": [{"field": FORM["question"]}, {"field": FORM["how"]}, {"field": FORM["where"]}],
    "how_common": [{"data": [_occurrence("34.50", "3.20"), _occurrence(None, None)], "kind": "drug"}],
    "indications": [{"data": USES}],
    "key_message": [{"html": ANSWER}],
    "language_switcher": [{"languages": LANGUAGES}],
    "leaflets": [{"data": [SOURCES[0].source]}],
    "letters": [{"by_letter": [("A", []), ("B", [])]}],
    "list_filter": [
        {"label": "Type to narrow the list"},
        {"label": "Type what you notice", "is_of_signs": True, "emergency_words": SITE.emergency_words},
    ],
    "medicines": [{"data": [LINKED, PLANNED]}],
    "names": [
        {
            "data": Names(
                generic="sample A",
                brands=["Brand"],
                pronunciation="SAM-pul",
                other_names=["Brand", "another name"],
                therapy_class=PLANNED,
                targets=["X-1"],
                route="By mouth",
            )
        }
    ],
    "on_this_page": [{"items": [("act", "Act"), ("sources", "Sources")]}],
    "page_tools": [{"path": "/sample/"}],
    "question_list": [{"questions": QUESTIONS}],
    "review_line": [{"review": _review(status)} for status in ("unreviewed", "reviewed", "overdue")],
    "review_note": [{"review": _review("reviewed")}],
    "search_form": [{"query": "melanoma"}],
    "search_results": [{"results": [LINKED]}],
    "side_effect_list": [{"effects": EFFECTS}],
    "side_effects": [{"data": [SideEffectToKnow(LINKED, "emergency", "Emergency", how_common="Common")]}],
    "sources": [{"sources": SOURCES}],
    "treatments": [{"data": [LINKED, PLANNED]}],
    "unreviewed_line": [{}],
    "use_line": [{"line": _use()}],
    "uses": [{"data": USES}],
    "update_list": [{"updates": UPDATES}],
    "words_above": [{"intro": SimpleNamespace(html=ANSWER, review=_review("unreviewed"))}],
    "urgency_badge": [{"urgency": urgency} for urgency in ("emergency", "same_day", "routine")],
}


@dataclass(frozen=True)
class Sample:
    name: str
    html: SafeString


def samples() -> list[Sample]:
    """Every component with its samples, by name."""
    return [
        Sample(
            name,
            mark_safe(  # noqa: S308 - templates escape
                "\n".join(render_to_string(f"components/{name}.html", inputs) for inputs in all_inputs)
            ),
        )
        for name, all_inputs in SAMPLES.items()
    ]


@staff_member_required
def gallery(request: HttpRequest) -> TemplateResponse:
    return TemplateResponse(request, "content/gallery.html", {"samples": samples()})
