"""Each rule that the database holds about requests has one test that tries to break it."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction

from immuno_site.consultations.models import (
    AccessEvent,
    ConsultationRequest,
    Coordinator,
    Feedback,
    KeyCanary,
    Note,
    OutgoingMail,
    Progress,
    RateCounter,
)
from tests.consultations.factories import (
    NOW,
    create_feedback,
    create_mail,
    create_note,
    create_progress,
    create_reply_template,
    create_request,
    create_user,
    request_values,
)

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)


def _refused(write: Callable[[], object], name: str) -> None:
    """The database says no, and names the rule (or, for a unique column on SQLite, the column)."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        write()
    assert name in str(caught.value)


def _refuses_request(name: str, **values: object) -> None:
    pk = create_request().pk
    _refused(lambda: ConsultationRequest.objects.filter(pk=pk).update(**values), name)


def test_request_reference_is_unique() -> None:
    create_request(reference="IM-AAAA-AA")
    _refused(lambda: create_request(reference="IM-AAAA-AA"), "reference")


def test_request_form_makes_one_request() -> None:
    first = create_request()
    _refused(lambda: create_request(form_id=first.form_id), "form_id")


def test_request_kind_known() -> None:
    _refuses_request("request_kind_known", kind="order")


def test_request_status_known() -> None:
    _refuses_request("request_status_known", status="lost")


def test_request_has_reference() -> None:
    _refuses_request("request_has_reference", reference="")


def test_request_version_counts() -> None:
    _refuses_request("request_version_counts", version=0)


def test_request_owner_without_time() -> None:
    _refuses_request("request_owner_and_taken_at_together", owner=create_user())


def test_request_taken_by_nobody() -> None:
    _refuses_request("request_owner_and_taken_at_together", taken_at=NOW)


@pytest.mark.parametrize(
    "values",
    [
        {"status": "closed"},
        {"status": "closed", "closed_at": NOW},
        {"status": "closed", "closed_reason": "answered"},
        {"closed_at": NOW},
        {"closed_reason": "answered"},
    ],
)
def test_request_closed_with_reason(values: dict[str, object]) -> None:
    _refuses_request("request_closed_with_reason", **values)


@pytest.mark.parametrize("values", [{"status": "waiting"}, {"waiting_since": NOW}])
def test_request_waiting_has_since(values: dict[str, object]) -> None:
    _refuses_request("request_waiting_has_since", **values)


def test_request_answered_has_time() -> None:
    _refuses_request("request_answered_has_time", status="answered")


def test_request_due_after_received() -> None:
    _refuses_request("request_due_after_received", reply_due_at=NOW - HOUR)


def test_request_erased_after_received() -> None:
    _refuses_request("request_erased_after_received", erase_after=NOW)


@pytest.mark.parametrize("column", ["consent_version", "consent_language"])
def test_request_has_consent(column: str) -> None:
    _refuses_request("request_has_consent", **{column: ""})


def test_request_consent_has_time() -> None:
    _refused(lambda: ConsultationRequest.objects.create(**request_values(consented_at=None)), "consented_at")


def test_progress_token_is_unique() -> None:
    progress, _token = create_progress()
    other, _token = create_progress()
    rows = Progress.objects.filter(pk=other.pk)
    _refused(lambda: rows.update(token_hash=progress.token_hash), "token_hash")
    _refused(lambda: rows.update(form_id=progress.form_id), "form_id")


def test_progress_expires_after_start() -> None:
    progress, _token = create_progress()
    rows = Progress.objects.filter(pk=progress.pk)
    _refused(lambda: rows.update(expires_at=NOW), "progress_expires_after_start")


def test_access_event_action_known() -> None:
    _refused(
        lambda: AccessEvent.objects.record("guessed", now=NOW, by=create_user()), "access_event_action_known"
    )


def test_access_event_names_staff() -> None:
    _refused(lambda: AccessEvent.objects.record("viewed", now=NOW), "access_event_names_staff")


def test_outgoing_mail_kind_known() -> None:
    _refused(lambda: create_mail(kind="newsletter"), "outgoing_mail_kind_known")


def test_outgoing_mail_sent_or_given_up() -> None:
    mail = create_mail()
    rows = OutgoingMail.objects.filter(pk=mail.pk)
    _refused(lambda: rows.update(sent_at=NOW, given_up_at=NOW), "outgoing_mail_sent_or_given_up")


def test_feedback_about_known() -> None:
    _refused(lambda: create_feedback(about="praise"), "feedback_about_known")


def test_feedback_done_at_and_by_together() -> None:
    rows = Feedback.objects.filter(pk=create_feedback().pk)
    _refused(lambda: rows.update(done_at=NOW), "feedback_done_at_and_by_together")
    _refused(lambda: rows.update(done_by=create_user()), "feedback_done_at_and_by_together")


def test_feedback_form_makes_one_row() -> None:
    first = create_feedback()
    _refused(lambda: create_feedback(form_id=first.form_id), "form_id")


def test_rate_counter_one_per_hour() -> None:
    RateCounter.objects.create(key="k", window=NOW)
    _refused(lambda: RateCounter.objects.create(key="k", window=NOW), "")


def test_key_canary_single() -> None:
    _refused(lambda: KeyCanary.objects.create(pk=2, index=""), "key_canary_single")


def test_note_about_known() -> None:
    rows = Note.objects.filter(pk=create_note().pk)
    _refused(lambda: rows.update(about="secret"), "note_about_known")


def test_reply_template_title_once() -> None:
    create_reply_template()
    _refused(create_reply_template, "title")


def test_reply_template_stage_known() -> None:
    _refused(lambda: create_reply_template(stage="later"), "reply_template_stage_known")


def test_coordinator_one_row_each() -> None:
    user = create_user()
    Coordinator.objects.create(user=user)
    _refused(lambda: Coordinator.objects.create(user=user), "user_id")
