"""Somebody writes a text in the admin: nothing typed is lost, and little has to be clicked."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from cms.toolbar.utils import get_object_edit_url
from django.contrib.auth.models import User
from django.core import mail
from playwright.sync_api import Dialog, Page, expect
from pytest_django.fixtures import Settings

from content.models import Clinician, DrugContent
from immuno_site.accounts.models import Session
from tests.browser.journey import Journey
from tests.browser.visitor import DESKTOP
from tests.factories import new_draft
from tests.staff import PASSWORD, code, create_staff, give_second_factor
from tests.stories import join

pytestmark = pytest.mark.django_db(transaction=True)

NEW = "A sentence that was typed a moment ago [@fda-keytruda-label]."
THEIRS = "What a colleague wrote meanwhile [@fda-keytruda-label]."
DRUG = "/drugs/pembrolizumab/"
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

    def test_second_of_two_browsers_is_shown_both_texts_and_nothing_is_lost(
        self, noa: User, editor: User
    ) -> None:
        self.given_a_draft(noa)
        self.given_at_the_form(noa)
        self.daily_life.fill(NEW)
        colleague = self.let_in(width=DESKTOP)
        colleague.sign_in(editor)
        page = colleague.open(self.form)
        page.get_by_role("textbox", name="Daily life (English):", exact=True).fill(THEIRS)
        page.get_by_label("Change note").fill("A sentence.")
        page.get_by_role("button", name="Save and close").click()
        page.wait_for_url(LIST)
        save = self.page.get_by_role("button", name="Save and close")
        save.click()
        expect(self.page.get_by_text("after you opened it. Your text is still here").first).to_be_visible()
        expect(self.daily_life).to_have_value(NEW)
        expect(self.page.get_by_text(f"Saved meanwhile: {THEIRS}").first).to_be_visible()
        assert self.stored == THEIRS
        self.then_everybody_can_use_it()
        self.daily_life.fill(f"{THEIRS} {NEW}")
        save.click()
        self.page.wait_for_url(LIST)
        assert self.stored == f"{THEIRS} {NEW}"


class TestWindowOverThePage(Writing):
    """Edit mode: a double click on a part of the page opens its form in a window."""

    def given_a_window_with_new_words(self, noa: User) -> None:
        self.given_a_draft(noa)
        self.given_a_screen(width=DESKTOP)
        self.visitor.sign_in(noa)
        self.given_the_page(get_object_edit_url(self.draft.content, language="en"))
        self.page.get_by_text("This medicine takes a brake off").first.dblclick()
        self.window = self.page.frame_locator(".cms-modal iframe")
        self.area = self.window.locator("textarea[name=key_message]")
        self.area.fill(NEW)

    def test_window_asks_before_it_closes_over_unsaved_words(self, noa: User) -> None:
        self.given_a_window_with_new_words(noa)
        asked: list[str] = []

        def stay(dialog: Dialog) -> None:
            asked.append(dialog.type)
            dialog.dismiss()

        self.page.once("dialog", stay)
        self.page.locator(".cms-modal-close").click()
        assert asked == ["confirm"]
        expect(self.area).to_have_value(NEW)
        # Saved, it closes without a question.
        self.page.locator(".cms-modal-buttons").get_by_role("link", name="Save", exact=True).click()
        expect(self.page.get_by_text("A sentence that was typed a moment ago").first).to_be_visible()
        assert DrugContent.admin_manager.get(pk=self.draft.object_id).key_message == NEW


class TestClicks(Writing):
    """What an everyday task takes, counted from the page or the letter it begins with."""

    def test_sentence_is_corrected_and_published_with_two(self, noa: User) -> None:
        self.given_a_screen(width=DESKTOP)
        self.visitor.sign_in(noa)
        self.given_the_page(DRUG)
        self.when_they_tap("Edit text")
        self.page.get_by_role("textbox", name="Key message (English):").fill(
            "Call your team about every new symptom."
        )
        self.page.get_by_label("Change note").fill("A shorter key message.")
        button = self.page.get_by_role("button", name="Publish", exact=True)
        expect(button).to_have_attribute("aria-disabled", "false")
        self.when_they_tap("Publish", role="button")
        expect(self.page.get_by_text("Published. Readers see it now.")).to_be_visible()
        self.then_readers_see("Call your team about every new symptom.")
        assert self.taps <= 3

    def test_earlier_text_is_back_with_three(self, noa: User, editor: User) -> None:
        public = DrugContent.objects.get(entry__slug="pembrolizumab", language="en")
        new_draft(public.versions.get(), by=editor, key_message="Call your team about nothing.").publish(
            editor
        )
        self.given_a_screen(width=DESKTOP)
        self.visitor.sign_in(noa)
        self.given_the_page(DRUG)
        self.when_they_tap("Text and review")
        self.when_they_tap("Earlier versions")
        self.then_everybody_can_use_it()
        self.when_they_tap("Bring this text back", role="button")
        expect(self.page.get_by_text("The earlier text is public again.")).to_be_visible()
        self.then_readers_see("This medicine takes a brake off")
        assert self.taps <= 3

    def test_text_is_signed_and_public_with_three_on_both_sides(
        self, noa: User, reviewer: Clinician, settings: Settings
    ) -> None:
        settings.CLINICAL_REVIEW = "required"
        self.given_a_draft(noa)
        self.draft.content.key_message = "Call your team about every new symptom."
        self.draft.content.save()
        self.given_at_the_form(noa)
        self.when_they_tap("Send for sign-off", role="button")
        expect(self.page.get_by_text("Sent for sign-off.", exact=True)).to_be_visible()
        (letter,) = mail.outbox
        self.given_a_screen(width=DESKTOP)
        self.visitor.sign_in(join(reviewer.user, "Clinical reviewer"))
        self.given_the_page(urlsplit(letter.body.split()[-1]).path)
        self.then_everybody_can_use_it()
        self.page.get_by_label("I have read this text and stand for it").check()
        self.taps += 1
        self.when_they_tap("Sign off this text", role="button")
        expect(self.page.get_by_text("Signed off and published.")).to_be_visible()
        self.then_readers_see("Call your team about every new symptom.")
        self.then_readers_see("Test Reviewer, Oncologist")
        assert self.taps <= 3

    def then_readers_see(self, words: str) -> None:
        reader = self.let_in(width=DESKTOP)
        expect(reader.open(DRUG).get_by_role("main")).to_contain_text(words)


POINT = 'class="MsoListParagraph" style="mso-list:l0 level1 lfo1"'
WORD = f"""<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p {{margin: 0}}</style></head><body>
<p class="MsoNormal">Ask your <b>care team</b> about <a href="https://example.org/a">this</a>.<o:p></o:p></p>
<p {POINT}><span style="mso-list:Ignore">·<span>&nbsp; </span></span>one</p>
<p {POINT}><span style="mso-list:Ignore">·</span>two</p>
<table><tr><td><p>Day</p></td><td><p>Dose</p></td></tr><tr><td><p>1</p></td><td><p>200 mg</p></td></tr></table>
<h2>What comes next</h2><ol><li>Rest<ul><li>a lot</li></ul></li></ol><script>alert(1)</script></body></html>"""
MARKDOWN = """Ask your **care team** about [this](https://example.org/a).

- one
- two

| Day | Dose |
| --- | --- |
| 1 | 200 mg |

### What comes next

1. Rest
    - a lot"""


class TestEditor(Writing):
    """The editor around a section."""

    PASTE = """([area, html]) => {
      const data = new DataTransfer();
      data.setData("text/html", html);
      data.setData("text/plain", "plain");
      area.focus();
      area.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
    }"""

    def when_they_look_up(self, button: str, words: str, choice: str) -> None:
        frame = self.page.locator(".prose-editor-frame", has=self.daily_life)
        frame.get_by_role("button", name=button).click()
        frame.locator(".prose-editor-picker:visible input").fill(words)
        frame.locator(".prose-editor-picker:visible").get_by_role("button", name=choice, exact=True).click()

    def test_word_is_pasted_and_links_and_sources_are_chosen_by_name(self, noa: User) -> None:
        self.given_a_draft(noa)
        self.given_at_the_form(noa)
        self.daily_life.fill("")
        self.daily_life.evaluate("(area, html) => (" + self.PASTE + ")([area, html])", WORD)
        expect(self.daily_life).to_have_value(MARKDOWN)
        self.daily_life.fill("See ")
        self.when_they_look_up("Link", "melan", "Melanoma")
        expect(self.daily_life).to_have_value("See [Melanoma](cancer:melanoma)")
        self.when_they_look_up("Cite a source", "keytruda label", "fda-keytruda-label")
        expect(self.daily_life).to_have_value("See [Melanoma](cancer:melanoma) [@fda-keytruda-label]")
        self.page.get_by_role("textbox", name="Official leaflets (English):").fill("")
        leaflets = self.page.locator(
            ".prose-editor-frame", has=self.page.get_by_role("textbox", name="Official leaflets (English):")
        )
        leaflets.get_by_role("button", name="Cite a source").click()
        leaflets.locator("input[type=search]").fill("keytruda label")
        leaflets.get_by_role("button", name="fda-keytruda-label", exact=True).click()
        expect(self.page.get_by_role("textbox", name="Official leaflets (English):")).to_have_value(
            "fda-keytruda-label"
        )
        self.page.get_by_text("Go to", exact=True).click()
        self.page.locator(".next-step").get_by_role("link", name="Before you start").click()
        expect(self.page.get_by_role("textbox", name="Before you start (English):")).to_be_focused()
        self.then_everybody_can_use_it()
