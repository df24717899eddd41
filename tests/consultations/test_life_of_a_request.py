"""The life of a request: what may be done to it when, and by whom. The model refuses, whichever door asks."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

from immuno_site.consultations.admin.steps import STEPS
from immuno_site.consultations.models import ConsultationRequest, NotPossible
from immuno_site.consultations.models.request import TRANSITIONS
from immuno_site.consultations.working_time import WorkingTime
from tests.consultations.factories import NOW, create_request, create_user
from tests.staff import create_staff

pytestmark = pytest.mark.django_db
LATER = NOW + datetime.timedelta(hours=1)
CLOSED = {"closed_at": NOW, "closed_reason": "answered"}
STATUSES: dict[str, dict[str, object]] = {
    "new": {},
    "read": {},
    "waiting": {"waiting_since": NOW},
    "with_doctor": {},
    "answered": {"answered_at": NOW},
    "closed": CLOSED,
    "suspected": {"suspected_because": "trap fast"},
    "spam": CLOSED | {"closed_reason": "spam", "status": "closed"},
}
OPEN = "new read waiting with_doctor"
# In words of their own: what whoever has it may do, and in which of them anybody else may do it too.
BY_OWNER = {
    "plan": OPEN,
    "check_records": f"{OPEN} answered",
    "wait": "new read with_doctor",
    "ask": OPEN,
    "renew_code": " ".join(STATUSES),
    "go_on": "waiting",
    "show_to_doctor": "new read",
    "hear_from_doctor": "with_doctor",
    "answer": f"{OPEN} answered",
    "close": f"{OPEN} answered",
    "reopen": "answered closed",
    "unflag": OPEN,
    "correct": " ".join(STATUSES),
}
BY_ANYBODY = {
    "take": f"{OPEN} answered",
    "hand_over": OPEN,
    "pass_on": f"{OPEN} answered",
    "flag": OPEN,
    "mark_spam": f"{OPEN} suspected",
    "clear_of_suspicion": "suspected spam",
    "link": " ".join(STATUSES),
    "unlink": " ".join(STATUSES),
    "hear_from_patient": " ".join(STATUSES),
}
# They refuse nothing: looking, noting and erasing change no step of a life.
NEVER_REFUSED = {"mark_read", "stay", "erase"}
Words = dict[str, Callable[[], object]]


def said(change: str, request: ConsultationRequest) -> dict[str, object]:
    """What the method wants to know besides who and when."""
    words: Words = {
        "plan": lambda: {"words": "Call", "on": None},
        "check_records": lambda: {"records": {}},
        "correct": lambda: {"values": {"language": "he"}},
        "go_on": lambda: {"hours": WorkingTime()},
        "close": lambda: {"reason": "no_reply"},
        "hand_over": lambda: {"to": create_user()},
        "pass_on": lambda: {"to": None},
        "link": lambda: {"to": create_request()},
        "unlink": lambda: {"other": create_request()},
        "hear_from_patient": lambda: {"hours": WorkingTime(), "due": LATER},
    }
    return words.get(change, dict)()


def in_status(status: str, *, owner: User | None, change: str) -> ConsultationRequest:
    taken = {"owner": owner, "taken_at": NOW} if owner else {}
    values = {"status": status, "is_urgent": change == "unflag", **taken, **STATUSES[status]}
    return create_request(**values)


def statuses_allowing(change: str, *, owner: User | None, by: User) -> str:
    """Those in which the method went through; in the others nothing was written."""
    allowed = []
    for status in STATUSES:
        request = in_status(status, owner=owner, change=change)
        try:
            getattr(request, change)(**said(change, request), by=by, now=LATER)
        except NotPossible:
            assert ConsultationRequest.objects.get(pk=request.pk).version == 1
        else:
            assert ConsultationRequest.objects.get(pk=request.pk).version == 2
            allowed.append(status)
    return " ".join(allowed)


@pytest.mark.parametrize(("change", "statuses"), [*BY_OWNER.items(), *BY_ANYBODY.items()])
def test_owner_may_change_it_in_these_statuses_and_in_no_other(change: str, statuses: str) -> None:
    anna = create_user()
    assert statuses_allowing(change, owner=anna, by=anna) == statuses


@pytest.mark.parametrize("change", BY_OWNER)
@pytest.mark.parametrize("has_owner", [True, False], ids=["of a colleague", "of nobody"])
def test_nobody_else_may(change: str, has_owner: bool) -> None:
    assert statuses_allowing(change, owner=create_user() if has_owner else None, by=create_user()) == ""


@pytest.mark.parametrize(("change", "statuses"), BY_ANYBODY.items())
def test_anybody_may(change: str, statuses: str) -> None:
    assert statuses_allowing(change, owner=create_user(), by=create_user()) == statuses
    assert statuses_allowing(change, owner=None, by=create_user()) == statuses


def test_whoever_sees_all_works_on_what_somebody_has_taken() -> None:
    manager = create_staff("manager", "see_all_consultationrequest")
    assert statuses_allowing("answer", owner=create_user(), by=manager) == BY_OWNER["answer"]
    assert statuses_allowing("answer", owner=None, by=manager) == ""


def test_every_change_has_its_place_in_the_life_of_a_request() -> None:
    assert {*BY_OWNER, *BY_ANYBODY, *NEVER_REFUSED} == set(TRANSITIONS)
    assert {step.change for step in STEPS} <= set(TRANSITIONS)


@pytest.mark.parametrize(
    ("status", "change", "sentence"),
    [
        ("closed", "answer", "“answer” is not possible while it is “closed”."),
        ("spam", "reopen", "“reopen” does not fit what it is now."),
        ("new", "answer", "“answer” is for whoever has it. Take it first."),
    ],
)
def test_refusal_is_a_sentence(status: str, change: str, sentence: str) -> None:
    request = in_status(status, owner=None, change=change)
    with pytest.raises(NotPossible) as refused:
        getattr(request, change)(by=create_user(), now=LATER)
    assert str(refused.value) == f"{request.reference}: {sentence}"
