"""What is personal is unreadable without our keys, and a wrong key is an error, never a wrong text."""

from __future__ import annotations

import threading

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection, models
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from immuno_site.consultations import key_check
from immuno_site.consultations.crypto import (
    EncryptedJSONField,
    EncryptedTextField,
    Keyring,
    Undecryptable,
    blind_index,
    unwrap_key,
    wrap_key,
)
from immuno_site.consultations.models import KeyCanary

OLD, NEW, OTHER = (Fernet.generate_key().decode() for _ in range(3))


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_keyring_returns_what_it_was_given(text: str) -> None:
    ring = Keyring([NEW])
    assert ring.decrypt(ring.encrypt(text.encode())).decode() == text


def test_keyring_reads_what_an_older_key_wrote() -> None:
    assert Keyring([NEW, OLD]).decrypt(Keyring([OLD]).encrypt(b"story")) == b"story"


def test_keyring_with_wrong_key_raises() -> None:
    with pytest.raises(Undecryptable):
        Keyring([OTHER]).decrypt(Keyring([OLD]).encrypt(b"story"))


@pytest.mark.parametrize("stored", ["", "plain text", "gAAAAA", "é"])
def test_keyring_never_returns_what_is_not_ciphertext(stored: str) -> None:
    with pytest.raises(Undecryptable):
        Keyring([NEW]).decrypt(stored)


def test_keyring_rotates_to_the_newest_key_once() -> None:
    both = Keyring([NEW, OLD])
    rotated = both.rotated(Keyring([OLD]).encrypt(b"story"))
    assert Keyring([NEW]).decrypt(rotated) == b"story"
    assert both.rotated(rotated) == rotated


@pytest.mark.parametrize("keys", [[], ["too short"], [NEW, "x"]])
def test_keyring_refuses_what_is_no_key(keys: list[str]) -> None:
    with pytest.raises(ImproperlyConfigured):
        Keyring(keys)


def test_wrapped_key_opens_again() -> None:
    key = bytes(range(32))
    assert key.hex() not in wrap_key(key)
    assert unwrap_key(wrap_key(key)) == key


def test_blind_index_is_the_same_for_the_same_contact() -> None:
    assert blind_index(" Anna@Example.org ") == blind_index("anna@example.org")
    assert blind_index("anna@example.org") != blind_index("anne@example.org")
    with override_settings(CONSULTATION_INDEX_KEY="another"):
        assert blind_index("a") != blind_index("b")


# --- The fields -------------------------------------------------------------------------------------------


def _stored_words() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT words FROM consultations_keycanary")
        return cursor.fetchone()[0]


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["a story", "", "סיפור قصة история 故事 🧬"])
def test_encrypted_text_is_unreadable_in_the_database(text: str) -> None:
    KeyCanary.objects.create(pk=1, words=text, index="")
    assert _stored_words().startswith("gAAAA")
    assert KeyCanary.objects.get().words == text
    assert KeyCanary.objects.values_list("words", flat=True).get() == text


@pytest.mark.django_db
def test_encrypted_text_is_encrypted_by_every_way_of_writing() -> None:
    KeyCanary.objects.bulk_create([KeyCanary(pk=1, words="one", index="")])
    assert _stored_words().startswith("gAAAA")
    KeyCanary.objects.update(words="two")
    assert _stored_words().startswith("gAAAA")
    canary = KeyCanary.objects.get()
    canary.words = "three"
    KeyCanary.objects.bulk_update([canary], ["words"])
    assert _stored_words().startswith("gAAAA")
    assert KeyCanary.objects.get().words == "three"


@pytest.mark.django_db
@pytest.mark.parametrize("lookup", ["words", "words__contains", "words__isnull", "words__in", "words__lower"])
def test_encrypted_text_refuses_lookups(lookup: str) -> None:
    with pytest.raises(FieldError):
        list(KeyCanary.objects.filter(**{lookup: "canary"}))


@pytest.mark.django_db
def test_encrypted_text_with_wrong_key_raises() -> None:
    KeyCanary.leave()
    with override_settings(CONSULTATION_KEYS=[OTHER]), pytest.raises(Undecryptable):
        KeyCanary.objects.get()


@pytest.mark.django_db
def test_plain_text_in_an_encrypted_column_is_not_returned() -> None:
    KeyCanary.leave()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE consultations_keycanary SET words = 'plain'")
    with pytest.raises(Undecryptable):
        KeyCanary.objects.get()


def test_encrypted_field_cleans_forms_and_reads_rows_at_the_same_time() -> None:
    """A field that keeps state while a form is cleaned hands ciphertext to the other threads."""
    field = EncryptedTextField()
    stored = field.get_db_prep_save("story", connection)
    wrong: list[object] = []

    def read() -> None:
        wrong.extend(text for _ in range(200) if (text := field.from_db_value(stored, None, None)) != "story")

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for _ in range(200):
        field.formfield().clean("typed")
        field.clean("typed", None)
    for reader in readers:
        reader.join()
    assert wrong == []


def test_encrypted_json_round_trip() -> None:
    field = EncryptedJSONField()
    stored = field.get_db_prep_save({"name": "שרה", "files": [1, 2]}, connection)
    assert stored.startswith("gAAAA")
    assert field.from_db_value(stored, None, None) == {"name": "שרה", "files": [1, 2]}
    assert field.get_db_prep_save(None, connection) is None


def test_encrypted_fields_are_text_columns() -> None:
    assert EncryptedJSONField().get_internal_type() == "TextField"
    assert issubclass(EncryptedTextField, models.TextField)


# --- The check at the start -------------------------------------------------------------------------------


@pytest.mark.django_db
def test_start_with_the_same_keys_is_quiet() -> None:
    key_check.refuse_wrong_keys()
    key_check.refuse_wrong_keys()
    assert key_check.keys_open_what_is_stored() == []


@pytest.mark.django_db
def test_start_with_another_key_in_front_is_quiet(settings: object) -> None:
    key_check.refuse_wrong_keys()
    settings.CONSULTATION_KEYS = [NEW, *settings.CONSULTATION_KEYS]
    key_check.refuse_wrong_keys()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"CONSULTATION_KEYS": [OTHER]},
        {"CONSULTATION_KEYS": []},
        {"CONSULTATION_KEYS": ["not a key"]},
        {"CONSULTATION_INDEX_KEY": "another"},
        {"CONSULTATION_INDEX_KEY": ""},
    ],
)
def test_start_with_wrong_keys_is_refused(wrong: dict[str, object]) -> None:
    key_check.refuse_wrong_keys()
    with override_settings(**wrong):
        with pytest.raises(ImproperlyConfigured):
            key_check.refuse_wrong_keys()
        (error,) = key_check.keys_open_what_is_stored()
        assert error.id == "consultations.E001"
