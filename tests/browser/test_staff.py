"""What editors and reviewers do in a browser. Their consoles stay as empty as readers': the policy for staff holds."""

from __future__ import annotations

import datetime
import re

import pytest
from cms.models import PageContent
from cms.toolbar.utils import get_object_edit_url, get_object_structure_url
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import expect

from content.models import Clinician, DrugContent, Indication
from tests.browser.journey import Journey
from tests.browser.visitor import DESKTOP, PHONE
from tests.factories import new_draft
from tests.staff import create_staff
from tests.stories import join

pytestmark = pytest.mark.django_db(transaction=True)

DRUG = "/drugs/pembrolizumab/"
OLD = "This medicine takes a brake off"
NEW = "Call your team about every new symptom. A sentence written a moment ago."


class StaffJourney(Journey):
    def given_at_work(self, user: User) -> None:
        self.given_a_screen(width=1280)
        self.visitor.sign_in(user)

    def then_readers_see(self, words: str) -> None:
        reader = self.let_in(width=320)
        expect(reader.open(DRUG).get_by_role("main")).to_contain_text(words)

    def when_they_publish_from_the_toolbar(self) -> None:
        self.when_they_tap("Edit")
        self.page.wait_for_url("**/edit/**")
        self.when_they_tap("Publish")
        self.then_they_are_at(DRUG)


class TestEditor(StaffJourney):
    """Corrects a sentence on a public page."""

    def given_the_form(self, editor: User) -> None:
        self.given_at_work(editor)
        self.given_the_page(DRUG)
        self.when_they_tap("Edit text")
        self.page.wait_for_url("**/change/**")

    def test_edits_previews_and_publishes(self, editor):
        self.given_the_form(editor)
        self.page.get_by_role("textbox", name="Key message (English):").fill(NEW)
        self.page.get_by_label("Change note").fill("A new key message.")
        self.when_they_tap("Save", role="button")
        expect(self.page.get_by_text("was changed successfully")).to_be_visible()
        self.given_the_page(DRUG)
        self.then_readers_see(OLD)
        self.when_they_publish_from_the_toolbar()
        self.then_readers_see(NEW)
        self.then_readers_see("A new key message.")

    def test_is_told_what_is_missing(self, editor):
        self.given_the_form(editor)
        self.page.get_by_role("textbox", name="Key message (English):").fill("")
        panel = self.page.get_by_role("complementary", name="Check")
        expect(panel.get_by_text('Write the section "Key message"')).to_be_visible()
        self.page.get_by_role("button", name="Publish", exact=True).click(force=True)  # as a person would
        expect(panel).to_be_focused()
        self.then_readers_see(OLD)


class TestReviewer(StaffJourney):
    """Reads a colleague's draft and signs it."""

    def given_at_the_desk(self, reviewer: Clinician) -> None:
        self.given_at_work(join(reviewer.user, "Clinical reviewer"))

    def given_a_draft_of(self, editor: User) -> None:
        public = DrugContent.objects.get(entry__slug="pembrolizumab", language="en")
        self.draft = new_draft(public.versions.get(), by=editor, key_message=NEW)

    def when_they_sign(self) -> None:
        due = timezone.localdate() + datetime.timedelta(days=90)
        self.page.get_by_label("Next review due").fill(due.isoformat())
        self.page.get_by_label("I have read this text and stand for it").check()
        self.page.get_by_role("button", name="Sign off this text").click()

    def test_signs_what_they_have_read(self, editor, reviewer: Clinician):
        self.given_a_draft_of(editor)
        self.given_at_the_desk(reviewer)
        self.given_the_page("/admin/content/signoff/desk/")
        self.when_they_tap("Pembrolizumab")
        draft = self.page.frame_locator("iframe[title='The draft as readers will see it']")
        expect(draft.get_by_role("main")).to_contain_text(NEW)
        difference = self.section("What it changes")
        expect(difference.locator("ins").first).to_be_visible()
        expect(difference.locator("del").first).to_be_visible()
        self.when_they_sign()
        expect(self.page.get_by_text("Signed off. The version can now be published.")).to_be_visible()
        expect(self.page.get_by_role("row", name="Pembrolizumab")).to_contain_text("Signed by Test Reviewer")
        self.then_readers_see(OLD)

    def test_published_page_names_who_checked_it(self, editor, reviewer: Clinician):
        self.given_a_draft_of(editor)
        self.given_at_the_desk(reviewer)
        self.given_the_page(f"/admin/content/signoff/read/{self.draft.pk}/")
        self.when_they_sign()
        expect(self.page.get_by_text("Signed off.")).to_be_visible()
        self.draft.publish(editor)
        self.then_readers_see(NEW)
        self.then_readers_see("Test Reviewer, Oncologist")

    def test_cannot_sign_without_having_read(self, editor, reviewer: Clinician):
        self.given_a_draft_of(editor)
        self.given_at_the_desk(reviewer)
        self.given_the_page(f"/admin/content/signoff/read/{self.draft.pk}/")
        self.page.get_by_role("button", name="Sign off this text").click()
        expect(self.page.get_by_text("This field is required.").first).to_be_visible()


