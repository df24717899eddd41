"""Letters: written with the request, sent at least once, with a reference and a link and nothing else."""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from content.models import SiteProfile
from immuno_site.consultations import mail
from immuno_site.consultations.management.commands import send_mail
from immuno_site.consultations.models import OutgoingMail
from immuno_site.mail_server import PrintedLetters, mail_settings
from tests.consultations.factories import NOW, create_mail, create_request, create_user
from tests.consultations.smtp_sink import SmtpSink, smtp_sink

Kind = OutgoingMail.Kind
MAY_ANSWER = "take_consultationrequest"
TO_PATIENTS = {Kind.RECEIPT, Kind.ENTERED, Kind.MESSAGE, Kind.NEW_CODE, Kind.STILL_WAITING}
MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture
def sink(settings: object) -> Iterator[SmtpSink]:
    """A real mail dialog in place of Django's box."""
    with smtp_sink() as server:
        for name, value in mail_settings(f"smtp://127.0.0.1:{server.port}").items():
            setattr(settings, name, value)
        yield server


def _due(**changes: object) -> OutgoingMail:
    return create_mail(**{"recipient": "anna@example.org", "now": timezone.now(), **changes})


def _try_again(row: OutgoingMail) -> int:
    OutgoingMail.objects.filter(pk=row.pk).update(next_try_at=timezone.now())
    return mail.send_due()


# --- What they say ----------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.corpus("P2")
def test_receipt_holds_reference_and_link_only() -> None:
    create_request(reference="IM-AAAA-AA", name="Anna Canary", question="canary", country="IL")
    letter = mail.letter(_due())
    assert letter.subject == "Your request IM-AAAA-AA"
    assert letter.body == (
        "If you get worse, do not wait for us. Call your own team. "
        "In an emergency call your local emergency number: 101\n\n"
        "We have received your request. Its reference is IM-AAAA-AA.\n\n"
        "You can add files to it or withdraw it here:\nhttps://testserver/consultation/return/\n"
        "You need the reference and the return code from the page you saw after sending.\n\n"
        "Please do not answer this letter, and do not send anything about your health by e-mail."
    )
    assert letter.to == ["anna@example.org"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "subject"),
    [("he", "הפנייה שלך IM-AAAA-AA"), ("ar", "طلبك IM-AAAA-AA"), ("ru", "Ваше обращение IM-AAAA-AA")],
)
def test_receipt_is_in_the_patients_language(language: str, subject: str) -> None:
    letter = mail.letter(_due(language=language))
    assert letter.subject == subject
    assert "received" not in letter.body
    assert "IM-AAAA-AA" in letter.body
    assert f"https://testserver/{language}/consultation/return/" in letter.body


@pytest.mark.django_db
@pytest.mark.parametrize("kind", sorted(set(Kind) - TO_PATIENTS))
@pytest.mark.corpus("P2")
def test_coordinators_get_reference_and_link_only(kind: str) -> None:
    coordinator = create_user()
    coordinator.user_permissions.add(Permission.objects.get(codename=MAY_ANSWER))
    request = create_request(reference="IM-AAAA-AA", name="Anna Canary")
    letter = mail.letter(_due(kind=kind, recipient=""))
    assert letter.to == [coordinator.email]
    link = f"https://testserver/admin/consultations/consultationrequest/{request.pk}/change/"
    assert letter.body.splitlines()[-1] == link
    assert re.sub(r"IM-AAAA-AA|https://\S+", "", letter.subject + letter.body).isascii()


@pytest.mark.django_db
def test_letters_to_coordinators_pass_over_colleagues_who_left() -> None:
    create_request(reference="IM-AAAA-AA")
    for is_active in (True, False):
        user = create_user()
        user.user_permissions.add(Permission.objects.get(codename=MAY_ANSWER))
        user.is_active = is_active
        user.save()
    assert len(mail.letter(_due(kind=Kind.NEW_REQUEST, recipient="")).to) == 1


@pytest.mark.django_db
def test_letters_go_to_who_set_the_site_up_until_there_is_anybody_else() -> None:
    create_request(reference="IM-AAAA-AA")
    row = _due(kind=Kind.NEW_REQUEST, recipient="")
    first = create_user()
    first.is_superuser, first.email = True, "first@example.org"
    first.save()
    assert mail.letter(row).to == ["first@example.org"]
    SiteProfile.objects.update_or_create(pk=1, defaults={"email": "clinic@example.org"})
    assert mail.letter(row).to == ["clinic@example.org"]


