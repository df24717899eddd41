"""The same sign is as urgent on every care card as its treatment group needs."""

from pathlib import Path

import pytest

from content.models import TherapyClass
from content.models.treatment_group import OF_ALL
from content.review.gate import PublishRefused
from content.rules import page_gate, parts, rows
from content.rules.entry_text import EntryText, Finding, Known
from content.rules.sign_list import KnownSign, SignList
from content.stock import files
from content.stock.importing import library_user
from tests.factories import create_draft
from tests.stories import create_story, place

SOURCE = "[@test-label]"
WITH_CHEMOTHERAPY = f"A temperature of 38 °C or more, if you also have chemotherapy {SOURCE}"


def sign(key: str, *lay: str, body_part: str = "whole-body", **level: str) -> KnownSign:
    """`most` is the level of every group that is not named: same_day, car_t="emergency"."""
    most = level.pop("most", "")
    levels = dict.fromkeys(OF_ALL, most) if most else {}
    levels |= {group.replace("_", "-"): one for group, one in level.items()}
    return KnownSign(key, body_part, lay, tuple(levels.items()))


URGENT = dict.fromkeys(("car_t", "bispecific", "tcr_bispecific", "with_chemotherapy"), "emergency")
KNOWN = Known(
    signs=SignList(
        (
            sign("fever-38", "fever", "high temperature", "temperature of 38", most="same_day", **URGENT),
            sign("temperature-37-5", "temperature of 37.5", most="same_day"),
            sign("chest-pain", "chest pain", most="emergency", other="emergency", body_part="heart"),
            sign("shaking-chills", "chills", most="emergency", other="emergency"),
            sign("unwell-or-flu", "mild chills", "flu-like", most="same_day"),
            sign("new-cough", "cough", most="same_day", body_part="lungs"),
            sign("strong-itch", "itching", most="same_day", body_part="skin"),
            sign("dry-skin", "light itching", most="next_visit", body_part="skin"),
            sign("checked-and-unchanged", "your team has already checked", most="next_visit"),
        )
    ),
    groups={
        "bispecific-antibodies": ("bispecific", "tcr-bispecific"),
        "bcg-therapy": ("bcg",),
        "pd-1-inhibitors": ("checkpoint-inhibitor", "with-chemotherapy"),
    },
)
CHECKPOINT = ("checkpoint-inhibitor", "with-chemotherapy")


def gate(
    kind: str,
    slug: str,
    *,
    therapy_class: str = "",
    groups: tuple[str, ...] = (),
    language: str = "en",
    **card: str,
) -> list[Finding]:
    entry = EntryText(
        kind=kind,
        slug=slug,
        language=language,
        lists={f"act_{level}": [line] for level, line in card.items()},
        head={"therapy_class": therapy_class, "groups": list(groups)},
    )
    return page_gate.check(entry, KNOWN, rules=[parts.urgency_agrees])


def test_fever_after_a_bispecific_antibody_cannot_wait_until_a_call():
    groups = ("bispecific", "tcr-bispecific")
    (finding,) = gate(
        "therapy", "bispecific-antibodies", groups=groups, same_day=f"Fever or flu-like symptoms {SOURCE}"
    )
    assert finding.level == "block"
    assert finding.rule == "urgency-agrees"
    assert "'fever' is emergency for bispecific" in finding.message


def test_medicine_is_held_to_what_its_class_needs():
    line = f"A high temperature {SOURCE}"
    assert gate("drug", "teclistamab", therapy_class="bispecific-antibodies", same_day=line)
    own = {"therapy_class": "a-new-class", "groups": ("tcr-bispecific",)}
    assert gate("drug", "tebentafusp", **own, same_day=line)
    assert not gate("drug", "bcg", therapy_class="bcg-therapy", same_day=line)


def test_class_that_is_not_listed_is_held_to_every_group():
    assert gate("drug", "made-up", therapy_class="a-new-class", same_day=f"Fever {SOURCE}")


def test_class_of_no_particular_group_is_held_to_what_is_an_emergency_for_everybody():
    assert not gate("therapy", "cancer-vaccines", groups=("other",), same_day=f"Fever {SOURCE}")
    (finding,) = gate("therapy", "cancer-vaccines", groups=("other",), same_day=f"Chest pain {SOURCE}")
    assert "'chest pain' is emergency for other in the list of signs" in finding.message


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
    assert not gate("therapy", "car-t-cell-therapy", groups=("car-t",), same_day=f"{line} {SOURCE}")


def test_sign_that_the_team_has_checked_may_wait():
    line = "A cough that your team has already checked, and that has not changed"
    assert not gate("therapy", "car-t-cell-therapy", groups=("car-t",), next_visit=f"{line} {SOURCE}")


def test_milder_words_are_not_the_graver_sign():
    checkpoint = {"kind": "therapy", "slug": "pd-1-inhibitors", "groups": CHECKPOINT}
    assert not gate(**checkpoint, same_day=f"Mild chills {SOURCE}")
    assert gate(**checkpoint, same_day=f"Chills {SOURCE}")


def test_card_may_be_more_urgent_than_the_list():
    assert not gate("therapy", "pd-1-inhibitors", groups=CHECKPOINT, emergency=f"A new cough {SOURCE}")


def test_what_needs_a_call_is_not_left_to_the_next_visit():
    (finding,) = gate("therapy", "pd-1-inhibitors", groups=CHECKPOINT, next_visit=f"A new cough {SOURCE}")
    assert "same_day" in finding.message


def test_words_in_other_languages_are_left_alone():
    assert not gate("therapy", "bispecific-antibodies", language="he", same_day=f"Fever {SOURCE}")


def test_sign_of_the_list_is_not_typed_again():
    entry = EntryText("drug", "a-drug", lists={"act_emergency": [f"A new cough, or chest pain {SOURCE}"]})
    (finding,) = page_gate.check(entry, KNOWN, rules=[parts.signs_not_repeated])
    assert finding.level == "warn"
    assert "signs/lungs.toml (new-cough); signs/heart.toml (chest-pain)" in finding.message


# --- Cards on pages ---------------------------------------------------------------------------------------

PAGE = """\
+++
title = "A page"
+++

Some words.

{{ block care_card urgency="same_day" lines="A new cough [@test-label] | Fever after CAR T-cells [@test-label]" }}
"""


FEVER = """\
[[sign]]
key = "fever-38"
words = "A fever"
lay = ["fever"]
urgency = { car-t = "emergency" }
sources = ["test-label"]
"""


def test_card_in_the_file_of_a_page(tmp_path: Path):
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a-page.md").write_text(PAGE, encoding="utf-8")
    (tmp_path / "slugs.toml").write_text("", encoding="utf-8")
    (tmp_path / "signs").mkdir()
    (tmp_path / "signs" / "whole-body.toml").write_text(FEVER, encoding="utf-8")
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
    draft = create_draft(therapy_class=bispecific, groups=["bispecific"], act_same_day=[f"Fever {SOURCE}"])
    with pytest.raises(PublishRefused, match="'fever' is emergency for bispecific"):
        draft.publish(library_user())
