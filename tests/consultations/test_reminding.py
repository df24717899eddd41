"""What only time tells of: a promise almost over or broken, a step that is due, a silent patient. Once each."""

from __future__ import annotations

import datetime
import io

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from immuno_site.consultations import mail, reminding
from immuno_site.consultations.models import ConsultationRequest, Coordinator, OutgoingMail
from immuno_site.consultations.models.request import SILENT_AFTER
from immuno_site.consultations.working_time import WorkingTime
from tests.consultations.factories import NOW, create_request, create_taken
from tests.consultations.inbox import address, again, do
from tests.consultations.test_reference_and_clock import israel
from tests.consultations.test_urgent_promise import fill

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)
RUTH, DANA, BORIS = "ruth@example.org", "dana@example.org", "boris@example.org"


def letters(now: datetime.datetime) -> list[tuple[str, list[str]]]:
    """Subjects without the reference, and who gets them, of what is written at this moment."""
    OutgoingMail.objects.all().delete()
    number = reminding.remind(now=now)
    written = [mail.letter(row) for row in OutgoingMail.objects.order_by("created_at", "kind")]
    assert len(written) == number
    return [(letter.subject.partition(":")[0], letter.to) for letter in written]


@pytest.fixture
def taken(coordinator: User, manager: User) -> ConsultationRequest:
    """Due on Monday at 11:00, a working day from now."""
    return create_taken(by=coordinator)


def test_owner_and_managers_hear_when_a_promise_is_almost_over_and_when_it_is_broken(
    taken: ConsultationRequest, colleague: User
) -> None:
    assert letters(israel("2026-11-23 09:20")) == []
    assert letters(israel("2026-11-23 09:25")) == [("Answer due soon", [DANA, RUTH])]
    assert letters(israel("2026-11-23 10:59")) == []
    assert letters(israel("2026-11-23 11:01")) == [("Late", [DANA, RUTH])]
    assert letters(israel("2026-11-25 11:00")) == []


def test_what_nobody_has_is_everybodys_and_urgent_words_are_of_who_is_on_call_too(
    coordinator: User, colleague: User, manager: User
) -> None:
    fill(on_call_email="on-call@example.org")
    create_request(is_urgent=True, reply_due_at=NOW + 2 * HOUR)
    assert letters(NOW + 1.5 * HOUR) == []
    assert letters(NOW + 1.6 * HOUR) == [("Answer due soon", [BORIS, DANA, "on-call@example.org", RUTH])]


def test_new_promise_is_told_of_anew(taken: ConsultationRequest, coordinator: User) -> None:
    assert letters(israel("2026-11-24 09:00")) == [("Late", [DANA, RUTH])]
    taken.answer(by=coordinator, now=NOW)
    assert letters(israel("2026-11-24 09:00")) == []
    taken.reopen(by=coordinator, now=NOW, due=israel("2026-11-25 09:30"))
    assert letters(israel("2026-11-24 09:45")) == []
    assert letters(israel("2026-11-25 09:31")) == [("Late", [DANA, RUTH])]


def test_suspected_spam_has_a_promise_to_remind_of(coordinator: User, manager: User) -> None:
    create_request(status="suspected", suspected_because="trap fast", reply_due_at=NOW)
    assert letters(NOW + HOUR) == [("Late", [DANA, RUTH])]


def test_next_step_is_told_to_who_has_it_on_its_day_while_we_are_open(
    taken: ConsultationRequest, coordinator: User, colleague: User
) -> None:
    far = NOW + datetime.timedelta(days=30)
    ConsultationRequest.objects.update(reply_due_at=far)
    taken = again(taken)
    taken.plan(words="Call", on=datetime.date(2026, 11, 23), by=coordinator, now=NOW)
    assert letters(israel("2026-11-22 12:00")) == []
    assert letters(israel("2026-11-23 07:00")) == []
    Coordinator.objects.create(user=coordinator, away_until=datetime.date(2099, 1, 1), covered_by=colleague)
    assert letters(israel("2026-11-23 09:01")) == [("Next step due", [BORIS])]
    assert letters(israel("2026-11-24 09:01")) == []
    taken.plan(words="Call again", on=datetime.date(2026, 11, 24), by=coordinator, now=NOW)
    assert letters(israel("2026-11-24 09:01")) == [("Next step due", [BORIS])]


def test_silent_patient_is_reminded_once_in_their_language(
    as_coordinator: Client, coordinator: User, manager: User
) -> None:
    request = create_taken(by=coordinator, language="ru")
    do(as_coordinator, request, "send-wait", words="Please send the report.")
    silent = NOW + SILENT_AFTER
    assert letters(silent - HOUR) == []
    assert letters(silent) == [("Мы всё ещё ждём от вас ответа", ["anna@example.org"])]
    letter = mail.letter(OutgoingMail.objects.get())
    assert "/ru/consultation/return/" in letter.body
    assert "report" not in letter.body
    assert letters(silent + datetime.timedelta(days=7)) == []
    assert "reminded the patient once" in as_coordinator.get(address(request)).content.decode()
    again(request).go_on(by=coordinator, now=silent, hours=WorkingTime())
    again(request).wait(by=coordinator, now=silent)
    assert not again(request).was_reminded


def test_two_workers_write_one_letter(taken: ConsultationRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have read that it is late before one of them writes."""
    late, told = NOW + datetime.timedelta(days=3), []
    original = reminding._write

    def second_comes(*args: object, **kwargs: object) -> None:
        monkeypatch.setattr(reminding, "_write", original)
        told.append(reminding.remind(now=late))
        original(*args, **kwargs)

    monkeypatch.setattr(reminding, "_write", second_comes)
    assert (reminding.remind(now=late), told) == (1, [0])


def test_worker_and_command_remind(taken: ConsultationRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW + datetime.timedelta(days=2))
    said = io.StringIO()
    call_command("remind", stdout=said)
    call_command("remind", stdout=said)
    assert said.getvalue() == "1 letters written.\n0 letters written.\n"
    ConsultationRequest.objects.update(reply_due_at=NOW + HOUR)
    call_command("send_mail", once=True, stdout=said)
    assert said.getvalue().endswith("2 letters sent.\n")
