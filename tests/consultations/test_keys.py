"""Changing the keys: everything goes under the newest one, and nothing is lost on the way."""

from __future__ import annotations

import io

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.mfa.utils import decrypt
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection

from immuno_site.consultations import key_check, key_rotation
from immuno_site.consultations.crypto import Keyring, Undecryptable
from immuno_site.consultations.models import (
    Attachment,
    ConsultationRequest,
    Feedback,
    KeyCanary,
    Note,
    OutgoingMail,
    Progress,
)
from immuno_site.consultations.uploads import accept, pieces
from tests.consultations import sample_files
from tests.consultations.factories import (
    NOW,
    create_feedback,
    create_mail,
    create_note,
    create_progress,
    create_request,
    create_user,
)

pytestmark = pytest.mark.django_db
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
WORDS = {"name": "Анна", "question": "מה לעשות?", "tests": {"pd_l1": "have"}}


@pytest.fixture(autouse=True)
def stored_under_the_old_key(settings: object) -> None:
    """One row of everything that is encrypted; then the operator puts a new key in front."""
    settings.CONSULTATION_KEYS = [OLD]
    KeyCanary.objects.all().delete()
    KeyCanary.leave()
    create_note(request=create_request(**WORDS))
    create_mail(recipient="anna@example.org")
    create_feedback(words="What?")
    progress, _token = create_progress(answers={"about": {"stage": "3"}})
    accept(sample_files.upload("scan.pdf", sample_files.pdf()), progress=progress, now=NOW)
    settings.CONSULTATION_KEYS = [NEW, OLD]


def _rotate() -> str:
    said = io.StringIO()
    call_command("rotate_keys", stdout=said, stderr=io.StringIO())
    return said.getvalue()


def _tokens() -> list[str]:
    """Everything sealed as it lies in the database."""
    tokens = []
    with connection.cursor() as cursor:
        for model, columns in key_rotation.sealed_columns():
            names = ", ".join(f'"{name}"' for name in columns)
            cursor.execute(f'SELECT {names} FROM "{model._meta.db_table}"')  # noqa: S608 - our own names
            tokens += [token for row in cursor.fetchall() for token in row if token]
    return tokens


def test_everything_is_readable_with_the_new_key_alone(settings: object) -> None:
    assert "The older keys can be taken out" in _rotate()
    settings.CONSULTATION_KEYS = [NEW]
    request = ConsultationRequest.objects.get()
    assert {name: getattr(request, name) for name in WORDS} == WORDS
    assert Note.objects.get().text == "Called, no answer."
    assert OutgoingMail.objects.get().recipient == "anna@example.org"
    assert Feedback.objects.get().words == "What?"
    assert Progress.objects.get().answers == {"about": {"stage": "3"}}
    attachment = Attachment.objects.get()
    assert attachment.name == "scan.pdf"
    assert b"".join(pieces(attachment)).startswith(b"%PDF")
    assert key_check.problem() == ""


def test_nothing_stays_under_the_old_key() -> None:
    _rotate()
    old = Keyring([OLD])
    assert len(_tokens()) >= 25
    assert not [token for token in _tokens() if old.is_current(token)]


def test_second_run_changes_nothing() -> None:
    _rotate()
    before = _tokens()
    assert _rotate().startswith("0 values encrypted anew")
    assert _tokens() == before


def test_interrupted_run_is_taken_up_again(monkeypatch: pytest.MonkeyPatch, settings: object) -> None:
    for _ in range(4):
        create_request()
    monkeypatch.setattr(key_rotation, "BATCH", 2)
    batches = key_rotation.rotate(key_rotation.Report())
    next(batches)
    batches.close()
    is_old = Keyring([OLD]).is_current
    left = sum(map(is_old, _tokens()))
    assert 0 < left < len(_tokens())
    assert _rotate().startswith(f"{left} values encrypted anew")


def test_second_factors_of_staff_go_along(settings: object) -> None:
    user = create_user()
    settings.CONSULTATION_KEYS = [OLD]
    app = TOTP.activate(user, "JBSWY3DPEHPK3PXP").instance
    codes = RecoveryCodes.activate(user)
    before = codes.get_unused_codes()
    settings.CONSULTATION_KEYS = [NEW, OLD]
    _rotate()
    settings.CONSULTATION_KEYS = [NEW]
    app.refresh_from_db()
    assert decrypt(app.data["secret"]) == "JBSWY3DPEHPK3PXP"
    codes.instance.refresh_from_db()
    assert codes.get_unused_codes() == before


def test_file_itself_is_not_encrypted_anew(private_folder: object) -> None:
    (path,) = [path for path in private_folder.rglob("*") if path.is_file()]
    before = path.read_bytes()
    _rotate()
    assert path.read_bytes() == before


def test_rotation_is_no_change_that_a_colleague_would_collide_with() -> None:
    request = ConsultationRequest.objects.get()
    _rotate()
    assert ConsultationRequest.objects.get().version == request.version


def test_unreadable_value_is_reported_and_the_rest_rotated(settings: object) -> None:
    foreign = Keyring([Fernet.generate_key().decode()]).encrypt(b"x")
    table = OutgoingMail._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f'UPDATE "{table}" SET "recipient" = %s', [foreign])  # noqa: S608 - our own name
    said = io.StringIO()
    with pytest.raises(CommandError, match="Keep the older keys"):
        call_command("rotate_keys", stdout=io.StringIO(), stderr=said)
    assert "No key opens consultations.OutgoingMail" in said.getvalue()
    settings.CONSULTATION_KEYS = [NEW]
    assert ConsultationRequest.objects.get().name == "Анна"


def test_x14_start_with_another_key_is_refused(settings: object) -> None:
    settings.CONSULTATION_KEYS = [NEW]
    with pytest.raises(ImproperlyConfigured, match="cannot open what is stored"):
        key_check.refuse_wrong_keys()
    with pytest.raises(Undecryptable):
        ConsultationRequest.objects.get()


def test_x14_old_key_taken_out_too_early_is_refused(settings: object) -> None:
    _rotate()
    settings.CONSULTATION_KEYS = [OLD]
    assert key_check.problem() == key_check.WRONG_KEYS
