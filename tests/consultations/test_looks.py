"""No line, no look: whatever the door, who reads a patient's words leaves a line in the log of looks."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from functools import partial
from urllib.parse import unquote

import pytest
from django.contrib.auth.models import User
from django.core import signing
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from immuno_site.consultations.admin.seen import LIST, PAGE, Seen
from immuno_site.consultations.admin.steps import STEPS
from immuno_site.consultations.crypto import EncryptedTextField
from immuno_site.consultations.models import AccessEvent, Attachment, ConsultationRequest, Feedback, Note
from immuno_site.keyring import blind_index
from tests.consultations.factories import NOW, create_feedback, create_reply_template, create_request
from tests.consultations.inbox import INBOX, address, again, do, seen
from tests.consultations.test_attachments import create_attachment
from tests.site.test_who_may_enter import address as address_of
from tests.site.test_who_may_enter import addresses

pytestmark = pytest.mark.django_db

# What only the patient and the team know.
SECRETS = ("canary-words", "canary@example.org", "canary-file", "canary-note", "canary-remark")
OF_A_REQUEST = ("admin:consultations_consultationrequest_", "attachment-", "admin:index")
EMPTY, INVALID = {}, {"words": "", "on": "never", "to": "0", "reference": "x", "reason": "", "action": "no"}


class Room:
    """Somebody's request, with everything in it, and what staff can ask about it."""

    def __init__(self, owner: User | None, by: User) -> None:
        fields = [
            field.name for field in ConsultationRequest._meta.fields if type(field) is EncryptedTextField
        ]
        words = dict.fromkeys(fields, "canary-words")
        index = blind_index("canary@example.org")
        self.row = create_request(**{**words, "email": "canary@example.org", "email_index": index})
        if owner:
            self.row.take(by=owner, now=NOW)
            self.row.plan(words="canary-words", on=None, by=owner, now=NOW)
        self.file = create_attachment(request=self.row, name="canary-file.pdf")
        self.locked = create_attachment(
            request=self.row, name="canary-file.pdf", scan=Attachment.Scan.WAITING
        )
        Note.objects.create(request=self.row, text="canary-note", by=by, written_at=NOW)
        self.remark = create_feedback(words="canary-remark")
        self.template = create_reply_template(title=f"To {self.row}", text="Dear {name}")

    def doors(self) -> Iterator[tuple[str, str]]:
        """Name and address of every page of the room."""
        places = {
            "pk": str(self.row.pk),
            "reference": self.row.reference,
            "consultations_feedback": str(self.remark.pk),
            "consultations_replytemplate": str(self.template.pk),
        }
        for name, route in addresses():
            if name.startswith(("admin:consultations_", "admin:index", "attachment-")):
                for file in (self.file, self.locked) if "attachment" in route else (self.locked,):
                    yield name, address_of(name, route, places | {"attachment": str(file.pk)})

    def posts(self, name: str, user: User) -> Iterator[dict[str, object]]:
        """Empty, wrong, and with every kind of token somebody may hold."""
        yield EMPTY
        yield INVALID
        if name.endswith("_find"):
            yield from (
                {"wanted": wanted} for wanted in ("canary@example.org", self.row.reference, "x@y.org")
            )
        if name.startswith("admin:consultations_consultationrequest_"):
            stored = again(self.row)
            older = Seen(stored.pk, stored.version - 1, stored.status, stored.owner_id)
            for token in (
                Seen.of(stored).token(user),
                Seen.of(stored).token(user, place=LIST),
                older.token(user),
            ):
                yield {**INVALID, "seen": token}


def _secrets_in(response: HttpResponse) -> list[str]:
    body = b"".join(response) if response.streaming else response.content
    told = body.decode(errors="replace") + unquote(response.get("Content-Disposition", ""))
    return [word for word in SECRETS if word in told]


def _look(ask: Callable[[str], HttpResponse], where: str) -> tuple[list[str], bool]:
    """The secrets that were told, and whether the log has a line more."""
    before = AccessEvent.objects.count()
    return _secrets_in(ask(where)), AccessEvent.objects.count() > before


@pytest.mark.longest
@pytest.mark.parametrize("who", ["coordinator", "manager"])
def test_every_answer_with_a_patients_words_left_a_line(
    who: str, request: pytest.FixtureRequest, coordinator: User, manager: User
) -> None:
    """Every staff address of the room, asked and posted to in every way. Nothing of it is kept."""
    client, user = request.getfixturevalue(f"as_{who}"), {"coordinator": coordinator, "manager": manager}[who]
    told, silent = set(), []
    for owner in (None, user):
        room = Room(owner, by=user)
        for name, where in room.doors():
            if owner and not name.startswith(OF_A_REQUEST):
                continue  # whoever has the request, the same
            posts = (partial(client.post, data=typed) for typed in room.posts(name, user))
            for ask in (client.get, *posts):
                with transaction.atomic():
                    found, is_on_record = _look(ask, where)
                    transaction.set_rollback(True)
                if found:
                    told.add(name)
                with transaction.atomic():  # without its body, the same view
                    is_on_record &= not found or ask != client.get or _look(client.head, where)[1]
                    transaction.set_rollback(True)
                if found and not is_on_record:
                    silent.append(f"{name} {where} {ask}: {found}")
    assert silent == []
    expected = {"change", "print", "note", "hand-over"} | ({"unlock"} if who == "manager" else set())
    assert {f"admin:consultations_consultationrequest_{name}" for name in expected} <= told
    assert {"admin:consultations_feedback_changelist", "admin:consultations_feedback_change"} <= told
    assert "attachment-download" in told


# --- What a token is good for -----------------------------------------------------------------------------


