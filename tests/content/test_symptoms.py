"""Symptoms as readers meet it: the treatment decides how fast to act, and nothing is ever called harmless."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from content.models import Sign, TreatmentGroup
from content.page.signs_shown import LEVELS
from content.tools import symptoms
from immuno_site import page_cache

pytestmark = pytest.mark.django_db

NOT_HARMLESS = "What is not listed here is not harmless."


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def page(query: str = "", status: int = 200) -> str:
    page_cache.generation.start_new()
    answer = Client().get(f"/symptoms/{query}")
    assert answer.status_code == status, query
    return plain(answer.content.decode())


def said(words: str, query: str = "?treatment=not-sure") -> str:
    answer = Client().post(f"/symptoms/{query}", {"words": words})
    assert answer.status_code == 200
    return answer.content.decode()


def levels(*values: str) -> dict[str, set[str]]:
    """Sign -> the levels it is shown at."""
    shown: dict[str, set[str]] = {}
    for part in symptoms.answer(symptoms.chosen(values, "en"), "en").parts:
        for card in part.cards:
            for line in card.lines:
                shown.setdefault(str(line.words), set()).add(card.urgency)
    return shown


def test_it_begins_with_the_treatment_and_with_whom_to_call():
    shown = page()
    assert "Which treatment do you have, or did you have?" in shown
    assert "I do not know" in shown
    assert "Call your local emergency number:" in shown
    assert NOT_HARMLESS in shown


@pytest.mark.parametrize("group", symptoms.KINDS)
def test_each_sign_of_a_treatment_is_as_urgent_as_the_list_says(group):
    shown, html = levels(group), page(f"?treatment={group}")
    signs = [sign for sign in Sign.objects.approved().with_parts() if group in sign.urgency]
    assert signs
    for sign in signs:
        text = sign.text_in("en")
        assert shown[text.words] == {sign.urgency[group]}, sign.key
        assert text.words in html
    assert NOT_HARMLESS in html


def test_treatment_that_is_not_known_gets_the_strictest_level():
    shown = levels("not-sure")
    for sign in Sign.objects.approved().with_parts():
        assert shown[sign.text_in("en").words] == {min(sign.urgency.values(), key=LEVELS.index)}, sign.key
    assert "the most urgent answer" in page("?treatment=not-sure")


def test_two_treatments_get_the_stricter_level():
    one, other = TreatmentGroup.CHECKPOINT_INHIBITOR, TreatmentGroup.BCG
    shown = levels(one, other)
    for sign in Sign.objects.approved().with_parts():
        if its := {sign.urgency[group] for group in (one, other) if group in sign.urgency}:
            assert shown[sign.text_in("en").words] == {min(its, key=LEVELS.index)}, sign.key


def test_medicine_without_a_page_and_chemotherapy_alone_are_any_treatment():
    unread = next(one.slug for one in symptoms.medicines("en") if one.state == "planned")
    for values in ([unread], ["with-chemotherapy"], ["pembrolizumab", unread]):
        assert symptoms.answer(symptoms.chosen(values, "en"), "en").is_strictest


def test_side_effects_behind_a_sign_are_links():
    page_cache.generation.start_new()
    html = Client().get("/symptoms/?treatment=pembrolizumab").content.decode()
    assert re.search(r'Can be behind it:.*?<a href="/side-effects/lung-inflammation/"', html, re.DOTALL)


def test_every_lay_word_leads_to_its_sign():
    signs = Sign.objects.approved().prefetch_related("lay_words")
    told = [(sign.key, words) for sign in signs for words in sign.lay]
    assert told
    for key, words in told:
        assert key in symptoms.signs_told(words, "en"), words


def test_own_words_lead_to_the_sign_with_its_level_and_the_numbers():
    shown = plain(said("for two days now I feel ill and I can't catch my breath when I walk to the shop"))
    assert "Emergency: call now" in shown.split("Where is it?")[0].split("You wrote:")[1]


def test_mistyped_words_are_understood():
    assert symptoms.signs_told("diarhoea", "en") >= symptoms.signs_told("diarrhea", "en") != set()


@pytest.mark.parametrize("words", ["xyzzyx", "\x00\x01\ufffd", "<script>alert(1)</script>", "א" * 9])
def test_words_nobody_knows_lead_to_whom_to_call_and_the_whole_list(words):
    html = said(words)
    shown = plain(html)
    assert "That does not mean that it is harmless." in shown
    assert "Call your care team today" in shown
    assert 'id="lungs"' in html
    assert "<script>alert" not in html


def test_ten_kilobytes_and_empty_words_get_a_page_that_says_what_to_do():
    assert "In your own words" in said("rash " * 2_000)
    assert "Nothing was written." in said("  ")


def test_sign_of_other_treatments_is_never_nothing():
    """What is not listed for a treatment is shown as urgently as for any that has it."""
    for sign in Sign.objects.approved().with_parts().prefetch_related("lay_words"):
        for group in symptoms.KINDS:
            if group not in sign.urgency and sign.lay:
                meant = symptoms.answer(symptoms.chosen([group], "en"), "en", sign.lay[0]).meant
                assert meant
                assert sign.text_in("en").words in {
                    str(line.words) for card in meant.of_others for line in card.lines
                }
                return
    pytest.fail("every sign is listed for every treatment")


def test_own_words_are_kept_nowhere():
    """No copy, no cookie, no address: the page of the same treatment stays what it was."""
    client = Client()
    page_cache.generation.start_new()
    before = client.get("/symptoms/?treatment=pembrolizumab").content
    answer = client.post("/symptoms/?treatment=pembrolizumab", {"words": "secret rash"})
    assert b"secret rash" in answer.content
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies
    assert client.get("/symptoms/?treatment=pembrolizumab").content == before
    in_address = client.get("/symptoms/?treatment=pembrolizumab&words=secret+rash")
    assert b"secret rash" not in in_address.content


def test_own_words_are_not_logged(caplog):
    caplog.set_level("DEBUG")
    said("secretword rash")
    assert "secretword" not in caplog.text


@pytest.mark.parametrize("value", ["made-up", "%00%ff", "other", "x" * 10_000])
def test_treatment_that_is_not_on_the_list_says_what_to_do(value):
    shown = page(f"?treatment={value}", 404)
    assert "We do not know this address" in shown
    assert "Call your local emergency number:" in shown


def test_more_treatments_than_can_be_chosen_say_what_to_do():
    query = "&".join(f"treatment={one}" for one in symptoms.KINDS[:4])
    assert "Choose again below." in page(f"?{query}", 404)


def test_it_asks_a_fixed_number_of_questions(django_assert_max_num_queries):
    page_cache.generation.start_new()
    with django_assert_max_num_queries(25):
        Client().get("/symptoms/?treatment=pembrolizumab")


def test_what_cannot_wait_with_this_treatment_stands_first():
    assert "unless your only treatment is" in page()
    assert "unless your only treatment is" not in page("?treatment=pembrolizumab").split("Treatment")[0]


@pytest.mark.parametrize("path", ["/", "/side-effects/", "/side-effects/lung-inflammation/"])
def test_who_is_worried_finds_the_way_here(path):
    page_cache.generation.start_new()
    assert 'href="/symptoms/"' in Client().get(path).content.decode()


def test_emergencies_stand_open_and_only_what_can_wait_is_folded(client):
    page = client.get("/symptoms/?treatment=pembrolizumab").content.decode()
    parts = page.split('<section class="symptoms-part"')[1:]
    folded = [part.partition("<details")[2].partition("</details>")[0] for part in parts]
    assert any("Call your team today" in fold for fold in folded)
    assert not any("Emergency: call now" in fold for fold in folded)
    assert any("Emergency: call now" in part.partition("<details")[0] for part in parts)
