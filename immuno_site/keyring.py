"""The keys of the private room, and the ciphertext they make: it opens at the place it was made for, nowhere else.

A key is one of two kinds. "bound:..." is AES-256-GCM under a key derived for each use, with the place (table,
column, row) authenticated: who can write to the database but has no key moves nothing to where it would be shown.
A Fernet key, as sites had them before, binds nothing and is kept for what it wrote; neither kind opens what the
other one made. The keys come from the environment, never from SECRET_KEY and never from the database.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

BOUND_KEY = "bound:"
BOUND_TOKEN = "b1."  # noqa: S105 - what a ciphertext of ours begins with
NONCE = 12
# What a key is used for: from each use follows a key of its own.
REQUESTS, FILE_KEYS, SECOND_FACTORS = "requests", "file keys", "second factors"


class Undecryptable(InvalidToken):
    """Stored text that none of our keys opens: a key is missing, or somebody changed or moved the text."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ciphertext belongs."""

    use: str
    column: str  # table.column
    row: str  # what names the row for as long as it lives; empty only where nothing is bound yet

    def __bytes__(self) -> bytes:
        return f"{self.column}:{self.row}".encode()


class Key(Protocol):
    """One key of CONSULTATION_KEYS."""

    fingerprint: str

    def seal(self, data: bytes, place: Place) -> str: ...

    def open(self, token: str, place: Place) -> bytes:
        """Raises Undecryptable."""
        ...


class FernetKey:
    """AES-128-CBC with HMAC-SHA256; says nothing about the place."""

    def __init__(self, text: str) -> None:
        self._fernet = Fernet(text)
        self.fingerprint = derived(text.encode(), "fingerprint")[:6].hex()

    def seal(self, data: bytes, place: Place) -> str:
        return self._fernet.encrypt(data).decode("ascii")

    def open(self, token: str, place: Place) -> bytes:
        try:
            return self._fernet.decrypt(token.encode("utf-8"))
        except InvalidToken as error:
            raise Undecryptable from error


class BoundKey:
    """AES-256-GCM under a key for this use, with the place as what must be the same on opening."""

    def __init__(self, text: str) -> None:
        secret = _from_base64(text.removeprefix(BOUND_KEY))
        if len(secret) != 32:
            raise ValueError("A key has 32 bytes.")
        self._cipher = cache(lambda use: AESGCM(derived(secret, use)))
        self.fingerprint = derived(secret, "fingerprint")[:6].hex()

    def seal(self, data: bytes, place: Place) -> str:
        nonce = os.urandom(NONCE)
        sealed = nonce + self._cipher(place.use).encrypt(nonce, data, bytes(place))
        return BOUND_TOKEN + base64.urlsafe_b64encode(sealed).decode("ascii").rstrip("=")

    def open(self, token: str, place: Place) -> bytes:
        if not token.startswith(BOUND_TOKEN):
            raise Undecryptable
        try:
            sealed = _from_base64(token.removeprefix(BOUND_TOKEN))
            return self._cipher(place.use).decrypt(sealed[:NONCE], sealed[NONCE:], bytes(place))
        except (InvalidTag, ValueError) as error:
            raise Undecryptable from error


class Keyring:
    """The keys, newest first: the first one encrypts, all of them decrypt."""

    def __init__(self, keys: Iterable[str]) -> None:
        try:
            self._keys: list[Key] = [_key(text) for text in keys]
        except ValueError as error:
            raise ImproperlyConfigured(
                "CONSULTATION_KEYS holds something that is no key: “bound:” and 32 random bytes in URL-safe base64 "
                "(or, from before, a Fernet key)."
            ) from error
        if not self._keys:
            raise ImproperlyConfigured("Set CONSULTATION_KEYS: without a key no request can be kept.")

    @property
    def fingerprint(self) -> str:
        """Names the newest key, and does not tell it."""
        return self._keys[0].fingerprint

    @property
    def is_bound(self) -> bool:
        """What is written today opens in its place only."""
        return isinstance(self._keys[0], BoundKey)

    def seal(self, data: bytes, place: Place) -> str:
        if not place.row:
            raise ValueError(f"Nothing names the row of {place.column} yet.")
        return self._keys[0].seal(data, place)

    def open(self, token: str, place: Place) -> bytes:
        for key in self._keys:
            try:
                return key.open(token, place)
            except Undecryptable:
                continue
        raise Undecryptable("No key of CONSULTATION_KEYS opens this here.")

    def renewed(self, token: str, place: Place) -> str:
        """The same content under the newest key."""
        return token if self.is_current(token, place) else self.seal(self.open(token, place), place)

    def is_current(self, token: str, place: Place) -> bool:
        try:
            self._keys[0].open(token, place)
        except Undecryptable:
            return False
        return True


def _key(text: str) -> Key:
    return BoundKey(text) if text.startswith(BOUND_KEY) else FernetKey(text)


def keyring() -> Keyring:
    """The keyring of the settings."""
    return _keyring(tuple(settings.CONSULTATION_KEYS))


@lru_cache(maxsize=8)
def _keyring(keys: tuple[str, ...]) -> Keyring:
    return Keyring(keys)


def derived(secret: bytes, use: str) -> bytes:
    """A key for one use, from which neither the secret nor the key of another use follows."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"immuno {use}".encode()).derive(secret)


def blind_index(text: str, *, use: str = "") -> str:
    """Equal for equal texts and useless without the key: finds "the same person again" among encrypted rows.

    What is no contact of a patient names its use: equal texts of two uses have nothing in common.
    """
    normal = unicodedata.normalize("NFKC", text).strip().casefold()
    return hmac.new(
        _index_key(settings.CONSULTATION_INDEX_KEY, use), normal.encode("utf-8"), hashlib.sha256
    ).hexdigest()


@lru_cache(maxsize=32)
def _index_key(key: str, use: str) -> bytes:
    return derived(key.encode(), f"index of {use}") if use else key.encode()


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:  # both are kinds of ValueError
        raise ValueError("This is no base64.") from error
