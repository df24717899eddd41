"""Numbers of people, shares and amounts in English prose."""

from __future__ import annotations

import re

FREQUENCY = re.compile(
    r"\b(?:\d[\d.,]*|one|two|three|four|five|six|seven|eight|nine|ten)(?: to \d[\d.,]*)?"
    r"(?: (?:people|patients|women|men|adults|children))?"
    r" (?:in|of|out of)(?: every| about| each| the| those| these)* (?:\d[\d,]*|two|three|four|five|ten)\b",
    re.IGNORECASE,
)
PERCENT = re.compile(r"\b\d[\d.,]*\s?(?:%|percent\b)", re.IGNORECASE)
_UNITS = (
    "people|patients|women|men|adults|children|minutes?|hours?|days?|weeks?|months?|years?|mg|grams?|g|ml|mL|"
    "milligrams?|milliliters?|liters?|°C|°F|degrees"
)
NUMBER = re.compile(
    rf"{PERCENT.pattern}|{FREQUENCY.pattern}|\b\d[\d.,]*(?:[ -](?:to|or|and|–)?[ -]?\d[\d.,]*)?[ -]?(?:{_UNITS})\b",
    re.IGNORECASE,
)
