"""What we take from the inside of allauth, where no release note announces a change.

`tests/accounts/test_allauth_internals.py` holds each of these against the text they were read in, and says what to
look at when one has changed.
"""

from __future__ import annotations

from allauth.account.internal.flows.login import (
    get_authentication_records,
    perform_login,
    record_authentication,
)
from allauth.mfa.base.forms import BaseAuthenticateForm
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    SECRET_SESSION_KEY,
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)

__all__ = [
    "SECRET_SESSION_KEY", "TOTP", "RecoveryCodes", "format_hotp_value", "generate_totp_secret",
    "get_authentication_records", "hotp_value", "perform_login", "record_authentication", "report_wrong_code",
    "yield_hotp_counters_from_time",
]  # fmt: skip


def report_wrong_code(form: BaseAuthenticateForm) -> None:
    """As allauth does when it refuses a code itself: it counts, and the person is told by mail."""
    form._emit_authentication_failed(form.authenticator)
