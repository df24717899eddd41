"""The emergency card: what staff must think of with each medicine, in the languages a card can have.

The browser chooses among all of it, so that no request tells which medicine somebody gets:

    data() -> {"medicines": {slug: {"name", "groups", "immunotherapy", "code"}},
               "think": {group: [slug of a side effect]},
               "words": {language: {"dir", "phrases": {name: words}, "effects": {slug: name}}}}
"""

from __future__ import annotations

import base64
from functools import cache
from typing import NamedTuple

import segno
from django.conf import settings
from django.utils.translation import get_language, get_language_info, gettext_lazy, override

from content import directory, edition
from content.models import DrugContent, Sign, Source, TreatmentGroup
from content.page import signs_shown
from content.page.reading import NumberedSource
from content.text.hints import HandedOn, Words

# What stands on a card. The two called "other" are for medicines that are no immunotherapy.
PHRASES: dict[str, Words] = {
    "title": gettext_lazy("I get, or got, cancer immunotherapy"),
    "title_other": gettext_lazy("I get, or got, treatment for cancer with:"),
    "warning": gettext_lazy(
        "A side effect may be the cause, even months after the last dose. Call the cancer team at once."
    ),
    "name": gettext_lazy("Name"),
    "medicine": gettext_lazy("Medicines"),
    "first": gettext_lazy("First dose"),
    "last": gettext_lazy("Last dose"),
    "team": gettext_lazy("Cancer team, day and night"),
    "kin": gettext_lazy("Call also"),
    "allergies": gettext_lazy("Allergies"),
    "steroids": gettext_lazy("Steroids I take now"),
    "think": gettext_lazy("Think of"),
    "steroid_line": gettext_lazy(
        "Steroids may be needed fast, so call the cancer team at once. Never stop steroids suddenly."
    ),
    "steroid_line_other": gettext_lazy("Call the cancer team at once. Never stop steroids suddenly."),
    "codes": gettext_lazy("Signs of the medicine, for staff"),
    "unchecked": gettext_lazy("No clinician who speaks this language has checked these words yet."),
}
# Who says what the line on steroids says.
SOURCES = ("accc-wallet-card", "royal-free-steroids", "adrenalinsufficiency-emergency")


class Medicine(NamedTuple):
    """A medicine with a public page, to choose from."""

    slug: str
    label: str  # "Nivolumab (Opdivo)"


def medicines() -> list[Medicine]:
    """By name, as the reader's language has them."""
    return [
        Medicine(one.slug, f"{one.name} ({one.other_names[0]})" if one.other_names else one.name)
        for one in _public()
    ]


def sources() -> list[NumberedSource]:
    """Those of the line on steroids, numbered."""
    rows = Source.objects.filter(key__in=SOURCES).order_by("key")
    return [NumberedSource(number, row) for number, row in enumerate(rows, 1)]


def data() -> dict[str, HandedOn]:
    """All that a card may need, in every language."""
    think = {group: _points_to(group) for group in TreatmentGroup.values}
    effects = {slug for slugs in think.values() for slug in slugs}
    return {
        "medicines": _known(),
        "think": think,
        "words": {code: _words(code, effects) for code, _name in settings.LANGUAGES},
    }


def _public() -> list[directory.Listed]:
    return [one for one in directory.all_of("drug", get_language() or "en") if one.state != "planned"]


def _known() -> dict[str, dict[str, object]]:
    immunotherapies = set(
        DrugContent.objects.filter(kind=DrugContent.Kind.IMMUNOTHERAPY)
        .order_by()
        .values_list("entry__slug", flat=True)
    )
    return {
        one.slug: {
            "name": one.label,
            "groups": sorted(directory.groups_of_medicines([one.slug], get_language() or "en")),
            "immunotherapy": one.slug in immunotherapies,
            "code": code(f"{settings.SITE_URL}{directory.address('drug', one.slug)}#signs"),
        }
        for one in medicines()
    }


@cache  # an address has one code, however often the library changes
def code(address: str) -> str:
    """Its QR code as "29:" and one bit for each of 29 x 29 modules, row by row, in base64."""
    rows = segno.make(address, error="l", micro=False, boost_error=False).matrix
    bits = "".join(str(int(module)) for row in rows for module in row)
    packed = int(bits.ljust(-len(bits) // 8 * -8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")
    return f"{len(rows)}:{base64.b64encode(packed).decode()}"


def _points_to(group: str) -> list[str]:
    """Slugs of the side effects behind the emergencies of a treatment group, those of the gravest signs first."""
    emergencies = [
        sign for sign in signs_shown.all_signs() if sign.urgency.get(group) == Sign.Level.EMERGENCY
    ]
    gravest_first = sorted(emergencies, key=lambda sign: sign.gravest.get(group, len(emergencies) + 9))
    # By turns: what each sign points to first, then what it can point to as well.
    deepest = max((len(sign.side_effects) for sign in emergencies), default=0)
    return list(
        dict.fromkeys(
            sign.side_effects[turn]
            for turn in range(deepest)
            for sign in gravest_first
            if turn < len(sign.side_effects)
        )
    )


def _words(language: str, effects: set[str]) -> dict[str, HandedOn]:
    with override(language):
        return {
            "dir": "rtl" if get_language_info(language)["bidi"] else "ltr",
            "phrases": {name: str(words) for name, words in PHRASES.items()},
            "effects": {slug: directory.name_without_page("side-effect", slug) for slug in sorted(effects)},
        }


def shared_data() -> dict[str, HandedOn]:
    """The same, put together once between two changes of anything public."""
    return edition.shared(("emergency card", get_language()), data)


def blank(language: str) -> dict[str, object]:
    """A card of no medicine, for paper: staff's language above, the reader's below."""
    words = shared_data()["words"]
    staff = "he" if language == "en" else "en"
    any_group = list(dict.fromkeys(slug for group in TreatmentGroup.values for slug in _points_to(group)))
    return {
        "staff": staff,
        "own": language,
        "above": words[staff],
        "below": words[language],
        "think_above": [words[staff]["effects"][slug] for slug in any_group],
        "think_below": [words[language]["effects"][slug] for slug in any_group],
        "lines": [
            (name, words[staff]["phrases"][name], words[language]["phrases"][name])
            for name in ("name", "medicine", "first", "last", "team", "kin", "allergies", "steroids")
        ],
        "languages": settings.LANGUAGES,
    }
