"""A day at the desk, from the first request to the last letter: `make day` plays it and prints what each task costs.

Twenty requests in four languages: journeys with files, one that cannot wait, relatives, call-backs, callers, and what
programs send. Ruth and Boris answer; Boris goes home at noon, and Ruth stands in for him.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Locator, expect

from immuno_site.consultations.admin.views import WORK_FIRST
from immuno_site.consultations.files import preview
from immuno_site.consultations.models import Attachment, ConsultationRequest, Message, OutgoingMail, Status
from immuno_site.consultations.reference import return_code
from tests.browser.test_coordinator import Inbox
from tests.browser.visitor import DESKTOP, PHONE, Visitor
from tests.consultations import drawn_files, sample_files
from tests.consultations.conftest import create_person, private_folder  # noqa: F401
from tests.consultations.inbox import INBOX
from tests.consultations.visitor import CALLBACK, token_in

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("over_http", "private_folder", "library"),
]

# Clicks for the same task when the desk was first walked, those in a mail program included; None: it could not be done.
BEFORE: dict[str, int | None] = {
    "read, answered from a template, closed": 14,
    "asked for a record, clock stopped": None,
    "what a patient sent afterwards, found": None,
    "four files looked at": 8,
    "a caller's request entered": None,
    "found by a name": None,
    "a request of a colleague who is away, answered": None,
    "a new code read out to a caller": None,
    "what a program sent, put aside": 1,
    "and taken out again, for it was a person": None,
    "two answer at once, nothing lost": None,
}
MOST_TO_ANSWER = 5
PATIENCE = 120_000  # milliseconds: a long day, also on a machine that does other things


@dataclass(frozen=True)
class Patient:
    """Somebody who writes, and in which language."""

    name: str
    language: str
    question: str
    symptoms: str = ""
    for_whom: str = "me"
    files: list[dict[str, object]] = field(default_factory=list)

    @property
    def email(self) -> str:
        return f"{self.name.lower()}@example.org"

    @property
    def prefix(self) -> str:
        return "" if self.language == "en" else f"/{self.language}"


def _file(name: str, content: bytes) -> dict[str, object]:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


RECORDS = [
    _file("biopsy.pdf", sample_files.pdf()),
    _file("IMG_2041.HEIC", drawn_files.phone_photograph((400, 300))),
    _file("slice.dcm", drawn_files.scan([[0, 1000, 2000, 3000]] * 4)),
    _file("scan.png", sample_files.image("PNG")),
]
JOURNEYS = (
    Patient("Anna", "en", "Is there a trial for me?", files=RECORDS),
    Patient("Mary", "en", "My mother has melanoma. What can she still do?", for_whom="relative"),
    Patient("Dina", "he", "האם הטיפול הזה מתאים לי?"),
    Patient("Yossi", "he", "מה עושים עכשיו?", symptoms="קוצר נשימה מאז אתמול"),
    Patient("Amal", "ar", "هل يناسبني هذا العلاج؟"),
    Patient("Karim", "ar", "والدي مريض، ماذا نفعل؟", for_whom="relative"),
    Patient("Olga", "ru", "Подходит ли мне это лечение?"),
    Patient("Pavel", "ru", "Моя жена больна. Что нам делать?", for_whom="relative"),
)
CALLBACKS = (("Eve", "en"), ("Noam", "he"), ("Huda", "ar"), ("Ivan", "ru"), ("Joan", "en"))
CALLERS = ("Sarah", "Miriam", "Boaz")
PROGRAMS = 4


class Day(Inbox):
    """The steps of the day. Each click of staff is counted, on whichever page it is; typing is not."""

    costs: dict[str, int]
    asked_for: set[str]  # by the browsers of staff

    @pytest.fixture(autouse=True)
    def _patience(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(preview, "DRAWING_SECONDS", 60)

    def given_a_screen(self, *, width: int, height: int = 800, javascript: bool = True) -> None:
        super().given_a_screen(width=width, height=height, javascript=javascript)
        self.page.context.set_default_timeout(PATIENCE)

    # --- Those who write ------------------------------------------------------------------------------------

    def when_they_ask(self, patient: Patient) -> None:
        self.given_a_screen(width=PHONE)
        self.given_the_page(f"{patient.prefix}/consultation/?about=cancer:melanoma")
        self._continue()
        self.page.get_by_role("main").locator("a.button").click()
        self.page.locator(f"[name=for_whom][value={patient.for_whom}]").check()
        if patient.for_whom == "relative":
            self.page.locator("[name=patient_agrees]").check()
        self.page.locator("[name=country]").select_option("US")
        self._continue()
        self.page.locator("[name=question]").fill(patient.question)
        self.page.locator("[name=symptoms]").fill(patient.symptoms)
        self._continue()
        self._continue()
        if patient.files:
            self.page.locator("[name=files]").set_input_files(patient.files)
            with self.page.expect_navigation():
                self.page.locator("form button.button-quiet").click()
        self._continue()
        self.page.locator("[name=name]").fill(patient.name)
        self.page.locator("[name=email]").fill(patient.email)
        self.page.locator("[name=contact_by][value=email]").check()
        self._continue()
        self.page.locator("[name=consent_use]").check()
        self._continue()
        self._continue()
        self.then_they_are_at("/consultation/received/")
        self.visitor.leave()

    def _continue(self) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("main").locator("form button.button:not(.button-quiet)").last.click()

    def when_they_ask_to_be_called(self, number: int, name: str, language: str) -> None:
        self.given_a_screen(width=PHONE)
        self.given_the_page(f"{'' if language == 'en' else '/' + language}/callback/")
        self.page.locator("[name=name]").fill(name)
        self.page.locator("[name=phone]").fill(f"+1 555 010 00{number:02}")
        self.page.locator("[name=consent_use]").check()
        self._continue()
        self.then_they_are_at("/consultation/received/")
        self.visitor.leave()

    def when_a_program_writes(self, number: int) -> None:
        """Without a browser, faster than anybody reads, into a field that nobody sees."""
        program = Client()
        form = token_in(program.get("/callback/"))
        words = {"name": "SEO services", "phone": f"+1 555 010 01{number:02}", "more_words": "casino"}
        program.post("/callback/", {**CALLBACK, **words, "form": form})

    def when_they_come_back(self, patient: Patient) -> None:
        request = self.of(patient.name)
        self.given_a_screen(width=PHONE)
        self.given_the_page(f"{patient.prefix}/consultation/return/")
        self.page.locator("[name=reference]").fill(request.reference)
        self.page.locator("[name=code]").fill(return_code(request.form_id, request.codes_ended))
        self.page.locator("[name=code]").press("Enter")
        self.then_they_are_at("/consultation/return/request/")

    # --- Those who answer -----------------------------------------------------------------------------------

    def given_the_desk(self) -> None:
        expect.set_options(timeout=PATIENCE)
        call_command("load_reply_templates", stdout=io.StringIO())
        self.costs, self.asked_for = {}, set()
        self.desks: dict[str, Visitor] = {}
        self.people: dict[str, User] = {}
        for name in ("ruth", "boris"):
            self.people[name] = create_person(name, "Coordinator", first_name=name.title())
            self.given_a_screen(width=DESKTOP)
            self.visitor.sign_in(self.people[name])
            self.page.on("request", lambda request: self.asked_for.add(request.url))
            self.desks[name] = self.visitor

    def at_the_desk_of(self, name: str, query: str = "") -> None:
        """Where their day begins and each task ends: the list that stays open."""
        self.visitor = self.desks[name]
        self.given_the_page(f"{INBOX}?{query}")
        self.clicks = 0

    def click(self, what: Locator) -> None:
        what.filter(visible=True).first.click()
        self.clicks += 1

    def press(self, name: str) -> None:
        self.click(self.button(name))

    def link(self, name: str) -> Locator:
        return self.page.get_by_role("link", name=name, exact=True)

    def open(self, name: str) -> None:
        self.click(self.page.get_by_role("link", name=self.of(name).reference))
        self.then_the_page_is(self.of(name).reference)

    def take(self) -> None:
        self.press("Take it")
        self.then_it_is_said("It is yours now.")

    def put_into_the_message(self, template: int) -> None:
        """The fifth of each language is the answer, the third asks for records."""
        box = self.page.locator(".inbox-template").nth(template)
        self.click(box.locator("summary"))
        self.click(box.get_by_role("button", name="Put it into the message"))
        expect(self.page.get_by_label("Message to the patient")).not_to_have_value("")

    def that_was(self, task: str) -> None:
        self.costs[task] = max(self.clicks, self.costs.get(task, 0))
        self.clicks = 0

    # --- What has to be true --------------------------------------------------------------------------------

    def of(self, name: str) -> ConsultationRequest:
        return next(row for row in ConsultationRequest.objects.order_by("-pk") if row.name == name)

    def then_all_that_was_sent_has_left_and_says_nothing(self) -> None:
        call_command("send_mail", stdout=io.StringIO())
        assert not OutgoingMail.objects.waiting().exists()
        words = [
            said
            for row in ConsultationRequest.objects.all()
            for said in (
                row.name,
                row.question,
                row.symptoms,
                *(message.text for message in row.messages.all()),
            )
            if len(said) > 3
        ]
        for letter in mail.outbox:
            assert not [said for said in words if said in letter.body + letter.subject], letter.subject

    def then_nobody_left_the_product(self) -> None:
        asked = {address for address in self.asked_for if address.startswith("http")}
        assert asked
        assert [address for address in asked if not address.startswith(self.visitor.site)] == []

    def then_it_is_printed(self) -> None:
        print("\n\nclicks before | now | task")
        for task, before in BEFORE.items():
            print(f"{'not possible' if before is None else before:>13} | {self.costs[task]:>3} | {task}")


class TestDay(Day):
    def test_of_twenty_requests(self) -> None:
        self.given_the_desk()
        self.morning_they_write()
        self.ruth_enters_those_who_call()
        assert ConsultationRequest.objects.count() == 20
        self.what_cannot_wait_comes_first()
        self.what_programs_sent_is_put_aside()
        self.answers_leave_from_here()
        self.a_record_is_asked_for_and_comes()
        self.two_answer_at_once()
        self.boris_goes_home_and_ruth_stands_in()
        self.somebody_calls_who_lost_the_code()
        self.evening_the_rest_is_answered()
        self.then_all_that_was_sent_has_left_and_says_nothing()
        self.then_nobody_left_the_product()
        self.then_it_is_printed()
        assert self.costs.keys() == BEFORE.keys()

    def morning_they_write(self) -> None:
        for patient in JOURNEYS:
            self.when_they_ask(patient)
        for number, (name, language) in enumerate(CALLBACKS):
            self.when_they_ask_to_be_called(number, name, language)
        for number in range(PROGRAMS):
            self.when_a_program_writes(number)
        assert ConsultationRequest.objects.suspected().count() == PROGRAMS

    def ruth_enters_those_who_call(self) -> None:
        for number, name in enumerate(CALLERS):
            self.at_the_desk_of("ruth")
            self.click(self.link("New request"))
            self.page.locator("[name=name]").fill(name)
            self.page.locator("[name=phone]").fill(f"+1 555 010 02{number:02}")
            self.page.locator("[name=question]").fill("May I come to you with my scans?")
            self.click(self.page.locator("[name=contact_by][value=phone]"))
            self.click(self.page.locator("[name=consent]"))
            self.click(self.page.get_by_role("main").locator("button[type=submit]").last)
            self.then_it_is_said("is yours. Tell them this reference")
            self.that_was("a caller's request entered")

    def what_cannot_wait_comes_first(self) -> None:
        self.at_the_desk_of("boris")
        expect(self.page.locator(".inbox-reference").first).to_have_text(self.of("Yossi").reference)
        self.open("Yossi")
        expect(self.section("Urgent words. Call first, and say:")).to_be_visible()
        self.take()
        self.put_into_the_message(0)
        self.press("Send and wait for the patient")
        self.then_it_is_said("Sent. The clock stands still")

    def what_programs_sent_is_put_aside(self) -> None:
        for number in range(PROGRAMS):
            self.at_the_desk_of("ruth", "view=suspected")
            self.click(self.page.locator(".inbox-reference").first)
            self.click(self.step("This is spam"))
            self.click(self.page.locator("[name=sure]"))
            self.press("This is spam")
            self.then_it_is_said("Put aside as spam.")
            self.that_was("what a program sent, put aside")
            if number == 0:  # she looks once more: it may be a person after all
                self.at_the_desk_of("ruth", "view=spam")
                self.click(self.page.locator(".inbox-reference").first)
                self.press("A real person wrote this")
                self.then_it_is_said("It is in the queue now.")
                self.that_was("and taken out again, for it was a person")

    def answers_leave_from_here(self) -> None:
        """One of each language, by both."""
        for desk, name in (("ruth", "Dina"), ("boris", "Amal"), ("ruth", "Olga"), ("boris", "Mary")):
            self.at_the_desk_of(desk)
            self.open(name)
            self.take()
            self.put_into_the_message(4)
            self.press("Send and close")
            self.then_it_is_said("Sent and closed.")
            self.that_was("read, answered from a template, closed")
            assert self.of(name).status == Status.CLOSED
            assert self.of(name).messages.get().from_staff
        assert self.costs["read, answered from a template, closed"] <= MOST_TO_ANSWER

    def a_record_is_asked_for_and_comes(self) -> None:
        anna = JOURNEYS[0]
        # There is no scanner here. It would say so.
        Attachment.objects.update(scan=Attachment.Scan.CLEAN, scanned_at=timezone.now())
        self.at_the_desk_of("ruth")
        self.open("Anna")
        self.take()
        self.clicks = 0
        self.click(self.link("Look at it"))
        expect(self.page.locator(".inbox-picture img").first).to_be_visible()
        for _ in anna.files[1:]:
            self.click(self.link("Next file"))
            expect(self.page.locator(".inbox-picture img").first).to_be_visible()
        self.that_was("four files looked at")
        self.click(self.link("Back to the request"))
        self.clicks = 2  # opened and taken, above
        self.put_into_the_message(2)
        self.press("Send and wait for the patient")
        self.then_it_is_said("Sent. The clock stands still")
        self.that_was("asked for a record, clock stopped")
        self.when_they_come_back(anna)
        self.page.locator("[name=words]").fill("Here is the report of the operation.")
        self.page.locator("[name=files]").set_input_files(_file("operation.pdf", sample_files.pdf(title="x")))
        with self.page.expect_navigation():
            self.page.get_by_role("main").locator("form button.button").first.click()
        self.visitor.leave()
        self.at_the_desk_of("ruth", "view=news")
        self.open("Anna")
        expect(self.page.locator(".inbox-thread .is-theirs")).to_contain_text("operation.pdf")
        self.that_was("what a patient sent afterwards, found")

    def two_answer_at_once(self) -> None:
        """Of the first eyes and hands only one counts; the other's words are on the page that says so."""
        self.at_the_desk_of("boris")
        self.open("Pavel")
        self.at_the_desk_of("ruth")
        self.open("Pavel")
        self.take()
        self.visitor, self.clicks = self.desks["boris"], 0
        self.press("Take it")
        self.then_the_page_is("Somebody else was faster")
        self.that_was("two answer at once, nothing lost")
        assert self.of("Pavel").owner == self.people["ruth"]

    def boris_goes_home_and_ruth_stands_in(self) -> None:
        for name in ("Karim", "Huda"):
            self.at_the_desk_of("boris")
            self.open(name)
            self.take()
        self.given_the_page(f"{INBOX}mine/")
        self.page.locator("[name=until]").fill(timezone.localdate().isoformat())
        self.page.locator("[name=cover]").select_option(str(self.people["ruth"].pk))
        with self.page.expect_navigation():
            self.page.locator("form[action$='away/'] button").click()
        self.at_the_desk_of("ruth", "view=covered")
        self.open("Karim")
        self.put_into_the_message(4)
        self.press("Send and close")
        self.then_it_is_said("Sent and closed.")
        self.that_was("a request of a colleague who is away, answered")

    def somebody_calls_who_lost_the_code(self) -> None:
        self.at_the_desk_of("ruth")
        self.page.locator("[name=wanted]").fill("anna")
        self.press("Find")
        self.then_the_page_is(self.of("Anna").reference)
        self.that_was("found by a name")
        self.clicks = 1
        self.click(self.step("Give a new code while you speak"))
        self.click(self.page.locator("[name=sure]"))
        self.press("Give a new code while you speak")
        code = self.page.locator(".inbox-read-out code").inner_text()
        self.that_was("a new code read out to a caller")
        assert code == return_code(self.of("Anna").form_id, 1)
        self.then_everybody_can_use_it()
        self.when_they_come_back(JOURNEYS[0])
        self.visitor.leave()

    def evening_the_rest_is_answered(self) -> None:
        """Nothing is left to do but what waits for a patient."""
        while True:
            self.at_the_desk_of("ruth")
            open_rows = (
                ConsultationRequest.objects.visible_to(self.people["ruth"]).open().order_by(*WORK_FIRST)
            )
            row = next((row for row in open_rows if row.status != Status.WAITING), None)
            if row is None:
                break
            self.click(self.link(row.reference))
            if row.owner is None:
                self.take()
            self.page.get_by_label("Message to the patient").fill("We called you today, as you asked.")
            self.press("Send and close")
            self.then_it_is_said("Sent and closed.")
        assert Message.objects.filter(from_staff=True).count() >= 15
        statuses = set(ConsultationRequest.objects.values_list("status", flat=True))
        assert statuses == {Status.CLOSED, Status.WAITING}
