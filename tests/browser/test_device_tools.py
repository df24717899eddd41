"""What is typed stays on the device: nothing leaves, nothing is lost, all of it can be deleted."""

from __future__ import annotations

import json

import pytest

from tests.browser.visitor import DESKTOP, PHONE

TOOLS = [
    "/card/",
    "/my-questions/",
    "/he/card/",
    "/ar/my-questions/",
    "/records/?cancer=melanoma",
    "/he/records/",
    "/decision/?cancer=melanoma",
    "/he/decision/",
]


@pytest.mark.parametrize("address", TOOLS)
def test_tool_can_be_read_by_everybody(visitor, address):
    assert visitor(width=PHONE).problems_at(address, widths=(PHONE, DESKTOP)) == []


def test_card_is_filled_in_without_a_request_and_is_there_again(visitor):
    reader = visitor()
    page = reader.open("/card/")
    reader.requests.clear()
    page.select_option("#c-staff", "ru")
    page.select_option("[name=medicine1]", "pembrolizumab")
    page.fill("#c-team", "+972 00 secret")
    assert "+972 00 secret" in page.inner_text(".e-card")
    assert page.locator(".e-codes svg").count() == 1
    assert page.locator('.e-head [data-side="staff"]').first.get_attribute("lang") == "ru"
    assert reader.accessibility_problems() == []
    assert [url for url in reader.requests if "/static/" not in url] == []
    reader.open("/card/")
    assert page.input_value("#c-team") == "+972 00 secret"
    assert not [url for url in reader.requests if "secret" in url or "pembrolizumab" in url]
    assert reader.cookies == []


def test_card_says_immunotherapy_of_immunotherapy_alone(visitor):
    page = visitor().open("/card/")
    title = page.locator('[data-side="own"][data-phrase="title"]')
    page.fill("#c-other", "Lenvatinib")
    assert title.inner_text() == "I get, or got, treatment for cancer with: Lenvatinib"
    assert "may be needed fast" not in page.inner_text(".e-steroids")
    page.select_option("[name=medicine1]", "pembrolizumab")
    assert title.inner_text() == "I get, or got, cancer immunotherapy"
    assert "may be needed fast" in page.inner_text(".e-steroids")


def test_card_for_the_wallet_folds_to_the_width_of_a_bank_card(visitor):
    page = visitor(width=718).open("/card/")
    page.evaluate("window.print = () => {}")
    page.select_option("[name=medicine1]", "pembrolizumab")
    page.click("[data-wallet]")
    page.emulate_media(media="print")
    size = page.locator(".e-card").bounding_box()
    assert round(size["width"] / 96 * 25.4, 1) == 2 * 85.6
    assert size["height"] / 96 * 25.4 < 110
    think = page.locator(".e-think ul").first.locator("li")
    assert page.locator(".e-think ul").first.locator("li:visible").count() == min(10, think.count())
    assert page.locator("main .sources:visible").count() == 0


def test_question_of_a_page_is_kept_moved_and_removed(visitor):
    reader = visitor()
    page = reader.open("/drugs/pembrolizumab/")
    section = page.locator(".section-questions")
    words = section.locator("li").first.evaluate("li => li.firstChild.textContent.trim()")
    reader.requests.clear()
    section.locator("li button").first.click()
    assert reader.requests == []
    reader.open("/my-questions/")
    page.fill("#own-question", "My own")
    page.get_by_role("button", name="Add", exact=True).click()
    rows = page.locator("[data-questions] li")
    assert rows.count() == 2
    assert words in rows.first.inner_text()
    rows.nth(1).locator('[data-move="up"]').press("Enter")
    assert "My own" in rows.first.inner_text()
    rows.first.locator('[data-move="remove"]').press("Enter")
    assert rows.count() == 1


@pytest.mark.parametrize(
    "there", ['{"v": 2, "data": {"team": "kept"}}', '{"v": 1, "data": {"te', "null", '{"v": 1, "data": []}']
)
def test_what_cannot_be_read_is_said_and_never_written_over(visitor, there):
    reader = visitor()
    page = reader.open("/card/")
    page.evaluate("text => localStorage.setItem('immuno.card', text)", there)
    reader.open("/card/")
    page.fill("#c-team", "new")
    assert page.locator('[data-says="unreadable"]').is_visible()
    assert page.evaluate("localStorage.getItem('immuno.card')") == there


@pytest.mark.parametrize(
    "text", ["", "{", '{"immuno": 2, "entries": {}}', '{"immuno": 1, "entries": {"card": "{"}}', "[]"]
)
def test_file_of_another_kind_changes_nothing(visitor, text):
    page = visitor().open("/card/")
    page.fill("#c-team", "mine")
    before = page.evaluate("JSON.stringify(localStorage)")
    page.set_input_files(
        "[data-open]", {"name": "a.json", "mimeType": "application/json", "buffer": text.encode()}
    )
    page.locator('[data-says="wrong-file"]').wait_for()
    assert page.evaluate("JSON.stringify(localStorage)") == before


