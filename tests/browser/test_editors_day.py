"""The pages on which editors and clinicians spend their day: few clicks, usable by everybody on any screen."""

from __future__ import annotations

import datetime

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Locator, expect

from content.models import Clinician, DrugContent, FactSignature, Indication, Sign, Source
from tests.browser.journey import Journey
from tests.browser.visitor import DESKTOP, SLOWEST
from tests.factories import create_indication, create_page, create_source
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


class TestManyTexts(Work):
    """What took hundreds of clicks: one change to many texts. Each click is counted, typing is not."""

    def when_they_click(self, what: Locator) -> None:
        what.click()
        self.taps += 1

    def then_all_of_it_is_drafted(self, number: int) -> None:
        expect(self.page.get_by_text(f"{number} drafts hold the change.")).to_be_visible()
        self.then_everybody_can_use_it_on_any_screen()
        self.page.set_viewport_size({"width": DESKTOP, "height": 800})

    def test_new_date_for_twenty_entries_takes_five_clicks(self, editor: User) -> None:
        for number in range(20):
            create_page(slug=f"many-{number}", name=f"Many {number}")
        self.given_at_work(editor)
        self.given_the_page("/admin/content/drug/?language=en&q=many")
        self.when_they_click(self.page.locator("#action-toggle"))
        self.page.locator("select[name=action]").select_option("set_next_check")
        self.taps += 1
        self.when_they_click(self.page.get_by_role("button", name="Go"))
        self.then_everybody_can_use_it_on_any_screen()
        self.page.set_viewport_size({"width": DESKTOP, "height": 800})
        due = timezone.localdate() + datetime.timedelta(days=90)
        self.page.get_by_label("Next check due").fill(due.isoformat())
        self.when_they_click(self.page.get_by_role("button", name="Make these drafts"))
        self.then_all_of_it_is_drafted(20)
        assert self.taps <= 5
        rows = DrugContent.admin_manager.filter(name__startswith="Many").current_content()
        assert {row.next_check_due for row in rows} == {due}

    def test_new_source_in_thirty_drugs_takes_six_clicks(self, editor: User) -> None:
        old, new = create_source(key="old-label"), create_source(key="new-label")
        for number in range(30):
            create_page(slug=f"many-{number}", name=f"Many {number}", unknowns="Little [@old-label].")
        self.given_at_work(editor)
        self.given_the_page(f"/admin/content/source/?q={old.key}")
        self.when_they_tap("old-label")
        self.when_they_tap("Where it is used")
        self.then_everybody_can_use_it_on_any_screen()
        self.page.set_viewport_size({"width": DESKTOP, "height": 800})
        field = self.page.get_by_label("Replace it by")
        field.press_sequentially("new-label")
        expect(
            self.page.locator("#sources option[value=new-label]")
        ).to_be_attached()  # one more click takes it
        self.taps += 1
        self.when_they_click(self.page.get_by_role("button", name="Make these drafts"))
        self.then_all_of_it_is_drafted(30)
        assert self.taps <= 6
        rows = DrugContent.admin_manager.filter(name__startswith="Many").current_content()
        assert {row.unknowns for row in rows} == {f"Little [@{new.key}]."}

    def test_words_are_found_and_replaced_by_everybody_on_any_screen(self, editor: User) -> None:
        create_page(slug="wordumab", name="Wordumab", unknowns="A dripline [@test-label].")
        self.given_at_work(editor)
        self.given_the_page("/admin/content/bulkchange/find/?q=dripline")
        self.then_everybody_can_use_it_on_any_screen()
        self.page.set_viewport_size({"width": DESKTOP, "height": 800})
        self.page.get_by_text("Replace \u201cdripline\u201d").click()
        self.page.get_by_label("Replace by").fill("drip")
        self.page.get_by_label("Change note").fill("One word for one thing.")
        self.page.get_by_role("button", name="Show what would change").click()
        self.then_everybody_can_use_it_on_any_screen()
        expect(self.page.locator("del + ins")).to_have_text("drip")
        for address in ("/admin/content/bulkchange/", "/admin/content/bulkchange/drawings/"):
            self.given_the_page(address)
            self.then_everybody_can_use_it_on_any_screen()


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

    def test_lists_of_the_library_show_all_their_columns(self, editor: User) -> None:
        create_indication(key="a-use", biomarker="pd-l1", condition="Cancer that has come back after surgery")
        self.given_at_work(editor)
        wide = []
        for name in (
            "source",
            "indication",
            "sideeffectoccurrence",
            "question",
            "glossaryterm",
            "update",
            "drug",
        ):
            self.given_the_page(f"/admin/content/{name}/")
            table = self.page.locator("#changelist .results")
            if table.evaluate("one => one.scrollWidth > one.clientWidth + 1"):
                wide.append(f"{name}: {table.evaluate('one => [one.scrollWidth, one.clientWidth]')}")
        assert wide == []


