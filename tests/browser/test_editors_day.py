"""The pages on which editors and clinicians spend their day: few clicks, usable by everybody on any screen."""

from __future__ import annotations

import datetime

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import expect

from content.models import Clinician, FactSignature, Source
from tests.browser.journey import Journey
from tests.browser.visitor import DESKTOP
from tests.staff import create_staff
from tests.stories import join

pytestmark = pytest.mark.django_db(transaction=True)


class Work(Journey):
    def given_at_work(self, user: User) -> None:
        self.given_a_screen(width=DESKTOP)
        self.visitor.sign_in(user)

    def then_everybody_can_use_it_on_any_screen(self) -> None:
        for width in (DESKTOP, 360):
            self.page.set_viewport_size({"width": width, "height": 800})
            self.then_everybody_can_use_it()


class TestStackOfFacts(Work):
    def given_a_clinician(self) -> None:
        user = create_staff("judge")
        Clinician.objects.create(name="Dr. Judge", role="Oncologist", license_number="T-2", user=user)
        self.given_at_work(join(user, "Clinical reviewer"))

    def test_all_facts_of_a_medicine_are_signed_with_five_clicks(self) -> None:
        self.given_a_clinician()
        self.given_the_page("/admin/")
        self.when_they_tap("Facts to check, by medicine")
        self.then_everybody_can_use_it_on_any_screen()
        self.page.set_viewport_size({"width": DESKTOP, "height": 800})
        self.when_they_tap("Pembrolizumab")
        self.then_everybody_can_use_it_on_any_screen()
        number = self.page.locator("[name=sign]:checked").count()
        button = self.page.get_by_role("button", name="Sign the ticked")
        expect(button).to_be_disabled()  # not every fact was on the screen
        for fact in self.page.locator(".stack-fact > :last-child").all():
            fact.scroll_into_view_if_needed()
        expect(button).to_be_enabled()
        self.page.get_by_label("I have read each fact").check()
        button.click()
        self.taps += 2
        self.then_they_are_at("/admin/content/signoff/facts/")
        assert FactSignature.objects.count() == number > 1
        assert self.taps <= 6


class TestDay(Work):
    def test_what_is_overdue_is_one_click_away(self, editor: User) -> None:
        long_ago = timezone.localdate() - datetime.timedelta(days=400)
        Source.objects.filter(pk=Source.objects.earliest("pk").pk).update(
            checked_on=long_ago, published_on=None, text_of_on=None
        )
        self.given_at_work(editor)
        self.given_the_page("/admin/")
        self.when_they_tap("Overdue checks")
        expect(self.page.locator(".day-items").get_by_role("listitem").first).to_contain_text("Overdue")
        assert self.taps == 1
        self.then_everybody_can_use_it_on_any_screen()
        self.given_the_page("/admin/day/")
        self.then_everybody_can_use_it_on_any_screen()
