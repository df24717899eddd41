"""Find: which approved uses match what a reader says. A filter over published facts: no rank, no score.

    questions(uses) -> what there is to ask about these uses
    find(uses, answers) -> Found
        .match: every answer fits
        .if_tested: would fit if a test that is missing, or not told exactly, came out as asked
        .no: does not fit; `why` says which answer

Knows no database and no language. What is not published, not current, of another cancer or of a regulator that was
not asked about is in none of the three lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

# --- Uses --------------------------------------------------------------------------------------------------

PRESENT = frozenset({"present", "high", "MSI-high"})
ABSENT = frozenset({"absent", "no-change", "not-MSI-high"})


class Need(NamedTuple):
    """A test result a use asks for. `any_of`: of those with the same number one is enough."""

    biomarker: str
    scale: str
    at_least: Decimal | None = None
    below: Decimal | None = None
    any_of: int | None = None
    level: str = ""

    @property
    def is_counted(self) -> bool:
        return self.scale not in PRESENT | ABSENT

    @property
    def question(self) -> str:
        """Each scale that counts is a question of its own; of the others each biomarker is one."""
        return f"{self.biomarker}-{self.scale}".lower() if self.is_counted else self.biomarker

    @property
    def kind(self) -> str:
        """The level as an answer: what stands in brackets explains it and is no other level."""
        return re.sub(r"[^a-z0-9]+", "-", re.sub(r"\(.*?\)", "", self.level).lower()).strip("-")


class Use(NamedTuple):
    """One decision of one regulator, as far as a filter reads it."""

    key: str
    cancer: str
    setting: str
    regulator: str
    lines: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    min_age: int | None = None
    max_age: int | None = None
    state: str = "approved"
    status: str = "current"

    @property
    def is_public(self) -> bool:
        return self.state == "approved" and self.status == "current"


# --- What there is to ask ------------------------------------------------------------------------------------

# How far a cancer has come, and the settings that go with it.
STAGES: dict[str, frozenset[str]] = {
    "surgery": frozenset({"neoadjuvant", "perioperative", "adjuvant"}),
    "local": frozenset({"local"}),
    "chemoradiation": frozenset({"after-chemoradiation"}),
    "advanced": frozenset({"first-line", "maintenance", "later-line", "advanced"}),
}
# Treatments of advanced disease before, and which one comes now.
BEFORE = {"none": "first", "one": "second", "more": "later"}
UNSURE = "unsure"
LOWEST, HIGHEST = Decimal(0), Decimal("Infinity")


class Band(NamedTuple):
    """A result on a scale: from `low`, below `high`."""

    low: Decimal
    high: Decimal

    def __str__(self) -> str:
        return f"{_plain(self.low)}-{'' if self.high == HIGHEST else _plain(self.high)}"


class Question(NamedTuple):
    """A test that one of the uses asks for: with bands on a scale, or with kinds of one change."""

    name: str
    biomarker: str
    scale: str  # empty where the answers are words
    bands: tuple[Band, ...] = ()
    kinds: tuple[tuple[str, str], ...] = ()  # (answer, level as the regulator writes it)

    @property
    def answers(self) -> list[str]:
        if self.scale:
            return [str(band) for band in self.bands]
        kinds = [kind for kind, _level in self.kinds]
        return ["no", *kinds, *(["other"] if len(kinds) != 1 else [])]


class Questions(NamedTuple):
    """What can tell these uses apart; a question with fewer than two answers is not asked."""

    stages: tuple[str, ...]
    lines: tuple[str, ...]
    tests: tuple[Question, ...]
    asks_age: bool


def questions(uses: Iterable[Use]) -> Questions:
    """In a fixed order, whatever the order of the uses."""
    uses = [use for use in uses if use.is_public]
    settings = {use.setting for use in uses}
    stages = tuple(stage for stage, its in STAGES.items() if its & settings)
    counted = {line for use in uses for line in use.lines}
    lines = tuple(BEFORE) if counted - {"any"} else ()
    return Questions(
        stages if len(stages) > 1 else (),
        lines,
        tuple(_tests(need for use in uses for need in use.needs)),
        any(use.min_age or use.max_age for use in uses),
    )


def _tests(needs: Iterable[Need]) -> Iterable[Question]:
    by_name: dict[str, list[Need]] = {}
    for need in needs:
        by_name.setdefault(need.question, []).append(need)
    for name, alike in sorted(by_name.items()):
        first = alike[0]
        if first.is_counted:
            yield Question(name, first.biomarker, first.scale, bands=_bands(alike))
        else:
            kinds = _kinds(need for need in alike if need.scale in PRESENT)
            yield Question(name, first.biomarker, "", kinds=kinds)


def _bands(needs: Iterable[Need]) -> tuple[Band, ...]:
    edges = {edge for need in needs for edge in (need.at_least, need.below) if edge is not None}
    ends = sorted({LOWEST, HIGHEST, *edges})
    return tuple(Band(low, high) for low, high in pairwise(ends))


def _kinds(needs: Iterable[Need]) -> tuple[tuple[str, str], ...]:
    """The shortest words of each level stand for it."""
    levels: dict[str, str] = {}
    for need in sorted(needs, key=lambda need: (len(need.level), need.level)):
        levels.setdefault(need.kind, need.level)
    return tuple(sorted(levels.items()))


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


# --- What a reader says --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answers:
    """Of one reader. What is not said, or not sure, filters nothing. `tests`: question -> answer."""

    cancers: frozenset[str]
    stage: str = UNSURE
    before: str = UNSURE
    age: int | None = None
    regulators: frozenset[str] = frozenset()  # none: all of them
    tests: dict[str, str] = field(default_factory=dict)


def band(answer: str) -> Band | None:
    """ "1-50", "50-"; nothing for other words."""
    match = re.fullmatch(r"([0-9]{1,4}(?:\.[0-9]{1,2})?)-([0-9]{1,4}(?:\.[0-9]{1,2})?)?", answer, re.ASCII)
    if not match:
        return None
    found = Band(Decimal(match[1]), Decimal(match[2]) if match[2] else HIGHEST)
    return found if found.low < found.high else None


class Verdict(NamedTuple):
    """Of one use: which needs are open, or why it does not fit (each a name of `WHY`)."""

    use: Use
    open: tuple[Need, ...] = ()
    why: tuple[str, ...] = ()
    refused: tuple[Need, ...] = ()  # the tests behind "test"


WHY = ("stage", "line", "after-another", "age", "test")


class Found(NamedTuple):
    match: list[Verdict]
    if_tested: list[Verdict]
    no: list[Verdict]


def find(uses: Iterable[Use], answers: Answers) -> Found:
    """Each public use of these cancers and regulators in one of the lists, in the order given."""
    found = Found([], [], [])
    for use in uses:
        if not use.is_public or use.cancer not in answers.cancers:
            continue
        if answers.regulators and use.regulator not in answers.regulators:
            continue
        verdict = judge(use, answers)
        (found.no if verdict.why else found.if_tested if verdict.open else found.match).append(verdict)
    return found


def judge(use: Use, answers: Answers) -> Verdict:
    """One use, apart from whether it may be shown."""
    groups = _groups(use.needs)
    told = [[_holds(need, answers) for need in group] for group in groups]
    refused = [need for group, its in zip(groups, told, strict=True) if set(its) == {False} for need in group]
    still_open = [
        need
        for group, its in zip(groups, told, strict=True)
        if True not in its
        for need, one in zip(group, its, strict=True)
        if one is None
    ]
    why = [*_why_not_now(use, answers), *(["test"] if refused else [])]
    return Verdict(use, () if why else tuple(still_open), tuple(why), tuple(refused))


def _why_not_now(use: Use, answers: Answers) -> Iterable[str]:
    if answers.stage != UNSURE and use.setting not in STAGES[answers.stage]:
        yield "stage"
    elif answers.before != UNSURE and use.setting in STAGES["advanced"]:
        now = BEFORE[answers.before]
        if use.setting == "maintenance":
            if now == "first":
                yield "after-another"
        elif use.lines and not {"any", now} & set(use.lines):
            yield "line"
    if answers.age is not None and not _is_of_age(use, answers.age):
        yield "age"


def _is_of_age(use: Use, age: int) -> bool:
    return (use.min_age is None or age >= use.min_age) and (use.max_age is None or age <= use.max_age)


def _groups(needs: Sequence[Need]) -> list[list[Need]]:
    """All groups are asked for; of each group one need is enough."""
    groups: dict[object, list[Need]] = {}
    for place, need in enumerate(needs):
        groups.setdefault(f"any {need.any_of}" if need.any_of is not None else place, []).append(need)
    return list(groups.values())


def _holds(need: Need, answers: Answers) -> bool | None:
    """Nothing where the answer does not decide it."""
    answer = answers.tests.get(need.question, "")
    if not answer:
        return None
    if need.is_counted:
        return _is_within(need, band(answer))
    if need.scale in ABSENT:
        return answer == "no"
    if answer == "no":
        return False
    return True if answer == need.kind else None


def _is_within(need: Need, told: Band | None) -> bool | None:
    if told is None:
        return None
    low, high = need.at_least or LOWEST, need.below or HIGHEST
    if low <= told.low and told.high <= high:
        return True
    return False if told.high <= low or high <= told.low else None
