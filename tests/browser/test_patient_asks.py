"""A patient asks for help in a real browser: with two files, with mistakes on the way, with or without JavaScript."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from immuno_site.consultations.models import Attachment, ConsultationRequest, Progress
from tests.browser.journey import Journey
from tests.consultations import sample_files
from tests.consultations.conftest import private_folder  # noqa: F401 - files in a folder of the test's own

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("over_http", "private_folder"),
]


def file(name: str, content: bytes) -> dict[str, object]:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


class TestPatientWhoAsks(Journey):
    """Frightened, in a hurry, on whatever device is at hand."""

    def given_the_start(self, language: str = "") -> None:
        self.visitor.open(f"{language}/consultation/?about=cancer:melanoma")

    def when_they_continue(self) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("main").locator("form button.button").last.click()

    def when_they_choose(self, question: str, answer: str) -> None:
        self.page.locator(f"[name={question}][value={answer}]").check()

    def when_they_write(self, question: str, words: str) -> None:
        self.page.locator(f"[name={question}]").fill(words)

    def when_they_add(self, *files: dict[str, object]) -> None:
        self.page.locator("[name=files]").set_input_files(list(files))
        with self.page.expect_navigation():
            self.page.locator("form button.button-quiet").click()

    def when_they_have_thought_long_enough(self) -> None:
        day_begins = timezone.now() - datetime.timedelta(hours=1)
        Progress.objects.update(started_at=day_begins)

    def when_they_fill_in_the_questions(self, *, look: bool) -> None:
        check = self.then_everybody_can_use_it if look else lambda: None
        self.when_they_choose("for_whom", "me")
        self.page.locator("[name=country]").select_option("US")
        self.when_they_continue()
        check()
        self.when_they_write("question", "What can I do?")
        self.when_they_continue()
        check()
        self.when_they_choose("pd_l1", "have")
        self.when_they_continue()

    def when_they_fill_in_the_rest(self, *, look: bool) -> None:
        check = self.then_everybody_can_use_it if look else lambda: None
        check()
        self.when_they_write("name", "Anna")
        self.when_they_write("email", "anna@example.org")
        self.when_they_choose("contact_by", "email")
        self.when_they_continue()
        check()
        self.when_they_choose("consent_use", "yes")
        self.when_they_continue()
        check()

    def then_it_is_received(self) -> None:
        request = ConsultationRequest.objects.get()
        expect(self.page.get_by_role("main")).to_contain_text(request.reference)
        assert request.cancer == "melanoma"
        assert sorted(row.name for row in Attachment.objects.filter(request=request)) == [
            "photo.png",
            "report.pdf",
        ]

    @pytest.mark.corpus("P5")
    @pytest.mark.parametrize(
        ("width", "language", "javascript"),
        [(320, "", True), (1280, "/he", True), (320, "/ar", True), (320, "/ru", False)],
    )
    def test_sends_a_request_with_two_files(self, width: int, language: str, javascript: bool) -> None:
        self.given_a_screen(width=width, javascript=javascript)
        self.given_the_start(language)
        self.when_they_continue()
        if javascript:
            self.then_everybody_can_use_it()
        self.page.get_by_role("main").locator("a.button").click()
        self.when_they_fill_in_the_questions(look=javascript)
        self.when_they_add(
            file("report.pdf", sample_files.pdf()), file("photo.png", sample_files.image("PNG"))
        )
        self.when_they_continue()
        self.when_they_fill_in_the_rest(look=javascript)
        self.when_they_have_thought_long_enough()
        with self.page.expect_navigation():
            self.page.get_by_role("main").locator("form button.button").click()
        self.then_it_is_received()
        assert self.page.evaluate("localStorage.length + sessionStorage.length") == 0
        if javascript:
            self.then_everybody_can_use_it()

    @pytest.mark.parametrize("language", ["", "/he"])
    def test_is_led_to_each_mistake_and_loses_nothing(self, language: str) -> None:
        self.given_a_screen(width=320)
        self.given_the_start(language)
        self.when_they_continue()
        self.visitor.open(f"{language}/consultation/about/")
        self.when_they_write("stage", "stage 3")
        self.when_they_continue()
        self.then_the_errors_come_first(2)
        self.then_everybody_can_use_it()
        expect(self.page.locator("[name=stage]")).to_have_value("stage 3")
        self.page.locator(".error-summary a[href='#id_country']").click()
        expect(self.page.locator("[name=country]")).to_be_focused()
        self.visitor.open(f"{language}/consultation/documents/")
        self.when_they_add(file("report.pdf", sample_files.pdf()), file("setup.pdf", sample_files.PROGRAM))
        expect(self.page.locator(".error-summary")).to_contain_text("setup.pdf")
        expect(self.page.locator(".error-summary")).to_be_focused()
        self.then_everybody_can_use_it()
        expect(self.page.get_by_text("report.pdf").first).to_be_visible()

    def test_goes_on_where_they_stopped(self) -> None:
        self.given_a_screen(width=320)
        self.given_the_start()
        self.when_they_continue()
        self.page.get_by_role("main").locator("a.button").click()
        self.when_they_fill_in_the_questions(look=False)
        self.given_the_start()
        self.then_everybody_can_use_it()
        self.when_they_tap("Go on where you stopped", role="button")
        self.then_they_are_at("/consultation/documents/")
        self.visitor.open("/consultation/question/")
        expect(self.page.locator("[name=question]")).to_have_value("What can I do?")

    @pytest.mark.parametrize("javascript", [True, False])
    def test_takes_along_what_they_wrote_when_they_look_elsewhere(self, javascript: bool) -> None:
        self.given_a_screen(width=320, javascript=javascript)
        self.given_the_start()
        self.when_they_continue()
        self.visitor.open("/consultation/question/")
        self.when_they_write("treatments", "Surgery in May")
        hebrew = self.page.locator("[lang=he]").filter(visible=True)
        with self.page.expect_navigation():
            (hebrew.first if javascript else self.page.locator("button[lang=he]")).click()
        self.then_they_are_at("/he/consultation/question/")
        expect(self.page.locator("[name=treatments]")).to_have_value("Surgery in May")
        with self.page.expect_navigation():
            self.page.locator("[data-leave]" if javascript else "button[value=back]").click()
        self.then_they_are_at("/he/consultation/about/")
        self.visitor.open("/he/consultation/question/")
        expect(self.page.locator("[name=treatments]")).to_have_value("Surgery in May")
        self.when_they_continue()
        self.then_the_errors_come_first(1) if javascript else None

    def test_stays_on_the_page_without_a_connection(self) -> None:
        self.given_a_screen(width=320)
        self.given_the_start()
        self.when_they_continue()
        self.visitor.open("/consultation/question/")
        self.when_they_write("question", "What can I do?")
        self.page.context.set_offline(True)
        self.page.get_by_role("main").locator("form button.button").click()
        expect(self.page.get_by_role("alert")).to_contain_text("Nothing is lost")
        assert self.visitor.complaints
        self.visitor.complaints.clear()  # the browser itself says that it is offline
        self.page.context.set_offline(False)
        self.when_they_continue()
        self.then_they_are_at("/consultation/tests/")
        assert Progress.objects.get().answers["question"]["question"] == "What can I do?"

    def test_asks_to_be_called_by_keyboard_alone(self) -> None:
        self.given_a_screen(width=320)
        self.given_the_page("/callback/")
        self.then_everybody_can_use_it()
        self.page.locator("[name=name]").focus()
        self.page.keyboard.type("Anna")
        self.when_they_press("Tab")
        self.page.keyboard.type("+1 555 010 0000")
        self.page.locator("[name=consent_use]").focus()
        self.when_they_press("Space", "Enter")
        self.page.wait_for_url("**/consultation/received/")
        assert ConsultationRequest.objects.get().name == "Anna"
