"""What is personal is unreadable without our keys, and a wrong key is an error, never a wrong text."""

from __future__ import annotations

import threading

import pytest
from cryptography.fernet import Fernet
from django.core import serializers
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection, models
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from immuno_site.consultations import key_check
from immuno_site.consultations.crypto import EncryptedJSONField, EncryptedTextField
from immuno_site.consultations.models import Attachment, KeyCanary, Progress
from immuno_site.keyring import Keyring, Place, Undecryptable, blind_index
from tests.consultations.factories import new_key

FERNET = Fernet.generate_key().decode()
OLD, NEW, OTHER = (new_key() for _ in range(3))
HERE = Place("requests", "table.column", "1")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_keyring_returns_what_it_was_given(text: str) -> None:
    for key in (NEW, FERNET):
        ring = Keyring([key])
        assert ring.open(ring.seal(text.encode(), HERE), HERE).decode() == text


@pytest.mark.parametrize("older", [OLD, FERNET], ids=["bound", "fernet"])
def test_keyring_reads_what_an_older_key_wrote(older: str) -> None:
    assert Keyring([NEW, older]).open(Keyring([older]).seal(b"story", HERE), HERE) == b"story"


@pytest.mark.parametrize("older", [OLD, FERNET], ids=["bound", "fernet"])
def test_keyring_with_wrong_key_raises(older: str) -> None:
    with pytest.raises(Undecryptable):
        Keyring([OTHER]).open(Keyring([older]).seal(b"story", HERE), HERE)


@pytest.mark.parametrize("stored", ["", "plain text", "gAAAAA", "é", "b1.", "b1.AAAA", "b1.é", "b1.+/"])
@pytest.mark.parametrize("key", [NEW, FERNET], ids=["bound", "fernet"])
def test_keyring_never_returns_what_is_not_ciphertext(stored: str, key: str) -> None:
    with pytest.raises(Undecryptable):
        Keyring([key]).open(stored, HERE)


@pytest.mark.parametrize(
    "there",
    [
        Place("requests", "table.column", "2"),
        Place("requests", "table.other", "1"),
        Place("file keys", "table.column", "1"),
    ],
)
def test_keyring_opens_ciphertext_in_its_place_only(there: Place) -> None:
    ring = Keyring([NEW])
    with pytest.raises(Undecryptable):
        ring.open(ring.seal(b"story", HERE), there)


def test_keyring_of_bound_keys_opens_nothing_that_is_not_bound() -> None:
    with pytest.raises(Undecryptable):
        Keyring([NEW]).open(Keyring([FERNET]).seal(b"story", HERE), HERE)


def test_keyring_binds_nothing_to_a_row_without_a_name() -> None:
    with pytest.raises(ValueError, match="Nothing names the row"):
        Keyring([NEW]).seal(b"story", Place("requests", "table.column", ""))


def test_fingerprint_tells_keys_apart_and_does_not_tell_them() -> None:
    names = {Keyring([key]).fingerprint for key in (NEW, OLD, OTHER, FERNET)}
    assert len(names) == 4
    assert not any(name in key for name in names for key in (NEW, OLD, OTHER, FERNET))


@pytest.mark.parametrize("keys", [[], ["too short"], [NEW, "x"], ["bound:short"], [NEW + "é"]])
def test_keyring_refuses_what_is_no_key(keys: list[str]) -> None:
    with pytest.raises(ImproperlyConfigured):
        Keyring(keys)


def test_wrapped_key_opens_again() -> None:
    key = bytes(range(32))
    attachment = Attachment()
    attachment.wrap_key(key)
    assert key.hex() not in attachment.wrapped_key
    assert attachment.unwrapped_key() == key


def test_blind_index_is_the_same_for_the_same_contact() -> None:
    assert blind_index(" Anna@Example.org ") == blind_index("anna@example.org")
    assert blind_index("anna@example.org") != blind_index("anne@example.org")
    with override_settings(CONSULTATION_INDEX_KEY="another"):
        assert blind_index("a") != blind_index("b")


def test_blind_index_of_one_use_says_nothing_of_another() -> None:
    uses = ("", "sign-in", "counter", "file")
    assert len({blind_index("return code:x", use=use) for use in uses}) == len(uses)


# --- The fields -------------------------------------------------------------------------------------------


