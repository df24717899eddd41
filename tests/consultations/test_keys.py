"""Changing the keys: everything goes under the newest one, and nothing is lost on the way."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterator

import pytest
from allauth.mfa.utils import decrypt
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.utils import timezone

from immuno_site.accounts.allauth_internals import TOTP, RecoveryCodes
from immuno_site.consultations import key_check, key_rotation, presence
from immuno_site.consultations.models import (
    Attachment,
    ConsultationRequest,
    Feedback,
    KeyCanary,
    Note,
    OutgoingMail,
    Progress,
    RunningProcess,
)
from immuno_site.consultations.uploads import accept, pieces
from immuno_site.keyring import Keyring, Place, Undecryptable
from tests.consultations import sample_files
from tests.consultations.factories import (
    NOW,
    create_feedback,
    create_mail,
    create_note,
    create_progress,
    create_request,
    create_user,
    make_unreadable,
    new_key,
)

pytestmark = pytest.mark.django_db
NEW = new_key()
OLDER = {"bound": new_key(), "not bound": Fernet.generate_key().decode()}
WORDS = {"name": "Анна", "question": "מה לעשות?", "tests": {"pd_l1": "have"}}


@pytest.fixture(params=OLDER.values(), ids=OLDER)
def old(request: pytest.FixtureRequest) -> str:
    """A key to be given up, of either kind."""
    return request.param


@pytest.fixture(autouse=True)
def stored_under_the_old_key(settings: object, old: str) -> None:
    """One row of everything that is encrypted; then the operator puts a new key in front."""
    settings.CONSULTATION_KEYS = [old]
    KeyCanary.objects.all().delete()
    KeyCanary.leave()
    create_note(request=create_request(**WORDS))
    create_mail(recipient="anna@example.org")
    create_feedback(words="What?")
    progress, _token = create_progress(answers={"about": {"stage": "3"}})
    accept(sample_files.upload("scan.pdf", sample_files.pdf()), progress=progress, now=NOW)
    settings.CONSULTATION_KEYS = [NEW, old]


def _rotate() -> str:
    said = io.StringIO()
    call_command("rotate_keys", stdout=said, stderr=io.StringIO())
    return said.getvalue()


def _tokens() -> list[tuple[str, Place]]:
    """Everything sealed as it lies in the database, and where it belongs."""
    return [(token, place) for _row, tokens in key_rotation.stored() for place, token in tokens.items()]


def _number_under(key: str) -> int:
    return sum(Keyring([key]).is_current(*token) for token in _tokens())


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


def test_nothing_stays_under_the_old_key(old: str) -> None:
    assert _number_under(old) >= 25
    _rotate()
    assert _number_under(old) == 0
    assert _number_under(NEW) == len(_tokens()) >= 25


def test_second_run_changes_nothing() -> None:
    _rotate()
    before = _tokens()
    assert _rotate().startswith("0 values encrypted anew")
    assert _tokens() == before


def test_interrupted_run_is_taken_up_again(monkeypatch: pytest.MonkeyPatch, old: str) -> None:
    for _ in range(4):
        create_request()
    monkeypatch.setattr(key_rotation, "BATCH", 2)
    batches = key_rotation.rotate(key_rotation.Report())
    next(batches)
    batches.close()
    left = _number_under(old)
    assert 0 < left < len(_tokens())
    assert _rotate().startswith(f"{left} values encrypted anew")


def test_second_factors_of_staff_go_along(settings: object, old: str) -> None:
    user = create_user()
    settings.CONSULTATION_KEYS = [old]
    app = TOTP.activate(user, "JBSWY3DPEHPK3PXP").instance
    codes = RecoveryCodes.activate(user)
    before = codes.get_unused_codes()
    settings.CONSULTATION_KEYS = [NEW, old]
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
    make_unreadable(OutgoingMail, "recipient")
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
        _ = ConsultationRequest.objects.get().name


def test_x14_old_key_taken_out_too_early_is_refused(settings: object, old: str) -> None:
    _rotate()
    settings.CONSULTATION_KEYS = [old]
    assert key_check.problem() == key_check.WRONG_KEYS


@pytest.mark.parametrize("old", [OLDER["not bound"]], ids=["not bound"], indirect=True)
def test_note_of_an_earlier_release_gets_a_number_and_is_bound_to_it(settings: object) -> None:
    Note.objects.update(form_id=None)
    settings.CONSULTATION_KEYS = settings.CONSULTATION_KEYS[1:]
    assert Note.objects.get().text == "Called, no answer."
    settings.CONSULTATION_KEYS = [NEW, *settings.CONSULTATION_KEYS]
    _rotate()
    note = Note.objects.get()
    assert note.form_id
    assert note.text == "Called, no answer."


# --- Processes that were left behind ----------------------------------------------------------------------


def _process(newest_key: str, *, ago: datetime.timedelta = datetime.timedelta(0)) -> None:
    RunningProcess.objects.create(
        name="web", host="second", pid=7, newest_key=newest_key, seen_at=timezone.now() - ago
    )


def test_rotation_is_refused_while_a_process_has_only_the_old_key(old: str) -> None:
    _process(Keyring([old]).fingerprint)
    before = _tokens()
    with pytest.raises(CommandError, match=r"Nothing was changed.*\n.*web on second, process 7"):
        call_command("rotate_keys", stdout=io.StringIO(), stderr=io.StringIO())
    assert _tokens() == before


def test_process_that_comes_back_with_the_old_key_meanwhile_keeps_it(
    old: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rotate(report: key_rotation.Report) -> Iterator[None]:
        yield from real(report)
        _process(Keyring([old]).fingerprint)

    real = key_rotation.rotate
    monkeypatch.setattr(key_rotation, "rotate", rotate)
    said = io.StringIO()
    with pytest.raises(CommandError, match="Keep the older keys"):
        call_command("rotate_keys", stdout=said, stderr=io.StringIO())
    assert "can be taken out" not in said.getvalue()


def test_rotation_goes_on_once_they_have_the_new_key_or_are_gone(old: str) -> None:
    _process(Keyring([old]).fingerprint, ago=datetime.timedelta(minutes=11))
    RunningProcess.objects.create(
        name="web", host="first", pid=7, newest_key=Keyring([NEW]).fingerprint, seen_at=timezone.now()
    )
    assert "can be taken out" in _rotate()


def test_process_says_that_it_runs_and_says_goodbye(settings: object) -> None:
    presence.say("send_mail")
    presence.say("send_mail")
    found = RunningProcess.objects.get()
    assert (found.name, found.newest_key) == ("send_mail", Keyring([NEW]).fingerprint)
    assert found.newest_key not in settings.CONSULTATION_KEYS[0]
    presence.say_goodbye()
    assert not RunningProcess.objects.exists()