def test_all_goes_to_a_file_is_deleted_and_comes_back(visitor):
    page = visitor().open("/card/")
    page.fill("#c-team", "mine")
    with page.expect_download() as kept:
        page.click("[data-keep]")
    text = kept.value.path().read_text()
    assert json.loads(json.loads(text)["entries"]["card"])["data"]["team"] == "mine"
    page.on("dialog", lambda dialog: dialog.accept())
    with page.expect_navigation():
        page.click("[data-delete]")
    assert page.evaluate("localStorage.length") == 0
    with page.expect_navigation():
        page.set_input_files(
            "[data-open]", {"name": "a.json", "mimeType": "application/json", "buffer": text.encode()}
        )
    assert page.input_value("#c-team") == "mine"


def test_without_a_script_the_card_has_lines_to_write_on(visitor):
    page = visitor(javascript=False).open("/card/")
    assert page.locator("[data-card]").is_hidden()
    assert page.locator(".e-card dd").count() == 8
    assert page.locator(".e-think li").count() > 4


def test_what_is_ticked_stays_here_and_the_letter_asks_for_the_rest(visitor):
    reader = visitor()
    page = reader.open("/records/?cancer=melanoma")
    reader.requests.clear()
    asked = page.locator(".records-letter li:visible").count()
    page.locator(".to-tick input").first.check()
    assert page.locator(".records-letter li:visible").count() == asked - 1
    assert [url for url in reader.requests if "/static/" not in url] == []
    reader.open("/records/?cancer=melanoma")
    assert page.locator(".to-tick input").first.is_checked()
    assert page.locator(".records-letter li:visible").count() == asked - 1
    assert reader.cookies == []


def test_without_a_script_the_list_and_the_letter_are_there(visitor):
    page = visitor(javascript=False).open("/records/")
    page.select_option("#r-cancer", "melanoma")
    page.get_by_role("button", name="Show the list").click()
    assert page.locator(".records-letter li:visible").count() == page.locator(".to-tick li").count() > 2


def test_marked_sign_shows_its_own_card_and_leaves_no_trace_outside(visitor):
    reader = visitor()
    page = reader.open("/diary/")
    reader.requests.clear()
    words = page.locator("[data-row=breath] option").last.text_content()
    page.select_option("[data-row=breath]", label=words)
    assert words in page.inner_text("[data-act]")
    assert words in page.inner_text("[data-days]")
    assert page.locator("[data-chart] circle").count() == 1
    assert reader.accessibility_problems() == []
    assert [url for url in reader.requests if "/static/" not in url] == []
    reader.open("/diary/")
    assert page.locator("[data-row=breath] option:checked").text_content() == words
    page.select_option("[data-row=breath]", "usual")
    assert page.inner_text("[data-act]") == ""
    assert reader.cookies == []


def test_sheet_keeps_what_is_ticked_and_written_by_cancer_and_sends_nothing(visitor):
    reader = visitor()
    page = reader.open("/decision/?cancer=melanoma")
    reader.requests.clear()
    page.locator("details.fold summary").first.click()
    box = page.locator("details.fold [data-option]").first
    title = box.get_attribute("data-option")
    box.check()
    page.fill("[data-options] textarea >> nth=0", "My secret reason")
    page.check("[name=value-home][value=much]")
    page.fill("[name=own-1]", "A second look first")
    assert page.locator("[data-options] h3").all_inner_texts() == [title, "A second look first"]
    assert page.input_value("[data-options] textarea >> nth=0") == "My secret reason"
    assert reader.accessibility_problems() == []
    assert [url for url in reader.requests if "/static/" not in url] == []
    reader.open("/decision/?cancer=melanoma")
    assert page.locator("[data-options] h3").all_inner_texts() == [title, "A second look first"]
    assert page.input_value("[data-options] textarea >> nth=0") == "My secret reason"
    page.emulate_media(media="print")
    assert page.locator(".typed", has_text="My secret reason").is_visible()
    reader.open("/decision/")
    assert page.locator("[data-options] h3:visible").count() == 0
    assert not page.is_checked("[name=value-home][value=much]")


def test_what_is_not_known_yet_goes_to_my_questions_once(visitor):
    reader = visitor()
    page = reader.open("/decision/")
    page.locator("[data-know]").first.check()
    known = page.locator("[data-know] + span").first.inner_text()
    open_ones = page.locator("[data-know]").count() - 1
    page.click("[data-ask]")
    page.click("[data-ask]")
    reader.open("/my-questions/")
    assert page.locator("[data-questions] li").count() == open_ones
    assert known not in page.inner_text("[data-questions]")


def test_day_of_another_release_is_not_lost(visitor):
    page = visitor().open("/diary/")
    there = {"v": 1, "data": {"days": {"2026-01-02": {"later": "x"}}, "more": 1}}
    page.evaluate("there => localStorage.setItem('immuno.diary', JSON.stringify(there))", there)
    page.reload()
    page.fill("[data-row=note]", "Slept badly")
    data = page.evaluate("JSON.parse(localStorage.getItem('immuno.diary')).data")
    assert data["days"]["2026-01-02"] == {"later": "x"}
    assert data["more"] == 1
    assert len(data["days"]) == 2


def test_tools_hold_letters_twice_as_large_on_a_phone(visitor):
    reader = visitor(width=412)
    wider = []
    compared = "/compare/?drug=nivolumab&drug=pembrolizumab"
    for address in (*TOOLS, "/diary/", "/find/?cancer=melanoma&show=uses", compared):
        page = reader.open(address)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        wider += [address] if reader.scrolls_sideways else []
    assert wider == []
