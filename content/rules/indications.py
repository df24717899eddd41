"""What an approved use must fulfil before readers see it: one decision, days with their sources, tests to compute."""

from __future__ import annotations

import re
from collections.abc import Iterator

from content.models import BiomarkerRequirement
from content.models.indication import DAYS
from content.rules.entry_text import Finding, Known
from content.rules.fact_rows import SLUG, FactRow, day_of


def key_is_a_slug(row: FactRow, known: Known) -> Iterator[Finding]:
    for name in ("key", "same_use", "part_of"):
        key = row.table.get(name)
        if isinstance(key, str) and key and not SLUG.match(key):
            yield row.finding(name, "A key is a slug: small letters, digits and single hyphens.")


def key_once(row: FactRow, known: Known) -> Iterator[Finding]:
    key = row.table.get("key")
    if any(other.table.get("key") == key for other in row.beside):
        yield row.finding("key", f"The key {key!r} names another use already.")


def use_once(row: FactRow, known: Known) -> Iterator[Finding]:
    if row.table.get("withdrawn_on") is not None:
        return
    for other in row.beside:
        if other.table.get("withdrawn_on") is not None or other.table.get("key") == row.table.get("key"):
            continue
        if _purpose(other) == _purpose(row):
            message = (
                f"The same use as {other.table.get('key')!r}: regimen, regulator, setting, biomarkers and "
                "condition agree."
            )
            yield row.finding("key", message)
            return


def decision_once(row: FactRow, known: Known) -> Iterator[Finding]:
    """Two wordings of one decision: also what was withdrawn."""
    day = row.table.get("approved_on")
    for other in row.beside if day else ():
        same = all(
            other.table.get(name) == row.table.get(name)
            for name in ("approved_on", "withdrawn_on", "regulator")
        )
        if (
            same
            and _needs(row)
            and _purpose(other)[1:] == _purpose(row)[1:]
            and _purpose(other) != _purpose(row)
        ):
            message = f"The same decision as {other.table.get('key')!r}: say what is different, or keep one of them."
            yield row.finding("condition", message)
            return


def _purpose(row: FactRow) -> tuple[object, ...]:
    """What tells two uses apart: as `Indication.terms` and what its constraint names."""
    said = row.table.get
    return said("condition"), said("regulator"), said("setting"), _regimen(row), _needs(row)


def _regimen(row: FactRow) -> frozenset[str]:
    return frozenset(_listed(row, "regimen"))


def _needs(row: FactRow) -> frozenset[tuple[str, str]]:
    return frozenset((str(need.get("biomarker")), str(need.get("level"))) for need in _requirements(row))


def _listed(row: FactRow, name: str) -> list[str]:
    value = row.table.get(name)
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _requirements(row: FactRow) -> list[dict[str, object]]:
    needs = row.table.get("biomarkers")
    return [need for need in needs if isinstance(need, dict)] if isinstance(needs, list) else []


def regimen_of_medicines(row: FactRow, known: Known) -> Iterator[Finding]:
    """One that pages can find, each named once and by itself."""
    named = _listed(row, "regimen")
    medicines = known.links.get("drug", ())
    if not any(name in medicines for name in named):
        yield row.finding(
            "regimen", "Name a medicine of the library in the regimen, so that its page shows this use."
        )
    if len(set(named)) < len(named):
        yield row.finding("regimen", "A medicine stands in this regimen twice.")
    for name in named:
        inside = [word for word in re.split(r"\W+(?:or|and|with|plus)\W+|\s*[+/]\s*", name.lower()) if word]
        if len(inside) > 1 and sum(word.replace(" ", "-") in medicines for word in inside) > 1:
            yield row.finding("regimen", f"{name!r} joins two medicines: two regimens are two decisions.")


_OTHER_SENTENCE = re.compile(r"[;.]\s+(?:or|OR|Or)\b")
_FIRST = re.compile(r"\bas (?:the |a )?first treatment\b|\bnot been treated before\b", re.IGNORECASE)
_LATER = re.compile(
    r"\bafter (?:an? |at least |\d+ or more )*(?:earlier |other |previous |prior )\w*\s?treatments?\b"
    r"|\bafter (?:\w+ ){0,2}(?:chemotherapy|treatment) (?:failed|stopped)\b|\bas (?:a )?later treatment\b",
    re.IGNORECASE,
)


def one_decision(row: FactRow, known: Known) -> Iterator[Finding]:
    condition = row.table.get("condition")
    if not isinstance(condition, str):
        return
    two_lines = " or " in condition.lower() and _FIRST.search(condition) and _LATER.search(condition)
    if _OTHER_SENTENCE.search(condition) or two_lines:
        yield row.finding("condition", "This joins two decisions: give each a row and its own day.")


def use_alike(row: FactRow, known: Known) -> Iterator[Finding]:
    """What shares a line on a page is one use, told by each regulator once."""
    use = row.table.get("same_use")
    for other in row.beside if use and not row.table.get("withdrawn_on") else ():
        if other.table.get("same_use") != use or other.table.get("withdrawn_on"):
            continue
        name = other.table.get("key")
        if _regimen(other) != _regimen(row) or other.table.get("setting") != row.table.get("setting"):
            yield row.finding("same_use", f"Not the same use as {name!r}: regimen or setting differ.")
        elif other.table.get("regulator") == row.table.get("regulator"):
            yield row.finding(
                "same_use", f"{name!r} is of the same regulator: a regulator decides a use once."
            )


