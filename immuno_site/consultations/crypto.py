"""Encryption of everything personal: one keyring, the model fields that use it, and the index of contacts.

Own code, because the packages for it return the ciphertext when the key is wrong, or keep state on the field
that threads share. Fernet is AES-128-CBC with HMAC-SHA256; the keys come from the environment, never from
SECRET_KEY and never from the database.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NoReturn

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class Undecryptable(InvalidToken):
    """Stored text that none of our keys opens: a key is missing, or somebody changed the text."""


class Keyring:
    """The keys of the private room, newest first: the first one encrypts, all of them decrypt."""

    def __init__(self, keys: Iterable[str]) -> None:
        try:
            fernets = [Fernet(key) for key in keys]
        except ValueError as error:
            raise ImproperlyConfigured(
                "CONSULTATION_KEYS holds something that is not a Fernet key (32 random bytes, URL-safe base64)."
            ) from error
        if not fernets:
            raise ImproperlyConfigured("Set CONSULTATION_KEYS: without a key no request can be kept.")
        self._newest = fernets[0]
        self._all = MultiFernet(fernets)

    def encrypt(self, data: bytes) -> str:
        return self._newest.encrypt(data).decode("ascii")

    def decrypt(self, token: str) -> bytes:
        return self._open(self._all, token)

    def rotated(self, token: str) -> str:
        """The same content under the newest key."""
        return token if self.is_current(token) else self.encrypt(self.decrypt(token))

    def is_current(self, token: str) -> bool:
        try:
            self._open(self._newest, token)
        except Undecryptable:
            return False
        return True

    @staticmethod
    def _open(fernet: Fernet | MultiFernet, token: str) -> bytes:
        try:
            return fernet.decrypt(token.encode("utf-8"))
        except InvalidToken as error:
            raise Undecryptable("No key of CONSULTATION_KEYS opens this.") from error


def keyring() -> Keyring:
    """The keyring of the settings."""
    return _keyring(tuple(settings.CONSULTATION_KEYS))


@lru_cache(maxsize=8)
def _keyring(keys: tuple[str, ...]) -> Keyring:
    return Keyring(keys)


def wrap_key(key: bytes) -> str:
    """A file's own key as it may be stored beside the file's row. Erasing it erases the file."""
    return keyring().encrypt(key)


def unwrap_key(wrapped: str) -> bytes:
    return keyring().decrypt(wrapped)


def blind_index(text: str) -> str:
    """Equal for equal texts and useless without the key: finds "the same person again" among encrypted rows."""
    normal = unicodedata.normalize("NFKC", text).strip().casefold()
    key = settings.CONSULTATION_INDEX_KEY.encode()
    return hmac.new(key, normal.encode("utf-8"), hashlib.sha256).hexdigest()


class EncryptedTextField(models.TextField):
    """Text that the database holds encrypted. Cannot be searched or sorted; a wrong key is an error."""

    def get_db_prep_value(
        self, value: object, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> object:
        plain = super().get_db_prep_value(value, connection, prepared)
        return None if plain is None else keyring().encrypt(plain.encode("utf-8"))

    def from_db_value(self, value: str | None, expression: object, connection: object) -> object:
        return None if value is None else keyring().decrypt(value).decode("utf-8")

    def get_lookup(self, lookup_name: str) -> NoReturn:
        raise FieldError(f"{self.name} is encrypted: it cannot be searched ({lookup_name}).")

    def get_transform(self, lookup_name: str) -> NoReturn:
        raise FieldError(f"{self.name} is encrypted: it cannot be searched ({lookup_name}).")


class EncryptedJSONField(EncryptedTextField):
    """A dict or list that the database holds encrypted."""

    def get_prep_value(self, value: object) -> object:
        return None if value is None else json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)

    def from_db_value(self, value: str | None, expression: object, connection: object) -> object:
        text = super().from_db_value(value, expression, connection)
        return None if text is None else json.loads(text)

    def to_python(self, value: object) -> object:
        return value
