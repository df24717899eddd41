"""Nothing personal is kept without a period, and nothing beyond it; a person gets everything, or gets it erased."""

from __future__ import annotations

import datetime
import io
import json
import logging
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.db import models
from django.test import Client
from django.utils import timezone

from immuno_site.consultations import mail, retention, subject, uploads
from immuno_site.consultations.crypto import EncryptedTextField
from immuno_site.consultations.files.envelope import CHUNK
from immuno_site.consultations.models import (
    AccessEvent,
    AppendOnly,
    Attachment,
    Clue,
    ConsultationRequest,
    Draft,
    Feedback,
    Message,
    Note,
    OutgoingMail,
    Progress,
    RateCounter,
)
from immuno_site.consultations.models.request import KEEP_CLOSED
from immuno_site.consultations.uploads import accept
from immuno_site.consultations.working_time import WorkingTime
from immuno_site.keyring import blind_index
from tests.consultations import sample_files
from tests.consultations.conftest import create_person
from tests.consultations.factories import (
    NOW,
    create_feedback,
    create_mail,
    create_note,
    create_progress,
    create_request,
    create_taken,
    create_user,
)
from tests.consultations.inbox import address, do, listed

DAY = datetime.timedelta(days=1)
HOUR = datetime.timedelta(hours=1)
MODELS = list(apps.get_app_config("consultations").get_models())
BY_MODEL = {rule.model: rule for rule in retention.RULES}


def _file(
    request: ConsultationRequest | None = None, *, name: str = "report.pdf", content: bytes = b""
) -> Attachment:
    progress, _token = create_progress()
    upload = sample_files.upload(name, content or sample_files.pdf())
    attachment = accept(upload, progress=progress, now=NOW)
    if request:
        progress.attachments.update(request=request, progress=None)
    return attachment


