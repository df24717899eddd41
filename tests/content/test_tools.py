"""Find and Compare as readers meet them: everything in the address, nothing advised, and never an error."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext

from content.models import Fact, Indication
from immuno_site import page_cache
from tests.factories import create_drug, create_indication, create_occurrence, create_page

pytestmark = pytest.mark.django_db


def page(path: str, status: int = 200) -> str:
    page_cache.generation.start_new()
    answer = Client().get(path)
    assert answer.status_code == status, path
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_find_begins_with_the_cancer():
    assert "Which cancer?" in page("/find/")


def test_find_asks_only_what_tells_uses_apart():
    asked = page("/find/?cancer=melanoma")
    assert "Which test results do you have?" in asked
    assert "Approved where?" in asked


def test_find_shows_each_use_that_matches_with_its_words():
    create_page()
    create_indication(condition="A made-up condition")
    shown = page("/find/?cancer=melanoma&show=uses")
    assert "Testumab" in shown
    assert "US: A made-up condition. Adults." in shown


def test_find_says_which_test_is_missing():
    create_page()
    create_indication(biomarker="pd-l1")
    shown = page("/find/?cancer=melanoma&show=uses")
    assert "Would match if a missing test came out as they ask: " in shown
    assert "Still open: US: PD-L1: 1% or more." in shown
    assert "Still open: US: PD-L1: 1% or more." not in page(
        "/find/?cancer=melanoma&show=uses&test=pd-l1-tps.1-"
    )


def test_find_says_why_a_use_does_not_match():
    create_page()
    create_indication(biomarker="pd-l1")
    shown = page("/find/?cancer=melanoma&show=uses&test=pd-l1-tps.0-1")
    assert "US: it asks for a test result that is not yours: PD-L1: 1% or more." in shown


@pytest.mark.parametrize("state", [Fact.State.DRAFT, Fact.State.RETIRED])
def test_find_never_shows_what_is_not_published(state):
    create_page()
    row = create_indication(condition="A made-up condition", approve=False)
    Indication.objects.filter(pk=row.pk).update(state=state)
    assert "A made-up condition" not in page("/find/?cancer=melanoma&show=uses")


@pytest.mark.parametrize(
    "query",
    [
        "cancer=made-up",
        "cancer=melanoma&stage=made-up",
        "cancer=melanoma&test=made-up.have",
        "cancer=melanoma&test=pd-l1-tps.50-1",
        "cancer=melanoma&where=mars",
        "cancer=%00%ff",
        "cancer=" + "x" * 10_000,
    ],
)
def test_find_does_not_know_what_is_not_on_its_list(query):
    assert "We do not know this address" in page(f"/find/?{query}", 404)


def test_find_names_a_test_that_has_two_results():
    create_page()
    create_indication(biomarker="pd-l1")
    shown = page("/find/?cancer=melanoma&show=uses&test=pd-l1-tps.0-1&test=pd-l1-tps.1-")
    assert "has two results here" in shown


@pytest.mark.parametrize("age", ["-1", "abc", "999", "٦٤", "6.5"])
def test_find_says_how_an_age_is_written(age):
    create_page()
    create_indication(min_age=18)
    assert "Write the age in whole years" in page(f"/find/?cancer=melanoma&show=uses&age={age}")


def test_find_prints_no_advice():
    shown = page("/find/?cancer=melanoma&show=uses").casefold()
    assert "you should" not in shown
    assert "no line is better than another" in shown


def test_compare_sets_two_medicines_side_by_side():
    shown = page("/compare/?drug=nivolumab&drug=pembrolizumab")
    assert "There is no winner" in shown
    assert "How common side effects are" in shown
    assert "these cannot be compared" in shown


def test_compare_has_no_figure_of_more_than_the_medicine():
    """It would stand beside the figure of another given alone, under the words "given alone"."""
    create_page()
    fatigue = {"drug": create_drug(), "percent_any": "77", "how_common": "very-common"}
    create_occurrence(**fatigue, given_with=["chemotherapy"])
    compared = "/compare/?drug=testumab&drug=nivolumab"
    assert "Only with other medicines, at other doses or in some groups: its page tells." in page(compared)
    assert "77 of 100" not in page(compared)
    create_occurrence(**fatigue | {"percent_any": "78"})
    assert "78 of 100 people" in page(compared)


def test_compare_knows_regimens_and_kinds_of_therapy():
    assert "Nivolumab + pembrolizumab" in page("/compare/?drug=nivolumab,pembrolizumab&drug=pd-1-inhibitors")


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("", "The first"),
        ("drug=", "The first"),
        ("drug=nivolumab", "Add one (up to 4)"),
        ("drug=nivolumab&drug=nivolumab", "One was named twice"),
        ("&".join(f"drug={one}" for one in ("nivolumab", "pembrolizumab", "ipilimumab", "bcg", "avelumab")),
         "Four is the most"),
    ],
)  # fmt: skip
def test_compare_says_what_to_choose(query, says):
    assert says in page(f"/compare/?{query}")


def test_compare_in_another_language_tells_what_stands_in_english():
    """Nothing is "not read" only because nobody has translated it; screen readers are told which language it is."""
    with translation.override("he"):
        not_read, no_record = (
            gettext("We have not read this yet."),
            gettext("No record in the texts we read."),
        )
    page_cache.generation.start_new()
    html = Client().get("/he/compare/?drug=nivolumab&drug=pembrolizumab").content.decode()
    assert not_read not in html
    assert no_record not in html
    assert '<div lang="en" dir="auto">' in html


@pytest.mark.parametrize("value", ["made-up", "%00", "nivolumab,", "nivolumab,pd-1-inhibitors", "x" * 10_000])
def test_compare_does_not_know_what_is_not_in_the_library(value):
    assert "We do not know this address" in page(f"/compare/?drug={value}", 404)


@pytest.mark.parametrize(
    ("path", "most"),
    [("/find/?cancer=melanoma&show=uses", 25), ("/compare/?drug=nivolumab&drug=pembrolizumab", 29)],
)
def test_tools_ask_a_fixed_number_of_questions(path, most, django_assert_max_num_queries):
    Client().get(path)  # what a process asks once is not counted
    page_cache.generation.start_new()
    with django_assert_max_num_queries(most):
        Client().get(path)


def test_made_up_answers_are_not_kept_under_another_address():
    """The order of answers makes no page of its own, and what is unknown is taken off."""
    page_cache.generation.start_new()
    plain = Client().get("/compare/?drug=nivolumab&drug=pembrolizumab").content
    assert Client().get("/compare/?drug=nivolumab&drug=pembrolizumab&fbclid=1").content == plain
    assert Client().get("/compare/?drug=pembrolizumab&drug=nivolumab").content != plain


def test_kind_of_therapy_leads_to_compare_and_the_menu_to_the_tools():
    page_cache.generation.start_new()
    html = Client().get("/therapies/pd-1-inhibitors/").content.decode()
    for address in ("/compare/?drug=pd-1-inhibitors", "/symptoms/", "/find/", "/compare/"):
        assert f'href="{address}"' in html


def test_find_names_only_tests_with_a_result_in_its_summary():
    shown = Client().get("/find/?cancer=melanoma&show=uses").content.decode()
    summary = shown.partition('class="asked"')[2].partition("</dl>")[0]
    assert summary.count("Not tested, or not sure") == 1
    assert "Tests not named here" in summary


JUNK = (
    "",
    "made-up",
    "%00",
    "%FF%FE%89PNG%0D%0A",
    "a" * 10_000,
    "..%2F..%2Fetc",
    "%F0%9F%99%82",
    "drug-1%27--",
    "%E2%80%AE",
)
ASKED = (
    "/find/?cancer={}", "/find/?cancer=melanoma&show=uses&test={}", "/find/?cancer=melanoma&stage={}",
    "/find/?cancer=melanoma&age={}", "/compare/?drug={}", "/compare/?drug=nivolumab&drug={}",
    "/symptoms/?treatment={}", "/records/?cancer={}", "/decision/?cancer={}", "/updates/?about={}", "/search/?q={}",
    "/suggest.json?part={}",
)  # fmt: skip


@pytest.mark.parametrize("address", ASKED)
def test_junk_in_an_address_gets_a_page_that_says_what_to_do(address):
    """And nobody else gets that page."""
    page_cache.generation.start_new()
    good = address.replace("{}", "").partition("?")[0]
    before = Client().get(good).content
    for junk in JUNK:
        answer = Client().get(address.format(junk))
        assert answer.status_code in (200, 404), junk
        assert b"</main>" in answer.content or answer["Content-Type"] == "application/json", junk
    assert Client().get(good).content == before


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/compare/?drug=a&drug=b&drug=c&drug=d&drug=e", "We do not know this address"),
        ("/compare/?drug=nivolumab&drug=nivolumab", "One was named twice"),
        ("/find/?cancer=melanoma&show=uses&age=1000", "Write the age in whole years"),
        ("/symptoms/?treatment=a&treatment=b&treatment=c&treatment=d", "Choose again below"),
    ],
)
def test_too_many_or_one_twice_is_said(address, words):
    assert words in Client().get(address).content.decode()
