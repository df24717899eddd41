"""The second factor: who has one, was it used, how its secret is kept."""

from __future__ import annotations

import time
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter, get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, User
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from immuno_site.accounts.allauth_internals import (
    TOTP,
    RecoveryCodes,
    format_hotp_value,
    generate_totp_secret,
    get_authentication_records,
    hotp_value,
    record_authentication,
    yield_hotp_counters_from_time,
)
from immuno_site.keyring import SECOND_FACTORS, Place, Undecryptable, keyring

# Recovery codes alone are no second factor: they are what is left when it is lost.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class SecondFactorAdapter(DefaultMFAAdapter):
    """allauth's hooks: secrets are stored encrypted, and our site's name stands in the person's app."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _(
            "This code does not work. Wait for the next one and enter it as the app shows it."
        ),
    }

    def encrypt(self, text: str) -> str:
        """allauth has no row yet to bind it to; `bind` does so before the row is written."""
        return Placed(seal_secret(text, ON_ITS_WAY), ON_ITS_WAY)

    def decrypt(self, encrypted_text: str) -> str:
        """Only what came out of somebody's row, as that person's. Nothing else says where it belongs."""
        if not isinstance(encrypted_text, Placed):
            raise Undecryptable("This secret did not come from the row of a second factor.")
        return open_secret(encrypted_text, encrypted_text.place)

    def get_totp_issuer(self) -> str:
        return site_name()

    def get_totp_label(self, user: AbstractBaseUser) -> str:
        return user.get_username()

    def build_totp_svg(self, url: str) -> str:
        """An element to stand in the page; allauth's data: address would need a looser content policy."""
        import qrcode  # here: with what it draws by it is megabytes, and a person enrolls once
        from qrcode.image.svg import SvgPathImage

        return qrcode.make(url, image_factory=SvgPathImage).to_string(encoding="unicode")

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return gettext("Passkey %(number)d") % {"number": number}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": context.request.get_host().partition(":")[0], "name": site_name()}


def site_name() -> str:
    """The public host name: what the person's app and the browser call us."""
    return urlsplit(settings.SITE_URL).hostname or settings.SITE_URL


# --- Secrets, each bound to its person ---------------------------------------------------------------------

# allauth keeps them in JSON. Recovery codes that it took over from elsewhere ("migrated_codes") do not exist here.
SECRETS = ("secret", "seed")
ON_ITS_WAY = Place(SECOND_FACTORS, "mfa_authenticator.new", "none")


class Placed(str):
    """A ciphertext that knows where it lay: allauth hands us nothing but the text."""

    __slots__ = ("place",)
    place: Place

    def __new__(cls, token: str, place: Place) -> Placed:
        placed = super().__new__(cls, token)
        placed.place = place
        return placed


def place_of(row: Authenticator, name: str) -> Place:
    return Place(SECOND_FACTORS, f"mfa_authenticator.{name}", str(row.user_id))


def secrets_of(row: Authenticator) -> dict[str, str]:
    return {name: row.data[name] for name in SECRETS if name in row.data}


def seal_secret(text: str, place: Place) -> str:
    return keyring().seal(text.encode(), place)


def open_secret(token: str, place: Place) -> str:
    return keyring().open(token, place).decode()


def know_the_places(row: Authenticator) -> None:
    """What comes out of a row is that person's, and opens as nobody else's."""
    if row.pk and "data" in row.__dict__:
        placed = {name: Placed(token, place_of(row, name)) for name, token in secrets_of(row).items()}
        row.data = {**row.data, **placed}


def bind(row: Authenticator) -> None:
    """A secret that was just made belongs to the person of its row."""
    for name, token in secrets_of(row).items():
        if getattr(token, "place", None) == ON_ITS_WAY:
            place = place_of(row, name)
            row.data[name] = Placed(seal_secret(open_secret(token, ON_ITS_WAY), place), place)


# --- Who has one, and was it used -------------------------------------------------------------------------


def has_second_factor(user: AbstractBaseUser) -> bool:
    return Authenticator.objects.filter(user_id=user.pk, type__in=FACTORS).exists()


def was_used(request: HttpRequest) -> bool:
    """Did this session prove the second factor? allauth writes it down when it accepts one."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


def record_use(request: HttpRequest, authenticator: Authenticator) -> None:
    """Enrolling proves possession too."""
    record_authentication(
        request, authenticator.user, "mfa", id=authenticator.pk, type=str(authenticator.type)
    )


@transaction.atomic
def claim_time_step(authenticator: Authenticator, code: str) -> bool:
    """Each code once, and none older than the last one used, on all machines. allauth asks a cache, which may
    be emptied or away."""
    secret = get_adapter().decrypt(authenticator.data["secret"])
    steps = {format_hotp_value(hotp_value(secret, step)): step for step in yield_hotp_counters_from_time()}
    step = steps.get(code, 0)
    row = Authenticator.objects.select_for_update().get(pk=authenticator.pk)
    if step <= row.data.get("last_step", 0):
        return False
    _note_step(row, step)
    return True


def spend_present_step(authenticator: Authenticator) -> None:
    """The code that enrolled the app is used up too."""
    _note_step(authenticator, int(time.time()) // 30)


def _note_step(authenticator: Authenticator, step: int) -> None:
    authenticator.data["last_step"] = step
    authenticator.save(update_fields=["data"])


# --- Set up and remove by hand ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Enrollment:
    """What a person needs to hold the second factor of a demo account."""

    secret: str
    link: str
    recovery_codes: list[str]


@transaction.atomic
def enroll(user: User) -> Enrollment:
    """Gives an account an authenticator app's secret without its pages. For demo accounts."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    link = f"otpauth://totp/{quote(user.username)}?{urlencode({'secret': secret, 'issuer': site_name()})}"
    return Enrollment(secret, link, RecoveryCodes.activate(user).generate_codes())


def remove(user: User) -> None:
    """For a person who lost phone, key and codes: the next sign-in leads to enrollment."""
    Authenticator.objects.filter(user=user).delete()