@pytest.mark.parametrize("step", [step.name for step in STEPS])
def test_list_token_opens_no_request(as_coordinator: Client, coordinator: User, step: str) -> None:
    """The list is not a look: with its tokens a request could be read unread."""
    row = create_request(question="canary-words")
    token = Seen.of(row).token(coordinator, place=LIST)
    assert do(as_coordinator, row, step, token=token).status_code == 404
    assert (again(row).status, again(row).version) == ("new", row.version)


def test_page_token_chooses_nothing_in_the_list(as_coordinator: Client) -> None:
    row = create_request()
    as_coordinator.post(f"{INBOX}bulk/", {"step": "take", "chosen": [seen(as_coordinator, row)]})
    assert again(row).owner is None


def test_token_ends_with_the_working_day(
    as_coordinator: Client, coordinator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = create_request()
    token = Seen.of(row).token(coordinator)
    assert Seen.read(token, coordinator) == Seen.of(row)
    later = signing.time.time() + datetime.timedelta(hours=8, minutes=1).total_seconds()
    monkeypatch.setattr(signing.time, "time", lambda: later)
    assert Seen.read(token, coordinator, place=PAGE) is None


# --- Lines ------------------------------------------------------------------------------------------------


def _lines() -> list[tuple[str, str, bool]]:
    return list(AccessEvent.objects.order_by("pk").values_list("action", "reference", "is_allowed"))


def test_page_with_a_refused_step_is_a_look(as_coordinator: Client) -> None:
    row = create_request()
    assert do(as_coordinator, row, "note", words="").status_code == 422
    assert _lines() == [("viewed", row.reference, True)]


def test_conflict_page_is_a_look(as_coordinator: Client, coordinator: User) -> None:
    row = create_request()
    token = seen(as_coordinator, row)
    row.take(by=coordinator, now=NOW)
    assert do(as_coordinator, row, "take", token=token).status_code == 409
    assert _lines() == [("viewed", row.reference, True)]


def test_search_with_one_hit_is_on_record_before_it_opens(as_coordinator: Client) -> None:
    row = create_request()
    assert as_coordinator.post(f"{INBOX}find/", {"wanted": row.reference}).status_code == 302
    assert _lines() == [("viewed", row.reference, True)]
    assert AccessEvent.objects.get().detail == "search: 1 found"


def test_name_of_a_locked_file_is_a_look(as_manager: Client) -> None:
    row = create_request()
    file = create_attachment(request=row, name="canary-file.pdf", scan=Attachment.Scan.WAITING)
    as_manager.get(address(row, f"files/{file.pk}/unlock"))
    event = AccessEvent.objects.get()
    assert (event.action, event.reference, event.attachment) == ("viewed", row.reference, file.pk)


def test_remarks_are_a_look_however_they_are_asked_for(as_coordinator: Client) -> None:
    remark = create_feedback(words="canary-remark")
    for ask in (
        lambda: as_coordinator.get("/admin/consultations/feedback/"),
        lambda: as_coordinator.post("/admin/consultations/feedback/", {}),
        lambda: as_coordinator.get(f"/admin/consultations/feedback/{remark.pk}/change/"),
    ):
        before = AccessEvent.objects.count()
        assert "canary-remark" in ask().content.decode()
        assert AccessEvent.objects.filter(detail="feedback").count() == before + 1
    assert Feedback.objects.count() == 1


# --- Refused ----------------------------------------------------------------------------------------------


def test_refused_look_at_a_colleagues_request_is_on_record(
    as_coordinator: Client, coordinator: User, colleague: User
) -> None:
    row = create_request()
    token = seen(as_coordinator, row)
    row.take(by=colleague, now=NOW)
    tries = [as_coordinator.get(address(row)), as_coordinator.get(address(row, "print"))]
    tries += [as_coordinator.post(address(row, step.name), {}) for step in STEPS]
    assert {response.status_code for response in tries} == {404}
    assert do(as_coordinator, row, "note", token=token, words="x").status_code == 409
    lines = AccessEvent.objects.filter(by=coordinator)
    assert set(lines.values_list("reference", "is_allowed")) == {(row.reference, False)}
    assert lines.count() == len(tries) + 1


def test_refused_download_is_on_record(as_coordinator: Client, colleague: User, library_editor: User) -> None:
    row = create_request()
    file = create_attachment(request=row)
    row.take(by=colleague, now=NOW)
    editor = Client()
    editor.force_login(library_editor)
    for client in (as_coordinator, editor):
        assert client.get(f"{INBOX}files/{row.reference}/{file.pk}/").status_code == 404
    events = AccessEvent.objects.filter(attachment=file.pk).values_list(
        "by__username", "action", "is_allowed"
    )
    assert set(events) == {("ruth", "downloaded", False), ("miriam", "downloaded", False)}


def test_refused_unlocking_is_on_record(as_coordinator: Client) -> None:
    row = create_request()
    file = create_attachment(request=row, scan=Attachment.Scan.WAITING)
    assert as_coordinator.get(address(row, f"files/{file.pk}/unlock")).status_code == 404
    assert _lines() == [("unlocked", row.reference, False)]


def test_who_has_no_business_here_leaves_a_line(library_editor: User) -> None:
    row, client = create_request(), Client()
    client.force_login(library_editor)
    assert client.get(address(row)).status_code == 404
    assert client.get("/admin/consultations/feedback/").status_code == 404
    lines = AccessEvent.objects.order_by("pk").values_list("by__username", "detail", "is_allowed")
    assert list(lines) == [
        ("miriam", "consultationrequest_change", False),
        ("miriam", "feedback_changelist", False),
    ]
