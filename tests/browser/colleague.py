"""Steps of signing in that several journeys of staff begin with."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.journey import Journey
from tests.staff import PASSWORD, code


class Colleague(Journey):
    """Somebody who works here, or is about to: from the letter to the first page."""

    def given_a_device_that_makes_passkeys(self) -> None:
        session = self.page.context.new_cdp_session(self.page)
        session.send("WebAuthn.enable")
        device = {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True,
        }  # fmt: skip
        session.send("WebAuthn.addVirtualAuthenticator", {"options": device})

    def when_they_enter_name_and_password(self) -> None:
        self.visitor.open("/accounts/login/")
        self.page.get_by_label("User name").fill("noa")
        self.page.get_by_label("Password").fill(PASSWORD)
        self.when_they_tap("Sign in", role="button")

    def when_they_enter(self, code: str) -> None:
        self.page.get_by_label("Code", exact=True).fill(code)

    def when_they_confirm_with_their_password(self) -> None:
        self.then_the_page_is("Confirm that it is you")
        self.page.get_by_label("Password").fill(PASSWORD)
        self.when_they_tap("Confirm", role="button")

    def when_they_choose_a_password(self, password: str = PASSWORD) -> None:
        self.page.get_by_label("New password", exact=True).fill(password)
        self.page.get_by_label("New password again").fill(password)
        self.when_they_tap("Save and go on", role="button")

    def when_they_set_up_an_app(self, *, look: bool) -> None:
        check = self.then_everybody_can_use if look else self.then_the_page_is
        check("Your second factor")
        self.when_they_tap("Set up an app")
        check("Set up an authenticator app")
        expect(self.page.get_by_role("img", name="Picture with the secret")).to_be_visible()
        self.when_they_enter(code(self.page.locator("code").inner_text()))
        self.when_they_tap("Turn it on", role="button")
        check("Recovery codes")
        expect(self.page.locator("main code")).to_have_count(10)
        self.when_they_tap("I keep them safe: go to work")

    def then_everybody_can_use(self, name: str) -> None:
        self.then_the_page_is(name)
        self.then_everybody_can_use_it()

    def then_they_are_at_work(self) -> None:
        self.then_they_are_at("/admin/")
        expect(self.page.locator(".staff-brand")).to_be_attached()