class TestNewMedicine(Work):
    """A medicine with its source, two uses and a sign. Each step is saved by itself; the keyboard fills the forms."""

    def when_they_choose(self, field: str, name: str) -> None:
        """As people do who do not take their hands off the keys."""
        self.page.locator(f"#id_{field} + .select2 .select2-selection").focus()
        self.page.keyboard.press("Enter")
        search = self.page.locator(".select2-container--open .select2-search__field")
        expect(search).to_be_focused()
        search.press_sequentially(name)
        expect(self.page.locator(".select2-results__option--highlighted")).to_contain_text(name)
        self.page.keyboard.press("Enter")

    def when_they_fill(self, **values: str) -> None:
        for name, value in values.items():
            field = self.page.locator(f"#id_{name}")
            if field.evaluate("one => one.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)

    def when_they_save(self, button: str = "Save") -> None:
        self.when_they_tap(button, role="button")
        expect(self.page.locator(".messagelist")).to_contain_text("was added successfully", timeout=SLOWEST)

    def when_they_write_a_use(self, key: str, setting: str) -> None:
        self.when_they_choose("source", "Newumab label")
        self.when_they_choose("cancer", "Melanoma")
        self.when_they_choose("members-0-drug", "Newumab")
        self.page.locator("input[name=lines][value=any]").focus()
        self.page.keyboard.press("Space")
        words = {"texts-0-condition": "Melanoma that has spread", "texts-0-population": "Adults"}
        self.when_they_fill(
            key=key, setting=setting, regulator=Indication.Regulator.FDA.value,
            approval=Indication.Approval.REGULAR.value, granted_on="2026-01-02",
            approved_source="new-label", **words,
        )  # fmt: skip

    def test_new_medicine_with_two_uses_takes_nine_clicks(self, editor: User) -> None:
        self.given_at_work(editor)
        self.given_the_page("/admin/")
        self.then_everybody_can_use_it_on_any_screen()
        self.page.set_viewport_size({"width": DESKTOP, "height": 800})
        self.when_they_tap("Add: Sources")
        self.when_they_fill(
            key="new-label", title="Newumab label", publisher="Test agency", url="https://example.org/new",
            kind="label", checked_on=timezone.localdate().isoformat(),
        )  # fmt: skip
        self.when_they_save()
        self.when_they_tap("Add: Drugs")
        self.when_they_fill(slug="newumab", content__name="Newumab")
        self.when_they_save()
        self.when_they_tap("Add: Indications")
        self.when_they_write_a_use("fda-new-first", Indication.Setting.ADVANCED.value)
        self.when_they_save("Save and add another")
        self.when_they_write_a_use("fda-new-adjuvant", Indication.Setting.ADJUVANT.value)
        self.then_everybody_can_use_it_on_any_screen()
        self.page.set_viewport_size({"width": DESKTOP, "height": 800})
        self.when_they_save()
        self.when_they_tap("Add: Signs")
        self.when_they_choose("source", "Newumab label")
        level = {"levels-0-group": "checkpoint-inhibitor", "levels-0-level": "same_day"}
        words = {"texts-0-words": "New spots on your hands"}
        self.when_they_fill(key="new-sign", body_part="skin", **words, **level)
        self.when_they_save()
        assert self.taps == 9
        uses = Indication.objects.drafts().filter(members__drug__slug="newumab")
        assert [use.source.key for use in uses] == ["new-label"] * 2
        assert Sign.objects.drafts().filter(key="new-sign").exists()
        assert DrugContent.admin_manager.filter(name="Newumab").exists()