def _bytes(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


# --- Every column has a rule ------------------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS)
def test_every_field_has_a_rule(model: type[models.Model]) -> None:
    rule = BY_MODEL[model]
    fields = {field.name for field in [*model._meta.concrete_fields, *model._meta.local_many_to_many]}
    assert fields == rule.fields, "Say in retention.py whether this column is personal or plain."
    assert not set(rule.personal.split()) & set(rule.plain.split())


@pytest.mark.parametrize("model", MODELS)
def test_every_encrypted_field_counts_as_personal(model: type[models.Model]) -> None:
    encrypted = {field.name for field in model._meta.fields if isinstance(field, EncryptedTextField)}
    assert encrypted <= set(BY_MODEL[model].personal.split())


@pytest.mark.parametrize("rule", retention.RULES, ids=lambda rule: rule.model.__name__)
def test_every_rule_says_how_long_and_why(rule: retention.Rule) -> None:
    assert rule.kept
    assert rule.reason.endswith(".")


# --- What is past its time is erased ----------------------------------------------------------------------


@pytest.mark.django_db
def test_request_is_erased_when_its_time_is_over(
    private_folder: Path, caplog: pytest.LogCaptureFixture, django_capture_on_commit_callbacks: object
) -> None:
    request = create_request(reference="IM-AAAA-AA", erase_after=NOW + 90 * DAY)
    _file(request)
    create_note(request=request)
    create_mail(reference="IM-AAAA-AA")
    create_progress(request=request, keep=365 * DAY)
    assert retention.erase_expired(now=NOW + 90 * DAY)["requests"] == 0
    with caplog.at_level(logging.INFO), django_capture_on_commit_callbacks(execute=True):
        assert retention.erase_expired(now=NOW + 90 * DAY + HOUR)["requests"] == 1
    for model in (ConsultationRequest, Attachment, Note, OutgoingMail, Progress):
        assert not model.objects.filter(
            **({"request": request} if model in (Note, Attachment) else {})
        ).exists()
    assert _bytes(private_folder) == []
    assert "Erased IM-AAAA-AA" in caplog.text


@pytest.mark.django_db
def test_erased_request_leaves_a_bare_line() -> None:
    request = create_request(reference="IM-AAAA-AA", name="Anna", erase_after=NOW + DAY)
    request.erase(by=None, now=NOW)
    event = AccessEvent.objects.get()
    assert (event.action, event.reference, event.by, event.detail) == ("erased", "IM-AAAA-AA", None, "")


@pytest.mark.django_db
def test_request_opened_anew_is_not_erased() -> None:
    anna = create_user()
    request = create_taken(by=anna)
    request.close(reason="no_reply", by=anna, now=NOW)
    request.reopen(by=anna, now=NOW + KEEP_CLOSED)
    assert retention.erase_expired(now=NOW + KEEP_CLOSED + DAY)["requests"] == 0


@pytest.fixture
def anna_coordinator(db: None) -> User:
    return create_person("ruth", "Coordinator")


@pytest.mark.django_db
@pytest.mark.parametrize("work", ["wait", "doctor", "plan", "note", "look", "file"])
def test_open_request_is_not_erased_while_somebody_works_on_it(
    anna_coordinator: User, monkeypatch: pytest.MonkeyPatch, work: str
) -> None:
    request = create_request()
    request.take(by=anna_coordinator, now=NOW)
    later = NOW + 89 * DAY
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    client = Client()
    client.force_login(anna_coordinator)
    match work:
        case "look":
            client.get(address(request))
        case "file":
            hours = WorkingTime()
            request.hear_from_patient(now=later, hours=hours, due=hours.add(later, hours.day))
        case "wait" | "doctor" | "plan" | "note":
            ConsultationRequest.objects.update(may_share=True)
            assert do(client, request, work, words="Something").status_code == 302
    assert retention.erase_expired(now=NOW + 91 * DAY)["requests"] == 0
    assert retention.erase_expired(now=later + 91 * DAY)["requests"] == 1


@pytest.mark.django_db
def test_look_of_a_colleague_who_does_not_have_it_moves_nothing(anna_coordinator: User) -> None:
    request = create_request()
    request.take(by=anna_coordinator, now=NOW)
    version = request.version
    request.look(by=create_person("dana", "Manager"), now=NOW + 30 * DAY)
    assert ConsultationRequest.objects.get().erase_after == NOW + 90 * DAY
    request.look(by=anna_coordinator, now=NOW + 30 * DAY)
    stored = ConsultationRequest.objects.get()
    assert (stored.erase_after, stored.version) == (
        NOW + 120 * DAY,
        version,
    )  # nobody meets a conflict for it


@pytest.mark.django_db
def test_owner_is_warned_once_two_weeks_before_and_again_for_another_day(anna_coordinator: User) -> None:
    request = create_request()
    request.take(by=anna_coordinator, now=NOW)
    closed = {"status": "closed", "closed_reason": "answered", "closed_at": NOW}
    create_request(erase_after=NOW + 200 * DAY, **closed)  # its end is as it should be
    assert retention.warn_of_erasing(now=NOW + 75 * DAY) == 0
    assert [retention.warn_of_erasing(now=NOW + day * DAY) for day in (77, 78, 89)] == [1, 0, 0]
    letter = mail.letter(OutgoingMail.objects.get(kind="soon_erased"))
    assert (letter.subject, letter.to) == (f"Soon erased: {request.reference}", ["ruth@example.org"])
    request.plan(words="Call", on=None, by=anna_coordinator, now=NOW + 80 * DAY)
    assert [retention.warn_of_erasing(now=NOW + day * DAY) for day in (90, 157, 158)] == [0, 1, 0]
    assert retention.erase_expired(now=NOW + 171 * DAY)["requests"] == 1
    assert retention.erase_expired(now=NOW + 171 * DAY)["requests"] == 0


@pytest.mark.django_db
def test_open_request_that_is_erased_soon_stands_in_lists_and_on_its_page(
    anna_coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    request = create_request(status="read", erase_after=NOW + 13 * DAY)
    create_request(erase_after=NOW + 15 * DAY)
    client = Client()
    client.force_login(anna_coordinator)
    assert listed(client, "view=soon_erased") == [request.reference]
    assert "Open requests erased within 14 days" in client.get("/admin/").content.decode()
    page = client.get(address(request)).content.decode()
    assert "<dt>Erased on</dt><dd>5 Dec 2026</dd>" in page
    assert "on 5 Dec 2026, although it is open" in page
    request.take(by=anna_coordinator, now=NOW)
    assert listed(client, "view=soon_erased") == []


@pytest.mark.django_db
def test_answers_that_were_never_sent_end_after_a_day(
    private_folder: Path, django_capture_on_commit_callbacks: object
) -> None:
    attachment = _file()
    assert retention.erase_expired(now=NOW + 23 * HOUR)["progresses"] == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert retention.erase_expired(now=NOW + 24 * HOUR)["progresses"] == 1
    assert not Attachment.objects.filter(pk=attachment.pk).exists()
    assert _bytes(private_folder) == []


@pytest.mark.django_db
def test_files_of_a_sent_request_outlive_its_progress(private_folder: Path) -> None:
    request = create_request()
    progress, _token = create_progress(request=request)
    attachment = accept(
        sample_files.upload("a.pdf", sample_files.pdf()), progress=create_progress()[0], now=NOW
    )
    Attachment.objects.filter(pk=attachment.pk).update(request=request, progress=None)
    retention.erase_expired(now=NOW + 2 * DAY)
    assert not Progress.objects.filter(pk=progress.pk).exists()
    assert Attachment.objects.filter(pk=attachment.pk).exists()
    assert len(_bytes(private_folder)) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("make", "model", "days"), [(create_mail, OutgoingMail, 30), (create_feedback, Feedback, 365)]
)
def test_letters_and_feedback_end(make: object, model: type[models.Model], days: int) -> None:
    make()
    retention.erase_expired(now=NOW + days * DAY)
    assert model.objects.count() == 1
    retention.erase_expired(now=NOW + (days + 1) * DAY)
    assert model.objects.count() == 0


@pytest.mark.django_db
def test_counters_end_after_the_day_they_count() -> None:
    RateCounter.objects.count_one("send", place="192.0.2.1", now=NOW)
    retention.erase_expired(now=NOW + HOUR)
    assert RateCounter.objects.count_one("send", place="192.0.2.1", now=NOW) == 2
    retention.erase_expired(now=NOW + 27 * HOUR)
    assert not RateCounter.objects.exists()


@pytest.mark.django_db
def test_looks_are_kept_for_24_months_and_not_longer() -> None:
    AccessEvent.objects.record(AccessEvent.Action.RECEIVED, now=NOW, reference="IM-AAAA-AA")
    retention.erase_expired(now=NOW.replace(year=NOW.year + 2))
    assert AccessEvent.objects.count() == 1
    retention.erase_expired(now=NOW.replace(year=NOW.year + 2) + 3 * DAY)
    assert AccessEvent.objects.count() == 0


@pytest.mark.django_db
def test_looks_are_not_erased_for_any_other_reason() -> None:
    AccessEvent.objects.record(AccessEvent.Action.RECEIVED, now=NOW, reference="IM-AAAA-AA")
    with pytest.raises(AppendOnly):
        AccessEvent.objects.filter(reference="IM-AAAA-AA").delete()


@pytest.mark.django_db
def test_daily_command_says_what_it_erased() -> None:
    create_request(received_at=NOW - 200 * DAY, reply_due_at=NOW - 199 * DAY, erase_after=NOW - 100 * DAY)
    said = io.StringIO()
    call_command("erase_expired", stdout=said)
    assert "requests: 1 erased" in said.getvalue()


# --- One person -------------------------------------------------------------------------------------------


@pytest.fixture
def manager(db: None) -> User:
    user = create_user(username="manager")
    codenames = ["export_consultationrequest", "erase_consultationrequest"]
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


def _request_of_anna(**changes: object) -> ConsultationRequest:
    contact = {"email_index": blind_index("anna@example.org"), "phone_index": blind_index("15550100000")}
    return create_request(**{"email": "anna@example.org", "phone": "+1 555 010 0000", **contact, **changes})


@pytest.mark.django_db
@pytest.mark.parametrize("contact", [" Anna@Example.org", "001 (555) 010-0000"])
def test_person_is_found_by_contact_however_it_is_typed(contact: str) -> None:
    mine = [_request_of_anna(), _request_of_anna()]
    create_request(email_index=blind_index("other@example.org"))
    assert list(subject.requests_of(contact=contact)) == mine


@pytest.mark.django_db
def test_number_without_its_country_code_is_the_desks_own_country_and_nobody_elses() -> None:
    """What is erased for one person must not be of another one with the same number abroad."""
    mine = create_request(phone_index=blind_index("972505550102"))
    create_request(phone_index=blind_index("971505550102"))
    assert list(subject.requests_of(contact="050-555-0102")) == [mine]


@pytest.mark.django_db
@pytest.mark.parametrize("contact", ["", " ", "nobody@example.org", "000"])
def test_nobody_is_found_by_an_empty_or_unknown_contact(contact: str) -> None:
    _request_of_anna()
    create_request()
    assert not subject.requests_of(contact=contact).exists()


@pytest.mark.django_db
def test_person_is_found_by_reference_however_it_is_typed() -> None:
    request = create_request(reference="IM-AAAA-AA")
    assert subject.requests_of(references=["im aaaa aa"]).get() == request


@pytest.mark.django_db
def test_export_holds_everything_and_is_readable_by_its_owner_only(manager: User, tmp_path: Path) -> None:
    request = _request_of_anna(reference="IM-AAAA-AA", question="Что мне делать?", tests={"pd_l1": "have"})
    attachment = _file(request, name="отчёт.pdf")
    create_note(request=request)
    create_mail(reference="IM-AAAA-AA")
    path = tmp_path / "anna.zip"
    call_command("export_subject", "IM-AAAA-AA", by="manager", to=path, stdout=io.StringIO())
    assert path.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(path) as archive:
        data = json.loads(archive.read("IM-AAAA-AA/request.json"))
        content = archive.read(f"IM-AAAA-AA/files/1-{attachment.name}")
    assert content == sample_files.pdf() or content.startswith(b"%PDF")
    assert (data["question"], data["tests"]) == ("Что мне делать?", {"pd_l1": "have"})
    assert data["notes"][0]["text"] == "Called, no answer."
    assert (data["files"][0]["name"], data["letters"][0]["kind"]) == ("отчёт.pdf", "receipt")
    event = AccessEvent.objects.get(action="exported")
    assert (event.by, event.reference) == (manager, "IM-AAAA-AA")


# What there is of a person beside the request, and under which name they get it.
HANDED_OUT = {
    Note: "notes",
    Message: "messages",
    Draft: "drafts",
    Attachment: "files",
    OutgoingMail: "letters",
    AccessEvent: "looks",
}


@pytest.mark.django_db
def test_export_holds_every_personal_column(manager: User) -> None:
    request = create_request(reference="IM-AAAA-AA")
    _file(request)
    create_note(request=request)
    create_mail(reference=request.reference)
    Message.objects.create(request=request, from_staff=True, by=manager, text="Hello", written_at=NOW)
    Draft.objects.keep(request, by=manager.pk, text="Shalom", translation="Peace", now=NOW)
    AccessEvent.objects.record("viewed", by=manager, now=NOW, reference=request.reference)
    data = subject.everything(request)
    assert data["drafts"] == [{"changed_at": NOW, "text": "Shalom", "translation": "Peace"}]
    for model, said in {
        ConsultationRequest: [data],
        **{m: data[name] for m, name in HANDED_OUT.items()},
    }.items():
        personal = set(BY_MODEL[model].personal.split()) - subject.NOT_EXPORTED - {"same_person"}
        assert [personal - set(row) for row in said] == [set()], model


def test_everything_about_a_request_is_handed_out() -> None:
    """Not what was typed: sending has emptied it. Not what only our key can compare."""
    about = {model for model in MODELS if {"request", "reference"} & BY_MODEL[model].fields}
    personal = {model for model in about - {ConsultationRequest} if BY_MODEL[model].personal}
    assert personal == {*HANDED_OUT, Progress, Clue}


@pytest.mark.django_db
def test_export_writes_over_nothing(manager: User, tmp_path: Path) -> None:
    create_request(reference="IM-AAAA-AA")
    path = tmp_path / "there.zip"
    path.write_text("mine")
    with pytest.raises(CommandError, match="choose another name"):
        call_command("export_subject", "IM-AAAA-AA", by="manager", to=path)
    assert path.read_text() == "mine"


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["export_subject", "erase_subject"])
@pytest.mark.corpus("A10")
def test_a10_colleague_without_the_permission_is_refused(command: str, tmp_path: Path, manager: User) -> None:
    create_request(reference="IM-AAAA-AA")
    create_user(username="coordinator")
    options = {"to": tmp_path / "x.zip"} if command == "export_subject" else {"yes": True}
    with pytest.raises(CommandError, match="may do this"):
        call_command(command, "IM-AAAA-AA", by="coordinator", **options)
    manager.is_active = False
    manager.save()
    with pytest.raises(CommandError, match="may do this"):
        call_command(command, "IM-AAAA-AA", by="manager", **options)
    assert ConsultationRequest.objects.exists()


