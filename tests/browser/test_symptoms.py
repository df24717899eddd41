"""Symptoms in a real browser: no JavaScript, by keyboard, on a phone, right to left; own words stay nowhere."""

from __future__ import annotations

import pytest

from tests.browser.visitor import DESKTOP, PHONE

PAGES = ["/symptoms/?treatment=pembrolizumab", "/he/symptoms/?treatment=not-sure", "/ar/symptoms/"]


@pytest.mark.parametrize("address", PAGES)
def test_it_can_be_read_by_everybody(visitor, address):
    assert visitor(width=PHONE).problems_at(address, widths=(PHONE, DESKTOP)) == []


def test_it_works_without_javascript_and_own_words_stay_out_of_the_address(visitor):
    reader = visitor(width=PHONE, javascript=False)
    page = reader.open("/symptoms/")
    page.select_option("#treatment-1", "pembrolizumab")
    page.get_by_role("button", name="Show the signs").click()
    page.fill("#words", "can't catch my breath")
    page.get_by_role("button", name="Look it up").click()
    meant = page.locator("#own-words .care-emergency")
    assert meant.first.is_visible()
    assert meant.locator('a[href="tel:112"]').first.is_visible()
    assert not [url for url in reader.requests if "breath" in url]
    assert reader.cookies == []


def test_part_of_the_body_is_reached_by_keyboard(visitor):
    page = visitor().open("/symptoms/?treatment=pembrolizumab")
    page.locator('.body-map a[href="#lungs"]').focus()
    page.keyboard.press("Enter")
    page.wait_for_timeout(200)
    box = page.locator("#lungs-heading").bounding_box()
    assert box
    assert 0 <= box["y"] < 400
