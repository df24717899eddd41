"""One row that no key opens harms the person it belongs to and nobody else, and somebody hears of it."""

from __future__ import annotations

import datetime
import io
import zipfile
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from content.models import SiteProfile
from immuno_site import watch
from immuno_site.accounts.allauth_internals import TOTP
from immuno_site.consultations import key_check, mail, uploads
from immuno_site.consultations.files import antivirus
from immuno_site.consultations.models import (
    AccessEvent,
    Attachment,
    ConsultationRequest,
    Feedback,
    Note,
    OutgoingMail,
    Progress,
)
from immuno_site.consultations.reference import return_code
from tests.consultations import sample_files
from tests.consultations.factories import (
    NOW,
    create_feedback,
    create_mail,
    create_note,
    create_progress,
    create_request,
    create_user,
    make_unreadable,
)
from tests.consultations.inbox import INBOX, address, again, do, listed
from tests.consultations.visitor import CALLBACK, Visitor, text_of, token_in

pytestmark = pytest.mark.django_db
SAYS_SO = "(cannot be read)"


@pytest.fixture
def lost() -> ConsultationRequest:
    """Everything of it is under a key that is gone."""
    request = create_request(reference="IM-ACDE-FG")
    for column in ("name", "email", "question", "next_action", "records", "tests"):
        make_unreadable(ConsultationRequest, column, pk=request.pk)
    return request


def _with_file(request: ConsultationRequest, *, name: str = "scan.pdf") -> Attachment:
    progress, _token = create_progress()
    attachment = uploads.accept(
        sample_files.upload(name, sample_files.pdf(title=name)), progress=progress, now=NOW
    )
    Attachment.objects.filter(pk=attachment.pk).update(request=request, progress=None)
    return attachment


# --- Erasing ----------------------------------------------------------------------------------------------


def test_erasing_goes_on_past_it_and_takes_it_along(lost: ConsultationRequest) -> None:
    attachment = _with_file(lost)
    make_unreadable(Attachment, "wrapped_key", pk=attachment.pk)
    create_mail(reference=lost.reference)
    make_unreadable(OutgoingMail, "recipient")
    create_feedback(received_at=timezone.now() - datetime.timedelta(days=800))
    make_unreadable(Feedback, "words")
    create_progress(answers={"about": {}})
    Progress.objects.update(
        started_at=NOW - datetime.timedelta(days=9), expires_at=NOW - datetime.timedelta(days=8)
    )
    make_unreadable(Progress, "answers")
    past = timezone.now() - datetime.timedelta(days=1)
    create_request(received_at=past - datetime.timedelta(days=90))
    ConsultationRequest.objects.update(
        received_at=past - datetime.timedelta(days=9), reply_due_at=past, erase_after=past
    )
    call_command("erase_expired", stdout=io.StringIO())
    for model in (ConsultationRequest, Attachment, Feedback, Progress):
        assert not model.objects.exists(), model


def test_person_can_be_erased_and_handed_out(
    lost: ConsultationRequest, tmp_path: Path, manager: object
) -> None:
    attachment = _with_file(lost)
    make_unreadable(Attachment, "wrapped_key", pk=attachment.pk)
    call_command(
        "export_subject", lost.reference, by="dana", to=tmp_path / "export.zip", stdout=io.StringIO()
    )
    with zipfile.ZipFile(tmp_path / "export.zip") as archive:
        (name,) = archive.namelist()
        assert SAYS_SO in archive.read(name).decode()
    call_command("erase_subject", lost.reference, by="dana", yes=True, stdout=io.StringIO())
    assert not ConsultationRequest.objects.exists()


# --- The inbox --------------------------------------------------------------------------------------------


def test_lists_and_numbers_go_on(lost: ConsultationRequest, as_coordinator: Client) -> None:
    other = create_request()
    assert set(listed(as_coordinator)) == {lost.reference, other.reference}
    assert as_coordinator.get(f"{INBOX}dashboard/").status_code == 200
    assert as_coordinator.post(f"{INBOX}find/", {"wanted": other.reference}).status_code == 302


def test_request_says_what_cannot_be_read_and_shows_the_rest(
    lost: ConsultationRequest, as_coordinator: Client
) -> None:
    ConsultationRequest.objects.filter(pk=lost.pk).update(**lost.sealed({"stage": "stage 3"}))
    note, attachment = create_note(request=lost), _with_file(lost)
    make_unreadable(Note, "text", pk=note.pk)
    make_unreadable(Attachment, "name", pk=attachment.pk)
    for page in ("change", "print"):
        text = text_of(as_coordinator.get(address(lost, page)))
        assert text.count(SAYS_SO) >= 3
        assert "stage 3" in text
        assert "mailto:(" not in text
    assert "none of our keys opens it" in text_of(as_coordinator.get(address(lost)))


def test_request_that_can_be_read_says_nothing_of_it(as_coordinator: Client) -> None:
    create_request(reference="IM-ACDE-FG")
    text = text_of(as_coordinator.get(address(create_request())))
    assert "none of our keys opens it" not in text


