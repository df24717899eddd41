"""Pages that stay open on a screen: who is signed in, who else reads, what came meanwhile, and a draft that is kept."""

from __future__ import annotations

import datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client

from immuno_site.accounts.sessions import SEEN_AT
from immuno_site.consultations import retention
from immuno_site.consultations.models import AccessEvent, ConsultationRequest, Draft, Reading
from tests.consultations.factories import NOW, create_request, create_taken
from tests.consultations.inbox import INBOX, address, do

pytestmark = pytest.mark.django_db
ALIVE = f"{INBOX}alive/"
MINUTE = datetime.timedelta(minutes=1)
BY_ITSELF = {"headers": {"Unattended": "1"}}


@pytest.fixture
def request_of_ruth(coordinator: User) -> ConsultationRequest:
    return create_taken(by=coordinator)


def reading(client: Client, request: ConsultationRequest) -> str:
    """What an open page of it is told."""
    return client.get(address(request, "reading"), **BY_ITSELF).json()["reading"]


def _rest(client: Client, minutes: int) -> float:
    session = client.session
    session[SEEN_AT] -= minutes * 60
    session.save()
    return session[SEEN_AT]


# --- Signed in ----------------------------------------------------------------------------------------------


def test_page_learns_who_is_signed_in_and_gets_a_token_for_its_forms(
    as_coordinator: Client, coordinator: User
) -> None:
    told = as_coordinator.get(ALIVE).json()
    assert told["who"] == coordinator.pk
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = as_coordinator.cookies
    typed = {"wanted": "IM-AAAA-AA", "csrfmiddlewaretoken": told["token"]}
    assert strict.post(f"{INBOX}find/", typed).status_code == 200


def test_page_of_nobody_learns_it_by_a_redirect(request_of_ruth: ConsultationRequest) -> None:
    for where in (ALIVE, address(request_of_ruth, "reading")):
        answer = Client().get(where)
        assert (answer.status_code, answer.content) == (302, b"")


@pytest.mark.parametrize("where", [ALIVE, INBOX])
def test_what_a_page_asks_by_itself_keeps_nobody_signed_in(as_coordinator: Client, where: str) -> None:
    rested = _rest(as_coordinator, minutes=20)
    assert as_coordinator.get(where, **BY_ITSELF).status_code == 200
    assert as_coordinator.session[SEEN_AT] == rested
    assert as_coordinator.get(where).status_code == 200  # somebody works on it
    assert as_coordinator.session[SEEN_AT] > rested
    _rest(as_coordinator, minutes=31)
    assert as_coordinator.get(where).status_code == 302


# --- Who reads it now -----------------------------------------------------------------------------------------


def test_colleague_who_reads_it_now_is_named(
    as_coordinator: Client, as_manager: Client, request_of_ruth: ConsultationRequest
) -> None:
    assert reading(as_coordinator, request_of_ruth) == ""
    assert reading(as_manager, request_of_ruth) == "Ruth reads this now."
    assert reading(as_coordinator, request_of_ruth) == "Dana reads this now."
    assert "Dana reads this now." in as_coordinator.get(INBOX).content.decode()
    assert "Ruth reads this now." in as_manager.get(INBOX).content.decode()


def test_page_that_was_left_is_not_read_any_more(
    as_coordinator: Client, as_manager: Client, request_of_ruth: ConsultationRequest
) -> None:
    reading(as_manager, request_of_ruth)
    assert as_manager.get(f"{address(request_of_ruth, 'reading')}?left").status_code == 200
    assert reading(as_coordinator, request_of_ruth) == ""


def test_screen_that_says_nothing_is_not_read_any_more(
    as_coordinator: Client, as_manager: Client, request_of_ruth: ConsultationRequest
) -> None:
    reading(as_manager, request_of_ruth)
    Reading.objects.update(seen_at=NOW - 2 * MINUTE)
    assert reading(as_coordinator, request_of_ruth) == ""
    retention.erase_expired(now=NOW + 59 * MINUTE)
    assert Reading.objects.count() == 1
    retention.erase_expired(now=NOW + 61 * MINUTE)
    assert not Reading.objects.exists()


def test_page_of_a_request_that_a_colleague_has_now_learns_nothing(
    as_colleague: Client, request_of_ruth: ConsultationRequest
) -> None:
    told = as_colleague.get(address(request_of_ruth, "reading")).json()
    assert set(told) == {"who", "token", "is_gone"}
    assert told == as_colleague.get(f"{INBOX}4711/reading/").json() | {"token": told["token"]}
    assert not Reading.objects.exists()


def test_open_page_leaves_no_line_a_minute_in_the_log(
    as_coordinator: Client, request_of_ruth: ConsultationRequest
) -> None:
    as_coordinator.get(address(request_of_ruth))
    lines = AccessEvent.objects.count()
    for number in range(3):
        reading(as_coordinator, request_of_ruth)
        as_coordinator.get(INBOX)
        as_coordinator.post(address(request_of_ruth, "draft"), {"words": f"Hello {number}"})
    assert AccessEvent.objects.count() == lines
    assert Draft.objects.get().text == "Hello 2"


# --- The list and the draft -----------------------------------------------------------------------------------


def test_title_of_the_list_says_how_many_wait_to_be_read(as_coordinator: Client, coordinator: User) -> None:
    create_request()
    create_taken(by=coordinator, news_since=NOW)
    create_taken(by=coordinator)
    assert "<title>(2) Requests" in as_coordinator.get(INBOX).content.decode()
    ConsultationRequest.objects.all().delete()
    assert "<title>Requests" in as_coordinator.get(INBOX).content.decode()


def test_draft_that_was_emptied_is_gone_for_colleagues_too(
    as_coordinator: Client, as_manager: Client, request_of_ruth: ConsultationRequest
) -> None:
    for words in ("Hello", " "):
        as_coordinator.post(address(request_of_ruth, "draft"), {"words": words})
    assert "is writing an answer" not in as_manager.get(address(request_of_ruth)).content.decode()
    assert do(as_coordinator, request_of_ruth, "send", words="Hello").status_code == 302
