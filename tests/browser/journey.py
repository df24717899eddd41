"""What all journeys share: steps that read as sentences, and places found by role and name as people find them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.visitor import Visitor


class Journey:
    """One person's way through the site. Steps are methods: given_, when_, then_."""

    visitor: Visitor

    @pytest.fixture(autouse=True)
    def _door(self, visitor: Callable[..., Visitor]) -> None:
        self.let_in = visitor
        self.taps = 0

    @property
    def page(self) -> Page:
        return self.visitor.page

    def given_a_screen(self, *, width: int, height: int = 800, javascript: bool = True) -> None:
        self.visitor = self.let_in(width=width, height=height, javascript=javascript)

    def given_the_page(self, address: str) -> None:
        self.visitor.open(address)

    def when_they_tap(self, name: str, *, role: str = "link") -> None:
        self.page.get_by_role(role, name=name).filter(visible=True).first.click()
        self.taps += 1

    def when_they_press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def when_they_search_for(self, words: str) -> None:
        field = self.page.get_by_role("main").locator("input[name=q]")
        field.fill(words)
        field.press("Enter")

    def then_the_page_is(self, name: str) -> None:
        expect(self.heading(name, level=1)).to_be_visible()

    def then_they_are_at(self, address: str) -> None:
        self.page.wait_for_url(f"**{address}")

    def then_nothing_scrolls_sideways(self) -> None:
        assert not self.visitor.scrolls_sideways

    def then_everybody_can_use_it(self) -> None:
        problems = self.visitor.accessibility_problems()
        assert not problems, "\n".join(problems)
        self.then_nothing_scrolls_sideways()

    def then_the_errors_come_first(self, number: int) -> None:
        summary = self.page.locator(".error-summary")
        expect(summary).to_be_focused()
        expect(summary.get_by_role("listitem")).to_have_count(number)
        assert self.page.title().startswith(self.page.locator(".error-message .spoken").first.text_content())
        for link in summary.get_by_role("link").all():
            field = self.page.locator(f".field-error:has({link.get_attribute('href')})")
            field = field.or_(self.page.locator(f".field-error{link.get_attribute('href')}"))
            expect(field.locator(".error-message")).to_contain_text(link.inner_text())

    def then_the_focus_is_on(self, place: Locator) -> None:
        expect(place).to_be_focused()
        self.then_it_is_on_the_screen(place)

    def when_they_tab_to(self, place: Locator, *, at_most: int = 12) -> None:
        for _ in range(at_most):
            if place.evaluate("one => one === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        self.then_the_focus_is_on(place)

    def then_it_is_on_the_screen(self, place: Locator) -> None:
        expect(place).to_be_in_viewport()

    def heading(self, name: str, *, level: int) -> Locator:
        return self.page.get_by_role("heading", name=name, level=level, exact=True)

    def section(self, name: str) -> Locator:
        return self.page.get_by_role("region", name=name, exact=True)
