"""What staff enter for a patient: a correction, and what came by mail, phone or WhatsApp."""

from __future__ import annotations

import datetime

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from immuno_site.consultations import mail
from immuno_site.consultations.forms import CONSENT_VERSION
from immuno_site.consultations.models import (
    AccessEvent,
    Attachment,
    ConsultationRequest,
    Message,
    Note,
    OutgoingMail,
)
from immuno_site.consultations.reference import return_code
from tests.consultations import sample_files
from tests.consultations.factories import NOW, create_mail, create_request, create_taken
from tests.consultations.inbox import INBOX, address, again, do
from tests.consultations.test_thread import HOME, come_back
from tests.consultations.visitor import Visitor, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def taken(coordinator: User) -> ConsultationRequest:
    return create_taken(by=coordinator, email="anna@exmaple.org", phone="+1 555 010 0000", contact_by="email")


def _correct(client: Client, request: ConsultationRequest, **changes: object) -> object:
    names = ("name", "email", "phone", "contact_by", "language", "country", "cancer", "cancer_words")
    return do(client, request, "correct", **{**{name: getattr(request, name) for name in names}, **changes})


# --- A new request ----------------------------------------------------------------------------------------

CALLER = {
    "way": "phone", "name": "Anna", "phone": "050 555 0102", "email": "anna@example.org", "contact_by": "phone",
    "language": "ru", "country": "AE", "for_whom": "relative", "question": "Что мне делать?", "cancer": "melanoma",
    "consent": "yes",
}  # fmt: skip


def _enter(client: Client, **changes: object) -> object:
    return client.post(f"{INBOX}new/", {**CALLER, **changes})


def test_request_of_a_caller_is_entered_with_consent_and_is_ones_own(
    library: None, as_coordinator: Client, coordinator: User
) -> None:
    response = _enter(as_coordinator)
    request = ConsultationRequest.objects.get()
    assert response.url == address(request)
    assert (request.owner, request.status, request.phone) == (coordinator, "read", "+971 50 555 0102")
    assert (request.consent_version, request.consent_language) == (f"{CONSENT_VERSION} phone", "ru")
    assert (request.may_share, request.reply_due_at) == (False, NOW + datetime.timedelta(days=1))
    page = text_of(as_coordinator.get(address(request)))
    assert "we reply by Monday, 23 November, 11:00, Israel time" in page
    letter = mail.letter(OutgoingMail.objects.get())
    assert (letter.to, letter.extra_headers["Content-Language"]) == (["anna@example.org"], "ru")
    word = letter.body.partition("/return/#")[2].split()[0]
    anna = Visitor()
    anna.post("/consultation/return/", {"reference": request.reference, "code": word})
    assert return_code(request.form_id, 1) in text_of(anna.get(HOME))
    events = AccessEvent.objects.filter(action="received").values_list("by", "detail")
    assert list(events) == [(coordinator.pk, "phone")]
    assert as_coordinator.post(f"{INBOX}find/", {"wanted": "anna"}).url == address(request)


def test_form_that_is_sent_twice_is_one_request(library: None, as_coordinator: Client) -> None:
    page = as_coordinator.get(f"{INBOX}new/")
    number = str(page.context["form"]["form"].value())
    for _ in range(2):
        assert _enter(as_coordinator, form=number).status_code == 302
    assert ConsultationRequest.objects.count() == OutgoingMail.objects.count() == 1


def test_urgent_words_of_a_caller_without_address_are_urgent(library: None, as_coordinator: Client) -> None:
    _enter(as_coordinator, email="", question="He has chest pain.")
    assert ConsultationRequest.objects.get().reply_due_at == NOW + datetime.timedelta(hours=2)
    assert [row.kind for row in OutgoingMail.objects.all()] == ["cannot_wait"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"consent": ""}, "Ask them first, then tick the box."),
        ({"question": ""}, "Write what they ask."),
        ({"email": "", "phone": ""}, "Enter an e-mail address or a phone number"),
        ({"phone": "0123"}, "This number is too short."),
    ],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(
    library: None, as_coordinator: Client, changes: dict[str, str], sentence: str
) -> None:
    page = _enter(as_coordinator, **changes, symptoms="Tired.")
    assert (page.status_code, sentence in text_of(page), "Tired." in text_of(page)) == (422, True, True)
    assert not ConsultationRequest.objects.exists()


# --- Corrections ------------------------------------------------------------------------------------------


def test_corrected_address_gets_the_letters_and_the_old_one_stays_in_the_notes(
    as_coordinator: Client, taken: ConsultationRequest
) -> None:
    waiting = create_mail(reference=taken.reference, recipient="anna@exmaple.org", kind="message")
    form = as_coordinator.get(address(taken, "correction")).content.decode()
    assert 'value="anna@exmaple.org"' in form
    assert 'autocomplete="email"' not in form
    assert _correct(as_coordinator, taken, email="anna@example.org", language="ru").status_code == 302
    stored = again(taken)
    assert (stored.email, stored.language, stored.question) == ("anna@example.org", "ru", taken.question)
    note = Note.objects.get()
    assert note.get_about_display() == "Corrected"
    assert note.text == "Before:\nE-mail: anna@exmaple.org\nLanguage: English"
    assert OutgoingMail.objects.get(pk=waiting.pk).recipient == "anna@example.org"
    receipt = mail.letter(OutgoingMail.objects.get(kind="receipt"))
    assert (receipt.to, receipt.extra_headers["Content-Language"]) == (["anna@example.org"], "ru")
    assert AccessEvent.objects.filter(action="changed", detail="correct").count() == 1


