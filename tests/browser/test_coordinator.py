"""A coordinator in a real browser: from the letter of invitation to an answered request, and who does not get in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.management import call_command
from django.utils import timezone
from playwright.sync_api import Locator, expect

from immuno_site.consultations.models import AccessEvent, ConsultationRequest, Status
from tests.browser.colleague import Colleague
from tests.browser.visitor import DESKTOP, PHONE
from tests.consultations import sample_files
from tests.consultations.conftest import create_person, private_folder  # noqa: F401
from tests.consultations.factories import create_reply_template, create_request
from tests.consultations.inbox import INBOX, address
from tests.consultations.test_attachments import create_attachment
from tests.staff import create_staff, wait_for_letters

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("over_http", "private_folder"),
]

REPORT = sample_files.pdf(title="The report as the patient sent it")
WORDS = "Told Anna which trial is open, and to bring the report."


class Inbox(Colleague):
    """Steps in the private room."""

    def given_a_request_with_a_file(self, **values: object) -> None:
        self.request = create_request(**values)
        create_attachment(request=self.request, name="report.pdf", content=REPORT)

    def given_they_opened_it(self, user: User, *, width: int = DESKTOP) -> None:
        self.given_a_screen(width=width)
        self.visitor.sign_in(user)
        self.given_the_page(address(self.request))

    def stored(self) -> ConsultationRequest:
        return ConsultationRequest.objects.get(pk=self.request.pk)

    def step(self, name: str) -> Locator:
        return self.page.locator("summary").get_by_text(name, exact=True)

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True).filter(visible=True)

    def then_it_is_said(self, words: str) -> None:
        expect(self.page.locator(".messagelist")).to_contain_text(words)


class TestNewCoordinator(Inbox):
    """Noa begins today."""

    def when_an_administrator_invites_her(self) -> None:
        call_command("apply_roles", verbosity=0)
        self.given_a_screen(width=DESKTOP)
        self.visitor.sign_in(create_person("boss", "Administrator"))
        self.given_the_page("/admin/auth/user/add/")
        self.page.get_by_label("Username").fill("noa")
        self.page.get_by_label("Email address").fill("noa@example.org")
        self.page.locator("#id_groups_from option", has_text="Coordinator").dblclick()
        self.page.get_by_role("button", name="Save", exact=True).click()
        self.then_it_is_said("An invitation is on its way to noa@example.org.")
        wait_for_letters()

    def when_she_accepts(self) -> None:
        link = re.search(r"/accounts/invitation/#\S+", mail.outbox[-1].body)[0]
        self.given_a_screen(width=PHONE)
        self.given_the_page(link)
        self.then_everybody_can_use("Accept your invitation")
        self.when_they_choose_a_password()
        self.when_they_set_up_an_app(look=True)

    def when_she_takes_it(self) -> None:
        expect(self.page.locator(".staff-task").first).to_contain_text("1")
        self.then_everybody_can_use("What waits for you")
        self.when_they_tap("Requests to answer")
        self.then_everybody_can_use("Requests")
        self.when_they_tap(self.request.reference)
        self.then_everybody_can_use(self.request.reference)
        self.button("Take it").click()
        self.then_it_is_said("It is yours now.")
        self.then_everybody_can_use(self.request.reference)

    def when_she_saves_the_file(self) -> None:
        with self.page.expect_download() as download:
            self.when_they_tap("Save the file")
        assert download.value.suggested_filename == "report.pdf"
        assert Path(download.value.path()).read_bytes() == REPORT

    def when_she_answers(self) -> None:
        self.step("I have answered").click()
        self.button("I have answered").click()
        self.then_the_errors_come_first(1)
        self.then_everybody_can_use_it()
        self.when_they_tap("Write what the patient was told")
        field = self.page.get_by_label("What did you tell the patient?").filter(visible=True)
        expect(field).to_be_focused()
        field.fill(WORDS)
        self.button("I have answered").click()
        self.then_it_is_said("Answered.")
        expect(self.section("Notes")).to_contain_text(WORDS)

    def when_she_closes_it(self) -> None:
        self.step("Close").click()
        self.page.get_by_label("Note (optional)").filter(visible=True).fill("Nothing else to come.")
        self.button("Close").click()
        self.then_the_errors_come_first(1)
        self.then_everybody_can_use_it()
        note = self.page.get_by_label("Note (optional)").filter(visible=True)
        expect(note).to_have_value("Nothing else to come.")
        self.page.locator("[name=reason][value=answered]").check()
        self.button("Close").click()
        self.then_it_is_said("Closed.")
        self.then_everybody_can_use(self.request.reference)

    def test_is_invited_enrolls_takes_downloads_answers_and_closes(self) -> None:
        self.given_a_request_with_a_file()
        self.when_an_administrator_invites_her()
        self.when_she_accepts()
        self.when_she_takes_it()
        self.when_she_saves_the_file()
        self.when_she_answers()
        self.when_she_closes_it()
        stored, noa = self.stored(), User.objects.get(username="noa")
        assert (stored.status, stored.closed_reason, stored.owner) == (Status.CLOSED, "answered", noa)
        looks = AccessEvent.objects.filter(by=noa, action="downloaded", reference=stored.reference)
        assert [look.is_allowed for look in looks] == [True]


class TestCoordinatorWithoutAMouse(Inbox):
    def when_they_press_on(self, place: Locator) -> None:
        self.when_they_tab_to(place, at_most=80)
        self.then_it_is_on_the_screen(place)
        self.when_they_press("Enter")

    def test_takes_answers_and_closes(self) -> None:
        for reference in ("IM-AAAA-22", "IM-BBBB-22"):
            self.given_a_request_with_a_file(reference=reference)
        self.given_a_screen(width=DESKTOP)
        self.visitor.sign_in(create_person("ruth", "Coordinator"))
        self.given_the_page(INBOX)
        self.when_they_tab_to(self.page.get_by_role("link", name="IM-AAAA-22"), at_most=80)
        self.when_they_press("ArrowDown")
        self.then_the_focus_is_on(self.page.get_by_role("link", name="IM-BBBB-22"))
        self.when_they_press("Enter")
        self.then_the_page_is("IM-BBBB-22")
        self.when_they_press_on(self.button("Take it"))
        self.then_it_is_said("It is yours now.")
        self.when_they_press_on(self.step("I have answered"))
        self.when_they_press("Tab", "Tab")  # past the way it was told
        self.page.keyboard.type(WORDS)
        self.when_they_press("Tab", "Enter")
        self.then_it_is_said("Answered.")
        self.when_they_press_on(self.step("Close"))
        self.when_they_press("Tab", "Space", "Tab", "Tab", "Enter")
        self.then_it_is_said("Closed.")
        assert self.stored().status == Status.CLOSED


class TestTwoAtOnce(Inbox):
    @pytest.mark.parametrize("width", [PHONE, DESKTOP])
    def test_second_one_sees_both_versions_and_keeps_what_they_typed(self, width: int) -> None:
        ruth, boris = create_person("ruth", "Coordinator"), create_person("boris", "Coordinator")
        self.given_a_request_with_a_file()
        self.given_they_opened_it(ruth, width=width)
        self.step("Hand over").click()
        self.page.get_by_label("Who takes it on?").select_option(label="boris")
        self.page.get_by_label("What should they know?").fill("She speaks slowly on the phone.")
        self.stored().flag(by=boris, now=timezone.now())
        self.button("Hand over").click()
        self.then_everybody_can_use("Somebody else was faster")
        main = self.page.get_by_role("main")
        expect(main.get_by_role("columnheader", name="On your screen")).to_be_visible()
        expect(main.get_by_role("columnheader", name="Stored now")).to_be_visible()
        again = self.page.get_by_label("What should they know?")
        expect(again).to_have_value("She speaks slowly on the phone.")
        assert self.stored().owner is None
        self.button("Hand over").click()
        self.then_they_are_at(INBOX)
        assert self.stored().owner == boris

    def test_colleague_who_took_it_first_keeps_it(self) -> None:
        ruth, boris = create_person("ruth", "Coordinator"), create_person("boris", "Coordinator")
        self.given_a_request_with_a_file()
        self.given_they_opened_it(ruth)
        self.stored().take(by=boris, now=timezone.now())
        self.button("Take it").click()
        self.then_everybody_can_use("Somebody else was faster")
        expect(self.page.get_by_text("A colleague has this request now.")).to_be_visible()
        assert self.stored().owner == boris


class TestOnPaper(Inbox):
    def test_prints_what_the_patient_told_and_nothing_of_the_screen(self) -> None:
        self.given_a_request_with_a_file()
        self.given_they_opened_it(create_person("ruth", "Coordinator"))
        self.when_they_tap("Page to print")
        self.then_the_page_is(self.request.reference)
        self.page.emulate_media(media="print")
        expect(self.page.get_by_text(self.request.question)).to_be_visible()
        for place in ("#header", "nav", ".inbox-find", ".inbox-on-screen"):
            expect(self.page.locator(place).filter(visible=True)).to_have_count(0)


class TestWhoDoesNotGetIn(Inbox):
    """Neither sees more of a request than that there is an address."""

    def then_nothing_of_it_is_there(self) -> None:
        for words in (self.request.reference, self.request.name, self.request.question, "report.pdf"):
            assert words not in self.page.content()

    def test_stranger_gets_the_login(self) -> None:
        self.given_a_request_with_a_file()
        self.given_a_screen(width=PHONE)
        self.given_the_page(address(self.request))
        self.then_everybody_can_use("Sign in")
        self.then_nothing_of_it_is_there()

    @pytest.mark.parametrize("where", ["the inbox", "the request", "the file"])
    def test_editor_is_told_that_nothing_is_here(self, where: str) -> None:
        self.given_a_request_with_a_file()
        file = self.request.attachments.get()
        places = {
            "the inbox": INBOX,
            "the request": address(self.request),
            "the file": f"{INBOX}files/{self.request.reference}/{file.pk}/",
        }
        self.given_a_screen(width=PHONE)
        self.visitor.sign_in(create_person("miriam", "Editor"))
        with self.page.expect_response(lambda response: response.request.is_navigation_request()) as answer:
            self.given_the_page(places[where])
        assert answer.value.status == 404
        self.then_everybody_can_use("Nothing here for you")
        self.then_nothing_of_it_is_there()

    def test_signed_in_without_any_role_gets_no_further(self) -> None:
        self.given_a_request_with_a_file()
        self.given_they_opened_it(create_staff("dov"), width=PHONE)
        self.then_nothing_of_it_is_there()


@pytest.mark.parametrize(
    "page",
    [
        "/admin/", INBOX, f"{INBOX}?view=suspected", f"{INBOX}?view=answered&urgent=on", f"{INBOX}dashboard/",
        f"{INBOX}mine/", f"{INBOX}new/", f"{INBOX}export/", "print", "correction",
        "/admin/consultations/replytemplate/",
        "/admin/consultations/replytemplate/add/", "/admin/consultations/feedback/",
        "/admin/consultations/accessevent/", "/admin/consultations/outgoingmail/",
    ],
)  # fmt: skip
def test_every_page_of_the_room_can_be_used_by_everybody(visitor, page: str) -> None:
    request = create_request(is_urgent=True)
    create_request(status="suspected", suspected_because="too fast")
    create_reply_template()
    manager, dana = visitor(width=PHONE), create_person("dana", "Manager")
    manager.sign_in(dana)
    request.take(by=dana, now=timezone.now())
    where = address(request, page) if page in ("print", "correction") else page
    assert manager.problems_at(where, widths=(PHONE, DESKTOP)) == []
