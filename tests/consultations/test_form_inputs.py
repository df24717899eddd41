"""What people type and paste into the forms, after public reports: taken as they mean it, or refused in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from immuno_site.consultations.models import ConsultationRequest, Progress
from immuno_site.keyring import blind_index
from tests.consultations.visitor import CALLBACK, Visitor, text_of, token_in

pytestmark = pytest.mark.django_db
CASES = json.loads(Path(__file__).with_name("form_inputs.json").read_text())


def _named(case: dict[str, str]) -> str:
    return f"{case['field']}-{case['typed']!a}"


@pytest.fixture
def anna(library: None) -> Visitor:
    anna = Visitor()
    anna.begin()
    return anna


@pytest.mark.parametrize("case", CASES, ids=_named)
def test_typed_input_is_understood_or_refused_in_words(anna: Visitor, case: dict[str, str]) -> None:
    page = anna.answer(case["page"], **{case["field"]: case["typed"]})
    if "says" in case:
        assert page.status_code == 422
        assert text_of(page).count(case["says"]) == 2  # above the form and at the field
        return
    assert page.status_code == 302, text_of(page)
    assert Progress.objects.get().answers[case["page"]][case["field"]] == case["stored"]
    again = anna.answer(case["page"], **{case["field"]: case["stored"]})
    assert again.status_code == 302, "what is stored must be understood, too"


@pytest.mark.parametrize("case", [case for case in CASES if case["field"] == "phone"], ids=_named)
def test_callback_understands_the_same_numbers(anna: Visitor, case: dict[str, str]) -> None:
    token = token_in(anna.get("/callback/"))
    page = anna.post("/callback/", {**CALLBACK, "form": token, "phone": case["typed"]})
    if "says" in case:
        assert text_of(page).count(case["says"]) == 2
    else:
        assert ConsultationRequest.objects.get().phone == case["stored"]


# --- The number we would dial -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "typed", "dialed"),
    [
        ("IL", "050-555-0102", "+972 50 555 0102"),
        ("AE", "050-555-0102", "+971 50 555 0102"),
        ("RU", "8 (999) 123-45-67", "+7 999 123 45 67"),
        ("XK", "044 123 456", "+383 44 123 456"),
        ("AD", "312 345", "+376 312 345"),
        ("IL", "+1 555 010 0000", "+1 555 010 0000"),
    ],
)
def test_number_of_the_patients_country_gets_its_code(
    anna: Visitor, country: str, typed: str, dialed: str
) -> None:
    anna.answer_all(country=country, phone=typed, contact_by="phone")
    assert f"We will call \u2066{dialed}\u2069" in text_of(anna.get("/consultation/check/"))
    anna.send()
    assert ConsultationRequest.objects.get().phone == dialed


@pytest.mark.parametrize(
    ("country", "typed"),
    [("US", "050-555-0102"), ("IL", "8 (999) 123-45-67"), ("ZZ", "050-555-0102"), ("DE", "050 123")],
)
def test_number_of_no_country_we_know_is_refused(anna: Visitor, country: str, typed: str) -> None:
    anna.answer("about", country=country)
    page = anna.answer("contact", phone=typed, email="", contact_by="phone")
    assert page.status_code == 422
    assert "+1 555 010 0000" in text_of(page)
    assert f'value="{typed}"' in text_of(page)


def test_number_keeps_its_code_when_the_country_is_changed(anna: Visitor) -> None:
    anna.answer_all(country="IL", phone="050-555-0102", contact_by="phone")
    anna.answer("about", country="AE")
    assert "+972 50 555 0102" in text_of(anna.get("/consultation/check/"))


@pytest.mark.parametrize("language", ["he", "ar"])
def test_number_stays_in_its_order_among_hebrew_and_arabic_words(anna: Visitor, language: str) -> None:
    anna.answer_all(phone="+972 50 555 0102", contact_by="phone")
    text = text_of(anna.get(f"/{language}/consultation/check/"))
    assert "\u2066+972 50 555 0102\u2069" in text
    assert "We will call" not in text


def test_number_that_is_not_called_is_only_shown(anna: Visitor) -> None:
    anna.answer_all(contact_by="email")
    text = text_of(anna.get("/consultation/check/"))
    assert "\u2066+1 555 010 0000\u2069" in text
    assert "We will call" not in text


# --- Addresses as they were typed -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["anna@faß.example", "anna@пример.рф", "anna@βόλος.gr", "anna@نامه\u200cای.com"]
)
def test_address_is_shown_as_typed_and_stored_as_mail_needs_it(anna: Visitor, typed: str) -> None:
    anna.answer_all(email=typed)
    assert typed in text_of(anna.get("/consultation/check/"))
    assert f'value="{typed}"' in text_of(anna.get("/consultation/contact/"))
    anna.send()
    request = ConsultationRequest.objects.get()
    assert request.email.isascii()
    assert "@xn--" in request.email
    assert request.email_index == blind_index(request.email)


def test_domains_that_were_one_for_older_rules_are_two(anna: Visitor) -> None:
    anna.answer_all(email="anna@faß.example")
    assert "fass" not in text_of(anna.get("/consultation/check/"))
