"""Messages inside a request: from both sides, once each, for nobody else, and gone with it."""

from __future__ import annotations

import threading
import uuid

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from immuno_site.consultations import mail, spam
from immuno_site.consultations.models import (
    AccessEvent,
    Attachment,
    ConsultationRequest,
    Draft,
    Message,
    OutgoingMail,
    Progress,
)
from immuno_site.consultations.models.request import LINK_LASTS
from immuno_site.consultations.reference import link_code, return_code
from tests.consultations import sample_files
from tests.consultations.factories import NOW, create_reply_template, create_taken
from tests.consultations.inbox import INBOX, address, again, do, seen
from tests.consultations.visitor import Visitor, text_of, token_in

pytestmark = pytest.mark.django_db
HOME = "/consultation/return/request/"


@pytest.fixture
def sent(coordinator: User) -> ConsultationRequest:
    return create_taken(by=coordinator, language="ru")


def come_back(sent: ConsultationRequest) -> Visitor:
    stored, anna = again(sent), Visitor()
    code = return_code(stored.form_id, stored.codes_ended)
    response = anna.post("/consultation/return/", {"reference": sent.reference, "code": code})
    assert response.status_code == 302
    return anna


def write(anna: Visitor, words: str, **more: object) -> object:
    return anna.post(HOME, {"words": words, "form": token_in(anna.get(HOME)), **more})


@pytest.mark.parametrize(
    ("step", "status", "is_answer"),
    [("send", "answered", True), ("send-wait", "waiting", False), ("send-close", "closed", True)],
)
def test_answer_is_sent_read_and_counted(
    library: None, as_coordinator: Client, sent: ConsultationRequest, step: str, status: str, is_answer: bool
) -> None:
    assert (
        do(as_coordinator, sent, step, words="Ask your team about it.", translation="ours").status_code == 302
    )
    stored = again(sent)
    assert (stored.status, stored.answered_in_time) == (status, True if is_answer else None)
    letter = mail.letter(OutgoingMail.objects.get(kind="message"))
    assert (letter.to, letter.extra_headers["Content-Language"]) == (["anna@example.org"], "ru")
    assert "Ask your team" not in letter.subject + letter.body
    anna = come_back(sent)
    page = text_of(anna.get(HOME))
    assert "Ask your team about it." in page
    assert "ours" not in page
    assert Message.objects.get().seen_at is not None
    assert "seen 22 Nov" in as_coordinator.get(address(sent)).content.decode()


def test_patient_writes_back_and_it_is_work_again(
    library: None, as_coordinator: Client, sent: ConsultationRequest
) -> None:
    do(as_coordinator, sent, "send-close", words="Answer")
    anna = come_back(sent)
    file = sample_files.upload("a.pdf", sample_files.pdf())
    assert write(anna, "One more question", files=file).status_code == 302
    stored = again(sent)
    assert (stored.status, stored.news_since, stored.closed_reason) == ("read", NOW, "")
    letter = mail.letter(OutgoingMail.objects.get(kind="new_message"))
    assert (letter.subject, letter.to) == (f"The patient wrote: {sent.reference}", ["ruth@example.org"])
    assert "Received. We have not opened it yet." in text_of(anna.get(HOME))
    page = as_coordinator.get(address(sent)).content.decode()
    assert "One more question" in page
    assert "a.pdf" in page
    assert "Seen by us on" in text_of(anna.get(HOME))
    assert Attachment.objects.get().message == Message.objects.get(from_staff=False)


def test_urgent_words_of_a_message_put_it_on_top(library: None, sent: ConsultationRequest) -> None:
    write(come_back(sent), "I can not breathe")
    assert again(sent).is_urgent
    assert mail.letter(OutgoingMail.objects.get()).subject == f"Cannot wait: {sent.reference}"


def test_nothing_written_and_nothing_chosen_says_what_to_do(library: None, sent: ConsultationRequest) -> None:
    page = write(come_back(sent), " ")
    assert page.status_code == 422
    assert not Message.objects.exists()


def test_same_form_makes_one_message(library: None, sent: ConsultationRequest) -> None:
    anna = come_back(sent)
    form = token_in(anna.get(HOME))
    for _ in range(3):
        assert anna.post(HOME, {"words": "Once", "form": form}).status_code == 302
    assert Message.objects.count() == OutgoingMail.objects.filter(kind="new_message").count() == 1


