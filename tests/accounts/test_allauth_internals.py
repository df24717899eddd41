"""What we take from the inside of allauth is still what we read."""

from __future__ import annotations

import hashlib
import inspect
import re
from pathlib import Path

import pytest
from allauth.mfa.base.forms import BaseAuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.internal import auth as totp

from immuno_site.accounts import allauth_internals

HOUSE = Path(allauth_internals.__file__).parents[1]
# What was read (allauth 65.21), its digest, and what of ours leans on it.
READ = [
    (allauth_internals.get_authentication_records, "1c5c6d3561ba", "second_factor.was_used: the method “mfa”"),
    (allauth_internals.record_authentication, "9eee584ec398", "second_factor.record_use, views.accept_invitation"),
    (allauth_internals.perform_login, "04d6c1da844d", "views.accept_invitation: the second step follows"),
    (allauth_internals.TOTP, "a12deb930968", "second_factor.enroll, claim_time_step after validate_code"),
    (allauth_internals.RecoveryCodes, "9bccc4020054", "second_factor.enroll, SECRETS: the names of secrets"),
    (allauth_internals.hotp_value, "ebeb22d06d71", "second_factor.claim_time_step: the code of a half minute"),
    (allauth_internals.format_hotp_value, "2e0c49da1c4c", "second_factor.claim_time_step: the digits typed"),
    (allauth_internals.yield_hotp_counters_from_time, "cdc2a14c26c0", "second_factor.claim_time_step"),
    (allauth_internals.generate_totp_secret, "3ec4585a7372", "second_factor.enroll"),
    (totp.get_totp_secret, "16b2d176d093", "forms.EnrollAppForm: the secret waits in the session, sealed by us"),
    (BaseAuthenticateForm, "c9006be21b4d", "forms._clean_code and allauth_internals.report_wrong_code"),
    (ReauthenticateForm, "f299bc0293ba", "forms._clean_code and allauth_internals.report_wrong_code"),
]  # fmt: skip


def digest(thing: object) -> str:
    return hashlib.sha256(inspect.getsource(thing).encode()).hexdigest()[:12]


@pytest.mark.parametrize(("thing", "read", "ours"), READ, ids=lambda value: getattr(value, "__name__", ""))
def test_inside_of_allauth_is_what_we_read(thing, read, ours):
    where = f"{thing.__module__}.{thing.__qualname__}"
    assert digest(thing) == read, (
        f"{where} has changed. Read it, look at accounts/{ours}; then note its digest."
    )


def test_session_keeps_the_new_secret_where_we_seal_it():
    assert totp.SECRET_SESSION_KEY == "mfa.totp.secret"


def test_inside_of_allauth_is_touched_in_one_file():
    inside = re.compile(r"allauth(\.\w+)*\.internal|_emit_authentication_failed")
    files = [path for path in HOUSE.rglob("*.py") if inside.search(path.read_text(encoding="utf-8"))]
    assert files == [Path(allauth_internals.__file__)]
