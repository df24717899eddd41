"""The real library as it goes into the database and comes out: every rule holds, nothing is lost."""

import re
import tomllib

import pytest

from content.models import Coverage, Indication
from content.models.treatment_group import OF_ALL
from content.stock import files
from content.stock.files import Library
from tests.stocks import REAL

pytestmark = [pytest.mark.stock, pytest.mark.longest]


@pytest.fixture(scope="module")
def library() -> Library:
    return files.read(REAL)


def test_real_library_holds_all_rules(library):
    blocks = [finding for finding in files.findings(library) if finding.level == "block"]
    assert blocks == []


def test_every_written_medicine_says_for_each_regulator_what_was_read(library):
    """Else its table of uses would say that nobody has read anything."""
    told = {
        file.slug: [table["regulator"] for table in file.tables] for file in library.folder(Coverage.FOLDER)
    }
    for file in library.folder("drugs"):
        assert told.get(file.slug) == list(Indication.Regulator.values), file.slug


# --- Care cards


def test_no_line_of_the_library_says_again_what_the_list_of_signs_says(library):
    repeated = [one for one in files.findings(library) if one.rule == "signs-not-repeated"]
    assert repeated == []


def test_treatments_with_a_page_belong_to_groups(library):
    """Whose signs else nobody could choose."""
    classes = {file.slug: file.head.get("groups", []) for file in library.files if file.folder == "therapies"}
    assert [slug for slug, groups in classes.items() if not groups] == []
    drugs = [file for file in library.files if file.folder == "drugs"]
    without = [file.slug for file in drugs if not file.head.get("groups")]
    assert [
        file.slug for file in drugs if file.slug in without and file.head["therapy_class"] not in classes
    ] == []


# What the page before the request form and the strip above the symptoms must not lose.
GRAVEST = {
    "almost-no-urine", "bleeding-or-tiny-spots", "bloody-or-black-stool", "chest-pain", "confusion",
    "drooping-eyelids", "fainting", "fever-38", "hard-to-wake", "new-breathlessness", "seizure", "shaking-chills",
    "swollen-face-or-neck", "thoughts-of-harm", "tired-with-vomiting-or-dizzy", "yellow-skin-or-eyes",
}  # fmt: skip


def test_gravest_signs_are_told_whatever_the_treatment():
    tables = [tomllib.loads(path.read_text(encoding="utf-8")) for path in (REAL / "signs").glob("*.toml")]
    told = {sign["key"] for table in tables for sign in table["sign"] if sign.get("without_treatment")}
    assert told >= GRAVEST


def test_signs_of_the_library_know_every_group_by_its_five_gravest(library):
    for group in OF_ALL:
        emergencies = [sign for sign in library.signs.signs if sign.level_in.get(group) == "emergency"]
        ranks = [rank for sign in emergencies for one, rank in sign.gravest if one == group]
        assert sorted(ranks) == [1, 2, 3, 4, 5], group


def test_side_effects_tell_of_each_treatment_and_of_what_follows(library):
    """What comes without treatment and after it, and for each medicine how, benefit, harm and what to ask."""
    answers = {file.slug: file for file in library.folder("questions")}
    for file in library.folder("side-effects"):
        assert {"living", "unknowns"} <= set(file.sections), file.slug
        assert re.search(r"^1\. ", file.sections["self_care"], re.MULTILINE), file.slug
        for slug in file.head.get("remedies", []):
            assert answers[slug].head["topic"] == "remedies", slug
    for file in answers.values():
        if file.head["topic"] == "remedies":
            assert ":" in str(file.head["question"])
            assert re.findall(r"^- \*\*(\w+(?: \w+)?)\.\*\*", file.text, re.MULTILINE) == [
                "How", "Benefit", "Harm", "For you",
            ], file.slug  # fmt: skip


def test_guides_begin_with_a_summary_and_end_with_steps_and_help(library):
    for file in library.folder("pages"):
        if file.head.get("parent") == "guide" or file.slug == "guide":
            headings = re.findall(r"^## (.+)$", file.text, re.MULTILINE)
            assert headings[0] == "In short", file.slug
            assert "What you can do next" in headings[-2:], file.slug
            assert "where-can-i-find-help" in file.text, file.slug