def test_form_of_another_request_changes_nothing_there(
    library: None, sent: ConsultationRequest, coordinator: User
) -> None:
    anna, boris = come_back(sent), come_back(create_taken(by=coordinator))
    form = token_in(anna.get(HOME))
    for visitor in (anna, boris):
        visitor.post(HOME, {"words": "Mine", "form": form})
    assert sent.messages.count() == 1
    assert Message.objects.count() == 2


def test_answer_sent_twice_is_one_answer(as_coordinator: Client, sent: ConsultationRequest) -> None:
    page = as_coordinator.get(address(sent))
    form = str(page.context["sends"]["form"]["form"].value())
    typed = {"seen": page.context["seen"], "form": form, "words": "Once"}
    for _ in range(3):
        assert as_coordinator.post(address(sent, "send"), typed).status_code == 302
    assert Message.objects.count() == OutgoingMail.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_posts_at_once_make_one_message(library: None, sent: ConsultationRequest) -> None:
    anna = come_back(sent)
    form = token_in(anna.get(HOME))
    statuses: list[int] = []

    def post() -> None:
        try:
            visitor = Visitor()
            visitor.cookies = anna.cookies
            statuses.append(visitor.post(HOME, {"words": "Once", "form": form}).status_code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=post) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [302] * 50
    assert Message.objects.count() == OutgoingMail.objects.filter(kind="new_message").count() == 1


def test_second_of_two_who_answer_at_once_keeps_what_they_typed(
    as_coordinator: Client, as_manager: Client, sent: ConsultationRequest
) -> None:
    page = as_coordinator.get(address(sent))
    do(as_manager, sent, "send", words="First")
    typed = {"seen": page.context["seen"], "form": str(uuid.uuid4()), "words": "Second"}
    response = as_coordinator.post(address(sent, "send"), typed)
    assert response.status_code == 409
    assert "Second" in response.content.decode()
    assert [message.text for message in Message.objects.all()] == ["First"]


def test_message_to_an_erased_request_is_shown_to_who_wrote_it(
    library: None, sent: ConsultationRequest
) -> None:
    anna = come_back(sent)
    form = token_in(anna.get(HOME))
    again(sent).erase(by=None, now=NOW)
    page = anna.post(HOME, {"words": "My long letter", "form": form})
    assert page.status_code == 410
    assert "My long letter" in text_of(page)


def test_erasing_takes_messages_and_drafts(as_coordinator: Client, sent: ConsultationRequest) -> None:
    do(as_coordinator, sent, "send", words="Answer")
    as_coordinator.post(address(sent, "draft"), {"words": "And"})
    again(sent).erase(by=None, now=NOW)
    assert not Message.objects.exists()
    assert not Draft.objects.exists()


# --- Drafts -----------------------------------------------------------------------------------------------


def test_draft_waits_for_its_writer_takes_a_template_and_goes_when_sent(
    as_coordinator: Client, as_manager: Client, sent: ConsultationRequest
) -> None:
    template = create_reply_template(language="ru", text="Dear {name}")
    as_coordinator.post(address(sent, "draft"), {"words": "Hello.", "template": template.pk})
    page = as_coordinator.get(address(sent))
    assert "Hello.\n\nDear Anna" in page.content.decode().replace("\r", "")
    assert "Ruth is writing an answer" in as_manager.get(address(sent)).content.decode()
    draft = Draft.objects.get()
    do(as_coordinator, sent, "send", words=draft.text, form=str(draft.form_id))
    assert not Draft.objects.exists()
    as_coordinator.post(address(sent, "draft"), {"words": "late", "form": str(draft.form_id)})
    assert not Draft.objects.exists()


def test_draft_is_for_whoever_has_the_request(as_colleague: Client, sent: ConsultationRequest) -> None:
    assert as_colleague.post(address(sent, "draft"), {"words": "x"}).status_code == 404
    assert not Draft.objects.exists()
    assert AccessEvent.objects.filter(is_allowed=False).count() == 1


# --- Files of ours ----------------------------------------------------------------------------------------


