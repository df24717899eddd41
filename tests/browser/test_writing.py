"""Somebody writes a text in the admin: nothing typed is lost, and little has to be clicked."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from content.models import DrugContent
from immuno_site.accounts.models import Session
from tests.browser.journey import Journey
from tests.browser.visitor import DESKTOP
from tests.factories import new_draft
from tests.staff import PASSWORD, code, create_staff, give_second_factor
from tests.stories import join

pytestmark = pytest.mark.django_db(transaction=True)

NEW = "A sentence that was typed a moment ago [@fda-keytruda-label]."
LIST = re.compile(r"/admin/content/drug/\?")
LONGEST_LOSS = 20_000  # milliseconds of typing, when the machine dies


@pytest.fixture
def noa() -> User:
    return join(create_staff("noa"), "Editor")


class Writing(Journey):
    @property
    def daily_life(self):
        return self.page.get_by_role("textbox", name="Daily life (English):", exact=True)

    def given_a_draft(self, by: User) -> None:
        public = DrugContent.objects.get(entry__slug="pembrolizumab", language="en")
        self.draft = new_draft(public.versions.get(), by=by)
        self.form = f"/admin/content/drug/{public.entry_id}/change/?language=en"

    def given_at_the_form(self, user: User) -> None:
        self.given_a_screen(width=DESKTOP)
        self.visitor.sign_in(user)
        self.given_the_page(self.form)

    def then_it_is_kept(self) -> None:
        expect(self.page.locator(".unsaved-kept")).to_contain_text("Kept at", timeout=LONGEST_LOSS)

    @property
    def stored(self) -> str:
        return DrugContent.admin_manager.get(pk=self.draft.object_id).daily_life


class TestNothingTypedIsLost(Writing):
    def test_machine_that_dies_loses_seconds(self, noa: User) -> None:
        self.given_a_draft(noa)
        self.given_at_the_form(noa)
        self.daily_life.fill(NEW)
        self.then_it_is_kept()
        self.page.context.browser.contexts[-1].close()  # no goodbye: as if the machine had died
        self.given_at_the_form(noa)
        expect(self.daily_life).not_to_have_value(NEW)
        self.when_they_tap("Bring it back", role="button")
        expect(self.daily_life).to_have_value(NEW)
        self.page.get_by_label("Change note").fill("A new sentence.")
        self.page.get_by_role("button", name="Save and close").click()
        self.page.wait_for_url(LIST)
        assert self.stored == NEW
        self.given_the_page(self.form)
        expect(self.page.get_by_role("button", name="Bring it back")).to_have_count(0)

    def test_who_was_signed_out_signs_in_over_the_form(self, over_http: None) -> None:
        noa = join(create_staff("noa", with_second_factor=False), "Editor")
        secret = give_second_factor(noa)
        self.given_a_draft(noa)
        self.given_a_screen(width=DESKTOP)
        self.sign_in(self.page, secret, f"/accounts/login/?next={self.form}", steps=-1)
        self.page.wait_for_url("**/change/**")
        Session.objects.all().delete()
        self.daily_life.fill(NEW)
        self.page.get_by_role("button", name="Save and close").click()
        dialog = self.page.get_by_role("dialog", name="You were signed out")
        expect(dialog).to_be_visible()
        self.then_everybody_can_use_it()
        with self.page.expect_popup() as opened:
            dialog.get_by_role("button", name="Sign in").click()
        self.sign_in(opened.value, secret, "")
        self.page.wait_for_url(LIST)
        assert self.stored == NEW
        self.visitor.complaints.clear()  # the refusals while nobody was signed in

    @staticmethod
    def sign_in(page: Page, secret: str, address: str, *, steps: int = 0) -> None:
        if address:
            page.goto(address)
        page.get_by_label("User name").fill("noa")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.get_by_label("Code", exact=True).fill(code(secret, steps=steps))
        page.locator("main form button:visible").first.click()

    def test_leaving_asks_and_two_people_know_of_each_other(self, noa: User, editor: User) -> None:
        self.given_a_draft(noa)
        self.given_at_the_form(noa)
        self.daily_life.fill(NEW)
        self.then_it_is_kept()
        colleague = self.let_in(width=DESKTOP)
        colleague.sign_in(editor)
        page = colleague.open(self.form)
        expect(page.get_by_text("noa has been typing here since")).to_be_visible()
        asked = []
        self.page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
        self.page.goto("/admin/")
        assert asked == ["beforeunload"]