def test_link_that_went_to_the_wrong_address_opens_nothing_once_it_is_corrected(
    as_coordinator: Client, taken: ConsultationRequest, coordinator: User
) -> None:
    taken.renew_code(by=coordinator, now=NOW)
    codes = again(taken).codes_ended
    waiting = create_mail(reference=taken.reference, recipient="anna@exmaple.org", kind="message")
    _correct(as_coordinator, again(taken), email="anna@example.org")
    assert again(taken).codes_ended == codes + 1
    assert OutgoingMail.objects.get(kind="new_code").recipient == "anna@example.org"
    _correct(as_coordinator, again(taken), email="", contact_by="phone")
    assert again(taken).codes_ended == codes + 2
    assert not OutgoingMail.objects.filter(pk=waiting.pk).exists()


def test_corrected_contact_is_found_and_the_old_one_is_not(
    as_coordinator: Client, taken: ConsultationRequest
) -> None:
    create_request()  # so that one hit is one
    _correct(as_coordinator, taken, name="Hannah Cohen", phone="+44 20 7946 0018")
    for wanted, is_found in (("cohen", True), ("7946 0018", True), ("+1 555 010 0000", False)):
        page = as_coordinator.post(f"{INBOX}find/", {"wanted": wanted})
        assert (page.status_code == 302) is is_found, wanted


def test_correction_that_leaves_no_way_to_answer_or_changes_nothing_is_refused(
    as_coordinator: Client, taken: ConsultationRequest
) -> None:
    for changes, sentence in (
        ({"email": "", "phone": ""}, "Enter an e-mail address or a phone number"),
        ({}, "Nothing is different yet."),
        ({"email": "anna@host"}, "Behind the @ a whole name is needed"),
    ):
        page = _correct(as_coordinator, taken, **changes)
        assert (page.status_code, sentence in text_of(page)) == (422, True), sentence
    assert not Note.objects.exists()


def test_correction_is_for_whoever_has_it(
    as_colleague: Client, as_coordinator: Client, taken: ConsultationRequest
) -> None:
    assert as_colleague.get(address(taken, "correction")).status_code == 404
    free = create_request()
    page = as_coordinator.get(address(free, "correction"), follow=True)
    assert "Take the request first" in text_of(page)


def test_old_value_is_readable_nowhere_but_in_the_request(
    as_coordinator: Client, taken: ConsultationRequest
) -> None:
    _correct(as_coordinator, taken, email="anna@example.org")
    with connection.cursor() as cursor:
        for table in ("note", "accessevent", "consultationrequest", "outgoingmail"):
            cursor.execute(f"SELECT * FROM consultations_{table}")  # noqa: S608 - our own names
            assert "exmaple" not in str(cursor.fetchall())


# --- What came another way --------------------------------------------------------------------------------


def test_file_that_came_by_mail_stands_in_the_request_and_reopens_it(
    library: None, as_coordinator: Client, taken: ConsultationRequest, coordinator: User
) -> None:
    taken.close(reason="no_reply", by=coordinator, now=NOW)
    file = sample_files.upload("report.pdf", sample_files.pdf())
    response = do(as_coordinator, taken, "came", way="email", words="Here is the report.", files=file)
    assert response.status_code == 302
    stored, message = again(taken), Message.objects.get()
    assert (stored.status, stored.news_since) == ("read", None)
    assert (message.way, message.from_staff, Attachment.objects.get().message) == ("email", False, message)
    assert not OutgoingMail.objects.exists()
    page = text_of(come_back(taken).get(HOME))
    assert "Here is the report." in page
    assert "report.pdf" in page
    assert "a coordinator entered it for you" in page
    assert "not opened it yet" not in page
    assert AccessEvent.objects.filter(action="changed", detail="came").count() == 1


def test_urgent_words_on_the_phone_are_urgent_too(as_coordinator: Client, taken: ConsultationRequest) -> None:
    do(as_coordinator, taken, "came", way="phone", words="He can not breathe since this morning.")
    assert again(taken).is_urgent
    assert OutgoingMail.objects.get().kind == "cannot_wait"


def test_owner_hears_what_a_manager_entered(as_manager: Client, taken: ConsultationRequest) -> None:
    do(as_manager, taken, "came", way="whatsapp", words="Thank you.")
    assert mail.letter(OutgoingMail.objects.get()).to == ["ruth@example.org"]
    assert again(taken).news_since == NOW


def test_nothing_a_refused_file_and_a_known_one_say_so_and_keep_the_words(
    as_coordinator: Client, as_colleague: Client, taken: ConsultationRequest
) -> None:
    assert "Write what came, or choose a file." in text_of(do(as_coordinator, taken, "came", way="email"))
    bad = sample_files.upload("x.exe", sample_files.PROGRAM)
    page = do(as_coordinator, taken, "came", way="email", words="My words", files=bad)
    assert (page.status_code, "My words" in text_of(page)) == (422, True)
    for _ in range(2):
        file = sample_files.upload("a.pdf", sample_files.pdf())
        page = do(as_coordinator, taken, "came", way="email", files=file)
    assert "This file is here already." in text_of(page)
    assert Message.objects.count() == Attachment.objects.count() == 1
    assert do(as_colleague, taken, "came", way="email", words="x").status_code == 409
    assert Message.objects.count() == 1