def wider_use_is_there(row: FactRow, known: Known) -> Iterator[Finding]:
    """What an earlier use is part of: current, of the same regulator and of all its medicines."""
    key = row.table.get("part_of")
    if not key:
        return
    wider = next((other for other in row.beside if other.table.get("key") == key), None)
    if wider is None:
        yield row.finding(
            "part_of", f"The wider use comes first: this cancer has none with the key {key!r} yet."
        )
    elif wider.table.get("regulator") != row.table.get("regulator") or wider.table.get("withdrawn_on"):
        yield row.finding("part_of", f"{key!r} is not a current use of the same regulator.")
    elif _regimen(wider) != _regimen(row):
        yield row.finding("part_of", f"{key!r} is of another regimen.")


def days_in_order(row: FactRow, known: Known) -> Iterator[Finding]:
    granted = day_of(row, "approved_on")
    for name in ("narrowed_on", "converted_on", "announced_on", "withdrawn_on"):
        day = day_of(row, name)
        if granted and day and day <= granted:
            what = {
                "withdrawn_on": "withdrawn",
                "converted_on": "made a full approval",
                "narrowed_on": "limited",
            }
            message = f"A use is {what.get(name, 'given up')} after it was approved."
            yield row.finding(name, message)
    announced, withdrawn = day_of(row, "announced_on"), day_of(row, "withdrawn_on")
    if announced and withdrawn and withdrawn < announced:
        yield row.finding("announced_on", "The end of a use is announced before it comes.")


def days_sourced(row: FactRow, known: Known) -> Iterator[Finding]:
    """Each day has a source among those of the row, each such source a day."""
    sources = _listed(row, "sources")
    for name, by in DAYS.items():
        day, key = row.table.get(name), row.table.get(by) or ""
        if day and not key:
            yield row.finding(name, f"Say in {by} which of its sources gives this day.")
        elif key and not day:
            yield row.finding(by, f"There is no {name}: leave out its source, or give the day.")
        elif key and sources and key not in sources:
            yield row.finding(by, f"{key!r} is none of the sources of this use.")


def announced_is_not_withdrawn(row: FactRow, known: Known) -> Iterator[Finding]:
    announced, withdrawn = row.table.get("announced_on"), row.table.get("withdrawn_on")
    if (
        withdrawn
        and withdrawn == announced
        and row.table.get("announced_source") == row.table.get("withdrawn_source")
    ):
        message = "An announcement is no withdrawal: leave out withdrawn_on until a source gives the day of the end."
        yield row.finding("withdrawn_on", message)


def converted_says_so(row: FactRow, known: Known) -> Iterator[Finding]:
    if row.table.get("converted_on") and row.table.get("approval") != "converted":
        yield row.finding("approval", "A use with a day of full approval after an early one is 'converted'.")


def undated_says_so(row: FactRow, known: Known) -> Iterator[Finding]:
    if row.table.get("approved_on") is None and not row.table.get("note"):
        yield row.finding("note", "Without a day of approval, the note says that the day is not confirmed.")


def ages_in_order(row: FactRow, known: Known) -> Iterator[Finding]:
    least, most = row.table.get("min_age"), row.table.get("max_age")
    for name, age in (("min_age", least), ("max_age", most)):
        if isinstance(age, int) and not 0 <= age <= 120:
            yield row.finding(name, "Write an age in years.")
    if isinstance(least, int) and isinstance(most, int) and most < least:
        yield row.finding("max_age", "The greatest age is not below the least one.")


def lines_fit_the_setting(row: FactRow, known: Known) -> Iterator[Finding]:
    """So that who looks for a first treatment finds it, and nobody who has had none finds a later one."""
    setting, lines = row.table.get("setting"), set(_listed(row, "lines"))
    wanted = {
        "first-line": {"first"},
        "later-line": {"second", "later"},
        "advanced": {"first", "second", "later", "any"},
    }
    fits = wanted.get(str(setting))
    if fits and not lines:
        yield row.finding(
            "lines", f"Say for which treatment lines: one or more of {', '.join(sorted(fits))}."
        )
    elif fits and not lines <= fits:
        yield row.finding("lines", f"These lines do not fit the setting {setting!r}.")


def biomarkers_once(row: FactRow, known: Known) -> Iterator[Finding]:
    asked = [(str(need.get("biomarker")), str(need.get("scale"))) for need in _requirements(row)]
    if len(set(asked)) < len(asked):
        yield row.finding("biomarkers", "A biomarker stands here twice on the same scale: keep one.")


_NUMBER = re.compile(r"\d%|\d or more")


def requirements_computable(row: FactRow, known: Known) -> Iterator[Finding]:
    needs = _requirements(row)
    for need in needs:
        counted = str(need.get("scale")) in BiomarkerRequirement.COUNTED
        numbers = [need.get(name) for name in ("at_least", "below") if need.get(name) is not None]
        if counted and not numbers:
            yield row.finding("biomarkers", f"{need.get('level')}: give the number, as at_least or below.")
        elif not counted and (numbers or _NUMBER.search(str(need.get("level")))):
            yield row.finding("biomarkers", f"{need.get('level')}: a number needs a scale that counts.")
        elif numbers and not all(
            re.search(rf"\b{number:g}(?!\.?\d)", str(need.get("level"))) for number in map(_number, numbers)
        ):
            yield row.finding(
                "biomarkers", f"{need.get('level')}: its number is another than that of the words."
            )
    groups = [need["any_of"] for need in needs if need.get("any_of") is not None]
    if any(groups.count(group) == 1 for group in groups):
        yield row.finding("biomarkers", "An any_of group needs two requirements: one of them is enough.")


def _number(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else -1.0


def condition_in_english(row: FactRow, known: Known) -> Iterator[Finding]:
    if not row.table.get("condition"):
        message = (
            "Say in English for whom this use is approved: without it, the use seems to be for everybody."
        )
        yield row.finding("condition", message)
