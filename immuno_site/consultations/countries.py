"""Countries a request may come from: ISO 3166 codes, their names in the reader's language, and one way out of the list.

A request keeps the code, so what is stored is read in every language.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from babel import localedata
from django.conf import settings
from django.utils.translation import get_language, gettext, override

OTHER = "ZZ"  # the code ISO leaves to users

CODES = (
    "AD AE AF AG AL AM AO AR AT AU AZ BA BB BD BE BF BG BH BI BJ BN BO BR BS BT BW BY BZ CA CD CF CG CH CI CL "
    "CM CN CO CR CU CV CY CZ DE DJ DK DM DO DZ EC EE EG ER ES ET FI FJ FM FR GA GB GD GE GH GM GN GQ GR GT GW "
    "GY HK HN HR HT HU ID IE IL IN IQ IR IS IT JM JO JP KE KG KH KI KM KN KP KR KW KZ LA LB LC LI LK LR LS LT "
    "LU LV LY MA MC MD ME MG MH MK ML MM MN MO MR MT MU MV MW MX MY MZ NA NE NG NI NL NO NP NR NZ OM PA PE PG "
    "PH PK PL PR PS PT PW PY QA RO RS RU RW SA SB SC SD SE SG SI SK SL SM SN SO SR SS ST SV SY SZ TD TG TH TJ "
    "TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VN VU WS XK YE ZA ZM ZW "
)
# Where the Unicode consortium's name is one of diplomats, or shortened, and people say another.
OWN_NAMES: dict[str, dict[str, str]] = {
    "en": {
        "AG": "Antigua and Barbuda",
        "BA": "Bosnia and Herzegovina",
        "CD": "Congo (Democratic Republic)",
        "CG": "Congo",
        "CI": "Ivory Coast",
        "CZ": "Czech Republic",
        "HK": "Hong Kong",
        "KN": "Saint Kitts and Nevis",
        "LC": "Saint Lucia",
        "MM": "Myanmar",
        "MO": "Macau",
        "ST": "Sao Tome and Principe",
        "TL": "East Timor",
        "TR": "Turkey",
        "TT": "Trinidad and Tobago",
        "VC": "Saint Vincent and the Grenadines",
    },
    "he": {
        "CD": "קונגו (הרפובליקה הדמוקרטית)",
        "CG": "קונגו (ברזוויל)",
        "HK": "הונג קונג",
        "KP": "צפון קוריאה",
        "KR": "דרום קוריאה",
        "MK": "צפון מקדוניה",
        "MM": "מיאנמר",
        "MO": "מקאו",
        "TL": "מזרח טימור",
    },
    "ar": {
        "CD": "جمهورية الكونغو الديمقراطية",
        "CG": "الكونغو (برازافيل)",
        "HK": "هونغ كونغ",
        "MM": "ميانمار",
        "MO": "ماكاو",
        "TL": "تيمور الشرقية",
    },
    "ru": {
        "CD": "Конго (Демократическая Республика)",
        "CG": "Конго (Браззавиль)",
        "HK": "Гонконг",
        "KP": "Северная Корея",
        "KR": "Южная Корея",
        "MH": "Маршалловы Острова",
        "MM": "Мьянма",
        "MO": "Макао",
        "SB": "Соломоновы Острова",
        "SC": "Сейшельские Острова",
        "US": "США",
    },
}


def by_name() -> list[tuple[str, str]]:
    """Codes and names in the order of the reader's own alphabet; the way out of the list stays last."""
    return list(_names(get_language() or settings.LANGUAGE_CODE).items())


def name(code: str) -> str:
    return _names(get_language() or settings.LANGUAGE_CODE).get(code, code)


@cache
def _names(language: str) -> Mapping[str, str]:
    """Sorted once: lists of requests ask for each row."""
    known = localedata.load(language, merge_inherited=False)["territories"] | OWN_NAMES.get(language, {})
    localedata.clear_caches()  # calendars and currencies of every language are megabytes
    named = sorted(((code, known[code]) for code in CODES.split()), key=lambda country: _letters(country[1]))
    with override(language):
        return MappingProxyType(dict(named) | {OTHER: gettext("Somewhere else")})


def _letters(name: str) -> str:
    """Without accents and vowel points: all kinds of Alef stand together."""
    return "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).casefold()
