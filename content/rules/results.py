"""What a result of a trial must fulfil: benefit and harm in the same unit, one definition, a number for each group."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator

from content.rules.entry_text import Finding, Known
from content.rules.fact_rows import FactRow

_PLACES = (("arms", "groups"), ("outcomes", "outcomes"))


def result_key_once(row: FactRow, known: Known) -> Iterator[Finding]:
    key = row.table.get("key")
    if any(other.table.get("key") == key for other in row.beside):
        yield row.finding("key", f"The key {key!r} names another result already.")


def population_in_english(row: FactRow, known: Known) -> Iterator[Finding]:
    for name, what in (("population", "who was in it"), ("analysis", "which look at the data it is")):
        if not row.table.get(name):
            yield row.finding(name, f"Say in English {what}.")


def arms_given(row: FactRow, known: Known) -> Iterator[Finding]:
    arms = _rows(row, "arms")
    if not arms:
        yield row.finding("arms", "Name at least one group of people, with its treatment.")
    if len(arms) == 1 and row.table.get("randomized"):
        message = "One group alone: write randomized = false. Readers are told that there was no comparison."
        yield row.finding("randomized", message)
    for place, arm in enumerate(arms):
        if not arm.get("name"):
            yield row.finding(f"arms.{place}.name", "Say in English what this group had.")


def people_of_all_arms(row: FactRow, known: Known) -> Iterator[Finding]:
    counts = [arm.get("people") for arm in _rows(row, "arms")]
    numbers = [count for count in counts if isinstance(count, int)]
    if numbers and len(numbers) < len(counts):
        place = next(place for place, count in enumerate(counts) if not isinstance(count, int))
        message = "The other groups say how many people they had: say it here, or of none."
        yield row.finding(f"arms.{place}.people", message)
    people = row.table.get("people")
    if any(count < 1 for count in numbers) or (isinstance(people, int) and people < 1):
        yield row.finding("people", "Leave out a number of people that the source does not give.")
    elif isinstance(people, int) and sum(numbers) > people:
        yield row.finding("people", f"The groups have {sum(numbers)} people together, more than {people}.")


def misspelled(medicine: str, slugs: Collection[str]) -> str:
    """A word is allowed; a misspelled slug would take what it is about off the medicine's page without a sound."""
    if medicine in slugs:
        return ""
    near = difflib.get_close_matches(medicine.lower().replace(" ", "-"), slugs, 1, 0.87)
    return f"There is no medicine {medicine!r}: write {near[0]!r}." if near else ""


def medicines_known(row: FactRow, known: Known) -> Iterator[Finding]:
    slugs = known.links.get("drug", ())
    for place, arm in enumerate(_rows(row, "arms")):
        medicines = arm.get("medicines")
        for medicine in medicines if isinstance(medicines, list) else ():
            if message := misspelled(str(medicine), slugs):
                yield row.finding(f"arms.{place}.medicines", message)


def benefit_and_harm_said(row: FactRow, known: Known) -> Iterator[Finding]:
    kinds = {outcome.get("kind") for outcome in _rows(row, "outcomes")}
    if "harm" not in kinds:
        message = (
            'Give the harm in the same unit, or say that it was not read: kind "harm", status "not-read".'
        )
        yield row.finding("outcomes", message)
    if "benefit" not in kinds:
        message = "Give the benefit in the same unit, or say that it was not read."
        yield row.finding("outcomes", message)


def outcomes_counted(row: FactRow, known: Known) -> Iterator[Finding]:
    """A number of 100 for each group, a middle value, or the word that it was not read: one of the three."""
    groups = len(_rows(row, "arms"))
    for place, outcome in enumerate(_rows(row, "outcomes")):
        at = f"outcomes.{place}"
        for name in ("what", "when"):
            if not outcome.get(name):
                yield row.finding(f"{at}.{name}", "Say in English what was counted, and until when.")
        given = [name for name in ("values", "median_months", "status") if outcome.get(name)]
        if len(given) != 1:
            message = 'Give values, median_months or status = "not-read": one of the three.'
            yield row.finding(f"{at}.values", message)
        for name in ("values", "low", "high", "median_months"):
            figures = _figures(outcome, name)
            if figures and len(figures) != groups:
                message = f"{name}: one number for each group. There are {groups} groups and {len(figures)} numbers."
                yield row.finding(f"{at}.{name}", message)


def outcomes_in_range(row: FactRow, known: Known) -> Iterator[Finding]:
    for place, outcome in enumerate(_rows(row, "outcomes")):
        at = f"outcomes.{place}"
        for name in ("values", "low", "high"):
            if any(not 0 <= figure <= 100 for figure in _figures(outcome, name)):
                yield row.finding(f"{at}.{name}", f"{name}: of 100 people, so between 0 and 100.")
        if any(figure <= 0 for figure in _figures(outcome, "median_months")):
            yield row.finding(f"{at}.median_months", "A middle value in months is more than 0.")
        low, high = _figures(outcome, "low"), _figures(outcome, "high")
        middle = _figures(outcome, "values") or _figures(outcome, "median_months")
        if bool(low) != bool(high):
            yield row.finding(f"{at}.low", "What is likely has two ends: give low and high.")
        elif any(not a <= b <= c for a, b, c in zip(low, middle, high, strict=False)):
            yield row.finding(f"{at}.low", "The number lies between low and high.")


def one_definition(row: FactRow, known: Known) -> Iterator[Finding]:
    """Two ways of counting, or two looks at the data, are two results."""
    said: dict[tuple[str, str, str], object] = {}
    for place, outcome in enumerate(_rows(row, "outcomes")):
        kind, thing, when = (str(outcome.get(name, "")).strip() for name in ("kind", "what", "when"))
        what = kind, thing.casefold(), when.casefold()
        if what in said:
            message = (
                "Two definitions in one result: the same was counted at the same time above"
                f"{'' if said[what] == outcome.get('values') else ', with other numbers'}. "
                "Say how they differ, or make it a result of its own."
            )
            yield row.finding(f"outcomes.{place}.what", message)
        said[what] = outcome.get("values")


def as_many_words(row: FactRow, known: Known) -> Iterator[Finding]:
    """In a further language the words of groups and outcomes stand in the order of the rows."""
    for language, words in row.words.items():
        for name, called in _PLACES:
            have = len({at.split(".")[1] for at in words if at.startswith(f"{name}.")})
            if language != row.language and have != len(_rows(row, name)):
                message = f"Write a line for each of the {len(_rows(row, name))} {called}: there are {have}."
                yield row.finding(f"{name}.{language}", message)


def _rows(row: FactRow, name: str) -> list[dict[str, object]]:
    value = row.table.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _figures(outcome: dict[str, object], name: str) -> list[float]:
    value = outcome.get(name)
    return [one for one in value if type(one) in (int, float)] if isinstance(value, list) else []


RULES = (
    result_key_once,
    population_in_english,
    arms_given,
    people_of_all_arms,
    medicines_known,
    benefit_and_harm_said,
    outcomes_counted,
    outcomes_in_range,
    one_definition,
    as_many_words,
)