@pytest.mark.django_db
def test_letters_go_to_the_clinic_until_there_is_a_coordinator() -> None:
    create_request(reference="IM-AAAA-AA")
    row = _due(kind=Kind.NEW_REQUEST, recipient="")
    assert mail.send_due() == 0
    row.refresh_from_db()
    assert row.last_error == "NobodyToWriteTo"
    SiteProfile.objects.update_or_create(pk=1, defaults={"email": "clinic@example.org"})
    assert mail.letter(row).to == ["clinic@example.org"]


@pytest.mark.django_db
@pytest.mark.corpus("F15")
def test_f15_line_break_in_an_address_sends_nothing(mailoutbox: list[EmailMessage]) -> None:
    row = _due(recipient="anna@example.org\r\nBcc: all@example.org")
    assert mail.send_due() == 0
    row.refresh_from_db()
    assert (row.last_error, row.sent_at, mailoutbox) == ("BadHeaderError", None, [])


# --- How they leave ---------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_letter_leaves_once(mailoutbox: list[EmailMessage]) -> None:
    row = _due()
    assert (mail.send_due(), mail.send_due()) == (1, 0)
    row.refresh_from_db()
    assert row.sent_at
    assert len(mailoutbox) == 1


@pytest.mark.django_db
def test_letter_of_a_request_that_was_not_stored_does_not_exist() -> None:
    with transaction.atomic():
        _due()
        transaction.set_rollback(True)
    assert not OutgoingMail.objects.exists()


@pytest.mark.django_db
def test_letter_goes_to_one_of_two_workers() -> None:
    row = _due()
    mine, theirs = (OutgoingMail.objects.get(pk=row.pk) for _ in range(2))
    assert (mine.take_turn(now=NOW), theirs.take_turn(now=NOW)) == (True, False)


@pytest.mark.django_db
def test_letter_of_a_dead_worker_is_taken_up_a_minute_later() -> None:
    row = create_mail()
    row.take_turn(now=NOW)
    assert not OutgoingMail.objects.due(NOW + 0.9 * MINUTE).exists()
    assert OutgoingMail.objects.due(NOW + MINUTE).exists()


@pytest.mark.django_db
def test_letter_written_while_the_clock_was_ahead_leaves_once_the_clock_is_right() -> None:
    create_mail(now=NOW + 40 * MINUTE)
    assert OutgoingMail.objects.due(NOW).exists()


@pytest.mark.django_db
def test_letter_that_was_erased_meanwhile_is_let_go(mailoutbox: list[EmailMessage]) -> None:
    row = _due()
    OutgoingMail.objects.all().delete()
    assert mail._send(row.pk)
    assert mailoutbox == []


@pytest.mark.django_db
def test_tries_are_further_and_further_apart() -> None:
    row, pauses = create_mail(), []
    for _ in range(20):
        row.take_turn(now=NOW)
        pauses.append((row.next_try_at - NOW) / MINUTE)
    assert pauses[:5] == [1, 2, 4, 8, 16]
    assert pauses[-1] == 240


@pytest.mark.django_db
def test_letter_is_given_up_after_three_days() -> None:
    row = create_mail()
    row.note_failure(OSError(), now=NOW + datetime.timedelta(days=2, hours=23))
    assert row.given_up_at is None
    row.note_failure(OSError(), now=NOW + datetime.timedelta(days=3))
    assert row.given_up_at
    assert not OutgoingMail.objects.due(NOW + datetime.timedelta(days=9)).exists()


@pytest.mark.django_db
def test_failing_letter_does_not_keep_the_others(mailoutbox: list[EmailMessage]) -> None:
    broken = _due(recipient="a\nb")
    for _ in range(2):
        _due()
    assert (mail.send_due(), mail.send_due()) == (0, 2)
    broken.refresh_from_db()
    assert broken.tries == 1


@pytest.mark.django_db
def test_failure_after_another_worker_sent_it_changes_nothing() -> None:
    row = create_mail()
    OutgoingMail.objects.get(pk=row.pk).note_sent(now=NOW)
    row.note_failure(OSError(), now=NOW)
    row.refresh_from_db()
    assert (row.last_error, row.sent_at) == ("", NOW)


@pytest.mark.django_db
def test_letters_that_wait_too_long_are_found() -> None:
    create_mail()
    assert not OutgoingMail.objects.late(NOW + 14 * MINUTE).exists()
    assert OutgoingMail.objects.late(NOW + 16 * MINUTE).exists()


