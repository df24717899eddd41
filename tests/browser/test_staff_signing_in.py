"""A new colleague comes in for the first time, and an old hand with a passkey every morning."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from immuno_site.accounts.models import Invitation
from tests.browser.colleague import Colleague
from tests.staff import code, create_staff, give_second_factor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("over_http")]


class TestNewColleague(Colleague):
    """Got a letter with a link, and has a phone with an authenticator app."""

    def given_an_invitation(self) -> str:
        user = create_staff("noa", with_second_factor=False)
        user.set_unusable_password()
        user.save()
        return Invitation.make(user, by=None)

    def then_the_code_is_filled_in_and_gone_from_the_address(self, invitation_code: str) -> None:
        expect(self.page.get_by_label("Invitation code")).to_have_value(invitation_code)
        assert "#" not in self.page.url

    def then_the_mistake_is_said_on_top(self) -> None:
        expect(self.page.get_by_role("alert").first).to_be_visible()
        # That a refused form is answered with 422 is what the browser notes here.
        self.visitor.complaints[:] = [line for line in self.visitor.complaints if "422" not in line]

    @pytest.mark.parametrize("javascript", [True, False])
    def test_accepts_enrolls_an_app_and_is_at_work(self, javascript):
        invitation_code = self.given_an_invitation()
        self.given_a_screen(width=320, javascript=javascript)
        self.given_the_page(f"/accounts/invitation/#{invitation_code}")
        if javascript:
            self.then_the_code_is_filled_in_and_gone_from_the_address(invitation_code)
            self.then_everybody_can_use("Accept your invitation")
            self.when_they_choose_a_password("short")
            self.then_the_mistake_is_said_on_top()
            self.then_everybody_can_use("Accept your invitation")
        else:
            self.page.get_by_label("Invitation code").fill(invitation_code)
        self.when_they_choose_a_password()
        self.when_they_set_up_an_app(look=javascript)
        self.then_they_are_at_work()


class TestOldHand(Colleague):
    """Has the app already and adds a passkey."""

    def given_somebody_signed_in_with_the_app(self) -> User:
        user = create_staff("noa", with_second_factor=False)
        secret = give_second_factor(user)
        self.given_a_screen(width=1280)
        self.given_a_device_that_makes_passkeys()
        self.when_they_enter_name_and_password()
        self.then_everybody_can_use("Second step")
        self.when_they_enter(code(secret))
        self.when_they_tap("Sign in", role="button")
        self.then_they_are_at_work()
        return user

    def when_they_add_a_passkey(self, *, instead_of_the_password: bool) -> None:
        self.given_the_page("/accounts/second-factor/")
        self.when_they_tap("Add a passkey")
        self.when_they_confirm_with_their_password()
        self.then_everybody_can_use("Add a passkey or security key")
        if instead_of_the_password:
            self.page.get_by_label("Sign in with it alone").check()
        self.when_they_tap("Add", role="button")
        self.then_the_page_is("Your second factor")

    def when_they_sign_out(self) -> None:
        self.given_the_page("/accounts/second-factor/")
        self.then_everybody_can_use("Your second factor")
        self.when_they_tap("Sign out noa", role="button")
        self.then_everybody_can_use("Sign in")

    def test_signs_in_with_the_passkey_alone(self):
        self.given_somebody_signed_in_with_the_app()
        self.when_they_add_a_passkey(instead_of_the_password=True)
        self.when_they_sign_out()
        self.when_they_tap("Sign in with a passkey", role="button")
        self.then_they_are_at_work()

    def test_signs_in_with_password_and_passkey(self):
        self.given_somebody_signed_in_with_the_app()
        self.when_they_add_a_passkey(instead_of_the_password=False)
        self.when_they_sign_out()
        self.when_they_enter_name_and_password()
        self.when_they_tap("Use a passkey or security key", role="button")
        self.then_they_are_at_work()