def test_steps_that_need_no_word_of_it_are_taken(lost: ConsultationRequest, as_coordinator: Client) -> None:
    assert do(as_coordinator, lost, "take").status_code == 302
    assert again(lost).owner


def test_suspicion_is_lifted_without_a_word_of_it(lost: ConsultationRequest, as_coordinator: Client) -> None:
    ConsultationRequest.objects.update(status="suspected", suspected_because="links")
    do(as_coordinator, lost, "not-spam")
    assert again(lost).status == "new"


def test_remark_that_cannot_be_read_leaves_the_others_there(as_coordinator: Client) -> None:
    create_feedback(words="What is this?")
    gone = create_feedback()
    make_unreadable(Feedback, "words", pk=gone.pk)
    text = text_of(as_coordinator.get("/admin/consultations/feedback/"))
    assert "What is this?" in text
    assert SAYS_SO in text


def test_file_that_cannot_be_read_says_so_and_the_others_are_scanned(
    lost: ConsultationRequest, as_coordinator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [_with_file(lost, name=f"{number}.pdf") for number in range(5)]
    for attachment in files[:4]:  # more than failures are suffered in one pass
        make_unreadable(Attachment, "wrapped_key", pk=attachment.pk)
    monkeypatch.setattr(antivirus, "virus_in", lambda pieces: b"".join(pieces)[:0].decode())
    report = uploads.scan_waiting()
    assert (report.clean, report.left) == (1, 4)
    Attachment.objects.filter(pk=files[0].pk).update(scan="clean", scanned_at=NOW)
    answer = as_coordinator.get(f"{INBOX}files/{lost.reference}/{files[0].pk}/")
    assert answer.status_code == 503


def test_letter_that_cannot_be_read_keeps_no_other_here(mailoutbox: list) -> None:
    early = timezone.now() - datetime.timedelta(minutes=5)
    gone = create_mail(recipient="a@example.org", now=early)
    create_mail(recipient="b@example.org", now=early + datetime.timedelta(minutes=1))
    make_unreadable(OutgoingMail, "recipient", pk=gone.pk)
    mail.send_due()
    mail.send_due()
    assert [letter.to for letter in mailoutbox] == [["b@example.org"]]


# --- The patient ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["", "/he", "/ar", "/ru"])
def test_patient_learns_how_to_reach_us(lost: ConsultationRequest, library: None, language: str) -> None:
    SiteProfile.objects.update_or_create(pk=1, defaults={"phone": "+972 3 555 0100"})
    attachment = _with_file(lost)
    make_unreadable(Attachment, "name", pk=attachment.pk)
    anna = Visitor()
    anna.post("/consultation/return/", {"reference": lost.reference, "code": return_code(lost.form_id)})
    page = anna.get(f"{language}/consultation/return/request/")
    assert page.status_code == 500
    text = text_of(page)
    assert lost.reference in text
    assert "+972 3 555 0100" in text
    assert ("keeps us from opening what you wrote" in text) is (language == "")
    assert page.headers["Cache-Control"] == "no-store, private"


def test_patient_whose_answers_cannot_be_read_can_begin_anew(library: None) -> None:
    anna = Visitor()
    anna.answer_all()
    make_unreadable(Progress, "answers")
    assert anna.get("/consultation/check/").status_code == 500
    anna.send_all()
    assert ConsultationRequest.objects.get().name == "Anna"


def test_other_patients_go_on(lost: ConsultationRequest, library: None) -> None:
    boris = Visitor()
    boris.send_all()
    assert boris.get("/consultation/received/").status_code == 200
    page = boris.get("/callback/")
    assert boris.post("/callback/", {**CALLBACK, "form": token_in(page)}).status_code == 302


# --- Who hears of it --------------------------------------------------------------------------------------


def test_watch_and_check_name_it_by_its_reference_only(lost: ConsultationRequest) -> None:
    factor = TOTP.activate(create_user(), "JBSWY3DPEHPK3PXP").instance
    Authenticator.objects.filter(pk=factor.pk).update(data={"secret": "b1.nonsense"})
    said = watch.unreadable(NOW)
    assert "opens 2 rows" in said
    assert f"consultations.ConsultationRequest {lost.pk} of {lost.reference}" in said
    assert f"mfa.Authenticator {factor.pk}" in said
    found = [problem.msg for problem in key_check.everything_can_be_read()]
    assert any(lost.reference in words for words in found)
    assert not any("Anna" in words or "anna" in words for words in (*found, said))


def test_watch_is_silent_when_everything_can_be_read() -> None:
    create_note()
    assert watch.unreadable(NOW) == ""
    assert key_check.everything_can_be_read() == []


def test_look_at_what_cannot_be_read_is_a_look(lost: ConsultationRequest, as_coordinator: Client) -> None:
    as_coordinator.get(address(lost))
    assert AccessEvent.objects.filter(action="viewed", reference=lost.reference).count() == 1