# --- With a mail server -----------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.corpus("P1")
def test_x1_letter_refused_by_the_server_is_sent_later(
    sink: SmtpSink, caplog: pytest.LogCaptureFixture
) -> None:
    row = _due()
    sink.manner = "refuse"
    assert mail.send_due() == 0
    row.refresh_from_db()
    assert (row.tries, row.sent_at, row.last_error) == (1, None, "SMTPRecipientsRefused")
    assert "anna" not in caplog.text  # the server had repeated the address
    sink.manner = "take"
    assert _try_again(row) == 1
    assert len(sink.letters) == 1


@pytest.mark.django_db
def test_x1_letter_waits_while_there_is_no_server(sink: SmtpSink) -> None:
    row = _due()
    sink.shutdown()
    sink.server_close()
    assert mail.send_due() == 0
    row.refresh_from_db()
    assert row.last_error == "ConnectionRefusedError"


@pytest.mark.django_db
def test_x2_letter_keeps_its_name_when_the_server_dies_after_taking_it(sink: SmtpSink) -> None:
    row = _due(language="ru")
    sink.manner = "die"
    assert mail.send_due() == 0
    sink.manner = "take"
    assert _try_again(row) == 1
    first, second = sink.letters
    assert first["Message-ID"] == second["Message-ID"] == f"<{row.pk}@testserver>"
    assert second["Auto-Submitted"] == "auto-generated"


@pytest.mark.django_db
def test_x2_server_that_hangs_is_left_after_the_timeout(sink: SmtpSink, settings: object) -> None:
    row = _due()
    sink.manner = "hang"
    settings.EMAIL_TIMEOUT = 0.3
    assert mail.send_due() == 0
    assert sink.is_asked.is_set()
    assert not sink.has_hung_up.is_set()
    row.refresh_from_db()
    assert row.last_error == "SMTPServerDisconnected"


def test_production_waits_ten_seconds_for_a_mail_server() -> None:
    from immuno_site import settings as production

    assert production.EMAIL_TIMEOUT == 10


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp+tls://me:p%40ss@mail.example.org", ("mail.example.org", 587, "p@ss", True, False)),
        ("smtps://me:x@mail.example.org:4650", ("mail.example.org", 4650, "x", False, True)),
        ("smtp://localhost", ("localhost", 25, "", False, False)),
    ],
)
def test_mail_server_is_named_by_one_address(url: str, expected: tuple[object, ...]) -> None:
    found = mail_settings(url)
    names = ("EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_PASSWORD", "EMAIL_USE_TLS", "EMAIL_USE_SSL")
    assert tuple(found[name] for name in names) == expected


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("smtp://mail.example.org", "without TLS"),
        ("mail.example.org", "cannot be read"),
        ("http://mail.example.org", "cannot be read"),
        ("smtps://", "cannot be read"),
        ("smtps://host:many", "cannot be read"),
    ],
)
def test_mail_server_named_wrongly_stops_the_start(url: str, sentence: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=sentence):
        mail_settings(url)


@pytest.mark.corpus("P1")
def test_p1_printed_letter_does_not_say_to_whom() -> None:
    printed = io.StringIO()
    PrintedLetters(stream=printed).send_messages([EmailMessage("Subject", "Body", to=["anna@example.org"])])
    assert "Subject\n\nBody\n" in printed.getvalue()
    assert "anna" not in printed.getvalue()


# --- The worker -------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_worker_sends_what_is_due_and_says_how_much(mailoutbox: list[EmailMessage]) -> None:
    _due()
    _due()
    said = io.StringIO()
    call_command("send_mail", once=True, stdout=said)
    assert said.getvalue() == "2 letters sent.\n"
    assert len(mailoutbox) == 2


@pytest.mark.django_db
def test_worker_that_was_started_by_a_server_ends_with_it(
    mailoutbox: list[EmailMessage], monkeypatch: pytest.MonkeyPatch
) -> None:
    _due()
    parents = iter([4711, 4711, 1])  # asked at the start and before each look; then the server is gone
    monkeypatch.setattr("os.getppid", lambda: next(parents))
    monkeypatch.setattr("signal.signal", lambda *_: None)
    # It would close the connection that the test's transaction lives in.
    monkeypatch.setattr(f"{send_mail.__name__}.close_old_connections", lambda: None)
    call_command("send_mail", every=0.01, end_with_parent=True)
    assert len(mailoutbox) == 1
