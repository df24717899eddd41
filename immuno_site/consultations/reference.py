"""The two words a patient gets: a reference to name a request by, and the code that opens it again; and the word of a
letter that leads to a new code, once."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import uuid

from django.conf import settings

# Without letters and digits that are mistaken for each other: 0/O, 1/I/L, 2/Z, 5/S, 8/B, U/V.
ALPHABET = "34679ACDEFGHJKMNPQRTVWXY"
PATTERN = re.compile(rf"IM-[{ALPHABET}]{{4}}-[{ALPHABET}]{{2}}")
LENGTH = 10
# The code has no such digits: whoever types one meant the letter.
MEANT = str.maketrans("018", "OIB")
LINK = b"link to a return code:"


def new_reference() -> str:
    """IM-7K3Q-94: random, so that nobody can count our requests or guess the next one."""
    word = "".join(secrets.choice(ALPHABET) for _ in range(6))
    return f"IM-{word[:4]}-{word[4:]}"


def typed_reference(text: str) -> str:
    """A reference as somebody typed it, in the form we store."""
    letters = re.sub(r"[^0-9A-Z]", "", text.upper()).removeprefix("IM")
    return f"IM-{letters[:4]}-{letters[4:]}"


def return_code(form_id: uuid.UUID, ended: int = 0) -> str:
    """128 secret bits that open one request again, in groups that can be copied by hand.

    Computed, not stored: however often the same form arrives, its patient sees the same code, and a copy of
    the database alone opens nothing. `ended`: how many codes of it were ended before.
    """
    return _in_groups(_code(form_id, ended))


def link_code(form_id: uuid.UUID, ended: int) -> str:
    """What a letter carries instead of a return code: it leads to the new one, once and for a while. The request says
    whether it still does."""
    return _in_groups(_code(form_id, ended, use=LINK))


def is_return_code(typed: str, form_id: uuid.UUID, ended: int = 0) -> bool:
    """Compares in constant time; spaces, dashes and small letters are forgiven."""
    return _is_same(typed, _code(form_id, ended))


def is_link_code(typed: str, form_id: uuid.UUID, ended: int) -> bool:
    return _is_same(typed, _code(form_id, ended, use=LINK))


def _is_same(typed: str, code: str) -> bool:
    letters = re.sub(r"[^0-9A-Z]", "", typed.upper()).translate(MEANT)
    return hmac.compare_digest(letters.encode(), code.encode())


def _in_groups(code: str) -> str:
    return "-".join(re.findall(".{1,4}", code))


def _code(form_id: uuid.UUID, ended: int, use: bytes = b"return code:") -> str:
    key = settings.CONSULTATION_INDEX_KEY.encode()
    which = f":{ended}".encode() if ended else b""
    digest = hmac.new(key, use + form_id.bytes + which, hashlib.sha256).digest()
    return base64.b32encode(digest[:16]).decode().rstrip("=")


def typed_uuid(text: str) -> uuid.UUID | None:
    """The number in a form; nothing for other words."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
