"""What somebody typed goes along: back, to another language, over the end of a session, to the step that is open."""

from __future__ import annotations

import datetime

import pytest
from django.utils import timezone

from immuno_site.consultations import local_time
from immuno_site.consultations.models import ConsultationRequest, Progress
from immuno_site.consultations.reference import return_code
from tests.consultations.visitor import CALLBACK, FEEDBACK, Visitor, text_of, token_in

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 11, 22, 9, 0, tzinfo=datetime.UTC)


@pytest.fixture
def anna(library: None) -> Visitor:
    anna = Visitor()
    anna.begin()
    return anna


def question_of(anna: Visitor, language: str = "") -> str:
    return text_of(anna.get(f"{language}/consultation/question/"))


# --- Back, and another language -----------------------------------------------------------------------------


def test_words_that_are_not_finished_go_back_and_come_again(anna: Visitor) -> None:
    left = anna.post("/consultation/question/", {"treatments": "Surgery in May", "leave": "back"})
    assert left.headers["Location"] == "/consultation/about/"
    assert "Surgery in May" in question_of(anna)
    assert 'class="error-summary"' not in question_of(anna)


def test_words_go_along_to_another_language(anna: Visitor) -> None:
    left = anna.post("/he/consultation/question/", {"treatments": "Surgery in May", "leave": "he"})
    assert left.headers["Location"] == "/he/consultation/question/"
    assert "Surgery in May" in question_of(anna, "/he")


def test_finished_page_is_kept_as_answered_on_the_way_back(anna: Visitor) -> None:
    anna.post("/consultation/question/", {"question": "What can I do?", "leave": "back"})
    assert Progress.objects.get().answers["question"]["question"] == "What can I do?"


def test_change_that_was_left_unfinished_is_neither_sent_nor_thrown_away(anna: Visitor) -> None:
    anna.answer_all()
    anna.post("/consultation/question/", {"question": "", "symptoms": "A new cough", "leave": "back"})
    assert anna.send().headers["Location"] == "/consultation/question/"
    assert not ConsultationRequest.objects.exists()
    assert "A new cough" in question_of(anna)
    assert anna.answer("question", symptoms="A new cough").headers["Location"] == "/consultation/check/"
    anna.send()
    assert ConsultationRequest.objects.get().symptoms == "A new cough"


def test_change_of_an_optional_page_is_not_thrown_away_either(anna: Visitor) -> None:
    anna.answer_all()
    anna.post("/consultation/tests/", {"pd_l1_result": "x" * 501, "leave": "back"})
    assert anna.send().headers["Location"] == "/consultation/tests/"


def test_ticks_of_consent_are_given_by_continue_alone(anna: Visitor) -> None:
    anna.post("/consultation/consent/", {"consent_use": "yes", "leave": "he"})
    assert Progress.objects.get().answers == {}


def test_unfinished_words_are_encrypted_and_gone_once_sent(anna: Visitor) -> None:
    anna.answer_all()
    anna.post("/consultation/about/", {"stage": "stage 9", "leave": "back"})
    anna.answer("about")
    anna.send()
    assert Progress.objects.get().answers == {}
    assert "unfinished" not in str(ConsultationRequest.objects.values().get())


@pytest.mark.parametrize(
    ("address", "typed", "words"),
    [("/callback/", CALLBACK, "Anna"), ("/feedback/", FEEDBACK, "What does “adjuvant” mean?")],
)
def test_short_forms_take_their_words_to_another_language(
    anna: Visitor, address: str, typed: dict[str, str], words: str
) -> None:
    token = token_in(anna.get(address))
    page = anna.post(f"/ru{address}", {**typed, "form": token, "leave": "ru"})
    assert page.status_code == 200
    assert words in text_of(page)
    assert "checked" not in text_of(page).partition("consent_use")[2][:80]
    assert not ConsultationRequest.objects.exists()


def test_message_in_an_open_request_goes_along_too(anna: Visitor) -> None:
    anna.send_all()
    request = ConsultationRequest.objects.get()
    anna.post("/consultation/return/", {"reference": request.reference, "code": return_code(request.form_id)})
    page = anna.post("/ru/consultation/return/request/", {"words": "My long letter", "leave": "ru"})
    assert page.status_code == 200
    assert "My long letter" in text_of(page)
    assert not request.messages.exists()


# --- The end of a session ------------------------------------------------------------------------------------


def test_sending_after_the_answers_are_gone_says_so(anna: Visitor) -> None:
    anna.answer_all()
    Progress.objects.all().delete()
    page = anna.send()
    assert page.status_code == 410
    assert "We did not receive it" in text_of(page)
    assert "We could not find your answers any more" in text_of(page)


# --- The open step -------------------------------------------------------------------------------------------


