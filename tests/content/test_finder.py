"""The filter behind Find, on made-up facts: nothing that may not be shown, and all that matches."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.tools.finder import (
    BEFORE,
    STAGES,
    UNSURE,
    Answers,
    Band,
    Need,
    Question,
    Use,
    band,
    find,
    questions,
)

FACT_SETS = 5_000
AT_ONCE = 500
SETTINGS = [setting for its in STAGES.values() for setting in sorted(its)]
LEVELS = ("Change one", "Change two (by another test)", "Change three")


class World:
    """A person of whom everything is known, and some uses."""

    def __init__(self, number: int) -> None:
        self.chance = random.Random(number)  # noqa: S311 - no secret
        pick = self.chance.choice
        self.uses = [self.use(place) for place in range(self.chance.randint(1, 12))]
        self.stage, self.before, self.age = pick([*STAGES]), pick([*BEFORE]), self.chance.randint(0, 90)
        self.results: dict[str, Decimal | str] = {}
        for question in questions(self.uses).tests:
            told = [
                need.kind for use in self.uses for need in use.needs if need.biomarker == question.biomarker
            ]
            self.results[question.name] = (
                Decimal(self.chance.randint(0, 60)) if question.scale else pick(["no", *told])
            )

    def use(self, place: int) -> Use:
        pick = self.chance.choice
        return Use(
            key=f"use-{place}",
            cancer=pick(["this", "this", "this", "any-solid", "another"]),
            setting=pick(SETTINGS),
            regulator=pick(["FDA", "EMA", "IL-MOH"]),
            lines=tuple(self.chance.sample(["first", "second", "later", "any"], self.chance.randint(0, 2))),
            needs=tuple(self.need() for _ in range(self.chance.randint(0, 3))),
            min_age=pick([None, 12, 18]),
            max_age=pick([None, None, 25]),
            state=pick(["approved"] * 4 + ["draft", "retired", "superseded"]),
            status=pick(["current"] * 4 + ["withdrawn"]),
        )

    def need(self) -> Need:
        pick = self.chance.choice
        group = pick([None, None, 1, 2])
        if self.chance.random() < 0.5:
            at_least = pick([None, 1, 5, 10, 50])
            below = pick([1, 50]) if at_least is None else None
            low, high = (None if edge is None else Decimal(edge) for edge in (at_least, below))
            return Need(pick(["pd-l1", "tmb"]), pick(["TPS", "CPS"]), low, high, group)
        scale = pick(["present", "absent", "no-change", "high"])
        return Need(pick(["egfr", "her2"]), scale, any_of=group, level=pick(LEVELS))

    @property
    def answers(self) -> dict[str, str]:
        """Everything told."""
        found = {}
        for question in questions(self.uses).tests:
            result = self.results[question.name]
            found[question.name] = result if isinstance(result, str) else _band_of(question, result)
        return found

    def matches(self, use: Use) -> bool:
        """Told from the person, not from answers."""
        if use.setting not in STAGES[self.stage]:
            return False
        if self.stage == "advanced":
            now = BEFORE[self.before]
            if use.setting == "maintenance" and now == "first":
                return False
            if use.setting != "maintenance" and use.lines and now not in use.lines and "any" not in use.lines:
                return False
        if (use.min_age or 0) > self.age or (use.max_age is not None and self.age > use.max_age):
            return False
        alone = [need for need in use.needs if need.any_of is None]
        groups = {need.any_of for need in use.needs} - {None}
        return all(map(self.has, alone)) and all(
            any(self.has(need) for need in use.needs if need.any_of == group) for group in groups
        )

    def has(self, need: Need) -> bool:
        result = self.results[need.question]
        if isinstance(result, Decimal):
            return result >= (need.at_least or 0) and (need.below is None or result < need.below)
        return result == "no" if need.scale in ("absent", "no-change") else result == need.kind

    @property
    def asked(self) -> Answers:
        return Answers(
            frozenset({"this", "any-solid"}), self.stage, self.before, self.age, tests=self.answers
        )


def _band_of(question: Question, result: Decimal) -> str:
    return next(str(one) for one in question.bands if one.low <= result < one.high)


def keys(verdicts: list) -> set[str]:
    return {verdict.use.key for verdict in verdicts}


@pytest.mark.parametrize("start", range(0, FACT_SETS, AT_ONCE))
def test_what_is_not_published_never_appears_and_what_matches_always_does(start):
    for number in range(start, start + AT_ONCE):
        world = World(number)
        found = find(world.uses, world.asked)
        may_be_shown = {
            use.key: use
            for use in world.uses
            if use.state == "approved" and use.status == "current" and use.cancer != "another"
        }
        shown = [verdict.use.key for verdict in [*found.match, *found.if_tested, *found.no]]
        assert sorted(shown) == sorted(may_be_shown), number
        matching = {key for key, use in may_be_shown.items() if world.matches(use)}
        assert keys(found.match) <= matching, number
        # A change of another kind than the one told may be there as well: that is for a test to say.
        assert matching <= keys(found.match) | keys(found.if_tested), number
        assert not matching & keys(found.no), number
        if all(result == "no" or isinstance(result, Decimal) for result in world.results.values()):
            assert keys(found.match) == matching, number


@pytest.mark.parametrize("start", range(0, FACT_SETS, AT_ONCE))
def test_what_is_left_unsaid_refuses_nothing(start):
    for number in range(start, start + AT_ONCE):
        world = World(number)
        told = world.asked
        some = {name: answer for name, answer in told.tests.items() if world.chance.random() < 0.5}
        less = Answers(told.cancers, told.stage, UNSURE, None, tests=some)
        more, fewer = find(world.uses, told), find(world.uses, less)
        assert keys(fewer.no) <= keys(more.no), number
        assert keys(more.match) <= keys(fewer.match) | keys(fewer.if_tested), number


def test_regulators_that_were_not_asked_about_are_left_out():
    uses = [Use("us", "this", "advanced", "FDA"), Use("eu", "this", "advanced", "EMA")]
    found = find(uses, Answers(frozenset({"this"}), regulators=frozenset({"EMA"})))
    assert keys(found.match) == {"eu"}


def test_tests_that_nobody_told_are_named_with_the_use():
    need = Need("pd-l1", "TPS", at_least=Decimal(50))
    use = Use("one", "this", "first-line", "FDA", needs=(need,))
    (verdict,) = find([use], Answers(frozenset({"this"}))).if_tested
    assert verdict.open == (need,)


def test_band_that_ends_within_what_is_asked_is_still_open():
    use = Use("one", "this", "first-line", "FDA", needs=(Need("pd-l1", "TPS", at_least=Decimal(10)),))

    def found(told: str) -> tuple[int, int, int]:
        lists = find([use], Answers(frozenset({"this"}), tests={"pd-l1-tps": told}))
        return tuple(map(len, lists))  # type: ignore[return-value] # three lists

    assert found("1-50") == (0, 1, 0)
    assert found("10-50") == (1, 0, 0)
    assert found("0-10") == (0, 0, 1)


def test_one_of_several_results_is_enough():
    needs = (
        Need("pd-l1", "TC", at_least=Decimal(50), any_of=1),
        Need("pd-l1", "IC", at_least=Decimal(10), any_of=1),
    )
    use = Use("one", "this", "first-line", "FDA", needs=needs)
    low = {"pd-l1-tc": "0-50"}
    assert find([use], Answers(frozenset({"this"}), tests=low)).if_tested
    assert find([use], Answers(frozenset({"this"}), tests=low | {"pd-l1-ic": "10-"})).match
    assert find([use], Answers(frozenset({"this"}), tests=low | {"pd-l1-ic": "0-10"})).no


@given(st.text(max_size=30))
def test_any_words_are_a_band_or_none(words):
    found = band(words)
    assert found is None or (isinstance(found, Band) and found.low < found.high)
