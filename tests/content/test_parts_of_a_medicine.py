"""A medicine's page is full or short, and what people compare has a text and a heading of its own."""

from __future__ import annotations

import datetime
import json
import re

import pytest
from django.test import Client
from djangocms_versioning.models import Version

from content.models import DrugContent, SignOff
from content.review import signing
from content.rules import rows
from tests.factories import CITED, TODAY, create_draft, create_drug, create_indication, create_page

pytestmark = pytest.mark.django_db

PARTS = ("schedule", "vaccines", "pregnancy", "breastfeeding", "driving")
ONLY_IN_FULL = (*PARTS, "how_given", "side_effects", "daily_life", "unknowns")
SHORT = {"form": "short", **dict.fromkeys(ONLY_IN_FULL, "")}


def read(client: Client, path: str = "/drugs/testumab/") -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def missing(version: Version) -> list[str]:
    found = rows.check_content(version.content)
    return [finding.message for finding in found if finding.rule == "sections-present"]


def part_of(page: str, name: str) -> str:
    """What stands under its heading, up to the next part or the end of the section."""
    return re.split(r"<h3 id=|</details>", page.partition(f'<h3 id="{name}">')[2])[0]


def test_short_page_needs_fewer_sections():
    assert missing(create_draft(**SHORT)) == []
    (message,) = missing(create_draft(slug="other", **{**SHORT, "before_you_start": ""}))
    assert message == 'Write the section "Before you start": it is missing or empty.'


@pytest.mark.parametrize("section", ONLY_IN_FULL)
def test_full_page_needs_every_section(section):
    assert len(missing(create_draft(**{section: " \n"}))) == 1


def test_short_page_shows_what_is_written_and_no_empty_heading(client):
    create_indication(drug=create_drug(), partners=["pembrolizumab"])
    create_indication(drug=create_drug(), key="alone", cancer="bladder-cancer", condition="A use alone")
    create_page(**{**SHORT, "driving": "You may drive [@test-label]."})
    page = read(client)
    for anchor in ("what-it-is", "given-with", "before-you-start", "driving", "questions"):
        assert f'id="{anchor}"' in page
    for anchor in ("how-given", "indications", "side-effects", "vaccines", "unknowns"):
        assert f'id="{anchor}"' not in page
    assert "Melanoma that has spread" in page.partition('id="given-with"')[2]
    assert "A use alone" not in page


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("immunotherapy", "Immunotherapy: it uses the immune system against cancer."),
        ("partner", "Medicine against cancer, for some given with immunotherapy."),
        ("related", "It is not immunotherapy in the strict sense."),
    ],
)
def test_first_line_says_what_it_is_for_and_if_it_is_immunotherapy(client, kind, said):
    create_page(kind=kind)
    _before, _name, after = read(client).partition("<h1")
    assert said in after.partition('<section class="key-message"')[0]


def test_part_stands_under_the_heading_of_its_section(client):
    create_page(pregnancy="### Birth control\n\nIt may harm a baby [@test-label].")
    page = read(client)
    daily_life = page.partition('id="daily-life"')[2].partition('id="unknowns"')[0]
    part = part_of(daily_life, "pregnancy")
    assert part.startswith("Pregnancy</h3>")
    closed = daily_life.partition("</summary>")[0]
    assert "Vaccines\u00a0· Pregnancy\u00a0· Breastfeeding\u00a0· Driving" in closed
    assert "It may harm a baby" in part
    assert "<h4>Birth control</h4>" in part
    assert '<a href="#daily-life">' in page
    assert '<a href="#pregnancy">' not in page  # the list of the page's sections stays short


def test_full_page_of_before_the_parts_shows_none(client):
    """Its texts stay where they were until the next import."""
    version = create_page(daily_life="**Vaccines.** Ask first [@test-label].")
    DrugContent.objects.filter(pk=version.object_id).update(**dict.fromkeys(PARTS, ""))
    page = read(client)
    assert "<strong>Vaccines.</strong> Ask first" in page
    assert 'id="vaccines"' not in page


def test_sources_are_numbered_in_the_order_of_the_page(client):
    create_page(vaccines="Ask [@ejc-2024-keynote-054].", driving="Wait [@nature-2019-checkmate-067].")
    page = read(client)
    marks = re.findall(r'class="cite"[^>]* data-n="([\d, ]+)"', page)
    numbers = list(dict.fromkeys(int(number) for mark in marks for number in mark.split(", ")))
    assert numbers == list(range(1, page.count('<li id="source-') + 1))
    of_part = [re.findall(r'data-n="(\d+)"', part_of(page, name)) for name in ("vaccines", "driving")]
    (vaccines,), (driving,) = of_part
    assert int(driving) == int(vaccines) + 1


def test_sign_off_made_before_there_were_parts_holds(editor, reviewer):
    """The digest is what the release before made of the same text."""
    version = create_draft(by=editor, **dict.fromkeys(PARTS, ""))
    before = "9144bc5bb98cdcdf07768e91dfb969ac9619fae9c065f77c2615f0daedc3f1f9"
    SignOff.objects.create(
        version=version,
        reviewer=reviewer,
        signed_on=TODAY,
        next_review_due=TODAY + datetime.timedelta(days=150),
        digest=before,
        digest_format=1,
    )
    assert signing.valid_sign_off(version) is not None


@pytest.mark.parametrize(
    ("column", "value"), [("form", "short"), ("groups", ["car-t"]), *((part, "New.") for part in PARTS)]
)
def test_sign_off_covers_form_and_parts(editor, column, value):
    content = create_draft(by=editor, **dict.fromkeys(PARTS, "")).content
    before = signing.digest(content)
    setattr(content, column, value)
    assert signing.digest(content) != before


def test_open_data_name_the_form_and_leave_out_what_is_not_written(client):
    create_page(**SHORT)
    entry = json.loads(read(client, "/api/v1/drugs/testumab/"))
    assert entry["form"] == "short"
    assert set(entry["sections"]) == {"key_message", "what_it_is", "before_you_start", "questions"}
    create_page(slug="other", driving=CITED)
    assert "driving" in json.loads(read(client, "/api/v1/drugs/other/"))["sections"]
