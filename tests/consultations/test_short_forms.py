"""The call-back form and the feedback form: one page each, sent once."""

from __future__ import annotations

import datetime
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from immuno_site.consultations import spam
from immuno_site.consultations.models import ConsultationRequest, Feedback, OutgoingMail, Progress
from tests.consultations.visitor import CALLBACK, FEEDBACK, Visitor, text_of, token_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def patient_person(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests are faster than people."""
    monkeypatch.setattr(spam, "SHORTEST_HONEST", datetime.timedelta())


@pytest.fixture
def anna(library: None) -> Visitor:
    return Visitor()


# --- Call back ----------------------------------------------------------------------------------------------


def test_callback_is_received(anna: Visitor) -> None:
    token = token_in(anna.get("/callback/"))
    page = anna.post("/callback/", {**CALLBACK, "form": token})
    assert page.headers["Location"] == "/consultation/received/"
    request = ConsultationRequest.objects.get()
    assert (request.kind, request.name, request.phone, request.status) == (
        "callback",
        "Anna",
        "+1 555 010 0000",
        "new",
    )
    assert request.reference in text_of(anna.get("/consultation/received/"))
    assert [mail.kind for mail in OutgoingMail.objects.all()] == ["new_request"]


@pytest.mark.corpus("F1", "F2", "F12")
@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "Enter the name you want to be called by."),
        ("phone", "", "Enter the number we shall call."),
        ("phone", "call me", "Enter a phone number with its country code"),
        ("consent_use", "", "Tick this box if you want us to call you back."),
        ("language", "xx", "Choose a language from the list."),
        ("contact_by", "pigeon", "Choose one of the ways to reach you."),
    ],
)
def test_callback_refusals_keep_what_was_typed(anna: Visitor, field: str, value: str, sentence: str) -> None:
    token = token_in(anna.get("/callback/"))
    page = anna.post("/callback/", {**CALLBACK, "form": token, "time_zone": "Kept town", field: value})
    assert page.status_code == 422
    assert text_of(page).count(sentence) == 2
    assert 'value="Kept town"' in text_of(page)
    assert token_in(page) == token
    assert not ConsultationRequest.objects.exists()


@pytest.mark.corpus("D1", "D3")
def test_d1_callback_sent_twice_is_one_request(anna: Visitor) -> None:
    token = token_in(anna.get("/callback/"))
    for _ in range(3):
        anna.post("/callback/", {**CALLBACK, "form": token})
        assert ConsultationRequest.objects.get().reference in text_of(anna.get("/consultation/received/"))
    assert OutgoingMail.objects.count() == 1


def test_callback_sent_again_and_again_is_one_row(anna: Visitor) -> None:
    """Also from a browser that lost our cookie, or never kept it."""
    token = token_in(anna.get("/callback/"))
    for _ in range(20):
        other = Visitor()
        other.post("/callback/", {**CALLBACK, "form": token})
        assert ConsultationRequest.objects.get().reference in text_of(other.get("/consultation/received/"))
    assert Progress.objects.count() == 1


@pytest.mark.corpus("D4")
def test_d4_callback_with_another_text_is_offered_as_a_new_one(anna: Visitor) -> None:
    token = token_in(anna.get("/callback/"))
    anna.post("/callback/", {**CALLBACK, "form": token})
    page = anna.post("/callback/", {**CALLBACK, "form": token, "phone": "+1 555 010 9999"})
    assert page.status_code == 409
    assert "+1 555 010 9999" in text_of(page)
    assert ConsultationRequest.objects.get().phone == "+1 555 010 0000"
    assert token_in(page) != token
    anna.post("/callback/", {**CALLBACK, "form": token_in(page), "phone": "+1 555 010 9999"})
    assert ConsultationRequest.objects.count() == 2


@pytest.mark.corpus("D5")
@pytest.mark.parametrize("token", ["", "forged", "a:b:c"])
def test_d5_callback_with_a_forged_token_gets_a_new_one_and_keeps_the_text(anna: Visitor, token: str) -> None:
    page = anna.post("/callback/", {**CALLBACK, "form": token})
    assert page.status_code == 422
    assert 'value="Anna"' in text_of(page)
    assert not ConsultationRequest.objects.exists()
    assert anna.post("/callback/", {**CALLBACK, "form": token_in(page)}).status_code == 302


@pytest.mark.corpus("D2")
@pytest.mark.django_db(transaction=True)
def test_d2_fifty_parallel_callbacks_make_one_request(library: None) -> None:
    token = token_in(Visitor().get("/callback/"))

    def send(_number: int) -> str:
        try:
            return Visitor().post("/callback/", {**CALLBACK, "form": token}).headers["Location"]
        finally:
            connection.close()

    with ThreadPoolExecutor(50) as pool:
        assert set(pool.map(send, range(50))) == {"/consultation/received/"}
    assert ConsultationRequest.objects.count() == 1
    assert ConsultationRequest.objects.get().status == "new"


def test_callback_of_a_program_is_kept_apart(anna: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spam, "SHORTEST_HONEST", datetime.timedelta(seconds=30))
    token = token_in(anna.get("/callback/"))
    anna.post("/callback/", {**CALLBACK, "form": token, "more_words": "x"})
    assert ConsultationRequest.objects.get().suspected_because == "trap fast"


def test_trap_is_out_of_sight_and_out_of_reach(anna: Visitor) -> None:
    page = text_of(anna.get("/callback/"))
    assert '<div class="trap" aria-hidden="true">' in page
    assert 'tabindex="-1"' in page


def test_trap_is_nothing_that_browsers_and_password_managers_know(anna: Visitor) -> None:
    trap = re.search(r'<div class="trap".*?</div>', text_of(anna.get("/callback/")), re.DOTALL)[0]
    tag = re.search(r"<(?:input|textarea)[^>]*>", trap)[0]
    assert tag.startswith("<textarea")  # contact data goes into lines
    assert 'autocomplete="off"' in tag
    known = (
        "name mail tel phone address street city zip country company organization web site url user password"
    )
    assert not [word for word in known.split() if word in re.search(r'name="([^"]*)"', tag)[1]]


# --- Feedback -----------------------------------------------------------------------------------------------


def test_feedback_is_stored_with_its_page(anna: Visitor) -> None:
    page = anna.get("/feedback/?page=/drugs/pembrolizumab/")
    assert 'value="/drugs/pembrolizumab/"' in text_of(page)
    answer = anna.post("/feedback/", {**FEEDBACK, "form": token_in(page)})
    assert answer.headers["Location"] == "/feedback/received/"
    assert anna.get("/feedback/received/").status_code == 200
    row = Feedback.objects.get()
    assert (row.page, row.about, row.words) == ("/drugs/pembrolizumab/", "unclear", FEEDBACK["words"])
    assert list(Feedback.objects.open()) == [row]


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("/drugs/x/?name=anna", "/drugs/x/"),
        ("https://testserver/drugs/x/#top", "/drugs/x/"),
        ("/consultation/received/", ""),
        ("javascript:alert(1)", ""),
        ("//evil.example/x", "/x"),
        ("<script>", ""),
        ("http://[", ""),
    ],
)
def test_feedback_keeps_only_the_path_of_a_public_page(anna: Visitor, address: str, kept: str) -> None:
    token = token_in(anna.get("/feedback/", {"page": address}))
    anna.post("/feedback/", {**FEEDBACK, "page": address, "form": token})
    assert Feedback.objects.get().page == kept


def test_feedback_sent_twice_is_one_row(anna: Visitor) -> None:
    token = token_in(anna.get("/feedback/"))
    for _ in range(2):
        assert anna.post("/feedback/", {**FEEDBACK, "form": token}).status_code == 302
    assert Feedback.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"), [("words", ""), ("words", "x" * 5_001), ("about", "praise"), ("words", "\x00")]
)
def test_feedback_refusals(anna: Visitor, field: str, value: str) -> None:
    token = token_in(anna.get("/feedback/"))
    page = anna.post("/feedback/", {**FEEDBACK, "form": token, field: value})
    assert page.status_code == 422
    assert "<title>Error:" in text_of(page)
    assert not Feedback.objects.exists()


def test_feedback_with_an_old_form_keeps_the_text(anna: Visitor) -> None:
    page = anna.post("/feedback/", {**FEEDBACK, "form": "old"})
    assert page.status_code == 422
    assert FEEDBACK["words"] in text_of(page)


def test_feedback_of_a_program_is_kept_apart(anna: Visitor) -> None:
    token = token_in(anna.get("/feedback/"))
    words = "Casino! Casino!"
    anna.post("/feedback/", {**FEEDBACK, "words": words, "form": token, "more_words": "x"})
    assert not Feedback.objects.open().exists()
    assert Feedback.objects.get().suspected_because == "trap selling"
