"""What Find shows: the questions of a cancer in words, and the uses that a reader's answers leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from content import directory, edition
from content.models import BiomarkerRequirement, Indication
from content.models.cancer_type import ANY_SOLID_TUMOR, is_solid
from content.page import coverage_shown, facts_shown, unchecked, uses
from content.page.coverage_shown import CoverageShown
from content.page.labels import label
from content.page.reading import NumberedSource, Reading
from content.text.hints import Words
from content.tools import finder
from content.tools.finder import UNSURE, Answers, Band, Need, Question, Use, Verdict

PLACES = {
    "us": Indication.Regulator.FDA,
    "eu": Indication.Regulator.EMA,
    "israel": Indication.Regulator.ISRAEL,
}
OLDEST = 120

STAGE_WORDS: dict[str, Words] = {
    "surgery": gettext_lazy("Surgery can remove it, or has removed it"),
    "local": gettext_lazy("It is in one place only, such as the lining of the bladder"),
    "chemoradiation": gettext_lazy("Chemotherapy and radiation together are planned, or were given"),
    "advanced": gettext_lazy("It has spread, or surgery cannot remove it"),
    UNSURE: gettext_lazy("Not sure"),
}
BEFORE_WORDS: dict[str, Words] = {
    "none": gettext_lazy("None yet: this is the first"),
    "one": gettext_lazy("One, and it came back or grew"),
    "more": gettext_lazy("Two or more"),
    UNSURE: gettext_lazy("Not sure"),
}
PLACE_WORDS: dict[str, Words] = {
    "us": gettext_lazy("United States"),
    "eu": gettext_lazy("European Union"),
    "israel": gettext_lazy("Israel (nobody has read the register yet)"),
}


class Unknown(Exception):
    """An address names a cancer or an answer that there is none of."""


# --- What is known of a cancer -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Library:
    """The published uses for one cancer, as the filter and as readers see them: made once between two changes."""

    cancer: directory.Listed
    rows: Mapping[str, Indication]
    given: Mapping[str, uses.Key]  # cancer and regimen of each row
    approved_in: Mapping[tuple[str, uses.Key], Sequence[str]]  # the settings, by regulator and what is given
    decided: Sequence[Use]
    questions: finder.Questions
    reading: Reading
    coverage: CoverageShown | None
    titles: Mapping[str, str]
    decisions: Mapping[str, uses.Decision]
    brands: Mapping[str, str]

    @property
    def cancers(self) -> frozenset[str]:
        return frozenset({self.cancer.slug, *(use.cancer for use in self.decided)})


def cancers(language: str) -> list[directory.Listed]:
    """All that can be chosen, by name."""
    every = edition.shared(("cancers", language), lambda: directory.all_of("cancer", language))
    return [one for one in every if one.slug != ANY_SOLID_TUMOR]


def library(slug: str, language: str) -> Library:
    """Of a solid cancer with the uses for any solid tumor."""
    return edition.shared(("find", slug, language), lambda: _library(slug, language))


def _library(slug: str, language: str) -> Library:
    cancer = next((one for one in cancers(language) if one.slug == slug), None)
    if cancer is None:
        raise Unknown
    rows = facts_shown.uses_for(slug)
    if is_solid(slug):
        rows = [*rows, *facts_shown.uses_for(ANY_SOLID_TUMOR)]
    covered = coverage_shown.rows_about(("cancer", slug), rows)
    reading = Reading(
        [],
        language=language,
        facts=rows,
        mentions=coverage_shown.mentioned(covered) | {("cancer", slug)},
        cited=coverage_shown.sources(covered),
    )
    coverage = coverage_shown.covered(("cancer", slug), rows, reading, covered)
    known = [_use(row) for row in rows]
    given = {row.key: uses.what_is_given(row) for row in rows}
    approved_in: dict[tuple[str, uses.Key], list[str]] = {}
    for row in rows:
        if row.is_current:
            approved_in.setdefault((row.regulator, given[row.key]), []).append(row.setting)
    return Library(
        cancer=cancer,
        rows={row.key: row for row in rows},
        given=given,
        approved_in=approved_in,
        decided=known,
        questions=finder.questions(known),
        reading=reading,
        coverage=coverage,
        titles={row.key: uses.title_of(row, reading) for row in rows},
        decisions={row.key: uses.decision_of(row, reading) for row in rows},
        brands=_brands(language),
    )


def _use(row: Indication) -> Use:
    """One whose end was announced is none to ask for, also while no source gives the day of it."""
    needs = tuple(
        Need(need.biomarker.slug, need.scale, need.at_least, need.below, need.any_of, need.level)
        for need in row.requirements.all()
    )
    return Use(
        row.key, row.cancer.slug, row.setting, row.regulator, tuple(row.lines), needs, row.min_age, row.max_age,
        row.state, "ending" if row.announced_on and row.is_current else row.status,
    )  # fmt: skip


def _brands(language: str) -> dict[str, str]:
    """The first brand name of each medicine."""
    return edition.shared(
        ("brands", language),
        lambda: {
            one.slug: one.other_names[0] for one in directory.all_of("drug", language) if one.other_names
        },
    )


# --- What is asked --------------------------------------------------------------------------------------------


class Option(NamedTuple):
    value: str
    words: Words
    is_chosen: bool


@dataclass(frozen=True)
class AskedTest:
    """A question on a test. `url` leads to the page that says how it is done."""

    name: str
    words: str
    options: list[Option]
    url: str


@dataclass(frozen=True)
class Form:
    """The questions with what was answered so far; a part that nothing can be asked about is empty."""

    stages: list[Option]
    befores: list[Option]
    tests: list[AskedTest]
    places: list[Option]
    asks_age: bool
    age: str
    age_error: str = ""
    contradictions: list[str] = field(default_factory=list)

    @property
    def is_wrong(self) -> bool:
        return bool(self.age_error or self.contradictions)


def form(known: Library, asked: QueryDict) -> tuple[Form, Answers]:
    """The questions and what the address answers. `Unknown` if it names an answer that there is none of."""
    said, contradictions = _tests_said(known, asked.getlist("test"))
    stage, before = _one_of(asked, "stage", finder.STAGES), _one_of(asked, "line", finder.BEFORE)
    places = [place for place in asked.getlist("where") if place]
    if not set(places) <= set(PLACES):
        raise Unknown
    age, age_error = _age(asked.get("age", "").strip())
    listed = known.questions
    answered = Form(
        stages=_options([*listed.stages, UNSURE], STAGE_WORDS, [stage]) if listed.stages else [],
        befores=_options([*listed.lines, UNSURE], BEFORE_WORDS, [before]) if listed.lines else [],
        tests=[_asked_test(known, question, said.get(question.name, "")) for question in listed.tests],
        places=_options(PLACES, PLACE_WORDS, places or list(PLACES)),
        asks_age=listed.asks_age,
        age=asked.get("age", "").strip()[:10],
        age_error=age_error,
        contradictions=contradictions,
    )
    answers = Answers(
        cancers=known.cancers,
        stage=stage if listed.stages else UNSURE,
        before=before if listed.lines else UNSURE,
        age=age,
        regulators=frozenset(PLACES[place].value for place in places),
        tests=said,
    )
    return answered, answers


def _one_of(asked: QueryDict, name: str, choices: Iterable[str]) -> str:
    values = {value for value in asked.getlist(name) if value} or {UNSURE}
    if not values <= {UNSURE, *choices}:
        raise Unknown
    return values.pop() if len(values) == 1 else UNSURE  # two answers: they are not sure


def _age(said: str) -> tuple[int | None, str]:
    if not said:
        return None, ""
    if said.isascii() and said.isdigit() and len(said) < 4 and int(said) <= OLDEST:
        return int(said), ""
    return None, _("Write the age in whole years, as 64. Or leave it empty.")


def _tests_said(known: Library, values: Iterable[str]) -> tuple[dict[str, str], list[str]]:
    """Question -> answer, and the questions that have two."""
    by_name = {question.name: question for question in known.questions.tests}
    said: dict[str, str] = {}
    twice: list[str] = []
    for value in filter(None, values):
        name, _dot, answer = value.partition(".")
        question = by_name.get(name)
        if question is None or not (finder.band(answer) if question.scale else answer in question.answers):
            raise Unknown
        if said.setdefault(name, answer) != answer:
            twice.append(_test_words(known, question))
    contradictions = [
        _("%(test)s has two results here. Choose one, or “Not tested, or not sure”.") % {"test": test}
        for test in dict.fromkeys(twice)
    ]
    return said, contradictions


def _options(values: Iterable[str], words: Mapping[str, Words], chosen: Sequence[str]) -> list[Option]:
    return [Option(value, words[value], value in chosen) for value in values]


def _asked_test(known: Library, question: Question, said: str) -> AskedTest:
    answers = question.answers
    if said and said not in answers:  # an address from before the bands changed
        answers = [*answers, said]
    options = [Option("", _("Not tested, or not sure"), not said)]
    options += [
        Option(f"{question.name}.{one}", answer_in_words(question, one), one == said) for one in answers
    ]
    entry = known.reading.entry("biomarker", question.biomarker)
    return AskedTest(question.name, _test_words(known, question), options, entry.url)


def _test_words(known: Library, question: Question) -> str:
    """ "PD-L1 (CPS: combined positive score)"."""
    name = known.reading.entry("biomarker", question.biomarker).name
    if question.scale:
        scale = label(BiomarkerRequirement.Scale, question.scale)
        return f"{name} ({scale})" if question.scale != "per-megabase" else name
    return name


def answer_in_words(question: Question, answer: str) -> str:
    """A result as a report has it: "1 to less than 50", or the change by name."""
    told = finder.band(answer) if question.scale else None
    if told:
        return _band_in_words(told)
    if answer == "no":
        return _("Tested: I do not have it")
    if answer == "other":
        return _("I have it, but another kind, or I do not know which")
    return _("I have it: %(level)s") % {"level": dict(question.kinds).get(answer, answer)}


def _band_in_words(told: Band) -> str:
    low, high = f"{told.low.normalize():f}", f"{told.high.normalize():f}"
    if told.low == finder.LOWEST:
        return _("Less than %(number)s") % {"number": high}
    if told.high == finder.HIGHEST:
        return _("%(number)s or more") % {"number": low}
    return _("%(low)s or more, but less than %(high)s") % {"low": low, "high": high}


def asked_in_words(known: Library, form: Form) -> list[tuple[str, str]]:
    """What was asked, as one line: (question, answer)."""
    told = [(_("Cancer"), known.cancer.name)]
    for question, options in ((_("How far"), form.stages), (_("Treatments before"), form.befores)):
        told += [(question, str(one.words)) for one in options if one.is_chosen]
    if form.age and not form.age_error:
        told.append((_("Age"), form.age))
    for test in form.tests:
        told += [(test.words, str(one.words)) for one in test.options if one.is_chosen and one.value]
    if any(one.is_chosen and not one.value for test in form.tests for one in test.options):
        told.append((_("Tests not named here"), _("Not tested, or not sure")))
    chosen = [str(one.words) for one in form.places if one.is_chosen]
    return [*told, (_("Approved where"), ", ".join(chosen))]


# --- What is found --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Said:
    """What one or more regulators say in the same words."""

    places: str
    condition: str
    population: str
    needs: list[list[uses.Need]]


@dataclass(frozen=True)
class FoundLine:
    """One regimen in one setting. `asks`: the tests still open. `why`: the answers it does not fit."""

    title: str
    brands: str
    setting: str
    cancer: str  # where it is another than the one asked for
    chips: list[uses.Chip]
    said: list[Said]
    decisions: list[uses.Decision]
    medicines: list[directory.Listed]
    asks: list[str]
    why: list[str]

    @property
    def compare(self) -> str:
        """As Compare names it; empty where it knows nothing of it."""
        return ",".join(entry.slug for entry in self.medicines)


@dataclass(frozen=True)
class MissingTest:
    name: str
    url: str


@dataclass(frozen=True)
class FoundUses:
    """In the order of the alphabet: no line is better than another."""

    match: list[FoundLine]
    if_tested: list[FoundLine]
    no: list[FoundLine]
    missing: list[MissingTest]
    sources: list[NumberedSource]
    unchecked: list[str]


def found_uses(known: Library, answers: Answers) -> FoundUses:
    found = finder.find(known.decided, answers)
    regulators = [one for one in uses.REGULATORS if not answers.regulators or one in answers.regulators]
    shown = [*found.match, *found.if_tested]
    numbers = {
        number for one in shown for number in known.decisions[one.use.key].source_numbers
    } | _numbers_of_coverage(known)
    return FoundUses(
        match=_lines(known, found.match, regulators),
        if_tested=_lines(known, found.if_tested, regulators),
        no=_lines(known, found.no, regulators),
        missing=_missing(known, found.if_tested),
        sources=[one for one in known.reading.sources if one.number in numbers],
        unchecked=unchecked.named(known.rows[one.use.key] for one in shown),
    )


def _numbers_of_coverage(known: Library) -> set[int]:
    places = known.coverage.places if known.coverage else []
    texts = [text for place in places for text in place.texts]
    newer = [number for text in texts for one in text.medicines for number in one.newest_numbers]
    return {*newer, *(number for text in texts for number in text.source_numbers)}


def _lines(known: Library, verdicts: Iterable[Verdict], regulators: Sequence[str]) -> list[FoundLine]:
    alike: dict[object, list[Verdict]] = {}
    for verdict in verdicts:
        use = verdict.use
        alike.setdefault((known.given[use.key], use.setting), []).append(verdict)
    lines = [_line(known, its, regulators) for its in alike.values()]
    order = [str(one) for one in Indication.Setting.values]
    return sorted(lines, key=lambda one: (one.title.casefold(), _place_in(order, one), one.cancer))


def _place_in(order: list[str], line: FoundLine) -> int:
    labels = [label(Indication.Setting, one) for one in order]
    return labels.index(line.setting)


def _line(known: Library, verdicts: list[Verdict], regulators: Sequence[str]) -> FoundLine:
    order = {regulator: place for place, regulator in enumerate(uses.REGULATORS)}
    verdicts.sort(key=lambda one: (order[one.use.regulator], one.use.key))
    rows = [known.rows[one.use.key] for one in verdicts]
    first, entries = rows[0], uses.members_of(rows[0], known.reading)
    brands = [known.brands[entry.slug] for entry in entries if entry.slug in known.brands]
    return FoundLine(
        title=known.titles[first.key],
        brands=", ".join(dict.fromkeys(brands)),
        setting=label(Indication.Setting, first.setting),
        cancer="" if first.cancer.slug == known.cancer.slug else _name_of(known, first),
        chips=[_chip(known, regulator, rows) for regulator in regulators],
        said=_said(known, rows),
        decisions=[known.decisions[row.key] for row in rows],
        medicines=[entry for entry in entries if entry.url],
        asks=list(dict.fromkeys(words for one in verdicts if (words := _asks(known, one)))),
        why=list(dict.fromkeys(words for one in verdicts for words in _why(known, one))),
    )


def _name_of(known: Library, row: Indication) -> str:
    return known.reading.entry("cancer", row.cancer.slug).name


def _said(known: Library, rows: Iterable[Indication]) -> list[Said]:
    by_words: dict[tuple[str, str, str], list[Indication]] = {}
    for row in rows:
        decision = known.decisions[row.key]
        needs = str(decision.needs)
        by_words.setdefault((decision.condition, decision.population, needs), []).append(row)
    return [
        Said(
            ", ".join(dict.fromkeys(uses.place_of(row.regulator) for row in its)),
            condition,
            population,
            known.decisions[its[0].key].needs,
        )
        for (condition, population, _needs), its in by_words.items()
    ]


def _chip(known: Library, regulator: str, rows: Sequence[Indication]) -> uses.Chip:
    place = uses.place_of(regulator)
    own = [row for row in rows if row.regulator == regulator]
    if own:
        years = [row.granted_on.year for row in own if row.granted_on]
        return uses.Chip(place, "year", min(years)) if years else uses.Chip(place, "tick")
    settings = known.approved_in.get((regulator, known.given[rows[0].key]), ())
    if any(uses.may_be_one_setting(setting, rows[0].setting) for setting in settings):
        return uses.Chip(place, "other")
    return uses.Chip(place, uses.what_was_read(regulator, rows[0]))


def _need_words(known: Library, need: Need) -> str:
    name = known.reading.entry("biomarker", need.biomarker).name
    return f"{name}: {need.level}" if need.is_counted and need.scale != "per-megabase" else need.level


def _asks(known: Library, verdict: Verdict) -> str:
    """ "US: PD-L1: TPS 1% or more"; what one of them is enough of, with "or"."""
    if not verdict.open:
        return ""
    groups: dict[object, list[str]] = {}
    for place, need in enumerate(verdict.open):
        key = f"any {need.any_of}" if need.any_of is not None else place
        groups.setdefault(key, []).append(_need_words(known, need))
    words = _("; and ").join(_(" or ").join(group) for group in groups.values())
    return f"{uses.place_of(verdict.use.regulator)}: {words}"


def _why(known: Library, verdict: Verdict) -> Iterable[str]:
    row = known.rows[verdict.use.key]
    place = uses.place_of(verdict.use.regulator)
    for reason in verdict.why:
        if reason == "stage":
            yield _("It is for another point: “%(setting)s”.") % {
                "setting": label(Indication.Setting, row.setting)
            }
        elif reason == "line":
            named = ", ".join(label(Indication.Line, line) for line in verdict.use.lines)
            yield _("It is for another turn: “%(line)s”.") % {"line": named}
        elif reason == "after-another":
            yield _("It comes after another treatment. You said: none yet.")
        elif reason == "age":
            yield _("%(place)s: it is for another age: %(population)s.") % {
                "place": place, "population": known.decisions[row.key].population or _ages(verdict.use),
            }  # fmt: skip
        else:
            needs = _(" or ").join(_need_words(known, need) for need in verdict.refused)
            yield _("%(place)s: it asks for a test result that is not yours: %(needs)s.") % {
                "place": place, "needs": needs,
            }  # fmt: skip


def _ages(use: Use) -> str:
    low, high = use.min_age, use.max_age
    if low is not None and high is not None:
        return _("from %(low)s to %(high)s years") % {"low": low, "high": high}
    if low is not None:
        return _("from %(low)s years") % {"low": low}
    return _("up to %(high)s years") % {"high": high}


def _missing(known: Library, verdicts: Iterable[Verdict]) -> list[MissingTest]:
    slugs = sorted({need.biomarker for one in verdicts for need in one.open})
    entries = [known.reading.entry("biomarker", slug) for slug in slugs]
    return [MissingTest(one.name, f"{one.url}#how-tested" if one.url else "") for one in entries]