def _stored_words() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT words FROM consultations_keycanary")
        return cursor.fetchone()[0]


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["a story", "", "סיפור قصة история 故事 🧬"])
def test_encrypted_text_is_unreadable_in_the_database(text: str) -> None:
    KeyCanary.objects.create(pk=1, words=text, index="")
    assert _stored_words().startswith("b1.")
    assert KeyCanary.objects.get().words == text
    assert KeyCanary.objects.only("pk").get().words == text


@pytest.mark.django_db
def test_encrypted_text_is_encrypted_by_every_way_of_writing() -> None:
    KeyCanary.objects.bulk_create([KeyCanary(pk=1, words="one", index="")])
    assert _stored_words().startswith("b1.")
    canary = KeyCanary.objects.get()
    KeyCanary.objects.update(**canary.sealed({"words": "two"}))
    assert _stored_words().startswith("b1.")
    canary.refresh_from_db()
    assert canary.words == "two"
    canary.words = "three"
    canary.save()
    assert _stored_words().startswith("b1.")
    assert KeyCanary.objects.get().words == "three"
    (dumped,) = serializers.deserialize("json", serializers.serialize("json", KeyCanary.objects.all()))
    dumped.save()
    assert _stored_words().startswith("b1.")
    assert KeyCanary.objects.get().words == "three"


@pytest.mark.django_db
def test_encrypted_text_is_written_by_no_way_that_does_not_know_the_row() -> None:
    canary = KeyCanary.objects.create(pk=1, index="")
    with pytest.raises(TypeError, match="sealed"):
        KeyCanary.objects.update(words="two")
    with pytest.raises(TypeError, match="sealed"):
        KeyCanary.objects.bulk_update([canary], ["words"])


@pytest.mark.django_db
def test_encrypted_text_is_read_by_no_way_that_does_not_know_the_row() -> None:
    KeyCanary.leave()
    (found,) = KeyCanary.objects.values_list("words", flat=True)
    with pytest.raises(TypeError, match="through its row"):
        str(found)


@pytest.mark.django_db
def test_encrypted_column_that_a_later_release_does_not_know_is_read_as_empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO consultations_keycanary (id, \"index\") VALUES (1, '')")
    assert KeyCanary.objects.get().words == ""


@pytest.mark.django_db
def test_value_that_nobody_looked_at_is_written_back_as_it_was() -> None:
    """Also one that cannot be opened: the key may be found again."""
    KeyCanary.leave()
    before = _stored_words()
    with override_settings(CONSULTATION_KEYS=[OTHER]):
        KeyCanary.objects.get().save()
    assert _stored_words() == before


@pytest.mark.django_db
@pytest.mark.parametrize("lookup", ["words", "words__contains", "words__isnull", "words__in", "words__lower"])
def test_encrypted_text_refuses_lookups(lookup: str) -> None:
    with pytest.raises(FieldError):
        list(KeyCanary.objects.filter(**{lookup: "canary"}))


@pytest.mark.django_db
def test_encrypted_text_with_wrong_key_raises() -> None:
    KeyCanary.leave()
    with override_settings(CONSULTATION_KEYS=[OTHER]), pytest.raises(Undecryptable):
        _ = KeyCanary.objects.get().words


@pytest.mark.django_db
def test_plain_text_in_an_encrypted_column_is_not_returned() -> None:
    KeyCanary.leave()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE consultations_keycanary SET words = 'plain'")
    with pytest.raises(Undecryptable):
        _ = KeyCanary.objects.get().words


def test_encrypted_field_cleans_forms_and_reads_rows_at_the_same_time() -> None:
    """A field that keeps state while a form is cleaned hands ciphertext to the other threads."""
    row = KeyCanary()
    field = row._meta.get_field("words")
    stored = field.sealed("story", row)
    wrong: list[object] = []

    def read() -> None:
        wrong.extend(text for _ in range(200) if (text := field.opened(stored, row)) != "story")

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
    row = Progress()
    field = row._meta.get_field("answers")
    stored = field.get_db_prep_save(field.sealed({"name": "שרה", "files": [1, 2]}, row), connection)
    assert stored.startswith("b1.")
    assert field.opened(field.from_db_value(stored, None, None), row) == {"name": "שרה", "files": [1, 2]}
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
