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
from content.kinds import KINDS
from content.models import DrugContent, SiteProfile, Source, Update
from content.page.care_cards import CareCard
from content.page.care_cards import Line as CareLine
from content.page.choices import Both, Choices, Compared
from content.page.coverage_shown import CoverageShown, CoveredPlace, MedicineRead, MissingUse, TextRead
from content.page.diagrams import DIAGRAMS
from content.page.drawings import BODY_PARTS
from content.page.fact_changes import Change
from content.page.news import News
from content.page.reading import Explained, NumberedSource
from content.page.results_shown import Figure, Fold, Group, Line, Picture, Results, ResultShown
from content.page.tables import (
    Answered,
    Help,
    HowCommon,
    Medicines,
    Names,
    OccurrenceRow,
    SideEffectToKnow,
)
from content.page.temperatures import Step, Temperatures, Treated
from content.page.uses import Chip, Day, Decision, Limit, Need, UseGroup, UseLine, Uses
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

_PHRASES = dict.fromkeys(
    ("title", "warning", "think", "steroid_line", "codes", "unchecked"), "A sample sentence"
)
EMERGENCY_CARD = {
    "staff": "he",
    "own": "en",
    "above": {"dir": "rtl", "phrases": _PHRASES},
    "below": {"dir": "ltr", "phrases": _PHRASES},
    "lines": [("name", "Name above", "Name below")],
    "think_above": ["Sample effect"],
    "think_below": ["Sample effect"],
}


def _source(number: int, **more: Any) -> NumberedSource:  # columns
    source = Source(
        key="sample-source",
        title="Title of a source",
        publisher="Its publisher",
        url="https://example.org/source",
        checked_on=DAY,
        **more,
    )
    return NumberedSource(number, source)


SOURCES = [
    _source(1, published_on=DAY),
    _source(2, kind="label", text_of="2026-01"),
    _source(3, kind="label"),
]
LINES = [
    mark_safe('A line with a source.<a class="cite" data-n="1" href="#source-1" aria-label="Source 1"></a>'),
    "A second line, long enough to run over the end of the line on a narrow screen",
    "A third line",
    "A fourth line",
]
CARE_CARDS = [
    CareCard(
        "emergency",
        [
            CareLine(
                "A sign",
                "if you also have another treatment",
                "what to add",
                ("What to add for some",),
            ),
            *[CareLine(f"Sign {number}") for number in range(2, 10)],
        ],
        [1],
        most_open=5,
    ),
    CareCard(
        "same_day",
        [CareLine("A sign", qualifier="also a mild one", is_named=True), CareLine("Sign 2")],
        [1],
        most_open=4,
        for_treated=True,
    ),
    CareCard("next_visit", [CareLine("A sign that may wait")], [1], most_open=0),
]
LONG_CARD = CareCard(
    "same_day",
    [CareLine(f"Sign {number}", body_part=("skin", "lungs", "")[number % 3]) for number in range(12)],
    [1],
    most_open=4,
)
TEMPERATURES = Temperatures(
    (
        Treated(
            ("A treatment", "Another"),
            (Step("A temperature", "same_day", ()), Step("A higher one", "emergency", ())),
        ),
        Treated(("A third",), (Step("A higher one", "same_day", ("After a third: what to add",)),)),
        Treated((), (Step("A low one", "emergency", ()),)),
    ),
    [1],
)
ANSWER = mark_safe("<p>An answer in <strong>plain</strong> words.</p>")
ANSWERED = [Answered("sample", "Sample A: how does it help?", "Sample A", ANSWER)]


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
    states = ("year", "tick", "other-line", "unread", "no-record", "no", "ended")
    chips = [Chip("US", state, DAY.year) for state in states]
    wording = "US: a sample stage; EU: another one"
    return UseLine(
        "Sample A", "with sample B", "After surgery", wording, chips, [LINKED], [decision], is_over
    )


