"""Care cards as a reader finds them on a page: which sign, how fast to act, and for whom."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from content.models import Sign, TreatmentGroup
from content.page.signs_shown import LEVELS, names_of

_CARD = re.compile(
    r'class="care-card care-(\w+)(?: screen-only)?">(.*?)(?=class="care-card|class="act-note|</section>|\Z)',
    re.DOTALL,
)
_LINE = re.compile(r"<li(?: class=\"screen-only\")?>(.*?)</li>", re.DOTALL)
_FOR_WHOM = re.compile(r"<strong>((?:with|after|if) [^<]*)</strong>")
_MILDER = re.compile(r'<span class="sign-note">([^<]*)</span>')
_SAID = {"call your team today, day or night": "same_day", "tell your team at the next visit": "next_visit"}
ALL = frozenset(TreatmentGroup.values)


@dataclass(frozen=True)
class Told:
    """One line of a card."""

    level: str
    text: str
    groups: frozenset[str]  # that the level is for
    milder: dict[str, str] = field(default_factory=dict)  # of groups that a sentence names
    of_others: str | None = None  # what a sentence says to everybody else

    def level_of(self, group: str) -> str | None:
        if group in self.groups and (self.groups != ALL or group not in self.milder):
            return self.level
        return self.milder.get(group, self.of_others)

    @property
    def level_of_most(self) -> str | None:
        """Of whoever is not named: also of those who have chemotherapy on top."""
        return self.level if self.groups == ALL else self.of_others


def told_on(page: str) -> list[Told]:
    return [
        _told(level, html.unescape(line))
        for level, card in _CARD.findall(page)
        for line in _LINE.findall(card)
    ]


def _told(level: str, line: str) -> Told:
    for_whom = _FOR_WHOM.search(line)
    sentences = [sentence.partition(": ") for sentence in _MILDER.findall(line)]
    levels = {whom: said for whom, _colon, what in sentences if (said := _SAID.get(what.partition(";")[0]))}
    return Told(
        level,
        re.sub(r"<[^>]*>", "", line).strip(),
        frozenset(_named(for_whom[1])) or ALL if for_whom else ALL,
        {group: said for whom, said in levels.items() for group in _named(whom)},
        levels.get("Everybody else"),
    )


def level_for(group: str, sign: Sign, told: list[Told]) -> str | None:
    """The most urgent line about this sign that speaks to this group."""
    levels = [level for line in told if _is_about(line.text, sign) and (level := line.level_of(group))]
    return min(levels, key=LEVELS.index, default=None)


def level_of_most(sign: Sign, told: list[Told]) -> str | None:
    levels = [level for line in told if _is_about(line.text, sign) and (level := line.level_of_most)]
    return min(levels, key=LEVELS.index, default=None)


def _is_about(line: str, sign: Sign) -> bool:
    words = sign.text_in("en").words
    return line.startswith(words) and line[len(words) :][:1] in ("", ",", ":", " ")


def _named(text: str) -> Iterator[str]:
    """The groups that a line names, as readers of one thing or as having one thing alone. None, if it names a
    medicine."""
    said = text.casefold()
    for group in TreatmentGroup:
        # Who names checkpoint inhibitors means CTLA-4 inhibitors too.
        wider = TreatmentGroup.CHECKPOINT_INHIBITOR if group == TreatmentGroup.CTLA_4 else group
        names = [str(one.noun).casefold() or names_of([one]) for one in (group, wider)]
        if any(name in said for name in names):
            yield group.value
