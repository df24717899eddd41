"""The page gate, held against rows of the database."""

import pytest

from content.models import DrugContent, EntryContent, content_models
from content.rules import rows
from tests.stocks import both

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("library")]


@pytest.fixture
def content() -> DrugContent:
    return DrugContent.objects.get(entry__slug="pembrolizumab", language="en")


def blocks(content: EntryContent) -> list[rows.Finding]:
    return [finding for finding in rows.check_content(content) if finding.level == "block"]


@both
def test_what_passed_as_a_file_passes_as_a_row(library):
    known = rows.known_in_database()
    contents = [
        row
        for model in content_models().values()
        for row in model.objects.filter(language="en").select_related("entry")
    ]
    found = [finding for row in contents for finding in rows.check_content(row, known)]
    assert contents
    assert [finding for finding in found if finding.level == "block"] == []


def test_row_is_held_to_the_same_rules(content: DrugContent):
    content.daily_life = "It is safe. See [this](drug:made-up)."
    content.act_emergency = ["A sign without a source"]
    assert {finding.rule for finding in blocks(content)} == {
        "citations-present",
        "links-known",
        "no-promise-of-safety",
    }


def test_finding_names_the_entry_and_the_section(content: DrugContent):
    content.unknowns = ""
    (finding,) = blocks(content)
    assert finding.where == "drug:pembrolizumab"
    assert finding.message == 'Write the section "What is not known": it is missing or empty.'


def test_what_the_database_knows():
    known = rows.known_in_database()
    assert "fda-keytruda-label" in known.sources
    assert "pembrolizumab" in known.links["drug"]
    assert {"Pembrolizumab", "Keytruda"} <= known.names
