"""What patients and relatives come for, walked through in a browser."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from playwright.sync_api import Locator, Route, expect

from tests.browser.journey import Journey
from tests.browser.visitor import DESKTOP, PHONE


def test_page_of_facts_alone_can_be_read_by_everybody(visitor):
    """A planned medicine that nobody has written about yet."""
    assert visitor(width=PHONE).problems_at("/drugs/alemtuzumab/", widths=(PHONE, DESKTOP)) == []


class Sources(Journey):
    """What everybody who wants to know where a sentence comes from does."""

    def given_the_world_outside(self) -> None:
        """Stands in for the sites that sources link to: no test leaves this machine."""

        def answer(route: Route) -> None:
            route.fulfill(body="<title>Somebody else's page</title>", content_type="text/html")

        self.page.route(re.compile(r"^https://"), answer)

    def when_they_follow_the_first_citation(self) -> Locator:
        """Gives the source that it leads to in the list at the foot."""
        citation = self.page.get_by_role("main").get_by_role("link", name=re.compile(r"^Source \d+$"))
        citation = citation.filter(visible=True).first
        source = self.page.locator(citation.get_attribute("href"))
        citation.click()
        return source

    def heading_of_sources(self) -> Locator:
        """It says how many there are."""
        return self.page.get_by_role("heading", name=re.compile(r"^\d+ sources?$"), level=2)

    def then_it_leads_to_the_world_outside(self, place: Locator) -> None:
        link = place.get_by_role("link").first
        address = link.get_attribute("href")
        assert address.startswith("https://")
        link.click()
        self.page.wait_for_url(address)


class TestFrightenedPatient(Journey):
    """Short of breath after immunotherapy, with a small phone."""

    def given_a_small_phone(self) -> None:
        self.given_a_screen(width=320, height=640)

    def then_the_emergency_sign_is_on_the_first_screen(self) -> None:
        self.then_it_is_on_the_screen(self.heading("Emergency: call now", level=2))
        assert self.page.evaluate("scrollY") == 0

    def then_it_says_whom_to_call_and_when(self) -> None:
        card = self.page.locator(".care-emergency")
        expect(card).to_contain_text("112")
        expect(card).to_contain_text("911")
        expect(card).to_contain_text("101")
        expect(card).to_contain_text(re.compile("breath", re.IGNORECASE))

    def test_finds_the_emergency_sign_in_one_tap_and_lung_inflammation_in_three(self):
        self.given_a_small_phone()
        self.given_the_page("/")
        self.then_it_is_on_the_screen(self.page.get_by_role("link", name="A symptom worries me"))
        self.when_they_tap("A symptom worries me")
        self.then_it_is_on_the_screen(self.page.get_by_text("You get out of breath sooner").first)
        self.page.get_by_role("button", name="Show the signs").click()
        self.when_they_tap("Lung inflammation")
        self.then_the_page_is("Lung inflammation")
        self.then_the_emergency_sign_is_on_the_first_screen()
        self.then_it_says_whom_to_call_and_when()
        self.then_nothing_scrolls_sideways()

    def test_gets_there_by_the_body_map_too(self):
        self.given_a_small_phone()
        self.given_the_page("/side-effects/")
        self.when_they_tap("Lungs")
        self.then_it_is_on_the_screen(self.heading("Lungs", level=3))
        self.when_they_tap("Lung inflammation")
        self.then_the_emergency_sign_is_on_the_first_screen()

    def test_narrows_the_list_by_what_they_call_it(self):
        self.given_a_small_phone()
        self.given_the_page("/side-effects/")
        self.page.get_by_label("Type to narrow the list").fill("pneumonitis")
        expect(self.page.get_by_role("link", name="Lung inflammation").first).to_be_visible()
        expect(self.page.get_by_role("link", name="Fatigue").filter(visible=True)).to_have_count(0)
        expect(self.page.get_by_role("main").get_by_role("status").filter(visible=True)).to_have_text(
            "1 found"
        )

    def test_sees_the_gravest_signs_and_opens_all_of_them(self):
        self.given_a_screen(width=360, height=740)
        self.given_the_page("/drugs/pembrolizumab/")
        signs = [
            card.locator("ul:not(.dial) > li").filter(visible=True)
            for card in self.page.locator(".care-card").all()
        ]
        assert [card.count() for card in signs] == [6, 4, 0, 0, 0]
        self.page.get_by_role("link", name=re.compile(r"^All \d+ signs")).click()
        folds = self.page.locator("#all-signs summary")
        expect(folds.first).to_be_in_viewport()
        expect(folds.first).to_have_text(re.compile(r"Emergency: call now\s*\d+ signs\s*$"))
        assert all(fold.bounding_box()["height"] >= 44 for fold in folds.all())
        for fold in folds.all():
            fold.click()
        expect(self.page.locator(".care-card li").filter(visible=False)).to_have_count(0)
        self.then_nothing_scrolls_sideways()
        self.then_everybody_can_use_it()

    def test_prints_all_signs_once(self):
        self.given_a_screen(width=360)
        self.given_the_page("/drugs/pembrolizumab/")
        signs = self.page.locator(".care-card li")
        every = {words.split(":")[0] for words in signs.all_text_contents()}
        self.page.emulate_media(media="print")
        self.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        printed = [words.split(":")[0] for words in signs.filter(visible=True).all_text_contents()]
        assert {*printed} == every

    def test_is_not_told_that_a_sign_which_is_not_listed_is_harmless(self):
        self.given_a_small_phone()
        self.given_the_page("/side-effects/")
        self.page.get_by_label("Type to narrow the list").fill("jaundice")
        nothing = self.page.locator(".list-filter-none")
        expect(nothing.get_by_text("Call your local emergency number")).to_be_visible()
        expect(nothing.get_by_text("What is not listed here is not harmless.")).to_be_visible()
        expect(nothing.locator('a[href^="tel:"]').first).to_have_attribute("href", "tel:112")
        expect(self.heading("From A to Z", level=2)).to_be_hidden()
        self.when_they_tap("Search the whole site for this")
        expect(self.page.get_by_label("Search", exact=False).first).to_have_value("jaundice")
        expect(self.page.get_by_role("main").get_by_text("Call your local emergency number")).to_be_visible()


class TestPatientWithANewMedicine(Sources):
    """Got the name of a medicine today and wants to know it."""

    def given_the_page_of_their_medicine(self, *, width: int = 320) -> None:
        self.given_a_screen(width=width)
        self.given_the_page("/drugs/pembrolizumab/")

    def when_they_print(self) -> None:
        self.page.emulate_media(media="print")

    @pytest.mark.parametrize("width", [320, 1280])
    def test_jumps_to_a_section_by_the_list_of_sections(self, width):
        self.given_the_page_of_their_medicine(width=width)
        if width == 320:
            self.when_they_tap("Contents", role="button")
        contents = self.page.get_by_role("navigation", name="On this page")
        link = contents.get_by_role("link").nth(4)
        name = link.inner_text()
        link.click()
        self.then_it_is_on_the_screen(self.heading(name, level=2))
        if width == 320:
            expect(contents).to_be_hidden()

    def test_opens_the_source_of_a_sentence(self):
        self.given_the_page_of_their_medicine()
        self.given_the_world_outside()
        source = self.when_they_follow_the_first_citation()
        note = self.page.get_by_role("dialog")
        self.then_it_is_on_the_screen(note.get_by_role("heading", name="Where this comes from"))
        self.then_it_is_on_the_screen(note.get_by_role("link").first)
        expect(note).to_contain_text(source.locator("a").text_content())
        self.then_it_leads_to_the_world_outside(note)

    def test_finds_all_sources_at_the_foot(self):
        self.given_the_page_of_their_medicine()
        self.given_the_world_outside()
        sources = self.page.locator("#sources")
        expect(sources.get_by_role("listitem").filter(visible=True)).to_have_count(0)
        self.heading_of_sources().click()
        expect(sources.get_by_role("listitem").filter(visible=False)).to_have_count(0)
        self.then_it_leads_to_the_world_outside(sources)

    def test_prints_a_page_that_keeps_sources_dates_and_address(self):
        self.given_the_page_of_their_medicine(width=1280)
        self.when_they_print()
        expect(self.heading("Sources", level=2)).to_be_visible()
        expect(self.heading("How this page was made, and what changed", level=2)).to_be_visible()
        expect(self.heading("What changed, and when", level=3)).to_be_visible()
        for kept in (".sources li:not(.screen-only)", ".review-note dd", ".review-note time"):
            lines = self.page.locator(kept)
            expect(lines.first).to_contain_text(re.compile(r"\w"))
            expect(lines.filter(visible=True)).to_have_count(lines.count())
        expect(self.page.locator(".sources li").first).to_contain_text(re.compile(r"\b20\d\d\b"))
        expect(self.page.get_by_text(f"{settings.SITE_URL}/drugs/pembrolizumab/")).to_be_visible()
        expect(self.heading("Emergency: call now", level=2)).to_be_visible()

    def test_prints_nothing_that_only_a_screen_can_do(self):
        self.given_the_page_of_their_medicine(width=1280)
        self.when_they_print()
        expect(self.page.get_by_role("navigation", name="Main")).to_be_hidden()
        expect(self.page.get_by_role("navigation", name="On this page")).to_be_hidden()
        expect(self.page.get_by_role("button", name="Print this page")).to_be_hidden()

    def test_prints_withdrawn_uses_that_the_screen_folds(self):
        self.given_a_screen(width=1280)
        self.given_the_page("/drugs/pembrolizumab/")
        folded = self.page.locator("details", has_text="No longer approved")
        assert folded.get_attribute("open") is None
        self.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert folded.get_attribute("open") is not None

    @pytest.mark.parametrize("path", ["/cancers/melanoma/", "/drugs/pembrolizumab/", "/biomarkers/pd-l1/"])
    def test_sees_every_line_of_approved_uses_whole_on_a_phone(self, path):
        self.given_a_screen(width=360)
        self.given_the_page(path)
        groups = self.page.locator(".uses > details")
        lines = self.page.locator(".use > summary")
        expect(lines.filter(visible=True)).to_have_count(0)
        for group in groups.all():
            group.locator("summary").first.click()
        expect(lines.filter(visible=True)).to_have_count(lines.count())
        for line in lines.all():
            line.click()
            inside = "e => [...e.parentElement.querySelectorAll('*')].map(one => one.getBoundingClientRect().right)"
            assert max(line.evaluate(inside)) <= 360
        self.then_nothing_scrolls_sideways()

    def test_finds_the_groups_of_approved_uses_open_on_a_wide_screen(self):
        self.given_a_screen(width=1280)
        self.given_the_page("/drugs/pembrolizumab/")
        expect(self.page.locator("details.wide-open:not([open])")).to_have_count(0)
        expect(self.page.locator(".uses > details", has_text="No longer approved")).not_to_have_attribute(
            "open", ""
        )

    @pytest.mark.parametrize(
        ("words", "name"),
        [("Keytruda", "Pembrolizumab"), ("keytruda", "Pembrolizumab"), ("Opdivo", "Nivolumab")],
    )
    def test_searches_by_the_brand_name_on_the_box(self, words, name):
        self.given_a_screen(width=320)
        self.given_the_page("/")
        self.when_they_search_for(words)
        self.then_they_are_at(f"/search/?q={words}")
        results = self.page.get_by_role("main").get_by_role("list").first
        expect(results.get_by_role("heading", level=3).first).to_have_text(name)
        self.when_they_tap(name)
        self.then_the_page_is(name)

    def test_reads_what_a_word_means_without_leaving_the_page(self):
        self.given_a_screen(width=320)
        self.given_the_page("/search/?q=remission")
        word = self.page.get_by_role("main").get_by_role("link", name="remission", exact=True)
        word.click()
        box = self.page.get_by_role("dialog")
        expect(box).to_be_visible()
        expect(box.get_by_role("heading")).to_have_text(re.compile("remission", re.IGNORECASE))
        expect(box.locator(".note-text > div")).not_to_be_empty()
        expect(box.get_by_role("button", name="Close")).to_be_focused()
        self.when_they_press("Escape")
        expect(box).to_be_hidden()
        expect(word).to_be_focused()
        self.then_they_are_at("/search/?q=remission")


class TestKeyboardOnly(Journey):
    """Cannot use a mouse."""

    def test_skips_the_header_with_the_first_key(self):
        self.given_a_screen(width=1280)
        self.given_the_page("/drugs/pembrolizumab/")
        self.when_they_press("Tab")
        self.then_the_focus_is_on(self.page.get_by_role("link", name="Skip to the text"))
        self.when_they_press("Enter")
        expect(self.page.get_by_role("main")).to_be_focused()

    def test_opens_and_leaves_the_menu(self):
        self.given_a_screen(width=320)
        self.given_the_page("/drugs/pembrolizumab/")
        menu = self.page.locator("summary").get_by_text("Menu")
        first = self.page.get_by_role("navigation", name="Main").get_by_role("link").first
        self.when_they_tab_to(menu)
        expect(first).to_be_hidden()
        self.when_they_press("Enter", "Tab")
        self.then_the_focus_is_on(first)
        self.when_they_press("Escape")
        expect(first).to_be_hidden()
        self.then_the_focus_is_on(menu)

    def test_reads_where_a_sentence_comes_from_and_goes_on_reading(self):
        self.given_a_screen(width=1280)
        self.given_the_page("/drugs/pembrolizumab/")
        citation = self.page.get_by_role("main").get_by_role("link", name=re.compile(r"^Sources? \d"))
        citation = citation.filter(visible=True).first
        note = self.page.get_by_role("dialog")
        self.when_they_tab_to(citation, at_most=80)
        self.when_they_press("Enter")
        self.then_the_focus_is_on(note.get_by_role("button", name="Close"))
        self.when_they_press("Tab")
        self.then_the_focus_is_on(note.get_by_role("link").first)
        self.when_they_press("Escape")
        expect(note).to_be_hidden()
        self.then_the_focus_is_on(citation)

    def test_narrows_a_list_and_opens_what_is_left(self):
        self.given_a_screen(width=1280)
        self.given_the_page("/drugs/")
        field = self.page.get_by_label("Type to narrow the list")
        self.when_they_tab_to(field, at_most=30)
        self.page.keyboard.type("keytr")
        expect(self.page.get_by_role("main").get_by_role("status").filter(visible=True)).to_have_text(
            "1 found"
        )
        only = self.page.get_by_role("main").get_by_role("link", name="Pembrolizumab")
        self.when_they_tab_to(only, at_most=40)
        self.when_they_press("Enter")
        self.then_the_page_is("Pembrolizumab")

    @pytest.mark.parametrize("width", [320, 1280])
    def test_never_loses_sight_of_where_they_are(self, width):
        self.given_a_screen(width=width)
        self.given_the_page("/side-effects/lung-inflammation/")
        for _ in range(60):
            self.when_they_press("Tab")
            self.page.wait_for_function(FOCUS_IS_SEEN)


# The focused element is in view, not behind something else (a bar that sticks), and has a ring around it.
FOCUS_IS_SEEN = """() => {
  const one = document.activeElement;
  if (one === document.body) return true;
  const box = one.getBoundingClientRect();
  const first = one.getClientRects()[0];  // of a link that goes over two lines
  const [x, y] = [first.left + Math.min(first.width / 2, 8), first.top + Math.min(first.height / 2, 8)];
  const top = document.elementFromPoint(x, y);
  const style = getComputedStyle(one);
  const ring = style.outlineStyle !== "none" || style.boxShadow !== "none";
  const seen = top && (one.contains(top) || top.contains(one)) && box.bottom <= innerHeight + 1 && box.top >= -1;
  return seen && ring;
}"""


class TestWithoutJavaScript(Sources):
    """An old phone, a strict company network, a script that did not arrive."""

    def given_no_javascript(self) -> None:
        self.given_a_screen(width=320, javascript=False)

    def test_reads_every_section_of_an_entry(self):
        self.given_no_javascript()
        self.given_the_page("/drugs/pembrolizumab/")
        headings = self.page.get_by_role("main").get_by_role("heading", level=2)
        assert headings.count() >= 12
        for heading in headings.all():
            expect(heading).to_be_visible()
        expect(self.page.get_by_role("button", name="Print this page")).to_be_hidden()

    def test_finds_the_way_by_menu_list_and_sections(self):
        self.given_no_javascript()
        self.given_the_page("/")
        self.page.locator("summary").get_by_text("Menu").click()
        self.when_they_tap("Medicines")
        self.then_the_page_is("Medicines")
        expect(self.page.get_by_label("Type to narrow the list")).to_be_hidden()
        self.when_they_tap("Pembrolizumab")
        self.when_they_tap("Contents", role="button")
        self.when_they_tap("Sources and checks")
        self.when_they_tap("Close", role="button")
        expect(self.page.get_by_role("navigation", name="On this page")).to_be_hidden()
        self.then_it_is_on_the_screen(self.heading_of_sources())
        made = self.heading("How this page was made, and what changed", level=2)
        made.click()
        self.then_it_is_on_the_screen(self.page.get_by_text("Compared with its sources"))

    def test_opens_the_source_of_a_sentence(self):
        self.given_no_javascript()
        self.given_the_page("/drugs/pembrolizumab/")
        self.given_the_world_outside()
        source = self.when_they_follow_the_first_citation()
        self.then_it_is_on_the_screen(source)
        self.then_it_leads_to_the_world_outside(source)

    def test_unfolds_what_is_folded(self):
        self.given_no_javascript()
        self.given_the_page("/drugs/pembrolizumab/")
        folded = self.page.locator(".uses > details", has_text="No longer approved")
        line = folded.locator(".use").last
        day = line.get_by_text(re.compile(r"^Withdrawn .*\b20\d\d"))
        expect(line).to_be_hidden()
        folded.locator("summary").first.click()
        expect(line).to_be_visible()
        expect(day).to_be_hidden()
        line.locator("summary").click()
        expect(day).to_be_visible()

    def test_searches(self):
        self.given_no_javascript()
        self.given_the_page("/search/")
        self.when_they_search_for("breathless")
        expect(self.heading("Lung inflammation", level=3)).to_be_visible()

    def test_looks_a_word_up_in_the_glossary(self):
        self.given_no_javascript()
        self.given_the_page("/search/?q=remission")
        self.page.get_by_role("main").get_by_role("link", name="remission", exact=True).click()
        self.then_they_are_at("/glossary/#remission")
        self.then_it_is_on_the_screen(self.page.locator("#remission"))


def test_all_details_are_opened_and_stay_so_on_this_device(visitor):
    reader = visitor(width=360)
    page = reader.open("/drugs/pembrolizumab/")
    closed = page.locator(".entry-text details:not([open])")
    assert closed.count() > 2
    page.get_by_role("button", name="Open all details").click()
    assert closed.count() == 0
    page = reader.open("/cancers/melanoma/")
    assert page.locator(".entry-text details:not([open])").count() == 0
    page.get_by_role("button", name="Short: close the details").click()
    page = reader.open("/drugs/pembrolizumab/")
    assert page.locator(".entry-text details[open]").count() == 0
