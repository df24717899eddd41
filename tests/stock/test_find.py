"""Find against the real uses: cases that were checked by hand."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from django.http import QueryDict

from content.tools import finder, found

pytestmark = [pytest.mark.django_db, pytest.mark.stock]

CASES = tomllib.loads(Path(__file__).with_name("find_cases.toml").read_text(encoding="utf-8"))["case"]


def test_there_are_forty_cases():
    assert len(CASES) >= 40


@pytest.mark.parametrize("case", CASES, ids=[case["asked"] for case in CASES])
def test_find_answers_as_checked_by_hand(case: dict) -> None:
    asked = QueryDict(case["asked"])
    known = found.library(asked["cancer"], "en")
    form, answers = found.form(known, asked)
    assert not form.is_wrong
    lists = finder.find(known.decided, answers)
    place = {
        verdict.use.key: name
        for name, its in zip(("match", "open", "no"), lists, strict=True)
        for verdict in its
    }
    expected = {key: name for name in ("match", "open", "no") for key in case.get(name, [])}
    assert {key: place.get(key) for key in expected} == expected
    assert not set(case.get("absent", [])) & set(place)


def test_line_never_says_not_approved_of_what_europe_approves_in_other_words():
    """Nivolumab with relatlimab: at any point in the US, as first treatment and below PD-L1 1% in Europe."""
    asked = QueryDict("cancer=melanoma&show=uses")
    known = found.library("melanoma", "en")
    shown = found.found_uses(known, found.form(known, asked)[1])
    lines = [line for line in shown.match if line.title.startswith("Nivolumab and relatlimab")]
    assert {chip.state for line in lines for chip in line.chips} <= {"year", "other", "unread"}
    assert "other" in {chip.state for line in lines for chip in line.chips}
