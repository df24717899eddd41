"""Work that is not lost: a coordinator's page that stays open while the session ends, and while requests come."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from immuno_site.accounts.models import Session
from immuno_site.consultations.models import Draft, Message
from tests.browser.test_coordinator import Inbox
from tests.browser.visitor import DESKTOP, PHONE
from tests.consultations.conftest import create_person, private_folder  # noqa: F401
from tests.consultations.factories import create_request, create_taken
from tests.consultations.inbox import INBOX, address
from tests.staff import PASSWORD, code, give_second_factor

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("over_http", "private_folder"),
]

WORDS = "Dear Anna, please bring the report of the biopsy."


class TestOpenDesk(Inbox):
    def given_ruth_writes(self, *, width: int = DESKTOP) -> None:
        self.ruth = create_person("ruth", "Coordinator", with_second_factor=False)
        self.secret = give_second_factor(self.ruth)
        self.request = create_taken(by=self.ruth)
        self.given_a_screen(width=width)
        self.visitor.sign_in(self.ruth)
        self.given_the_page(address(self.request))
        self.page.get_by_label("Message to the patient").fill(WORDS)

    def when_her_session_ends(self) -> None:
        Session.objects.all().delete()

    def then_it_says_that_she_is_signed_out(self) -> None:
        expect(self.page.get_by_role("dialog")).to_contain_text("You are signed out")
        ground = "getComputedStyle(document.getElementById('signed-out'), '::backdrop').backgroundColor"
        assert self.page.evaluate(ground) == self.page.evaluate(
            "getComputedStyle(document.body).backgroundColor"
        )

    @pytest.mark.parametrize("width", [PHONE, DESKTOP])
    def test_words_outlive_the_session(self, width: int) -> None:
        self.given_ruth_writes(width=width)
        self.when_her_session_ends()
        self.button("Send").click()
        self.then_it_says_that_she_is_signed_out()
        self.then_everybody_can_use_it()
        self.page.keyboard.press("Escape")
        self.page.keyboard.press("Escape")
        self.then_it_says_that_she_is_signed_out()
        with self.page.expect_popup() as second:
            self.page.get_by_role("link", name="Sign in again").click()
        expect(second.value.get_by_label("User name")).to_be_visible()
        self.visitor.sign_in(self.ruth)
        expect(self.page.get_by_role("dialog")).to_have_count(0)
        self.button("Send").click()
        self.then_it_is_said("Sent.")
        assert Message.objects.get().text == WORDS

    def test_signing_in_again_in_a_second_window_goes_on_where_she_was(self) -> None:
        self.given_ruth_writes()
        self.when_her_session_ends()
        self.button("Send").click()
        with self.page.expect_popup() as popup:
            self.page.get_by_role("link", name="Sign in again").click()
        second = popup.value
        second.get_by_label("User name").fill("ruth")
        second.get_by_label("Password").fill(PASSWORD)
        second.get_by_role("button", name="Sign in", exact=True).click()
        second.get_by_label("Code", exact=True).fill(code(self.secret))
        with second.expect_event("close"):
            second.keyboard.press("Enter")
        expect(self.page.get_by_role("dialog")).to_have_count(0)
        self.button("Send").click()
        self.then_it_is_said("Sent.")

    def test_what_is_typed_is_kept_and_an_empty_page_shows_it_again(self) -> None:
        self.given_ruth_writes()
        expect(self.page.locator("#draft-said")).to_contain_text("Kept as a draft at")
        assert Draft.objects.get().text == WORDS
        self.given_the_page(address(self.request))
        expect(self.page.get_by_label("Message to the patient")).to_have_value(WORDS)

    def test_page_of_somebody_else_stays_covered(self) -> None:
        self.given_ruth_writes()
        self.visitor.sign_in(create_person("boris", "Coordinator"))
        self.button("Send").click()
        expect(self.page.get_by_role("dialog")).to_contain_text("Somebody else is signed in")
        assert not Message.objects.exists()

    def test_words_stay_without_a_connection(self) -> None:
        self.given_ruth_writes()
        self.page.route("**/reading/", lambda route: route.abort())
        self.button("Send").click()
        expect(self.page.locator("#desk-said")).to_contain_text("No connection to the site.")
        self.visitor.complaints.clear()  # of the browser, that the site was not there
        self.page.unroute("**/reading/")
        self.button("Send").click()
        self.then_it_is_said("Sent.")

    def test_list_renews_itself_and_marks_what_came(self) -> None:
        ruth = create_person("ruth", "Coordinator")
        first = create_request()
        self.given_a_screen(width=DESKTOP)
        self.page.clock.install()
        self.visitor.sign_in(ruth)
        self.given_the_page(INBOX)
        assert self.page.title().startswith("(1) Requests")
        self.page.get_by_label(f"Choose {first.reference}").check()
        second = create_request()
        self.page.clock.fast_forward(46_000)
        expect(self.page.locator(".inbox-list")).to_contain_text(second.reference)
        expect(self.page.locator("tr", has_text=second.reference)).to_contain_text("Just came")
        expect(self.page.locator("tr", has_text=first.reference)).not_to_contain_text("Just came")
        expect(self.page.locator("#desk-said")).to_have_text(f"New in this list: {second.reference}")
        expect(self.page.get_by_label(f"Choose {first.reference}")).to_be_checked()
        assert self.page.title().startswith("(2) Requests")
        self.then_everybody_can_use_it()