def test_patient_gets_our_file_when_it_is_clean_and_nobody_else_does(
    library: None, as_coordinator: Client, sent: ConsultationRequest, coordinator: User
) -> None:
    file = sample_files.upload("letter.pdf", sample_files.pdf())
    assert do(as_coordinator, sent, "send", words="See the letter.", files=file).status_code == 302
    stored = Attachment.objects.get()
    where = f"/consultation/return/files/{stored.pk}/"
    anna = come_back(sent)
    page = anna.get(where)
    assert (page.status_code, "Try again later" in text_of(page)) == (503, True)
    stored.found_clean(now=NOW)
    assert b"".join(anna.get(where).streaming_content).startswith(b"%PDF")
    assert come_back(create_taken(by=coordinator)).get(where).status_code == 404
    assert Visitor().get(where).status_code == 302


def test_file_that_is_refused_sends_nothing_and_keeps_the_words(
    as_coordinator: Client, sent: ConsultationRequest
) -> None:
    file = sample_files.upload("x.exe", sample_files.PROGRAM)
    page = do(as_coordinator, sent, "send", words="My words", files=file)
    assert (page.status_code, "My words" in page.content.decode()) == (422, True)
    assert not Message.objects.exists()


# --- The key in the patient's hand ------------------------------------------------------------------------


def _word_of_letter() -> str:
    """What stands behind the # of the link."""
    body = mail.letter(OutgoingMail.objects.get(kind="new_code")).body
    return next(word for word in body.split() if "/return/#" in word).partition("#")[2]


def _enter(sent: ConsultationRequest, code: str) -> tuple[Visitor, object]:
    visitor = Visitor()
    return visitor, visitor.post("/consultation/return/", {"reference": sent.reference, "code": code})


def test_new_code_ends_the_old_one_and_the_letter_shows_it_once(
    library: None, as_coordinator: Client, sent: ConsultationRequest
) -> None:
    anna, old = come_back(sent), return_code(sent.form_id)
    Progress.objects.update(started_at=NOW.replace(hour=8))
    assert do(as_coordinator, sent, "new-code").status_code == 302
    assert anna.get(HOME).headers["Location"] == "/consultation/return/"
    assert _enter(sent, old)[1].status_code == 422
    word, new = _word_of_letter(), return_code(sent.form_id, 1)
    assert word != new
    anna, response = _enter(sent, word)
    assert response.status_code == 302
    assert new in text_of(anna.get(HOME))
    again_, refused = _enter(sent, word)
    assert refused.status_code == 422
    assert "has been used already" in text_of(refused)
    assert again_.get(HOME).status_code == 302
    anna, response = _enter(sent, new)
    assert response.status_code == 302
    assert new not in text_of(anna.get(HOME))
    events = AccessEvent.objects.filter(reference=sent.reference).values_list("action", "detail")
    assert {("changed", "new-code"), ("returned", "link")} <= set(events)


def test_link_to_a_new_code_ends_after_two_days_and_with_the_next_one(
    library: None, as_coordinator: Client, sent: ConsultationRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    do(as_coordinator, sent, "new-code")
    first = _word_of_letter()
    OutgoingMail.objects.all().delete()
    do(as_coordinator, sent, "new-code")
    assert "do not belong together" in text_of(_enter(sent, first)[1])
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + LINK_LASTS)
    assert "its time is over" in text_of(_enter(sent, _word_of_letter())[1])


def test_letter_of_a_new_code_opens_no_request_whose_code_was_never_ended(
    library: None, sent: ConsultationRequest
) -> None:
    assert _enter(sent, link_code(sent.form_id, 0))[1].status_code == 422


def test_new_code_is_read_out_once_and_ends_the_old_one_and_every_link(
    library: None, as_coordinator: Client, sent: ConsultationRequest
) -> None:
    do(as_coordinator, sent, "new-code")  # by letter, which does not arrive
    link = _word_of_letter()
    unsure = do(as_coordinator, sent, "new-code-aloud")
    assert unsure.status_code == 422
    assert "Make sure who it is" in text_of(unsure)
    typed = {"token": seen(as_coordinator, sent), "sure": "yes"}
    spoken = do(as_coordinator, sent, "new-code-aloud", **typed)
    new = return_code(sent.form_id, 2)
    assert new in text_of(spoken)
    assert "no-store" in spoken["Cache-Control"]
    assert not OutgoingMail.objects.filter(kind="new_code").exists()
    assert _enter(sent, link)[1].status_code == 422
    assert _enter(sent, return_code(sent.form_id, 1))[1].status_code == 422
    assert _enter(sent, new)[1].status_code == 302
    # The page loaded again, the request, its print: nowhere a second time.
    for later in (
        do(as_coordinator, sent, "new-code-aloud", **typed),
        as_coordinator.get(address(sent)),
        as_coordinator.get(address(sent, "print")),
    ):
        assert new not in text_of(later)
    assert again(sent).codes_ended == 2
    assert AccessEvent.objects.filter(reference=sent.reference, detail="new-code-aloud").exists()


