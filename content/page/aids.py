"""Pictures that make something to do easier: to measure, to count, to read a number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from content.models import EntryContent, Sign
from content.page import temperatures
from content.page.signs_shown import LEVELS, Card, SignLine
from content.text.hints import Words


@dataclass(frozen=True)
class Aid:
    """One drawing, a file in templates/drawings. `seen` is what it shows, for whoever cannot see it."""

    drawing: str
    seen: Words  # nothing where its marks say it
    words: Words
    marks: tuple[tuple[Words, ...], ...] = ()  # what stands below it, in as many columns as it has

    @property
    def picture(self) -> str:
        return f"drawings/{self.drawing}.svg"


# Of the thermometer, from left to right, and the signs that name them.
MARKS = (
    (("37.5 °C", "99.5 °F"), {"temperature-37-5"}),
    (("38 °C", "100.4 °F"), {"fever-38", temperatures.WHILE_CALMED}),
    (("38.5 °C", "101 °F"), {"fever-38-5-after-bcg"}),
)
THERMOMETER = Aid(
    "thermometer",
    "",  # its marks say all of it
    _("Fever: measure it, and write it down."),
    tuple(mark for mark, _signs in MARKS),
)
# Of an entry, with the section that it stands below.
OF_ENTRY = {
    ("side-effect", "diarrhea-and-colitis"): (
        "self_care",
        Aid(
            "stools",
            _("Strokes for stools above your usual number: none, 1 to 3, 4 to 6, and in a frame 7 or more."),
            _("Make a stroke for each stool above your usual number in 24 hours. 1 to 6: call your team today. "
              "7 or more: an emergency. With ipilimumab or tremelimumab: an emergency from 4."),
            (("0",), ("1–3",), ("4–6",), ("7+",)),
        ),
    ),
    ("side-effect", "skin-rash-and-itching"): (
        "treatment",
        Aid(
            "hand",
            _("An open hand with its fingers together."),
            _("Count how many of your hands, with the fingers, would cover the rash. Tell your team that number."),
        ),
    ),
    ("biomarker", "pd-l1"): (
        "how_tested",
        Aid(
            "cells-of-100",
            _("100 dots for 100 cancer cells. 60 of them are colored."),
            _("TPS 60%: of 100 cancer cells, 60 took the color."),
        ),
    ),
}  # fmt: skip


def below(section: str, content: EntryContent) -> Aid | None:
    place, aid = OF_ENTRY.get((content.entry.kind, content.entry.slug), ("", None))
    return aid if place == section else None


def at_signs(card: Card) -> Aid | None:
    """Where somebody has to act on a temperature: with the marks that the page has a line for, and what to do at each.
    A number on which some readers alone have to call stands in their boxes only."""
    lines = [line for level in LEVELS[:2] for line in card.at(level)]
    asked = {line.key for line in lines if line.level == Sign.Level.EMERGENCY or not line.for_whom}
    at_marks = [
        [line for line in lines if line.key in signs] if signs & asked else [] for _mark, signs in MARKS
    ]
    if not any(at_marks):
        return None
    marks = tuple(
        (*mark, _what_to_do(named)) if named else ()
        for (mark, _signs), named in zip(MARKS, at_marks, strict=True)
    )
    for_whom = dict.fromkeys(words for named in at_marks for words in _for_whom(named))
    return replace(THERMOMETER, marks=marks, words=" ".join([str(THERMOMETER.words), *for_whom]))


def _what_to_do(named: Sequence[SignLine]) -> Words:
    if all(line.level == Sign.Level.EMERGENCY for line in named):
        return _("an emergency for some") if all(map(_is_of_some, named)) else _("emergency")
    if any(line.level == Sign.Level.EMERGENCY or line.graver for line in named):
        return _("call today; an emergency for some")
    return _("call today")


def _is_of_some(line: SignLine) -> bool:
    return bool(line.for_whom) or line.key == temperatures.WHILE_CALMED


def _for_whom(named: Sequence[SignLine]) -> Iterator[str]:
    """Whom "for some" means, in sentences."""
    emergencies = [line for line in named if line.level == Sign.Level.EMERGENCY]
    for line in filter(_is_of_some, emergencies):
        said = ", ".join(filter(None, (line.words, line.for_whom)))
        yield gettext("%(sign)s: an emergency.") % {"sign": said}
    told = {line.key for line in emergencies}
    for line in named:
        if line.key not in told:
            yield from (f"{sentence}." for sentence in line.graver)
