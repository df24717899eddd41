"""The way back to a request: with reference and code, and with nothing less."""

from __future__ import annotations

import datetime
import re
import statistics
import time

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from content.models import SiteProfile
from immuno_site.consultations import mail, spam
from immuno_site.consultations.models import (
    AccessEvent,
    ConsultationRequest,
    Coordinator,
    OutgoingMail,
    Progress,
)
from immuno_site.consultations.reference import new_reference, return_code
from tests.consultations import sample_files
from tests.consultations.factories import NOW, create_request
from tests.consultations.inbox import INBOX, address, listed
from tests.consultations.visitor import Visitor, text_of

pytestmark = pytest.mark.django_db
WRONG = "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA-AA"


@pytest.fixture
def anna(library: None) -> Visitor:
    return Visitor()


@pytest.fixture
def sent(db: None) -> ConsultationRequest:
    return create_request(reference="IM-ACDE-FG")


def open_again(visitor: Visitor, sent: ConsultationRequest) -> object:
    typed = {"reference": sent.reference, "code": return_code(sent.form_id)}
    return visitor.post("/consultation/return/", typed)


def test_reference_and_code_open_the_request(anna: Visitor, sent: ConsultationRequest) -> None:
    assert open_again(anna, sent).headers["Location"] == "/consultation/return/request/"
    page = text_of(anna.get("/consultation/return/request/"))
    assert sent.reference in page
    assert sent.name not in page
    assert sent.question not in page
    assert AccessEvent.objects.get().action == "returned"


def test_code_of_the_received_page_opens_it(anna: Visitor) -> None:
    code = anna.send_all().context["code"]
    typed = {"reference": ConsultationRequest.objects.get().reference.lower(), "code": code.lower()}
    assert Visitor().post("/consultation/return/", typed).status_code == 302


def test_way_back_does_not_touch_answers_on_their_way(anna: Visitor, sent: ConsultationRequest) -> None:
    anna.answer_all()
    open_again(anna, sent)
    assert anna.get("/consultation/check/").status_code == 200


@pytest.mark.corpus("A7")
def test_a7_unknown_and_wrong_get_the_same_answer(anna: Visitor, sent: ConsultationRequest) -> None:
    def told(reference: str) -> str:
        page = anna.post("/consultation/return/", {"reference": reference, "code": WRONG})
        assert page.status_code == 422
        token = page.context["csrf_token"]
        return text_of(page).replace(reference, "").replace(str(token), "")

    assert told(sent.reference) == told("IM-AAAA-AA")


@pytest.mark.corpus("A7")
def test_a7_unknown_and_wrong_cost_the_same_work(anna: Visitor, sent: ConsultationRequest) -> None:
    """The clock of a busy machine proves nothing; the same questions to the database do."""

    def asked(reference: str) -> list[str]:
        with CaptureQueriesContext(connection) as queries:
            anna.post("/consultation/return/", {"reference": reference, "code": WRONG})
        return [re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in queries]

    asked("IM-BBBB-BB")  # what a process asks only once, such as the Site
    assert asked(sent.reference) == asked("IM-AAAA-AA")


