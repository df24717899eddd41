"""Telephone numbers as people write them, and as we can dial them from another country."""

from __future__ import annotations

import re
from collections.abc import Iterable

import phonenumbers
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult

from immuno_site.consultations.characters import for_machines

NO_NUMBER = _("Enter a phone number with its country code, like +1 555 010 0000. Digits only, no words.")
TWO_NUMBERS = _("Enter one phone number only, with its country code: the one that we shall call.")
NATIONAL = _(
    "Write the number with + and the country code in front, like +1 555 010 0000. "
    "Without it we cannot call you from another country."
)
NO_COUNTRY = _("No country has this country code. Check the digits after the +.")
TOO_SHORT = _(
    "This number is too short. Check that no digit is missing, and that it begins with + and the country code, "
    "like +1 555 010 0000."
)
TOO_LONG = _(
    "This number is too long. Check that no digit is there twice, and that it begins with + and the country code, "
    "like +1 555 010 0000."
)

LEAST_DIGITS, MOST_DIGITS = 7, 15
TAIL = 8
EVERYWHERE = phonenumbers.SUPPORTED_REGIONS
WRITTEN = re.compile(r"\(?\+?[0-9 ().\-/]+")
# What people and contact lists write before the number of an office: "ext. 12", "доб. 12", ",12".
EXTENSION = re.compile(
    r"[ ,;]*(?:;ext=|extension|ext\.?|x|доб\.?|вн\.?|שלוחה|تحويلة|داخلي|[#,])[ :.]*([0-9]{1,6})$",
    re.IGNORECASE,
)
SECOND_NUMBER = re.compile(r"[0-9][^0-9]*\+ ?[0-9]")


def dialable(text: str, country: str = "") -> str:
    """The number as we dial it, with + and country code. `country` is where a number without them may belong."""
    main, extension = _parts(text)
    if SECOND_NUMBER.search(main) or _are_several(main):
        raise ValidationError(TWO_NUMBERS, code="several")
    if not WRITTEN.fullmatch(main) or not re.search("[0-9]", main):
        raise ValidationError(NO_NUMBER, code="invalid")
    return _shown(_parsed(main, country), extension)


def phone_digits(phone: str) -> str:
    """What two ways of writing one number share."""
    return re.sub(r"\D", "", _parts(phone)[0]).lstrip("0")


def country_of(phone: str) -> str:
    """Where a number with its country code belongs; nothing if it does not say."""
    number = _read(_parts(phone)[0], "")
    return (phonenumbers.region_code_for_number(number) or "") if number else ""


def last_digits(typed: str) -> str:
    """What a number ends with however much of it was dialed; nothing for a shorter one, or for words."""
    main, _extension = _parts(typed)
    digits = re.sub(r"\D", "", main) if WRITTEN.fullmatch(main) else ""
    return digits[-TAIL:] if len(digits) >= TAIL else ""


def digits_it_may_have(typed: str, countries: Iterable[str]) -> set[str]:
    """The digits under which a number may be stored, if it was typed as it is dialed inside one of the countries."""
    main, _extension = _parts(typed)
    if not WRITTEN.fullmatch(main) or not (digits := phone_digits(main)):
        return set()
    found = {digits}
    for country in [""] if _is_international(main) else countries:
        number = _read(main, country)
        if number and _length(number) == ValidationResult.IS_POSSIBLE:
            found.add(phone_digits(_shown(number)))
    return found


def tel_address(phone: str) -> str:
    """Opens the phone of whoever reads it."""
    main, extension = _parts(phone)
    return f"tel:{re.sub('[^0-9+]', '', main)}" + (f";ext={extension}" if extension else "")


def isolated(phone: str) -> str:
    """Its digits stay in their order among Hebrew and Arabic words."""
    return f"\u2066{phone}\u2069"


# --- Reading ----------------------------------------------------------------------------------------------


def _parts(text: str) -> tuple[str, str]:
    """The number and its extension, in plain digits."""
    text = re.sub("^tel: ?", "", for_machines(text).strip(), flags=re.IGNORECASE)
    found = EXTENSION.search(text)
    return (text[: found.start()].strip(), found[1]) if found else (text, "")


def _are_several(main: str) -> bool:
    numbers = [part for part in re.split("[/;,|]", main) if len(phone_digits(part)) >= LEAST_DIGITS - 1]
    return len(numbers) > 1 or len(phone_digits(main)) > MOST_DIGITS + 1


def _is_international(main: str) -> bool:
    return "+" in main or main.startswith("00")


def _read(main: str, country: str) -> PhoneNumber | None:
    main = re.sub("^00", "+", main)
    try:
        return phonenumbers.parse(main, country if country in EVERYWHERE else None)
    except NumberParseException:
        return None


def _parsed(main: str, country: str) -> PhoneNumber:
    """Numbers with a country code have to be as long as numbers there are; who knows which were given out lately?
    What we would add a code to has to be a number of that country."""
    number = _read(main, country)
    if not _is_international(main):
        if number and phonenumbers.is_valid_number(number):
            return number
        is_short = len(phone_digits(main)) < LEAST_DIGITS
        raise ValidationError(TOO_SHORT if is_short else NATIONAL, code="national")
    length = _length(number) if number else ValidationResult.INVALID_COUNTRY_CODE
    if length == ValidationResult.INVALID_COUNTRY_CODE:
        is_short = len(phone_digits(main)) < LEAST_DIGITS
        raise ValidationError(TOO_SHORT if is_short else NO_COUNTRY, code="country")
    if length == ValidationResult.TOO_LONG:
        raise ValidationError(TOO_LONG, code="long")
    if number is None or length != ValidationResult.IS_POSSIBLE:
        raise ValidationError(TOO_SHORT, code="short")
    return number


def _length(number: PhoneNumber) -> int:
    return phonenumbers.is_possible_number_with_reason(number)


def _shown(number: PhoneNumber, extension: str = "") -> str:
    number.extension = None
    words = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    return re.sub("[^0-9+]+", " ", words).strip() + (f" ext. {extension}" if extension else "")
