"""The first page for staff: what waits for this person, and the rooms of their role, nothing else."""

from __future__ import annotations

import datetime
import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from content import roles as library_roles
from content.models import Clinician, DrugContent, Question
from content.review import workflow
from immuno_site.consultations import roles
from tests.consultations.factories import NOW, create_feedback, create_mail, create_request
from tests.factories import new_draft
from tests.staff import create_staff

pytestmark = pytest.mark.django_db

ROOMS = {
    "Coordinator": ["Requests", "Remarks on pages", "Reply templates"],
    "Manager": ["Requests", "Remarks on pages", "Reply templates", "Who looked at what", "Letters"],
    "Administrator": ["Site profile", "People", "Who looked at what", "Letters"],
    "Clinical reviewer": [
        "Sign-offs", "Cancer types", "Therapy classes", "Drugs", "Side effects", "Biomarkers", "Treatment centers",
        "Indications", "Coverage", "How common side effects are", "Results", "Signs", "Lay words of signs", "Sources",
        "Glossary terms", "Questions", "Updates", "Pictures", "Leaflets",
    ],
    "Editor": [
        "Sign-offs", "Clinicians", "What readers search for", "Cancer types", "Therapy classes", "Drugs",
        "Side effects", "Biomarkers", "Treatment centers", "Many texts at once", "Indications", "Coverage",
        "How common side effects are", "Results", "Signs", "Lay words of signs", "Sources", "Glossary terms",
        "Questions", "Updates", "Pages", "Pictures", "Leaflets", "Site profile",
    ],
}  # fmt: skip


@pytest.fixture(autouse=True)
def _working_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


def holder_of(role: str, name: str = "noa") -> User:
    held = {known.name: known.permissions for known in (*roles.ROLES, *library_roles.ROLES)}
    return create_staff(name, *held[role])


def home(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.get("/admin/").content.decode()


def tasks(user: User) -> dict[str, tuple[int, str]]:
    """Title -> its number and the words below it."""
    lines = re.findall(
        r'task-number">(\d+)</span>\s*<span class="staff-task-title">([^<]+)</span>\s*'
        r'(?:<span class="staff-task-words">([^<]+)<)?',
        home(user),
    )
    return {title: (int(number), words) for number, title, words in lines}


@pytest.mark.parametrize("role", ROOMS)
def test_each_role_finds_its_rooms_and_no_other(role: str) -> None:
    page = home(holder_of(role)).partition("staff-rooms")[2]
    assert re.findall(r'<li><a href="/admin/[^"]+">([^<]+)</a>', page) == ROOMS[role]


@pytest.mark.parametrize("role", ROOMS)
def test_every_room_opens(role: str) -> None:
    client = Client()
    client.force_login(holder_of(role))
    for address in re.findall(r'<li><a href="(/admin/[^"]+)">', client.get("/admin/").content.decode()):
        assert client.get(address, follow=True).status_code == 200, address


def test_staff_without_a_role_are_told_whom_to_ask() -> None:
    assert "Ask your administrator" in home(create_staff("nobody"))


def test_coordinator_sees_what_is_late_theirs_and_free() -> None:
    user = holder_of("Coordinator")
    create_request(
        reply_due_at=NOW - datetime.timedelta(hours=1), received_at=NOW - datetime.timedelta(days=2)
    )
    create_request(owner=user, taken_at=NOW)
    create_request(status="closed", closed_reason="answered", closed_at=NOW)
    assert tasks(user)["Requests to answer"] == (2, "1 is late, 1 is yours, nobody has 1")
    assert "is-pressing" in home(user)


def test_nothing_presses_while_everything_is_in_time() -> None:
    user = holder_of("Coordinator")
    create_request()
    create_feedback()
    assert tasks(user) == {"Requests to answer": (1, "nobody has 1"), "Remarks on pages to read": (1, "")}
    assert "is-pressing" not in home(user)


def test_colleague_s_requests_are_not_counted() -> None:
    create_request(owner=holder_of("Coordinator", "boris"), taken_at=NOW)
    assert tasks(holder_of("Coordinator"))["Requests to answer"] == (0, "Nothing waits here.")


def test_suspected_spam_is_counted_apart_and_presses_when_it_is_late_or_urgent() -> None:
    user = holder_of("Coordinator")
    create_request(status="suspected", suspected_because="trap fast")
    assert tasks(user)["Suspected spam to look at"] == (1, "spam, or a person")
    assert tasks(user)["Requests to answer"] == (0, "Nothing waits here.")
    assert "is-pressing" not in home(user)
    yesterday = NOW - datetime.timedelta(days=1)
    create_request(status="suspected", reply_due_at=yesterday, received_at=yesterday, is_urgent=True)
    assert tasks(user)["Suspected spam to look at"] == (2, "1 is late, 1 has urgent words")
    assert "is-pressing" in home(user)
    create_feedback(suspected_because="trap fast")
    assert tasks(user)["Remarks on pages to read"] == (0, "1 more may be spam")


def test_clinician_sees_the_drafts_others_sent(editor: User) -> None:
    user = holder_of("Clinical reviewer")
    Clinician.objects.create(name="Test Reviewer", role="Oncologist", license_number="T-1", user=user)
    assert tasks(user)["Drafts to sign off"] == (0, "Nothing waits here.")
    public = DrugContent.objects.get(entry__slug="pembrolizumab", language="en")
    draft = new_draft(public.versions.get(), by=editor)
    assert tasks(user)["Drafts to sign off"] == (0, "Nothing waits here.")
    workflow.send(draft, by=editor)
    assert tasks(user)["Drafts to sign off"] == (1, "")


def test_editor_sees_drafts_of_texts_and_facts(editor: User) -> None:
    user = holder_of("Editor")
    Question.objects.approved().first().propose(by=editor)
    assert tasks(user) == {
        "Overdue checks": (0, "Nothing waits here."),
        "Drafts in work": (0, "Nothing waits here."),
        "Questions": (1, "drafts to approve"),
    }


def test_letters_that_did_not_leave_stand_first() -> None:
    create_mail(now=NOW - datetime.timedelta(hours=1))
    assert next(iter(tasks(holder_of("Manager")))) == "Letters that did not leave"