@pytest.mark.django_db
def test_wish_to_be_erased_takes_all_requests_of_the_contact(
    manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        _request_of_anna()
    other = create_request()
    typed = iter(["anna@example.org", "yes"])
    monkeypatch.setattr("builtins.input", lambda _prompt: next(typed))
    said = io.StringIO()
    call_command("erase_subject", contact=True, by="manager", stdout=said)
    assert list(ConsultationRequest.objects.all()) == [other]
    assert AccessEvent.objects.filter(action="erased", by=manager).count() == 2
    assert "Backups made before" in said.getvalue()


@pytest.mark.django_db
def test_erasing_is_asked_once_more(manager: User, monkeypatch: pytest.MonkeyPatch) -> None:
    create_request(reference="IM-AAAA-AA")
    monkeypatch.setattr("builtins.input", lambda _prompt: "y")
    with pytest.raises(CommandError, match="Nothing was erased"):
        call_command("erase_subject", "IM-AAAA-AA", by="manager")
    assert ConsultationRequest.objects.exists()


@pytest.mark.django_db
def test_unknown_person_is_said_to_be_unknown(manager: User) -> None:
    with pytest.raises(CommandError, match="No request was found"):
        call_command("erase_subject", "IM-AAAA-AA", by="manager", yes=True)


@pytest.mark.django_db
@pytest.mark.parametrize("harm", ["lost", "changed at its start", "cut off at its end"])
def test_export_goes_on_without_a_file_that_cannot_be_read(
    manager: User, tmp_path: Path, private_folder: Path, harm: str
) -> None:
    request = create_request(reference="IM-AAAA-AA")
    _file(request, content=sample_files.padded_pdf(2 * CHUNK, title="A"))
    (path,) = _bytes(private_folder)
    match harm:
        case "lost":
            path.unlink()
        case "changed at its start":
            path.write_bytes(b"?" + path.read_bytes()[1:])
        case _:
            path.write_bytes(path.read_bytes()[:-CHUNK])
    subject.export([request], tmp_path / "x.zip", by=manager, now=timezone.now())
    with zipfile.ZipFile(tmp_path / "x.zip") as archive:
        assert archive.namelist() == ["IM-AAAA-AA/request.json"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "raised"), [(uploads.StorageUnavailable, CommandError), (KeyboardInterrupt, KeyboardInterrupt)]
)
def test_export_that_stops_leaves_no_file(
    manager: User,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: type[BaseException],
    raised: type[BaseException],
) -> None:
    """What was written by then is in the clear. And a store that is out now must not look like a lost file."""

    def stop(_attachment: Attachment) -> Iterator[bytes]:
        raise error

    _file(create_request(reference="IM-AAAA-AA"))
    monkeypatch.setattr(uploads, "pieces", stop)
    with pytest.raises(raised):
        call_command("export_subject", "IM-AAAA-AA", by="manager", to=tmp_path / "x.zip")
    assert not (tmp_path / "x.zip").exists()
