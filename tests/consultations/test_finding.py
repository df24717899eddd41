"""Find: by words of a name in any alphabet, by the end of a phone number, by one's own notes; and who has it."""

from __future__ import annotations

import io

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client

from immuno_site.consultations.models import AccessEvent, Clue, ConsultationRequest, Note
from immuno_site.consultations.names import words_of
from tests.consultations.factories import NOW, create_request, create_taken
from tests.consultations.inbox import INBOX, address
from tests.consultations.visitor import Visitor, text_of

pytestmark = pytest.mark.django_db
FIND = f"{INBOX}find/"


def create_found(**values: object) -> ConsultationRequest:
    request = create_request(**values)
    Clue.objects.renew(request)
    return request


def opens(client: Client, wanted: str, request: ConsultationRequest) -> bool:
    response = client.post(FIND, {"wanted": wanted})
    return response.status_code == 302 and response.url == address(request)


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Anna-Maria O'Brien", "obrien"),
        ("Anna-Maria O’Brien", "O'Brien Anna"),
        ("José Müller", "jose MULLER"),
        ("Сергей Ёлкин", "елкин"),
        ("רוּת כֹּהֵן", "כהן רות"),
        ("أحمد الخطيب", "احمد"),
        ("李", "李"),
    ],
)
def test_request_is_found_by_words_of_the_name(as_coordinator: Client, name: str, typed: str) -> None:
    request = create_found(name=name)
    create_found(name="Somebody Else")
    assert opens(as_coordinator, typed, request)


@pytest.mark.parametrize("typed", ["Anna Levi", "Ann", "nna"])
def test_all_words_of_a_name_count_and_whole_ones_only(as_coordinator: Client, typed: str) -> None:
    create_found(name="Anna Cohen")
    assert "Nothing found." in text_of(as_coordinator.post(FIND, {"wanted": typed}))


@pytest.mark.parametrize("typed", ["50 555 0102", "050-555-0102", "971505550102", "05550102"])
def test_request_is_found_by_the_last_eight_digits(as_coordinator: Client, typed: str) -> None:
    request = create_found(phone="+971 50 555 0102 ext. 7")
    create_found(phone="+971 50 555 0199")
    assert opens(as_coordinator, typed, request)


def test_seven_digits_are_too_few(as_coordinator: Client) -> None:
    create_found(phone="+971 50 555 0102")
    assert "Nothing found." in text_of(as_coordinator.post(FIND, {"wanted": "5550102"}))


def test_find_says_who_has_it(as_coordinator: Client, coordinator: User, colleague: User) -> None:
    mine, theirs, _free = (create_found(name="Anna Cohen") for _ in range(3))
    mine.take(by=coordinator, now=NOW)
    theirs.take(by=colleague, now=NOW)
    page = text_of(as_coordinator.post(FIND, {"wanted": "cohen"}))
    assert f"{theirs.reference}: <bdi>Boris</bdi>" in page
    assert address(theirs) not in page
    assert page.count("· <bdi>Ruth</bdi>") == 1
    assert "Nobody has it" in page
    assert "Anna" not in page


def test_notes_of_ones_own_requests_are_searched_with_one_line_in_the_log(
    as_coordinator: Client, coordinator: User, colleague: User
) -> None:
    def noted(by: User, text: str) -> ConsultationRequest:
        request = create_taken(by=by)
        Note.objects.create(request=request, text=text, by=by, written_at=NOW)
        return request

    mine = [noted(coordinator, text) for text in ("Dr. Lévi has the scan.", "Called dr levi; no answer.")]
    theirs, other = noted(colleague, "Dr. Levi"), noted(coordinator, "Dr. Katz")
    page = text_of(as_coordinator.post(FIND, {"wanted": "Dr. Levi"}))
    assert all(address(request) in page for request in mine)
    assert theirs.reference not in page
    assert other.reference not in page
    assert "no answer" not in page
    line = AccessEvent.objects.get(action="viewed")
    assert (line.reference, line.detail) == ("", "search: 0 found, 2 in notes")


def test_what_a_patient_sends_is_found_and_leaves_no_readable_trace(
    library: None, as_coordinator: Client
) -> None:
    Visitor().send_all(name="Anna Canary")
    assert opens(as_coordinator, "canary", ConsultationRequest.objects.get())
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM consultations_clue")
        stored = str(cursor.fetchall()).casefold()
    assert "canary" not in stored
    assert "50100000" not in stored.replace("'", "")
    ConsultationRequest.objects.get().erase(by=None, now=NOW)
    assert not Clue.objects.exists()


def test_requests_of_earlier_releases_are_indexed_once(as_coordinator: Client) -> None:
    request, said = create_request(name="Anna Cohen"), io.StringIO()
    for _ in range(2):
        call_command("index_requests", stdout=said)
    assert said.getvalue() == "1 requests indexed.\n0 requests indexed.\n"
    assert opens(as_coordinator, "cohen", request)


def test_words_are_those_people_type() -> None:
    assert words_of("  O'Brien-Müller,  ז״ל_x ") == ["obrien", "muller", "זל", "x"]
