"""What coordinators do to a request: each change is one method, and the second of two people hears of it."""

from __future__ import annotations

import datetime

import pytest
from django.contrib.auth.models import User

from immuno_site.consultations.admin.views import FIRST, views_for
from immuno_site.consultations.models import AccessEvent, AppendOnly, Conflict, ConsultationRequest, Status
from immuno_site.consultations.models.note import NoteIsFinal
from immuno_site.consultations.models.request import KEEP_CLOSED, KEEP_SPAM, KEEP_UNANSWERED
from immuno_site.consultations.working_time import ISRAEL, TimeToReply, WorkingTime
from tests.consultations.factories import (
    NOW,
    create_mail,
    create_note,
    create_request,
    create_taken,
    create_user,
)

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def anna() -> User:
    return create_user(username="anna")


def _again(request: ConsultationRequest) -> ConsultationRequest:
    return ConsultationRequest.objects.get(pk=request.pk)


def _to_do() -> list[ConsultationRequest]:
    """The first list of the inbox, in its order."""
    first = views_for(create_user(), now=NOW)[FIRST]
    return list(ConsultationRequest.objects.filter(first.condition).order_by(*first.order))


def test_take_names_owner_and_time(anna: User) -> None:
    request = create_request()
    request.take(by=anna, now=NOW)
    stored = _again(request)
    assert (stored.owner, stored.taken_at, stored.status, stored.version) == (anna, NOW, Status.READ, 2)


def test_mark_read_changes_only_new_ones(anna: User) -> None:
    request = create_request()
    request.mark_read(by=anna, now=NOW)
    request.take(by=anna, now=NOW)
    request.answer(by=anna, now=NOW)
    request.mark_read(by=anna, now=NOW)
    assert _again(request).status == Status.ANSWERED


def test_hand_over_changes_the_owner(anna: User) -> None:
    request = create_request()
    boris = create_user()
    request.take(by=anna, now=NOW)
    request.hand_over(to=boris, by=anna, now=NOW + HOUR)
    assert (_again(request).owner, _again(request).taken_at) == (boris, NOW + HOUR)


def test_clock_stands_still_while_waiting_for_the_patient(anna: User) -> None:
    hours = WorkingTime()
    request = create_taken(by=anna, reply_due_at=hours.add(NOW, 4 * HOUR))
    request.wait(by=anna, now=NOW + HOUR)
    later = NOW + datetime.timedelta(days=1)
    used = request.share_of_time_used(now=later, time=TimeToReply(hours, 4 * HOUR))
    assert used == pytest.approx(0.25)
    request.go_on(by=anna, now=later, hours=hours)
    assert _again(request).reply_due_at == later + 3 * HOUR
    assert _again(request).status == Status.READ


@pytest.mark.parametrize("left", [-3 * HOUR, 0 * HOUR, HOUR / 60])
def test_clock_that_had_run_out_leaves_an_hour_to_read_what_came(
    anna: User, left: datetime.timedelta
) -> None:
    request = create_taken(by=anna, reply_due_at=NOW + 4 * HOUR)
    request.wait(by=anna, now=NOW + 4 * HOUR - left)
    friday = datetime.datetime(2026, 11, 27, 12, tzinfo=ISRAEL)
    request.go_on(by=anna, now=friday, hours=WorkingTime())
    assert _again(request).reply_due_at == datetime.datetime(2026, 11, 29, 10, tzinfo=ISRAEL)


def test_answer_keeps_the_time_of_the_first_answer(anna: User) -> None:
    request = create_taken(by=anna)
    request.answer(by=anna, now=NOW)
    request.answer(by=anna, now=NOW + HOUR)
    assert _again(request).answered_at == NOW


def test_promise_is_kept_or_not_by_the_first_answer(anna: User) -> None:
    late = create_taken(by=anna, reply_due_at=NOW + HOUR)
    late.answer(by=anna, now=NOW + 2 * HOUR)
    late.reopen(by=anna, now=NOW + 3 * HOUR, due=NOW + 9 * HOUR)
    late.answer(by=anna, now=NOW + 4 * HOUR)
    assert (_again(late).answered_in_time, _again(late).reply_due_at) == (False, NOW + 9 * HOUR)
    waited = create_taken(by=anna, reply_due_at=NOW + HOUR)
    waited.wait(by=anna, now=NOW)
    waited.answer(by=anna, now=NOW + 2 * HOUR)
    assert _again(waited).answered_in_time is True


def test_close_sets_the_day_of_erasing(anna: User) -> None:
    request = create_taken(by=anna)
    request.close(reason="answered", by=anna, now=NOW)
    assert _again(request).erase_after == NOW + KEEP_CLOSED
    request.reopen(by=anna, now=NOW)
    assert (_again(request).status, _again(request).closed_at) == (Status.READ, None)
    request.mark_spam(by=anna, now=NOW)
    assert (_again(request).closed_reason, _again(request).erase_after) == ("spam", NOW + KEEP_SPAM)