@pytest.mark.corpus("A7")
def test_a7_unknown_and_wrong_take_the_same_time(
    anna: Visitor, sent: ConsultationRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of our own processor, in turn, so that whatever else goes on meets both."""
    monkeypatch.setattr(spam, "MOST_RETURNS_PER_HOUR", 10_000)
    taken: dict[str, list[float]] = {sent.reference: [], "IM-AAAA-AA": []}
    for _ in range(60):
        for reference, times in taken.items():
            begun = time.process_time()
            anna.post("/consultation/return/", {"reference": reference, "code": WRONG})
            times.append(time.process_time() - begun)
    wrong, unknown = (statistics.median(times) for times in taken.values())
    assert abs(wrong - unknown) < 0.005


@pytest.mark.corpus("A8")
def test_a8_guesses_are_throttled_and_hit_nothing(anna: Visitor, sent: ConsultationRequest) -> None:
    statuses = [
        anna.post("/consultation/return/", {"reference": new_reference(), "code": WRONG}).status_code
        for _ in range(1_000)
    ]
    assert statuses == [422] * spam.MOST_RETURNS_PER_HOUR + [429] * (1_000 - spam.MOST_RETURNS_PER_HOUR)
    assert open_again(anna, sent).status_code == 429
    assert not AccessEvent.objects.exists()


@pytest.mark.corpus("A9")
def test_a9_reference_and_code_stand_in_no_address(anna: Visitor, sent: ConsultationRequest) -> None:
    response = open_again(anna, sent)
    assert sent.reference not in response.headers["Location"]
    page = anna.get("/consultation/return/request/")
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert return_code(sent.form_id) not in text_of(page)


@pytest.mark.parametrize(
    "typed", [{}, {"reference": "IM-ACDE-FG"}, {"code": WRONG}, {"reference": "\x00", "code": "x"}]
)
def test_incomplete_is_refused(anna: Visitor, sent: ConsultationRequest, typed: dict[str, str]) -> None:
    assert anna.post("/consultation/return/", typed).status_code == 422


@pytest.mark.parametrize("address", ["request", "withdraw"])
def test_nothing_opens_without_the_code(anna: Visitor, sent: ConsultationRequest, address: str) -> None:
    assert anna.get(f"/consultation/return/{address}/").headers["Location"] == "/consultation/return/"
    page = anna.post(f"/consultation/return/{address}/", {"sure": "yes"})
    assert page.status_code == 410
    assert "We did not receive it" in text_of(page)
    assert ConsultationRequest.objects.count() == 1


def test_way_back_ends_after_an_hour(anna: Visitor, sent: ConsultationRequest) -> None:
    open_again(anna, sent)
    progress = Progress.objects.get()
    assert (progress.expires_at - progress.started_at).total_seconds() == 3_600
    assert anna.cookies["__Host-return"]["max-age"] == 3_600


def test_taking_it_back_is_asked_twice(anna: Visitor, sent: ConsultationRequest) -> None:
    open_again(anna, sent)
    assert anna.get("/consultation/return/withdraw/").status_code == 200
    assert anna.post("/consultation/return/withdraw/", {}).status_code == 422
    assert ConsultationRequest.objects.count() == 1


def test_taking_it_back_erases_everything_but_a_line(anna: Visitor) -> None:
    code = anna.send_all().context["code"]
    reference = ConsultationRequest.objects.get().reference
    anna.post("/consultation/return/", {"reference": reference, "code": code})
    response = anna.post("/consultation/return/withdraw/", {"sure": "yes"})
    assert response.headers["Location"] == "/consultation/return/withdrawn/"
    assert anna.get("/consultation/return/withdrawn/").status_code == 200
    for model in (ConsultationRequest, Progress, OutgoingMail):
        assert not model.objects.exists()
    assert [event.action for event in AccessEvent.objects.order_by("pk")] == [
        "received",
        "returned",
        "withdrawn",
    ]
    assert anna.get("/consultation/received/").headers["Location"] == "/consultation/"


# --- What the patient sends later -------------------------------------------------------------------------


def _add_a_file(visitor: Visitor) -> object:
    return visitor.post(
        "/consultation/return/request/", {"files": sample_files.upload("a.pdf", sample_files.pdf())}
    )


def _worked_on(sent: ConsultationRequest, by: User, status: str) -> None:
    sent.take(by=by, now=NOW)
    match status:
        case "waiting":
            sent.wait(by=by, now=NOW)
        case "answered":
            sent.answer(by=by, now=NOW)
        case "closed":
            sent.close(reason="answered", by=by, now=NOW)


@pytest.mark.parametrize("status", ["read", "waiting", "answered", "closed"])
def test_what_the_patient_sends_is_work_again_whatever_the_status(
    anna: Visitor, sent: ConsultationRequest, coordinator: User, working_hours: None, status: str
) -> None:
    _worked_on(sent, coordinator, status)
    open_again(anna, sent)
    _add_a_file(anna)
    again = ConsultationRequest.objects.get()
    assert (again.status, again.owner, again.news_since) == ("read", coordinator, NOW)
    assert (again.closed_at, again.closed_reason, again.waiting_since) == (None, "", None)
    assert again.reply_due_at == NOW + datetime.timedelta(days=1)


def test_spam_that_sends_a_file_is_everybodys_work(
    anna: Visitor, sent: ConsultationRequest, coordinator: User
) -> None:
    sent.mark_spam(by=coordinator, now=NOW)
    open_again(anna, sent)
    _add_a_file(anna)
    again = ConsultationRequest.objects.get()
    assert (again.status, again.owner) == ("new", None)
    assert again.erase_after > NOW + datetime.timedelta(days=89)


def test_news_is_marked_until_its_owner_opens_it(
    anna: Visitor, sent: ConsultationRequest, as_coordinator: Client, as_manager: Client, coordinator: User
) -> None:
    sent.take(by=coordinator, now=NOW)
    open_again(anna, sent)
    _add_a_file(anna)
    for client in (as_manager, as_coordinator):
        assert "New from the patient</strong>" in client.get(INBOX).content.decode()
        assert listed(client, "view=news") == [sent.reference]
        assert "New from the patient, since" in client.get(address(sent)).content.decode()
    assert listed(as_coordinator, "view=news") == []
    assert "New from the patient, since" not in as_coordinator.get(address(sent)).content.decode()


def test_letter_goes_to_whoever_has_it_and_to_all_if_they_are_not_there(
    anna: Visitor,
    sent: ConsultationRequest,
    coordinator: User,
    colleague: User,
    manager: User,
    working_hours: None,
) -> None:
    open_again(anna, sent)
    _add_a_file(anna)
    row = OutgoingMail.objects.get(kind="new_files")
    everybody = {"ruth@example.org", "boris@example.org", "dana@example.org"}
    assert set(mail.letter(row).to) == everybody
    ConsultationRequest.objects.get().take(by=coordinator, now=NOW)
    assert mail.letter(row).to == ["ruth@example.org"]
    Coordinator.objects.of(coordinator).leave(until=NOW.date(), covered_by=colleague)
    assert mail.letter(row).to == ["boris@example.org"]
    Coordinator.objects.of(colleague).leave(until=NOW.date(), covered_by=None)
    assert set(mail.letter(row).to) == everybody
    User.objects.filter(pk=coordinator.pk).update(is_active=False)
    assert set(mail.letter(row).to) == everybody - {"ruth@example.org"}


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("read", "We are working on your answer."),
        ("waiting", "We wait for something from you."),
        ("answered", "we open your request again and reply by Monday, November 23, 2026, 11:00"),
        ("closed", "If you send nothing more, we erase it on 22 November 2027."),
    ],
)
def test_return_page_says_what_will_happen(
    anna: Visitor,
    sent: ConsultationRequest,
    coordinator: User,
    working_hours: None,
    status: str,
    sentence: str,
) -> None:
    _worked_on(sent, coordinator, status)
    open_again(anna, sent)
    assert sentence in text_of(anna.get("/consultation/return/request/"))


def test_file_for_a_request_that_was_erased_meanwhile_says_how_to_reach_us(
    anna: Visitor, sent: ConsultationRequest
) -> None:
    SiteProfile.objects.update_or_create(pk=1, defaults={"phone": "+972 3 555 0000"})
    open_again(anna, sent)
    sent.erase(by=None, now=NOW)
    page = _add_a_file(anna)
    assert page.status_code == 410
    for words in ("We did not receive it", "+972 3 555 0000", "Ask for a consultation"):
        assert words in text_of(page)
    page = open_again(anna, sent)
    assert (page.status_code, "or the request is erased" in text_of(page)) == (422, True)
    assert "+972 3 555 0000" in text_of(page)
