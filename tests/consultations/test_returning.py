"""The way back to a request: with reference and code, and with nothing less."""

from __future__ import annotations

import re
import statistics
import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from immuno_site.consultations import spam
from immuno_site.consultations.models import AccessEvent, ConsultationRequest, OutgoingMail, Progress
from immuno_site.consultations.reference import new_reference, return_code
from tests.consultations.factories import create_request
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
    for _ in range(250):
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
    assert anna.post(f"/consultation/return/{address}/", {"sure": "yes"}).status_code == 302
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
