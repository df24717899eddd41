"""Care cards as a reader finds them on a page: which sign, how fast to act, and for whom."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from content import directory
from content.models import DrugContent, Sign, TreatmentGroup
from content.models.treatment_group import NAMED_AFTER, NAMED_AFTER_CLASS, SAYS_LITTLE
from content.page.signs_shown import LEVELS, names_of

_CARD = re.compile(
    r'class="care-card care-(\w+)(?: screen-only)?">(.*?)(?=class="care-card|class="act-note|</section>|\Z)',
    re.DOTALL,
)
_LINE = re.compile(r"<li(?: class=\"screen-only\")?>(.*?)</li>", re.DOTALL)
_FOR_WHOM = re.compile(r"<strong>((?:with|after|if|unless) [^<]*)</strong>")
_GRAVER = re.compile(
    r'<span class="sign-note">(?:An emergency|Call your team today, day or night,) ([^<:]*)</span>'
)
ALL = frozenset(TreatmentGroup.values)
Name = tuple[str, str]  # of a group or its medicine, folded; the group


@dataclass(frozen=True)
class Told:
    """One line of a card."""

    level: str
    text: str
    groups: frozenset[str]  # that the level is for
    is_for_most: bool  # also for whoever is not named, such as those who have chemotherapy on top


def told_on(page: str) -> list[Told]:
    names = [*_names_of_groups(), *_medicines()]
    return [
        _told(level, html.unescape(line), names)
        for level, card in _CARD.findall(page)
        for line in _LINE.findall(card)
    ]


def _told(level: str, line: str, names: list[Name]) -> Told:
    for_whom = _FOR_WHOM.search(line)
    said = for_whom[1] if for_whom else ""
    named = _named(said, names)
    graver = frozenset().union(*(_named(whom, names) for whom in _GRAVER.findall(line)))
    is_for_most = not named or said.startswith("unless ")
    groups = (ALL - named if is_for_most else named) - graver
    return Told(level, re.sub(r"<[^>]*>", "", line).strip(), groups, is_for_most)


def about(sign: Sign, told: list[Told]) -> list[Told]:
    """The lines that tell of this sign."""
    words = sign.text_in("en").words
    ends = ("", ",", ":", " ")
    return [line for line in told if line.text.startswith(words) and line.text[len(words) :][:1] in ends]


def level_for(group: str, told: list[Told]) -> str | None:
    """The most urgent line that speaks to this group."""
    return _strictest(line for line in told if group in line.groups)


def level_of_most(told: list[Told]) -> str | None:
    return _strictest(line for line in told if line.is_for_most)


def _strictest(told: Iterable[Told]) -> str | None:
    return min((line.level for line in told), key=LEVELS.index, default=None)


def _named(text: str, names: list[Name]) -> frozenset[str]:
    """The groups that a line names, as readers of one thing or as having one thing alone. None, if it names a
    medicine."""
    said = text.casefold()
    return frozenset(group for name, group in names if name in said)


def _names_of_groups() -> Iterator[Name]:
    for group in TreatmentGroup:
        # Who names checkpoint inhibitors means CTLA-4 inhibitors too.
        wider = TreatmentGroup.CHECKPOINT_INHIBITOR if group == TreatmentGroup.CTLA_4 else group
        for one in {group, wider}:
            yield str(one.noun).casefold() or names_of([one]), group.value


# Groups that a page calls by the names of its medicines.
_BY_MEDICINES = {*NAMED_AFTER, *NAMED_AFTER_CLASS, *SAYS_LITTLE, TreatmentGroup.OTHER}


def _medicines() -> Iterator[Name]:
    for content, groups in directory.groups_of_all(DrugContent.objects.in_language("en")):
        if groups and groups[0] in _BY_MEDICINES:
            yield directory.name_without_page("drug", content.entry.slug).casefold(), groups[0]