def test_suspected_request_joins_the_queue_when_cleared(anna: User) -> None:
    request = create_request(status="suspected", suspected_because="trap fast")
    assert _to_do() == []
    request.clear_of_suspicion(by=anna, now=NOW)
    assert _to_do() == [request]
    assert _again(request).erase_after == NOW + KEEP_UNANSWERED


def test_spam_comes_back_with_the_promise_it_had(anna: User) -> None:
    free, taken = create_request(), create_request()
    taken.take(by=anna, now=NOW)
    for request in (free, taken):
        request.mark_spam(by=anna, now=NOW + HOUR)
        request.clear_of_suspicion(by=create_user(), now=NOW + 20 * 24 * HOUR)
    assert (_again(free).status, _again(taken).status, _again(taken).owner) == ("new", "read", anna)
    assert (_again(free).closed_reason, _again(free).closed_at) == ("", None)
    assert _again(free).reply_due_at == NOW + 24 * HOUR
    assert _again(free).erase_after == NOW + 20 * 24 * HOUR + KEEP_UNANSWERED


def test_queue_puts_safety_first_then_the_clock(anna: User) -> None:
    late = create_request(reply_due_at=NOW + HOUR)
    soon = create_request(reply_due_at=NOW + 2 * HOUR)
    urgent = create_request(is_urgent=True, reply_due_at=NOW + 9 * HOUR)
    waiting = create_taken(by=anna, reply_due_at=NOW)
    waiting.wait(by=anna, now=NOW)
    closed = create_taken(by=anna)
    closed.close(reason="duplicate", by=anna, now=NOW)
    assert _to_do() == [urgent, late, soon, waiting]
    assert list(ConsultationRequest.objects.late(NOW + 2 * HOUR)) == [late]


def test_same_contact_is_found_by_its_index() -> None:
    first = create_request(email_index="a" * 64)
    second = create_request(email_index="a" * 64)
    create_request(email_index="b" * 64)
    assert list(ConsultationRequest.objects.of_same_contact(first)) == [second]
    assert list(ConsultationRequest.objects.of_same_contact(create_request())) == []


@pytest.mark.corpus("D6")
def test_d6_second_of_two_changes_is_refused_with_both_versions(anna: User) -> None:
    request = create_request()
    mine, theirs = _again(request), _again(request)
    theirs.take(by=anna, now=NOW)
    with pytest.raises(Conflict) as caught:
        mine.take(by=create_user(), now=NOW)
    assert caught.value.theirs.owner == anna
    assert caught.value.mine.status == Status.NEW
    assert _again(request).status == Status.READ


@pytest.mark.corpus("D7")
def test_d7_change_of_an_erased_request_does_not_bring_it_back(anna: User) -> None:
    request = create_request()
    mine = _again(request)
    request.erase(by=anna, now=NOW)
    with pytest.raises(Conflict) as caught:
        mine.take(by=anna, now=NOW)
    assert caught.value.theirs is None
    assert not ConsultationRequest.objects.exists()


def test_erase_leaves_one_line_in_the_log(anna: User) -> None:
    request = create_request()
    create_note(request=request)
    create_mail(reference=request.reference, recipient="anna@example.org")
    other = create_mail()
    reference = request.reference
    request.erase(by=anna, now=NOW)
    event = AccessEvent.objects.get()
    assert (event.action, event.reference, event.by) == ("erased", reference, anna)
    assert [mail.pk for mail in type(other).objects.all()] == [other.pk]


def test_note_is_not_changed_afterwards(anna: User) -> None:
    note = create_note(by=anna)
    note.text = "Something else."
    with pytest.raises(NoteIsFinal):
        note.save()


@pytest.mark.corpus("A11")
def test_a11_log_of_looks_is_append_only(anna: User) -> None:
    event = AccessEvent.objects.record("viewed", by=anna, now=NOW, reference="IM-AAAA-AA")
    for change in (
        event.save,
        event.delete,
        AccessEvent.objects.all().delete,
        AccessEvent.objects.filter(pk=event.pk).delete,
        lambda: AccessEvent.objects.update(reference=""),
    ):
        with pytest.raises(AppendOnly):
            change()
    assert AccessEvent.objects.older_than(NOW + datetime.timedelta(days=700)).delete()[0] == 0
    assert AccessEvent.objects.older_than(NOW + datetime.timedelta(days=732)).delete()[0] == 1


def test_personal_words_are_not_in_names_of_rows(anna: User) -> None:
    request = create_request()
    note = create_note(request=request, by=anna)
    for row in (request, note, create_mail(recipient="anna@example.org")):
        assert "anna" not in str(row).lower()
