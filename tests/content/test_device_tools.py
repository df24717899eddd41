"""Emergency card and my questions: all that may be needed comes with the page, so that nothing has to be asked."""

from __future__ import annotations

import base64
import datetime
import json
import re

import pytest
import segno
from django.conf import settings
from django.test import Client

from content.models import CancerTypeContent, DrugContent, Indication, Sign
from content.page import facts_shown
from content.tools import diary, emergency_card
from tests.factories import create_indication

pytestmark = pytest.mark.django_db


def data(client: Client, path: str = "/card/") -> dict:
    page = client.get(path).content.decode()
    [text] = re.findall(r'<script id="card-data" type="application/json">(.*?)</script>', page)
    return json.loads(text)


def test_card_offers_public_medicines_alone(client):
    assert set(data(client)["medicines"]) == {"nivolumab", "pembrolizumab"}


def test_card_names_what_every_emergency_sign_of_a_treatment_points_to(client):
    think = data(client)["think"]["checkpoint-inhibitor"]
    signs = [
        sign for sign in Sign.objects.approved() if sign.urgency.get("checkpoint-inhibitor") == "emergency"
    ]
    assert set(think) == {slug for sign in signs for slug in sign.side_effects} != set()
    ranked = [sign for sign in signs if "checkpoint-inhibitor" in sign.gravest]
    gravest = min(ranked, key=lambda sign: sign.gravest["checkpoint-inhibitor"])
    assert think[0] == gravest.side_effects[0]


def test_card_has_all_its_words_in_every_language_and_each_says_it_is_unchecked(client):
    words = data(client)["words"]
    assert list(words) == [code for code, _name in settings.LANGUAGES]
    for name in emergency_card.PHRASES:
        assert len({one["phrases"][name] for one in words.values()}) == len(words), name


def test_code_of_a_medicine_leads_to_its_signs(client):
    size, packed = data(client)["medicines"]["pembrolizumab"]["code"].split(":")
    bits = "".join(f"{byte:08b}" for byte in base64.b64decode(packed))[: int(size) ** 2]
    drawn = segno.make(
        f"{settings.SITE_URL}/drugs/pembrolizumab/#signs", error="l", micro=False, boost_error=False
    )
    assert bits == "".join(str(int(module)) for row in drawn.matrix for module in row)


def test_card_knows_which_medicines_are_immunotherapy(client):
    DrugContent.objects.filter(entry__slug="nivolumab").update(kind=DrugContent.Kind.PARTNER)
    known = data(client)["medicines"]
    assert {slug: one["immunotherapy"] for slug, one in known.items()} == {
        "nivolumab": False,
        "pembrolizumab": True,
    }


@pytest.mark.parametrize(("path", "above"), [("/card/", "he"), ("/he/card/", "en"), ("/ru/card/", "en")])
def test_blank_card_has_the_language_of_the_staff_on_top(client, path, above):
    page = client.get(path).content.decode()
    first = re.search(r'data-side="staff" data-phrase="title" lang="(\w+)"', page)
    assert first[1] == above
    assert page.index('data-side="staff"') < page.index('data-side="own"')


@pytest.mark.parametrize("path", ["/card/", "/my-questions/", "/diary/"])
def test_fields_can_be_sent_nowhere(client, path):
    """Not even with a broken script: no form of these pages has an address, and none is posted."""
    main = client.get(path).content.decode().partition("<main")[2].partition("</main>")[0]
    assert "action=" not in main
    assert "method=" not in main


def test_records_are_those_of_the_cancer_page_and_the_tests_its_uses_ask_for(client):
    page = client.get("/records/?cancer=melanoma").content.decode()
    written = CancerTypeContent.objects.get(entry__slug="melanoma", language="en").records
    tests = {
        requirement.biomarker.slug
        for use in facts_shown.uses_for("melanoma")
        for requirement in use.requirements.all()
    }
    ticks, letter = page.split('class="records-letter"')
    assert ticks.count('type="checkbox"') == written.count("\n- ") + 1 + len(tests)
    asked = letter.partition("<ul>")[2].partition("</ul>")[0]
    assert asked.count("<li") == ticks.count('type="checkbox"')
    assert "BRAF" in asked


def test_address_of_records_keeps_the_cancer_alone(client):
    """Whatever else stands in it neither changes the page nor is kept."""
    page = client.get("/records/?cancer=melanoma").content
    assert client.get("/records/?cancer=melanoma&name=Dana").content == page
    main = page.decode().partition("<main")[2].partition("</main>")[0]
    assert set(re.findall(r' name="(\w+)"', main)) == {"cancer"}
    assert "post" not in main.lower().split("<form", 1)[1].split(">")[0]


@pytest.mark.parametrize("slug", ["made-up", "%00", "a" * 5000, "melanoma'"])
def test_unknown_cancer_gets_the_list_again(client, slug):
    answer = client.get(f"/records/?cancer={slug}")
    assert answer.status_code == 404
    assert 'role="alert"' in answer.content.decode()


@pytest.mark.stock
def test_diary_marks_are_signs_of_the_list(client):
    """None is left out because its key has changed."""
    wanted = {key for _label, keys in diary.ROWS.values() for key in keys}
    assert wanted <= set(Sign.objects.approved().values_list("key", flat=True))


def test_diary_says_of_each_sign_what_the_list_says_for_that_treatment(client):
    page = client.get("/diary/").content.decode()
    [text] = re.findall(r'<script id="diary-lines" type="application/json">(.*?)</script>', page)
    lines = json.loads(text)
    offered = {key for row in diary.rows() for key, _words in row.signs}
    assert offered
    for sign in Sign.objects.approved().filter(key__in=offered):
        strictest = min(sign.urgency.values(), key=Sign.Level.values.index)
        assert lines[""][sign.key][0] == strictest
        for group, level in sign.urgency.items():
            assert lines[group][sign.key][0] == level, (sign.key, group)


def test_options_are_the_current_uses_of_the_cancer_each_once_and_none_is_first_choice(client):
    gone = create_indication(
        condition="Gone",
        status="withdrawn",
        withdrawn_on=datetime.date(2026, 1, 2),
        withdrawn_source="test-label",
    )
    page = client.get("/decision/?cancer=melanoma").content.decode()
    offered = re.findall(r'name="([^"]+)" data-option="', page)
    current = Indication.objects.approved().filter(cancer__slug="melanoma", status="current")
    wanted = {f"{row.setting}:{'+'.join(row.regimen)}" for row in current}
    assert wanted <= set(offered)
    assert len(offered) == len(set(offered))
    assert f"{gone.setting}:{'+'.join(gone.regimen)}" not in offered
    assert not re.search(r"<input[^>]* checked", page)
    for always in ("no-treatment", "study"):
        assert always in offered


@pytest.mark.parametrize("slug", ["made-up", "%00", "a" * 5000, "melanoma'", "any-solid-tumor"])
def test_sheet_of_an_unknown_cancer_offers_the_list_again(client, slug):
    answer = client.get(f"/decision/?cancer={slug}")
    assert answer.status_code == 404
    assert 'role="alert"' in answer.content.decode()
