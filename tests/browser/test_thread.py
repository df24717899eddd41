"""Messages in a real browser: staff write and wait, the patient reads and writes back, staff see it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, expect

from immuno_site.consultations.models import ConsultationRequest, Message, OutgoingMail, Status
from immuno_site.consultations.reference import link_code, return_code
from tests.browser.test_coordinator import Inbox
from tests.browser.visitor import DESKTOP, PHONE
from tests.consultations.conftest import create_person, private_folder  # noqa: F401
from tests.consultations.factories import create_reply_template, create_request, create_taken
from tests.consultations.inbox import INBOX, address

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("over_http", "private_folder"),
]

OURS = "Please send us the report of the biopsy.\n\nWrite back if you do not have it."
THEIRS = "I have it only on paper. Is a photograph enough?"
WORDS = {
    "en": (OURS, THEIRS),
    "he": ("נא לשלוח לנו את דוח הביופסיה.", "יש לי רק על נייר. האם צילום מספיק?"),
    "ar": ("الرجاء إرسال تقرير الخزعة إلينا.", "لدي نسخة ورقية فقط. هل تكفي صورة؟"),
    "ru": ("Пришлите нам, пожалуйста, заключение биопсии.", "Оно только на бумаге. Хватит ли фотографии?"),
}


class TestThread(Inbox):
    def given_a_request_of_ruth(self, *, language: str = "en") -> None:
        self.ruth = create_person("ruth", "Coordinator")
        self.request = create_taken(by=self.ruth, language=language)

    def when_ruth_opens_it(self, *, width: int, javascript: bool = True) -> None:
        self.given_a_screen(width=width, javascript=javascript)
        self.visitor.sign_in(self.ruth)
        self.given_the_page(address(self.request))

    def when_she_sends_and_waits(self, words: str) -> None:
        self.page.get_by_label("Message to the patient").fill(words)
        self.button("Send and wait for the patient").click()
        self.then_it_is_said("Sent. The clock stands still until the patient replies.")
        assert self.stored().status == Status.WAITING

    def when_the_patient_comes_back(self, language: str, *, width: int, javascript: bool = True) -> None:
        self.given_a_screen(width=width, javascript=javascript)
        self.given_the_page(f"{language}/consultation/return/")
        self.page.locator("[name=reference]").fill(self.request.reference)
        self.page.locator("[name=code]").fill(return_code(self.request.form_id))
        self.page.locator("[name=code]").press("Enter")
        self.then_they_are_at("/consultation/return/request/")

    def when_they_write_back(self, words: str) -> None:
        self.page.locator("[name=words]").fill(words)
        with self.page.expect_navigation():
            self.page.get_by_role("main").locator("form button.button").first.click()
        expect(self.page.locator(".thread")).to_contain_text(words)
        expect(self.page.locator("[name=words]")).to_have_value("")

    def then_ruth_sees(self, words: str) -> None:
        expect(self.page.locator(".inbox-thread .is-theirs")).to_contain_text(words)
        expect(self.page.locator(".inbox-thread")).to_contain_text("new")

    @pytest.mark.parametrize(
        ("language", "width"), [("en", DESKTOP), ("he", PHONE), ("ar", PHONE), ("ru", PHONE)]
    )
    def test_goes_to_the_patient_and_back(self, language: str, width: int) -> None:
        ours, theirs = WORDS[language]
        self.given_a_request_of_ruth(language=language)
        self.when_ruth_opens_it(width=width)
        self.then_everybody_can_use(self.request.reference)
        self.when_she_sends_and_waits(ours)
        self.when_the_patient_comes_back("" if language == "en" else f"/{language}", width=width)
        expect(self.page.locator(".thread")).to_contain_text(ours.split("\n")[0])
        self.then_everybody_can_use_it()
        self.when_they_write_back(theirs)
        self.then_everybody_can_use_it()
        self.when_ruth_opens_it(width=width)
        self.then_ruth_sees(theirs)
        self.then_everybody_can_use_it()
        assert self.stored().status == Status.READ

    def test_needs_no_script(self) -> None:
        self.given_a_request_of_ruth()
        self.when_ruth_opens_it(width=PHONE, javascript=False)
        self.when_she_sends_and_waits(OURS)
        self.when_the_patient_comes_back("", width=PHONE, javascript=False)
        self.when_they_write_back(THEIRS)
        self.when_ruth_opens_it(width=PHONE, javascript=False)
        self.then_ruth_sees(THEIRS)

    def test_needs_no_mouse(self) -> None:
        self.given_a_request_of_ruth()
        self.when_ruth_opens_it(width=DESKTOP)
        self.when_they_tab_to(self.page.get_by_label("Message to the patient"), at_most=60)
        self.page.keyboard.type("Which day suits you?")
        self.when_they_tab_to(self.button("Send and wait for the patient"))
        self.when_they_press("Enter")
        self.then_it_is_said("Sent.")
        self.when_the_patient_comes_back("", width=DESKTOP)
        self.when_they_tab_to(self.page.locator("[name=words]"), at_most=40)
        self.page.keyboard.type("Monday")
        self.when_they_tab_to(self.button("Send it"))
        self.when_they_press("Enter")
        expect(self.page.locator(".thread")).to_contain_text("Monday")
        assert [message.text for message in Message.objects.all()] == ["Which day suits you?", "Monday"]

    def test_patient_who_sends_nothing_is_led_to_the_field(self) -> None:
        self.given_a_request_of_ruth()
        self.when_the_patient_comes_back("", width=PHONE)
        self.page.get_by_role("main").locator("form button.button").first.click()
        self.then_the_errors_come_first(1)
        self.then_everybody_can_use_it()

    @pytest.mark.parametrize("language", ["", "/he"])
    def test_link_of_a_letter_fills_in_its_word_and_shows_the_new_code(self, language: str) -> None:
        self.given_a_request_of_ruth(language=language.strip("/") or "en")
        self.stored().renew_code(by=self.ruth, now=timezone.now())
        word = link_code(self.request.form_id, 1)
        self.given_a_screen(width=PHONE)
        self.given_the_page(f"{language}/consultation/return/#{word}")
        expect(self.page.locator("[name=code]")).to_have_value(word)
        assert "#" not in self.page.url
        self.page.locator("[name=reference]").fill(self.request.reference)
        self.page.locator("[name=reference]").press("Enter")
        self.then_they_are_at("/consultation/return/request/")
        expect(self.page.get_by_role("status")).to_contain_text(return_code(self.request.form_id, 1))
        self.then_everybody_can_use_it()


class TestFiveClicks(Inbox):
    """What took nine, and five more in a mail program. The whole day is `make day`."""

    def click(self, what: Locator) -> None:
        what.filter(visible=True).first.click()
        self.taps += 1

    def test_new_request_is_read_answered_and_closed(self) -> None:
        self.ruth, self.request = create_person("ruth", "Coordinator"), create_request()
        template = create_reply_template(text="Dear {name}, bring the report.")
        self.given_a_screen(width=DESKTOP)
        self.visitor.sign_in(self.ruth)
        self.given_the_page(INBOX)
        self.click(self.page.get_by_role("link", name=self.request.reference))
        self.click(self.button("Take it"))
        expect(self.button("Take it")).to_have_count(0)  # the page from before has the answers, too
        self.click(self.step(template.title))
        self.click(self.button("Put it into the message"))
        expect(self.page.get_by_label("Message to the patient")).to_have_value("Dear Anna, bring the report.")
        self.click(self.button("Send and close"))
        self.then_it_is_said("Sent and closed.")
        assert self.taps <= 5
        assert self.stored().status == Status.CLOSED
        assert self.stored().messages.get().text == "Dear Anna, bring the report."
        assert OutgoingMail.objects.get(kind="message").recipient == self.request.email


class TestKey(Inbox):
    """The page after sending: the way back belongs to whoever sent it, and to nobody who comes after."""

    def when_somebody_asks_to_be_called(
        self, *, language: str = "", width: int, javascript: bool = True
    ) -> None:
        self.given_a_screen(width=width, javascript=javascript)
        self.given_the_page(f"{language}/callback/")
        self.page.locator("[name=name]").fill("Anna")
        self.page.locator("[name=phone]").fill("+1 555 010 0000")
        self.page.locator("[name=consent_use]").check()
        self.page.get_by_role("main").locator("form button.button:not(.button-quiet)").last.click()
        self.then_they_are_at("/consultation/received/")
        self.request = ConsultationRequest.objects.get()

    @pytest.mark.parametrize(("language", "width"), [("", PHONE), ("/he", DESKTOP)])
    def test_page_of_urgent_words_can_be_used_by_everybody(self, language: str, width: int) -> None:
        self.when_somebody_asks_to_be_called(language=language, width=width)
        ConsultationRequest.objects.update(is_urgent=True)
        self.page.reload()
        expect(self.page.locator("#cannot-wait")).to_be_visible()
        self.then_everybody_can_use_it()

    def test_reference_and_code_are_saved_as_a_file(self) -> None:
        self.when_somebody_asks_to_be_called(width=PHONE)
        with self.page.expect_download() as download:
            self.button("Save as a file").click()
        assert download.value.suggested_filename == f"{self.request.reference}.txt"
        saved = Path(download.value.path()).read_text(encoding="utf-8")
        assert self.request.reference in saved
        assert return_code(self.request.form_id) in saved

    @pytest.mark.parametrize("javascript", [True, False])
    def test_next_person_begins_anew_and_sees_nothing(self, javascript: bool) -> None:
        self.when_somebody_asks_to_be_called(width=PHONE, javascript=javascript)
        expect(self.page.get_by_role("main")).to_contain_text(return_code(self.request.form_id))
        self.given_the_page("/consultation/")
        self.button("Begin anew").click()
        self.then_the_page_is("Ask for a consultation")
        self.given_the_page("/consultation/received/")
        self.then_they_are_at("/consultation/")
        assert self.request.reference not in self.page.content()