def test_caller_without_an_address_gets_a_code_too(as_coordinator: Client, coordinator: User) -> None:
    caller = create_taken(by=coordinator, email="", phone="+15550100000")
    assert "new-code/" not in text_of(page := as_coordinator.get(address(caller)))
    assert "new-code-aloud/" in page.content.decode()


def test_right_codes_are_not_guesses(library: None, sent: ConsultationRequest) -> None:
    for _ in range(spam.MOST_RETURNS_PER_HOUR + 2):
        come_back(sent)


# --- What it costs ----------------------------------------------------------------------------------------


def test_request_with_200_messages_asks_20_questions_and_the_list_15(
    as_coordinator: Client, sent: ConsultationRequest, coordinator: User
) -> None:
    Message.objects.bulk_create(
        Message(
            request=sent,
            from_staff=bool(i % 2),
            by=coordinator if i % 2 else None,
            text=f"{i}",
            written_at=NOW,
        )
        for i in range(200)
    )
    for where, most in ((address(sent), 20), (INBOX, 15)):
        as_coordinator.get(where)
        with CaptureQueriesContext(connection) as queries:
            assert as_coordinator.get(where).status_code == 200
        own = [query for query in queries if "SAVEPOINT" not in query["sql"]]
        assert len(own) <= most, "\n".join(query["sql"][:140] for query in own)


# --- What is not lost in silence ---------------------------------------------------------------------------


def test_translation_stands_beside_what_the_patient_wrote_and_only_staff_see_it(
    library: None, as_coordinator: Client, as_colleague: Client, sent: ConsultationRequest
) -> None:
    anna = come_back(sent)
    write(anna, "Что мне делать?")
    message = Message.objects.get()
    typed = {"message": message.pk, "words": "What shall I do?"}
    assert do(as_colleague, sent, "translate", **typed).status_code == 409
    assert Message.objects.get().translation == ""
    assert do(as_coordinator, sent, "translate", **typed).status_code == 302
    page = as_coordinator.get(address(sent)).content.decode()
    assert "Что мне делать?" in page
    assert "What shall I do?" in page
    assert "What shall I do?" not in text_of(anna.get(HOME))
    assert AccessEvent.objects.filter(action="changed", detail="translate", is_allowed=True).exists()


def test_message_of_another_request_is_not_translated_from_here(
    library: None, as_coordinator: Client, sent: ConsultationRequest, coordinator: User
) -> None:
    other = create_taken(by=coordinator)
    write(come_back(other), "Mine")
    message = Message.objects.get()
    assert do(as_coordinator, sent, "translate", message=message.pk, words="x").status_code == 422
    assert Message.objects.get().translation == ""


@pytest.mark.parametrize("step", ["send", "draft"])
def test_files_that_are_not_kept_are_asked_for_again(
    as_coordinator: Client, as_manager: Client, sent: ConsultationRequest, step: str
) -> None:
    page = as_coordinator.get(address(sent))
    do(as_manager, sent, "send", words="First")
    file = sample_files.upload("letter.pdf", sample_files.pdf())
    typed = {"seen": page.context["seen"], "form": str(uuid.uuid4()), "words": "Second", "files": file}
    answer = as_coordinator.post(address(sent, step), typed, follow=True)
    assert "hoose them again" in answer.content.decode()
    assert not Attachment.objects.exists()


def test_forgetting_closes_an_open_request_in_this_browser(library: None, sent: ConsultationRequest) -> None:
    anna = come_back(sent)
    assert anna.post("/consultation/forget/").status_code == 302
    assert anna.get(HOME).headers["Location"] == "/consultation/return/"
    assert again(sent).reference == sent.reference
