"""Who can write to the database but has no key reads nothing through the site: ciphertext opens in its place only."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.apps import apps
from django.db import connection, models

from immuno_site.accounts.allauth_internals import TOTP, RecoveryCodes
from immuno_site.accounts.second_factor import claim_time_step, get_adapter
from immuno_site.consultations import key_check
from immuno_site.consultations.crypto import EncryptedTextField, SealedRow
from immuno_site.consultations.models import Attachment, ConsultationRequest, Note, Progress
from immuno_site.consultations.uploads import accept
from immuno_site.keyring import Undecryptable
from tests.consultations import sample_files
from tests.consultations.factories import (
    NOW,
    create_note,
    create_progress,
    create_request,
    create_user,
    put,
)
from tests.consultations.visitor import Visitor, text_of

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXP"


def _stored(model: type[models.Model], column: str, pk: object) -> str:
    with connection.cursor() as cursor:
        field = model._meta.pk
        cursor.execute(
            f'SELECT "{column}" FROM "{model._meta.db_table}" WHERE "{field.column}" = %s',  # noqa: S608 - our own names
            [field.get_db_prep_value(pk, connection)],
        )
        return cursor.fetchone()[0]


@pytest.fixture
def own_file() -> Attachment:
    """The attacker's own, whose name their browser shows."""
    progress, _token = create_progress()
    return accept(sample_files.upload("own.pdf", sample_files.pdf()), progress=progress, now=NOW)


@pytest.mark.parametrize("column", ["name", "question", "email"])
def test_words_of_a_request_are_not_shown_as_a_file_name(own_file: Attachment, column: str) -> None:
    other = create_request()
    put(Attachment, "name", _stored(ConsultationRequest, column, other.pk), pk=own_file.pk)
    with pytest.raises(Undecryptable):
        _ = Attachment.objects.get().name


def test_moved_words_are_not_shown_on_the_page_of_files(library: None) -> None:
    visitor = Visitor()
    visitor.begin()
    upload = sample_files.upload("own.pdf", sample_files.pdf())
    mine = accept(upload, progress=Progress.objects.get(), now=NOW)
    assert "own.pdf" in text_of(visitor.get("/consultation/documents/"))
    other = create_request(name="Songbird")
    put(Attachment, "name", _stored(ConsultationRequest, "name", other.pk), pk=mine.pk)
    page = visitor.get("/consultation/documents/")
    assert page.status_code == 500
    assert "Songbird" not in text_of(page)


def test_words_are_not_read_in_another_row() -> None:
    mine, other = create_request(email="me@example.org"), create_request(email="anna@example.org")
    put(ConsultationRequest, "email", _stored(ConsultationRequest, "email", mine.pk), pk=other.pk)
    with pytest.raises(Undecryptable):
        _ = ConsultationRequest.objects.get(pk=other.pk).email


def test_words_are_not_read_in_another_column() -> None:
    request = create_request()
    put(ConsultationRequest, "stage", _stored(ConsultationRequest, "name", request.pk), pk=request.pk)
    with pytest.raises(Undecryptable):
        _ = ConsultationRequest.objects.get().stage


def test_words_are_not_read_in_another_table() -> None:
    note = create_note()
    put(Note, "text", _stored(ConsultationRequest, "question", note.request.pk), pk=note.pk)
    with pytest.raises(Undecryptable):
        _ = Note.objects.get().text


def test_key_of_a_file_is_not_opened_as_words_or_for_another_file(own_file: Attachment) -> None:
    progress, _token = create_progress()
    other = accept(sample_files.upload("b.pdf", sample_files.pdf(title="b")), progress=progress, now=NOW)
    put(Attachment, "name", other.wrapped_key, pk=own_file.pk)
    put(Attachment, "wrapped_key", other.wrapped_key, pk=own_file.pk)
    moved = Attachment.objects.get(pk=own_file.pk)
    with pytest.raises(Undecryptable):
        _ = moved.name
    with pytest.raises(Undecryptable):
        moved.unwrapped_key()


def test_second_factor_is_not_shown_as_a_file_name(own_file: Attachment) -> None:
    factor = TOTP.activate(create_user(), SECRET).instance
    put(Attachment, "name", factor.data["secret"], pk=own_file.pk)
    with pytest.raises(Undecryptable):
        _ = Attachment.objects.get().name


def test_second_factor_of_one_person_is_not_taken_for_another() -> None:
    mine, theirs = (TOTP.activate(create_user(), SECRET).instance for _ in range(2))
    stored = Authenticator.objects.get(pk=mine.pk)
    assert get_adapter().decrypt(stored.data["secret"]) == SECRET
    row = Authenticator.objects.get(pk=theirs.pk)
    Authenticator.objects.filter(pk=row.pk).update(data={**row.data, "secret": str(stored.data["secret"])})
    with pytest.raises(Undecryptable):
        claim_time_step(Authenticator.objects.get(pk=row.pk), "000000")


def test_seed_of_recovery_codes_is_no_secret_of_an_app() -> None:
    user = create_user()
    app, codes = TOTP.activate(user, SECRET).instance, RecoveryCodes.activate(user).instance
    Authenticator.objects.filter(pk=app.pk).update(data={"secret": str(codes.data["seed"])})
    with pytest.raises(Undecryptable):
        get_adapter().decrypt(Authenticator.objects.get(pk=app.pk).data["secret"])


def test_secret_that_did_not_come_from_a_row_is_not_opened() -> None:
    factor = TOTP.activate(create_user(), SECRET).instance
    with pytest.raises(Undecryptable):
        get_adapter().decrypt(str(factor.data["secret"]))


# --- Of every model ---------------------------------------------------------------------------------------


def test_every_encrypted_model_knows_its_rows_before_they_are_written() -> None:
    sealed = [
        model
        for model in apps.get_models()
        if any(isinstance(field, EncryptedTextField) for field in model._meta.concrete_fields)
    ]
    assert len(sealed) >= 7
    assert not [error for model in sealed for error in model.check()]
    assert all(issubclass(model, SealedRow) for model in sealed)


def test_model_whose_rows_have_no_name_yet_is_refused() -> None:
    class Numbered(models.Model):  # noqa: DJ008 - never shown
        words = EncryptedTextField()

        class Meta:
            app_label = "tests"

    apps.all_models["tests"].clear()
    ids = {problem.id for problem in Numbered.check(databases=[])}
    assert {"consultations.E002", "consultations.E003"} <= ids


# --- Sites from before ------------------------------------------------------------------------------------


def test_site_from_before_goes_on_writing_what_the_release_before_reads(settings: object) -> None:
    """So that it can go back; the operator changes the key once the release stays."""
    settings.CONSULTATION_KEYS = [Fernet.generate_key().decode()]
    request = create_request(name="Anna")
    token = _stored(ConsultationRequest, "name", request.pk)
    assert Fernet(settings.CONSULTATION_KEYS[0]).decrypt(token.encode()) == b"Anna"
    assert ConsultationRequest.objects.get().name == "Anna"
    (hint,) = key_check.ciphertext_is_bound()
    assert "Once this release stays, change the key" in hint.msg


def test_new_site_hears_nothing_of_it() -> None:
    assert key_check.ciphertext_is_bound() == []


def test_answers_on_their_way_are_bound_to_their_browser() -> None:
    (mine, _), (other, _) = create_progress(answers={"a": {}}), create_progress(answers={"b": {}})
    put(Progress, "answers", _stored(Progress, "answers", other.pk), pk=mine.pk)
    with pytest.raises(Undecryptable):
        _ = Progress.objects.get(pk=mine.pk).answers