def _occurrence(percent_any: str | None, percent_severe: str | None) -> OccurrenceRow:
    return _sampled(
        OccurrenceRow,
        side_effect=LINKED,
        treatment=LINKED,
        how_common="Very common: 1 in 10 people or more",
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


UNCHECKED = ["12 approved uses", "40 side-effect figures"]
PARTLY_CHECKED = dataclasses.replace(_review("reviewed"), status="unreviewed", unchecked=UNCHECKED)


def _place(name: str, **said: Any) -> CoveredPlace:  # of whatever a regulator says
    nothing: dict[str, Any] = {"is_unread": False, "texts": [], "unread": [], "missing": []}
    return CoveredPlace(name=name, **nothing | said)


def _text_read(text_of: str) -> TextRead:
    medicines = [MedicineRead(LINKED, "2026-08", [2]), MedicineRead(PLANNED, "", [])]
    return TextRead(medicines, text_of, checked_on=DAY, source_numbers=[1])


COVERED = [
    _place("A country", texts=[_text_read("")], unread=[PLANNED]),
    _place(
        "A union", texts=[_text_read("2026-01")], uses=3, entered=2, missing=[MissingUse(LINKED, PLANNED, [])]
    ),
    _place("Another country", is_unread=True),
]


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
    ["Sample A"],
    [Limit("Sample A", "US", DAY)],
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

_HELPED, _HARMED = [Figure(52), Figure(26, "26.4", 20, 33)], [Figure(58), Figure(0)]
COMPARED = Compared(
    "Sample cancer that has spread",
    "sample B",
    True,
    [Both("alive", "after 5 years", False, "26", "52"), Both("how long half lived", "", True, "9", "15")],
    True,
    [1],
)
_ALIVE = Line("benefit", "alive", "after 5 years", "people", [("sample A", "52"), ("sample B", "26")])
RESULT = ResultShown(
    population="Sample cancer that has spread",
    trial="SAMPLE-1",
    registry_id="NCT00000000",
    people=945,
    analysis="Counted after 5 years",
    pictures=[
        Picture("benefit", "alive", "after 5 years", _HELPED),
        Picture("harm", "had a severe side effect", "within 5 years", _HARMED),
    ],
    groups=[
        Group("sample A", 470, [("benefit", _HELPED[0]), ("harm", _HARMED[0])]),
        Group("sample B", None, [("benefit", _HELPED[1]), ("harm", _HARMED[1])]),
    ],
    told=[_ALIVE],
    lines=[Line("benefit", "how long half lived", "in the last look", "months", [("sample A", "9")])],
    differences=["26 more of 100: alive after 5 years"],
    compares=None,
    first_benefit=_ALIVE,
    months=None,
    harm_not_read=False,
    is_alone=False,
    is_randomized=True,
    source_numbers=[1],
    publisher="Its publisher",
)
ALONE = dataclasses.replace(
    RESULT,
    pictures=RESULT.pictures[:1],
    groups=[Group("sample A", 470, [("benefit", _HELPED[0])])],
    first_benefit=dataclasses.replace(_ALIVE, values=_ALIVE.values[:1]),
    differences=[],
    harm_not_read=True,
    is_alone=True,
)

# Component -> the inputs of each sample shown of it.
SAMPLES: dict[str, list[dict[str, object]]] = {
    "act": [
        {"cards": CARE_CARDS, "dials": SITE.dials, "number": 12},
        {"cards": CARE_CARDS, "dials": SITE.dials, "temperatures": TEMPERATURES},
    ],
    "all_signs": [{"data": CARE_CARDS}, {"data": [LONG_CARD]}],
    "also_called": [{"names": ["another name", "a third"]}],
    "body_map": [{"parts": [("lungs", "Lungs", EFFECTS), ("skin", "Skin", EFFECTS)]}],
    "body_part": [{"part": BODY_PARTS[0], "entries": [LINKED, PLANNED]}],
    "purpose": [{"kind": kind} for kind in DrugContent.Kind.values],
    "brand_names": [{"brands": ["Brand"], "pronunciation": "SAM-pul"}],
    "breadcrumbs": [{"items": [("Home", "#home"), ("A list", "#list")]}],
    "cancers": [{"data": [LINKED, PLANNED]}],
    "cancers_and_medicines": [{"data": USES}],
    "cards": [{"entries": [LINKED, PLANNED]}],
    "care_card": [{"card": CARE_CARDS[1]}],
    "aims": [{"kind": "cancer"}, {"kind": "guide", "covers": "What a sample is."}],
    "care_sources": [{"numbers": [1]}],
    "changes": [{"changes": [Change(DAY, "What is new.")]}],
    "chapters": [{"pages": [("A guide", "#guide"), ("Its first part", "#part")], "path": "#part"}],
    "choices": [{"data": Choices(compared, bool(compared), [LINKED], [1])} for compared in (COMPARED, None)],
    "colophon": [{"review": _review("unreviewed"), "path": "/sample/", "site_url": "https://example.org"}],
    "consultation_call": [{"site": SITE, "about": "drug:sample-a"}],
    "channels": [{"site": SITE, "reference": "", "is_plain": False}],
    "contact_box": [{"site": SITE}],
    "coverage": [
        {"data": CoverageShown("cancer", COVERED, not_in_list=[PLANNED])},
        {"data": CoverageShown("drug", COVERED, not_in_list=[])},
    ],
    "dial": [{"dials": SITE.dials}],
    "diagram": [{"diagram": diagram} for diagram in DIAGRAMS.values()],
    "do_dont_list": [{"do": LINES[1:], "dont": LINES[2:]}],
    "doors": [{}],
    "given_with": [{"data": USES}],
    "next_steps": [{"kind": "cancer", "slug": "sample", "site_url": "https://example.org"}],
    "not_listed": [{}],
    "emergency_strip": [
        {"signs": CARE_CARDS[0].lines[:2], "is_folded": folded, "dials": SITE.dials}
        for folded in (False, True)
    ],
    "entry_list": [{"entries": [LINKED, PLANNED]}],
    "deciding": [{"data": ANSWERED}],
    "error_summary": [{"form": FORM}],
    "field": [{"field": FORM["question"]}, {"field": FORM["how"]}, {"field": FORM["where"]}],
    "help": [{"data": Help(ANSWER, ["At home"])}],
    "log": [{}],
    "without_test": [{}],
    "general_questions": [{"kind": kind} for kind in KINDS],
    "how_fast": [{"level": level, "tag": "strong"} for level in ("emergency", "same_day", "next_visit")],
    "how_common": [
        {
            "data": [
                HowCommon(
                    "What was counted",
                    [_occurrence("34.50", "3.20"), _occurrence(None, "4.20"), _occurrence("0", "0")],
                    [_occurrence("2.40", None), _occurrence(None, None)],
                    [_occurrence("0.40", "0.10")],
                )
            ],
            "kind": kind,
        }
        for kind in ("drug", "side-effect")
    ],
    "indications": [{"data": USES}],
    "key_message": [{"html": ANSWER}],
    "language_switcher": [{"languages": LANGUAGES}],
    "leaflets": [{"data": [SOURCES[0].source]}],
    "letters": [{"by_letter": [("A", []), ("B", [])]}],
    "list_filter": [
        {"label": "Type to narrow the list"},
        {
            "label": "Type what you notice",
            "signs": CARE_CARDS[0].lines[:2],
            "dials": SITE.dials,
        },
    ],
    "medicines": [{"data": Medicines([LINKED, PLANNED] * times, [PLANNED])} for times in (1, 4)],
    "names": [
        {
            "data": Names(
                other_names=["another name"],
                therapy_class=PLANNED,
                targets=["X-1"],
                route="By mouth",
            )
        }
    ],
    "new_here": [{"news": News("Title of an update", DAY, "#update", 3, "drug:sample-a")}],
    "occurrences": [{"rows": [_occurrence("34.50", "3.20")], "kind": "drug"}],
    "occurrence": [{"row": _occurrence("34.50", "3.20"), "kind": "side-effect"}],
    "on_this_page": [{"items": [("act", "Act"), ("sources", "Sources")], "signs": True}],
    "page_bar": [{"signs": True, "about": "drug:sample-a"}],
    "page_tools": [{"path": "/sample/"}],
    "question_list": [{"questions": QUESTIONS}],
    "result": [{"row": RESULT}, {"row": ALONE}],
    "result_line": [{"row": RESULT}, {"row": ALONE}],
    "results": [
        {
            "data": Results(
                [Fold("", "", [RESULT])], [Fold("Sample cancer", "#sample", [ALONE])], True, [LINKED]
            )
        }
    ],
    "review_line": [
        {"review": review}
        for review in (_review("unreviewed"), _review("reviewed"), PARTLY_CHECKED, _review("overdue"))
    ],
    "review_note": [{"review": PARTLY_CHECKED, "changes": [Change(DAY, "What is new.")]}],
    "search_form": [{"query": "melanoma", "place": "page"}],
    "search_results": [{"results": [LINKED]}],
    "signs": [{"signs": CARE_CARDS[0].lines[:3]}],
    "side_effect_list": [{"effects": EFFECTS}],
    "remedies": [{"data": ANSWERED}],
    "side_effect_in_short": [
        {"urgency": urgency, "remedies": remedies, "site_url": "https://example.org"}
        for urgency, remedies in (("emergency", ANSWERED), ("routine", []))
    ],
    "side_effects": [{"data": [SideEffectToKnow(LINKED, "emergency")]}],
    "sources": [{"sources": SOURCES}],
    "emergency_card": [{"card": EMERGENCY_CARD}],
    "how_much": [{}],
    "keep_offline": [{}],
    "take_along": [{"path": "/sample/", "title": "Sample", "site_url": "https://example.org"}],
    "to_fill_in": [{"kind": "cancer"}, {"kind": "drug"}],
    "temperatures": [{"data": TEMPERATURES}],
    "unreviewed_line": [{"unchecked": UNCHECKED}],
    "use_group": [{"group": USES.groups[0], "is_open": True}],
    "use_line": [{"line": _use()}],
    "uses": [{"data": USES}],
    "update_list": [{"updates": UPDATES}],
    "medical_team": [
        {
            "people": [
                SimpleNamespace(
                    name="Sample Person",
                    role="Sample profession",
                    biography="Sample sentences about a person.",
                    languages="Sample, Example",
                    answers="Sample questions.",
                    license_number="0-000000",
                    register_url="#register",
                )
            ]
        },
        {"people": []},
    ],
    "who_we_are": [{"site": SITE}, {"site": SiteProfile(pk=1)}],
    "words_explained": [{"words": [Explained("sample-word", "sample word", ANSWER)]}],
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
