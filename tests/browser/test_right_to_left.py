"""The same pages in Hebrew: one sheet serves both directions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from immuno_site import page_cache
from tests.browser.addresses import HEBREW, UNTRANSLATED
from tests.browser.hebrew import translate_library
from tests.browser.visitor import DESKTOP, PHONE
from tests.stocks import stand

pytestmark = pytest.mark.stock


@pytest.fixture(scope="module", autouse=True)
def hebrew(
    chromium: object, django_db_blocker: object, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """The rows that these tests read; afterwards the next test gets a new library."""
    with django_db_blocker.unblock():
        translate_library(tmp_path_factory.mktemp("hebrew"))
    page_cache.generation.start_new()
    yield
    stand.held = None


@pytest.mark.parametrize("address", HEBREW)
def test_page_can_be_read_by_everybody(visitor, address):
    reader = visitor(width=PHONE)
    assert reader.problems_at(address, widths=(PHONE, DESKTOP)) == []
    root = reader.page.locator("html")
    assert (root.get_attribute("lang"), root.get_attribute("dir")) == ("he", "rtl")


def test_words_start_at_the_right_edge(visitor):
    page = visitor(width=PHONE).open("/he/drugs/pembrolizumab/")
    box = page.get_by_role("heading", level=1).bounding_box()
    assert box["x"] + box["width"] > PHONE - 40
    assert page.locator("main .prose li").first.evaluate("one => getComputedStyle(one).direction") == "rtl"


def test_reader_changes_between_languages(visitor):
    page = visitor(width=PHONE).open("/he/drugs/pembrolizumab/")
    page.get_by_role("link", name="English", exact=True).click()
    page.wait_for_url("**/drugs/pembrolizumab/")
    assert page.locator("html").get_attribute("dir") == "ltr"
    page.get_by_role("link", name="עברית").click()
    page.wait_for_url("**/he/drugs/pembrolizumab/")


def test_untranslated_page_leads_to_the_english_one(visitor):
    page = visitor(width=PHONE).open(UNTRANSLATED)
    page.get_by_role("main").get_by_role("link", name="Nivolumab").click()
    page.get_by_role("heading", name="Nivolumab", level=1).wait_for()
    assert page.locator("html").get_attribute("lang") == "en"


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
@pytest.mark.parametrize("address", ["/drugs/pembrolizumab/", "/he/drugs/pembrolizumab/"])
def test_brand_stands_first_where_the_header_offers_languages(visitor, address, width):
    page = visitor(width=width).open(address)
    assert page.locator(".site-header .brand").bounding_box()["y"] < 30
    menu = page.locator(".main-menu summary").bounding_box()
    assert width == DESKTOP or menu["width"] < width / 2


@pytest.mark.parametrize("address", ["/callback/", "/he/callback/"])
def test_trap_of_programs_lies_beyond_a_small_screen(visitor, address):
    box = visitor(width=PHONE).open(address).locator(".trap").bounding_box()
    assert box["x"] + box["width"] <= 0 or box["x"] >= PHONE
