"""Patients are told who asks for their records, before they send any; else nobody asks."""

from __future__ import annotations

import pytest
from django.test import Client

from content.models import SiteProfile
from immuno_site import start_checks
from immuno_site.consultations.models import ConsultationRequest, Progress
from tests.consultations.conftest import create_person
from tests.consultations.visitor import Visitor, text_of

pytestmark = pytest.mark.django_db

SAID = {"organization": "Sample Clinic", "privacy_contact": "Dana", "who_pays": "The clinic."}
CLOSED = "We cannot take requests now, because this site does not say yet who runs it and who pays."
STEPS = ["about", "question", "tests", "documents", "contact", "consent", "check"]
ASKING = ["/consultation/", "/callback/", *(f"/consultation/{step}/" for step in STEPS)]


@pytest.fixture
def anna(library: None) -> Visitor:
    return Visitor()


@pytest.fixture
def strict(settings: object) -> None:
    """Production as it is meant to run."""
    settings.CLINICAL_REVIEW, settings.DEVELOPMENT = "required", False


def say(**changed: str) -> None:
    SiteProfile.objects.update_or_create(pk=1, defaults=SAID | changed)


# --- Told


@pytest.mark.parametrize("path", ["/consultation/", "/consultation/consent/"])
def test_start_and_consent_name_who_asks(anna: Visitor, path: str) -> None:
    say()
    anna.begin()
    page = text_of(anna.get(path))
    for words in SAID.values():
        assert words in page.split('class="who-we-are"')[1]


@pytest.mark.parametrize("language", ["", "/he"])
def test_consent_leads_to_what_happens_to_the_data(anna: Visitor, language: str) -> None:
    """There is no Hebrew text yet: the English one, and the link says so."""
    anna.begin()
    page = text_of(anna.get(f"{language}/consultation/consent/"))
    assert '<a href="/privacy/" hreflang="en">' in page


def test_receipt_says_how_to_reach_us_with_the_reference_and_nothing_else(anna: Visitor) -> None:
    say(phone="+972 3 555 0000", whatsapp="+972 50 123")
    page = text_of(anna.send_all())
    reference = ConsultationRequest.objects.get().reference
    assert f'href="https://wa.me/97250123?text={reference}"' in page
    assert 'href="tel:+97235550000"' in page
    assert "Do not send medical files" in page


# --- Closed


@pytest.mark.usefixtures("strict")
@pytest.mark.parametrize("lacks", SAID)
@pytest.mark.parametrize("path", ASKING)
def test_form_is_closed_while_something_is_not_said(anna: Visitor, path: str, lacks: str) -> None:
    say(phone="+972 3 555 0000", **{lacks: ""})
    response = anna.get(path)
    page = text_of(response)
    assert response.status_code == 503
    assert CLOSED in page
    assert 'href="tel:+97235550000"' in page
    assert "<textarea" not in page


@pytest.mark.usefixtures("strict")
def test_closed_form_takes_nothing_and_gives_back_what_was_typed(anna: Visitor) -> None:
    page = anna.answer("question", question="My long and frightened story.")
    assert page.status_code == 503
    assert CLOSED in text_of(page)
    assert "My long and frightened story." in text_of(page)
    assert not ConsultationRequest.objects.exists()
    assert anna.post("/callback/", {"name": "Anna", "phone": "+1 555 010 0000"}).status_code == 503


def test_what_was_begun_is_there_when_the_form_opens_again(anna: Visitor, settings: object) -> None:
    anna.begin()
    anna.answer("question", question="What now?")
    settings.CLINICAL_REVIEW = "required"
    assert "kept for 24 hours" in text_of(anna.get("/consultation/"))
    assert Progress.objects.count() == 1
    say()
    assert "What now?" in text_of(anna.get("/consultation/question/"))


@pytest.mark.usefixtures("strict")
@pytest.mark.parametrize("path", ["/consultation/help-now/", "/consultation/return/", "/feedback/"])
def test_what_asks_for_nothing_stays_open(anna: Visitor, path: str) -> None:
    assert anna.get(path).status_code == 200


def test_request_that_was_sent_can_still_be_read_and_taken_back(anna: Visitor, settings: object) -> None:
    anna.send_all()
    settings.CLINICAL_REVIEW = "required"
    assert "See its reference again" in text_of(anna.get("/consultation/"))
    assert anna.get("/consultation/received/").status_code == 200


@pytest.mark.usefixtures("strict")
def test_form_is_open_once_all_is_said(anna: Visitor) -> None:
    say()
    assert "We have received your request" in text_of(anna.send_all())


@pytest.mark.parametrize(("review", "development"), [("label", False), ("required", True)])
def test_demonstration_stays_open(anna: Visitor, settings: object, review: str, development: bool) -> None:
    settings.CLINICAL_REVIEW, settings.DEVELOPMENT = review, development
    assert anna.get("/consultation/").status_code == 200


# --- Staff


@pytest.mark.usefixtures("strict")
@pytest.mark.parametrize("role", ["Editor", "Administrator", "Coordinator", "Manager"])
def test_staff_see_on_their_first_page_that_the_form_is_closed(library: None, role: str) -> None:
    client = Client()
    client.force_login(create_person("noa", role))
    page = client.get("/admin/").content.decode()
    assert "The request form is closed" in page
    assert "the site profile does not say: organization, privacy contact, who pays us" in page
    say()
    assert "The request form is closed" not in client.get("/admin/").content.decode()


@pytest.mark.usefixtures("strict")
def test_deploy_check_warns_that_the_form_is_closed() -> None:
    say(who_pays="")
    (warning,) = start_checks.patients_are_told_who_asks()
    assert warning.msg == "The request form is closed. Fill in the site profile: who pays us."
    say()
    assert start_checks.patients_are_told_who_asks() == []
