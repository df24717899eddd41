"""Addresses that open a telephone or a messenger."""

from __future__ import annotations

import re
from urllib.parse import urlencode


def tel(number: str) -> str:
    """Opens the telephone; empty without digits."""
    digits = re.sub("[^0-9+]", "", number)
    return f"tel:{digits}" if digits else ""


def whatsapp(number: str, text: str = "") -> str:
    """Opens a chat. `text` is written there and not sent; it passes through another company: never words of health."""
    digits = _with_country(number)
    query = f"?{urlencode({'text': text})}" if text else ""
    return f"https://wa.me/{digits}{query}" if digits else ""


def viber(number: str) -> str:
    """Opens a chat, where Viber is installed."""
    digits = _with_country(number)
    return f"viber://chat?number=%2B{digits}" if digits else ""


def _with_country(number: str) -> str:
    """Digits alone, with the country code and without what is dialed before it."""
    return re.sub("[^0-9]", "", number).removeprefix("00")