def changed_use(editor: User) -> Indication:
    """A draft that changes, adds and takes out something."""
    old = Indication.objects.approved().filter(requirements__isnull=False, texts__note="").first()
    draft = old.propose(by=editor)
    draft.texts.update(note="Only in the United States.", condition="Other words in plain English")
    draft.requirements.all().delete()
    return draft


class TestStaffPages(StaffJourney):
    """The content policy for staff: stricter than django CMS expects, and nothing of it breaks."""

    def test_console_stays_empty_in_every_mode(self, editor):
        self.given_at_work(editor)
        draft = new_draft(PageContent.objects.get(page__reverse_id="guide").versions.get(), by=editor).content
        for address in (
            "/",
            "/guide/",
            DRUG,
            get_object_edit_url(draft, language="en"),
            get_object_structure_url(draft, language="en"),
            "/admin/",
            "/admin/cms/pagecontent/?language=en",
            "/admin/content/drug/",
            "/admin/content/indication/",
            "/admin/content/signoff/desk/",
        ):
            self.given_the_page(address)
            assert self.visitor.complaints == [], address
            assert all(url.startswith(self.visitor.site) for url in self.visitor.requests)

    def test_console_stays_empty_in_every_form_to_add_something(self, editor):
        self.given_at_work(editor)
        self.given_the_page("/admin/")
        forms = {one.get_attribute("href") for one in self.page.locator(".staff-room a.room-add").all()}
        assert {"/admin/content/sign/add/", "/admin/content/picture/add/"} < forms
        for address in sorted(forms):
            self.given_the_page(address)
            expect(self.page.locator("#content form").first).to_be_visible()
            assert self.visitor.complaints == [], address

    def test_pages_of_the_admin_can_be_used_by_everybody(self, editor, reviewer: Clinician):
        draft = new_draft(DrugContent.objects.get(entry__slug="pembrolizumab").versions.get(), by=editor)
        self.given_at_work(join(reviewer.user, "Clinical reviewer"))
        self.then_everybody_can_use_all(
            "/admin/", "/admin/content/signoff/desk/", f"/admin/content/signoff/read/{draft.pk}/",
            "/admin/content/signoff/", "/admin/content/source/", "/admin/content/indication/",
            f"/admin/content/indication/{changed_use(editor).pk}/change/",
        )  # fmt: skip
        self.given_at_work(join(create_staff("noa"), "Editor"))
        form = f"/admin/content/drug/{draft.content.entry_id}/change/?language=en"
        self.then_everybody_can_use_all("/admin/", "/admin/content/drug/", form, "/admin/content/drug/add/")
        use = Indication.objects.approved().first()
        self.then_everybody_can_use_all(
            f"/admin/content/indication/{use.pk}/change/", f"/admin/content/indication/{use.pk}/retire/"
        )

    def then_everybody_can_use_all(self, *addresses: str) -> None:
        for address in addresses:
            assert self.visitor.problems_at(address, widths=(PHONE, DESKTOP)) == [], address

    def test_editor_is_led_to_each_mistake_in_an_entry(self, editor):
        draft = new_draft(DrugContent.objects.get(entry__slug="pembrolizumab").versions.get(), by=editor)
        self.given_at_work(join(create_staff("noa"), "Editor"))
        self.given_the_page(f"/admin/content/drug/{draft.content.entry_id}/change/?language=en")
        self.page.get_by_label("Name (English):").fill("")
        self.page.get_by_label("How to say it (English):").fill("A sound that was typed before the mistake")
        self.page.get_by_role("button", name="Save", exact=True).click()
        summary = self.page.locator(".staff-errors")
        expect(summary.get_by_role("listitem")).to_have_count(1)
        summary.get_by_role("link").click()
        expect(self.page.get_by_label("Name (English):")).to_be_focused()
        expect(self.page.get_by_label("How to say it (English):")).to_have_value(re.compile("typed before"))
        assert self.page.title().startswith("Error:")
        assert self.visitor.accessibility_problems() == []

    def test_toolbar_leaves_the_skip_link_and_the_text_in_reach(self, editor):
        self.given_at_work(editor)
        self.given_the_page(DRUG)
        self.then_the_page_is("Pembrolizumab")
        expect(self.page.get_by_role("link", name="Skip to the text")).to_have_count(1)
        expect(self.page.locator("html")).to_have_attribute("lang", re.compile("^en"))