def test_start_leads_on_to_the_open_step(anna: Visitor) -> None:
    anna.answer("about")
    anna.answer("question")
    start = text_of(anna.get("/consultation/"))
    assert "Go on where you stopped" in start
    assert ">Start<" not in start
    assert anna.post("/consultation/", {"go_on": "yes"}).headers["Location"] == "/consultation/tests/"


def test_start_leads_on_to_all_answers_when_nothing_is_open(anna: Visitor) -> None:
    anna.answer_all()
    assert anna.post("/consultation/", {"go_on": "yes"}).headers["Location"] == "/consultation/check/"


def test_going_on_with_nothing_begins(library: None) -> None:
    nobody = Visitor()
    assert nobody.post("/consultation/", {"go_on": "yes"}).headers["Location"] == "/consultation/help-now/"


def test_request_that_was_sent_is_named_before_a_new_start(anna: Visitor) -> None:
    anna.send_all()
    start = text_of(anna.get("/consultation/"))
    assert start.index("You have sent a request") < start.index("What to expect") < start.index(">Start<")


@pytest.mark.parametrize(
    ("page", "number"),
    [
        ("about", 1),
        ("question", 2),
        ("tests", 3),
        ("documents", 4),
        ("contact", 5),
        ("consent", 6),
        ("check", 7),
    ],
)
def test_each_step_says_which_it_is(anna: Visitor, page: str, number: int) -> None:
    anna.answer_all()
    assert f"Step {number} of 7" in text_of(anna.get(f"/consultation/{page}/"))


# --- Answers -------------------------------------------------------------------------------------------------


def test_results_of_tests_have_a_place_and_reach_the_team(anna: Visitor) -> None:
    page = text_of(anna.get("/consultation/tests/"))
    assert "How much of a protein the cancer cells carry." in page
    anna.answer_all()
    anna.answer("tests", pd_l1_result="TPS 60%, CPS 65")
    assert "TPS 60%, CPS 65" in text_of(anna.get("/consultation/check/"))
    anna.send()
    assert ConsultationRequest.objects.get().tests == {"pd_l1": "have", "pd_l1_result": "TPS 60%, CPS 65"}


@pytest.mark.parametrize(
    ("typed", "way"),
    [
        ({"email": "anna@example.org", "phone": ""}, "email"),
        ({"email": "", "phone": "+1 555 010 0000"}, "phone"),
    ],
)
def test_only_way_to_answer_is_not_asked_for(anna: Visitor, typed: dict[str, str], way: str) -> None:
    assert anna.answer("contact", **typed, contact_by="").status_code == 302
    assert Progress.objects.get().answers["contact"]["contact_by"] == way


def test_of_two_ways_to_answer_one_is_asked_for(anna: Visitor) -> None:
    assert "Choose how we shall answer." in text_of(anna.answer("contact", contact_by=""))


def test_summary_leads_to_the_first_of_several_answers(anna: Visitor) -> None:
    page = text_of(anna.answer("about", for_whom=""))
    assert 'href="#id_for_whom_0"' in page
    assert 'id="id_for_whom_0"' in page


# --- Clocks --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "city", "time"),
    [
        ("GE", "", "13:00"),
        ("RU", "", None),  # eleven times
        ("RU", "Екатеринбург", "14:00"),
        ("RU", "yekaterinburg ", "14:00"),
        ("RU", "by the sea", None),
        ("GE", "New York", "04:00"),  # they named where they are
        ("ZZ", "", None),
        ("", "", None),
    ],
)
def test_moment_on_the_clock_of_the_patient(country: str, city: str, time: str | None) -> None:
    there = local_time.there(NOW, country=country, city=city)
    assert (f"{there:%H:%M}" if there else None) == time


def test_reply_time_is_told_on_the_patients_clock(anna: Visitor) -> None:
    page = text_of(anna.send_all(country="GE", phone="+995 32 212 34 56"))
    request = ConsultationRequest.objects.get()
    there = local_time.there(request.reply_due_at, country="GE")
    assert f"On your clock: {there:%A, %B} {there.day}, {there:%H:%M}" in page


def test_reply_time_is_told_once_where_the_clock_is_ours(anna: Visitor) -> None:
    assert "On your clock" not in text_of(anna.send_all(country="IL", phone="+972 50 555 0102"))


def test_places_of_ones_country_are_offered_with_their_time(
    anna: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna.answer("about", country="KZ")
    page = text_of(anna.get("/ru/consultation/contact/"))
    almaty = timezone.now().astimezone(local_time.ZoneInfo("Asia/Almaty"))
    assert f'<option value="Алматы">Алматы, {almaty:%H:%M}</option>' in page
    assert 'list="id_time_zone_places"' in page
