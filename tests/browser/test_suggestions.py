"""Names while typing: by keyboard, on a phone, right to left; nothing that is typed leaves the device unasked."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.visitor import DESKTOP, PHONE


def header_field(page: Page) -> Locator:
    return page.get_by_role("banner").get_by_role("combobox")


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
@pytest.mark.parametrize("turn", ["ltr", "rtl"])
def test_name_is_chosen_by_keyboard_and_everybody_can_use_the_list(visitor, width, turn):
    reader = visitor(width=width)
    page = reader.open("/drugs/pembrolizumab/")
    page.evaluate("way => { document.documentElement.dir = way }", turn)
    field = header_field(page)
    field.press_sequentially("melan")
    options = page.get_by_role("listbox").get_by_role("option")
    expect(options.first).to_contain_text("Melanoma")
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", "search-header-names-0")
    expect(options.first).to_have_attribute("aria-selected", "true")
    # The list lies over links, half of one perhaps; it goes with Escape.
    assert not [said for said in reader.accessibility_problems() if not said.startswith("target-size")]
    assert not reader.scrolls_sideways
    assert options.first.bounding_box()["height"] >= 44
    field.press("Escape")
    expect(options).to_have_count(0)
    expect(field).to_have_value("melan")
    field.press("ArrowDown")
    field.press("ArrowDown")
    field.press("Enter")
    page.wait_for_url("**/cancers/melanoma/")


def test_brand_is_offered_and_can_be_tapped(visitor):
    page = visitor(width=PHONE).open("/search/")
    page.get_by_role("main").get_by_role("combobox").press_sequentially("keytr")
    page.get_by_role("option", name="Pembrolizumab").click()
    page.wait_for_url("**/drugs/pembrolizumab/")


def test_nothing_typed_leaves_the_device_until_the_reader_asks(visitor):
    reader = visitor()
    page = reader.open("/drugs/pembrolizumab/")
    page.wait_for_load_state("networkidle")  # the page's own drawings may still come
    before = len(reader.requests)
    field = header_field(page)
    field.press_sequentially("diarrhea blood")
    expect(page.get_by_role("banner").get_by_role("status")).to_have_text("Names to choose from: 0")
    asked = {
        re.sub(r"\.\w{12}(?=\.css|\.js)", "", address.removeprefix(reader.site))
        for address in reader.requests[before:]
    }
    assert asked == {"/suggest.json", "/static/suggest.css", "/static/suggest.js"}
    field.press("Enter")
    page.wait_for_url("**/search/?q=diarrhea+blood")


def test_field_without_script_is_the_plain_one(visitor):
    page = visitor(javascript=False).open("/drugs/pembrolizumab/")
    field = page.get_by_role("banner").get_by_role("searchbox")
    field.fill("melanoma")
    field.press("Enter")
    page.wait_for_url("**/search/?q=melanoma")


def test_field_stays_plain_where_the_names_do_not_come(visitor):
    reader = visitor()
    page = reader.open("/drugs/pembrolizumab/")
    page.route("**/suggest.json", lambda route: route.fulfill(status=200, body="<html>"))
    field = header_field(page)
    field.press_sequentially("melanoma")
    field.press("Enter")
    page.wait_for_url("**/search/?q=melanoma")
