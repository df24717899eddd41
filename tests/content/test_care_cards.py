"""The same sign is as urgent on every care card as its treatment group needs."""

from pathlib import Path

import pytest

from content.models import TherapyClass
from content.review.gate import PublishRefused
from content.rules import page_gate, parts, rows
from content.rules.entry_text import EntryText, Finding, Known
from content.stock import files
from content.stock.importing import library_user
from tests.factories import create_draft
from tests.stories import create_story, place

SOURCE = "[@test-label]"
WITH_CHEMOTHERAPY = f"A temperature of 38 °C or more, if you also have chemotherapy {SOURCE}"


def gate(
    kind: str, slug: str, *, therapy_class: str = "", language: str = "en", **card: str
) -> list[Finding]:
    entry = EntryText(
        kind=kind,
        slug=slug,
        language=language,
        lists={f"act_{level}": [line] for level, line in card.items()},
        head={"therapy_class": therapy_class} if therapy_class else {},
    )
    return page_gate.check(entry, Known(), rules=[parts.urgency_agrees])


def test_fever_after_a_bispecific_antibody_cannot_wait_until_a_call():
    (finding,) = gate("therapy", "bispecific-antibodies", same_day=f"Fever or flu-like symptoms {SOURCE}")
    assert finding.level == "block"
    assert finding.rule == "urgency-agrees"
    assert "'fever' is emergency for bispecific" in finding.message


def test_medicine_is_held_to_what_its_class_needs():
    line = f"A high temperature {SOURCE}"
    assert gate("drug", "teclistamab", therapy_class="bispecific-antibodies", same_day=line)
    assert gate("drug", "tebentafusp", therapy_class="t-cell-receptor-therapy", same_day=line)
    assert not gate("drug", "bcg", therapy_class="bcg-therapy", same_day=line)


def test_class_that_is_not_listed_is_held_to_every_group():
    assert gate("drug", "made-up", therapy_class="a-new-class", same_day=f"Fever {SOURCE}")


def test_class_without_a_group_is_held_to_what_all_groups_agree_on():
    assert not gate("therapy", "cancer-vaccines", same_day=f"Fever {SOURCE}")
    (finding,) = gate("therapy", "cancer-vaccines", same_day=f"Chest pain {SOURCE}")
    assert "'chest pain' is emergency in signs.toml" in finding.message


def test_fever_with_chemotherapy_cannot_wait_until_a_call():
    pembrolizumab = {"kind": "drug", "slug": "pembrolizumab", "therapy_class": "pd-1-inhibitors"}
    assert gate(**pembrolizumab, same_day=WITH_CHEMOTHERAPY)
    assert gate(**pembrolizumab, same_day=f"A fever {SOURCE}")
    assert not gate(**pembrolizumab, same_day=f"A fever {SOURCE}", emergency=WITH_CHEMOTHERAPY)


def test_line_may_name_who_it_is_for():
    fever = "A fever of 38 °C or more"
    alone = f"{fever}, if a checkpoint inhibitor or BCG is your only treatment {SOURCE}"
    assert not gate("side-effect", "fatigue", same_day=alone, emergency=f"{fever} {SOURCE}")
    assert gate("side-effect", "fatigue", same_day=f"{fever}, after CAR T-cells {SOURCE}")
    assert gate("side-effect", "fatigue", same_day=f"{fever}, unless BCG is your only treatment {SOURCE}")


def test_emergency_that_names_nobody_excuses_nothing():
    assert gate("side-effect", "fatigue", same_day=f"Fever {SOURCE}", emergency=f"Fever {SOURCE}")


@pytest.mark.parametrize(
    "line",
    [
        "Feverfew tea, or another herb",
        "Feeling ill or very tired, even with no fever",
        "A sore throat without a fever",
        "A temperature of 37.5 °C (99.5 °F) or more",
        "Light itching",
    ],
)
def test_words_that_only_look_like_a_graver_sign(line: str):
    assert not gate("therapy", "car-t-cell-therapy", same_day=f"{line} {SOURCE}")


def test_sign_that_the_team_has_checked_may_wait():
    line = "A cough that your team has already checked, and that has not changed"
    assert not gate("therapy", "car-t-cell-therapy", next_visit=f"{line} {SOURCE}")


def test_milder_words_are_not_the_graver_sign():
    checkpoint = {"kind": "therapy", "slug": "pd-1-inhibitors"}
    assert not gate(**checkpoint, same_day=f"Mild chills {SOURCE}")
    assert gate(**checkpoint, same_day=f"Chills {SOURCE}")


def test_card_may_be_more_urgent_than_the_list():
    assert not gate("therapy", "pd-1-inhibitors", emergency=f"A new cough {SOURCE}")


def test_what_needs_a_call_is_not_left_to_the_next_visit():
    (finding,) = gate("therapy", "pd-1-inhibitors", next_visit=f"A new cough {SOURCE}")
    assert "same_day" in finding.message


def test_words_in_other_languages_are_left_alone():
    assert not gate("therapy", "bispecific-antibodies", language="he", same_day=f"Fever {SOURCE}")


# --- Cards on pages ---------------------------------------------------------------------------------------

PAGE = """\
+++
title = "A page"
+++

Some words.

{{ block care_card urgency="same_day" lines="A new cough [@test-label] | Fever after CAR T-cells [@test-label]" }}
"""


def test_card_in_the_file_of_a_page(tmp_path: Path):
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a-page.md").write_text(PAGE, encoding="utf-8")
    (tmp_path / "slugs.toml").write_text("", encoding="utf-8")
    findings = files.findings(files.read(tmp_path))
    (finding,) = [finding for finding in findings if finding.rule == "urgency-agrees"]
    assert (finding.where, finding.line) == ("pages/a-page.md", 7)
    assert "'fever' is emergency for car-t" in finding.message


@pytest.mark.django_db
@pytest.mark.parametrize(("urgency", "refused"), [("same_day", True), ("emergency", False)])
def test_card_on_a_page_somebody_publishes(urgency: str, refused: bool):
    content = create_story(text="")
    place(content, "CareCardPlugin", urgency=urgency, lines=[f"Fever after CAR T-cells {SOURCE}"])
    rules = {finding.rule for finding in rows.what_blocks(content)}
    assert ("urgency-agrees" in rules) is refused


@pytest.mark.django_db
def test_medicine_somebody_publishes():
    bispecific = TherapyClass.objects.get_or_create(slug="bispecific-antibodies")[0]
    draft = create_draft(therapy_class=bispecific, act_same_day=[f"Fever {SOURCE}"])
    with pytest.raises(PublishRefused, match="'fever' is emergency for bispecific"):
        draft.publish(library_user())
