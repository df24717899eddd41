"""Results of trials as the reader gets them: people out of 100, harm beside benefit, the difference in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from content import directory
from content.models import (
    CancerTypeContent,
    EntryContent,
    Fact,
    Indication,
    Result,
    ResultOutcome,
    ResultText,
    TherapyClassContent,
)
from content.page.folds import named
from content.page.reading import Reading

MOST_OPEN = 1
MOST_ON_A_CLASS = 12


@dataclass(frozen=True)
class Figure:
    """How many of 100 people: a whole number, `exact` if the source has a finer one. Ends of what is likely."""

    people: int
    exact: str = ""
    low: int | None = None
    high: int | None = None

    @property
    def rows(self) -> list[tuple[int, int]]:
        """The people to color, row by row of ten: the row's number, and how many in it."""
        return [(row, min(10, self.people - 10 * row)) for row in range((self.people + 9) // 10)]

    @property
    def heads(self) -> str:
        """A path of dots, one a person; see `.people` in the style sheet."""
        return "".join(f"M.5 {_short(row * 1.2 + 0.25)}h{_short(count - 0.99)}" for row, count in self.rows)

    @property
    def bodies(self) -> str:
        return "".join(f"M.22 {_short(row * 1.2 + 0.74)}h{_short(count - 0.44)}" for row, count in self.rows)


def _short(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".").removeprefix("0")


@dataclass(frozen=True)
class Counted:
    """What heads a column: what was counted, and when."""

    kind: str
    what: str
    when: str

    @property
    def side(self) -> str:
        return _("Harm:") if self.kind == ResultOutcome.Kind.HARM else _("Benefit:")


@dataclass(frozen=True)
class Picture(Counted):
    """One of the two columns: the people in each group."""

    figures: list[Figure]


@dataclass(frozen=True)
class Group:
    """People who had the same treatment. `cells` are its figures, picture by picture."""

    name: str
    people: int | None
    cells: list[tuple[str, Figure]]


@dataclass(frozen=True)
class Line(Counted):
    """What is told in words: a further outcome, group by group; or that it was not read."""

    unit: str  # people, months, or nothing where it was not read
    values: list[tuple[str, str]]

    @property
    def when_briefly(self) -> str:
        """For the head of a narrow column: until when benefit was counted. When harm was, stands below."""
        return "" if self.kind == ResultOutcome.Kind.HARM else self.when.partition("; ")[0]

    @property
    def remark(self) -> str:
        """What else is told of the count: below the table, which it would make high."""
        return self.when if self.kind == ResultOutcome.Kind.HARM else self.when.partition("; ")[2]

    @property
    def difference(self) -> str:
        """The first group against the last, of 100 people; nothing where they are alike once they are whole."""
        if self.unit != "people" or len(self.values) < 2:
            return ""
        more = int(self.values[0][1]) - int(self.values[-1][1])
        if more > 0:
            return ngettext("%(number)d more", "%(number)d more", more) % {"number": more}
        if more < 0:
            return ngettext("%(number)d fewer", "%(number)d fewer", -more) % {"number": -more}
        return ""


@dataclass(frozen=True)
class ResultShown:
    """One result: a table of pictures, and lines below it."""

    population: str
    trial: str
    registry_id: str
    people: int | None
    analysis: str
    pictures: list[Picture]
    groups: list[Group]
    told: list[Line]  # the same as the pictures, in words
    lines: list[Line]
    differences: list[str]
    compares: tuple[str, str] | None  # the two groups of the differences, where there are more than two
    first_benefit: Line | None  # of 100 or in months
    months: Line | None  # large in place of pictures, where nothing was counted of 100
    harm_not_read: bool
    is_alone: bool
    is_randomized: bool
    source_numbers: list[int]
    publisher: str

    @property
    def in_brief(self) -> list[Line]:
        """For a fold: in words, the benefit that its file names first, of 100 or in months; and the harm."""
        benefit = ResultOutcome.Kind.BENEFIT
        return [
            *([self.first_benefit] if self.first_benefit else []),
            *(line for line in self.told if line.kind != benefit),
        ]

    @property
    def by_group(self) -> list[tuple[str, list[tuple[str, bool]]]]:
        """Name of a group -> what was counted in it for each line in brief, and whether in months."""
        columns = [(dict(line.values), line.unit == "months") for line in self.in_brief]
        return [
            (group.name, [(values.get(group.name, ""), in_months) for values, in_months in columns])
            for group in self.groups
        ]

    @property
    def differences_in_brief(self) -> list[str]:
        """For each line in brief; none at all if no line has one."""
        differences = [line.difference for line in self.in_brief]
        return differences if any(differences) else []


@dataclass(frozen=True)
class Fold:
    """Results under one heading: a cancer, or a setting on a cancer's page."""

    heading: str
    url: str
    rows: list[ResultShown]
    is_further: bool = False  # of a cancer with results that stand open

    @property
    def names(self) -> list[str]:
        """What was tested, so that a closed fold says what is in it."""
        return named(dict.fromkeys(row.groups[0].name for row in self.rows if row.groups))


@dataclass(frozen=True)
class Results:
    """Some stand open, the others folded under what they are about."""

    open: list[Fold]
    folded: list[Fold]
    folds_are_short: bool  # in words alone: the pictures stand on the cancer's own page
    left_out: list[directory.Listed]  # cancers whose further results stand on pages of their own

    @property
    def range(self) -> Figure | None:
        """The first whose likely ends are told: what they mean is said once."""
        figures = (
            figure
            for fold in [*self.open, *([] if self.folds_are_short else self.folded)]
            for row in fold.rows
            for picture in row.pictures
            for figure in picture.figures
        )
        return next((figure for figure in figures if figure.low is not None), None)


def results(content: EntryContent, facts: Iterable[Fact], reading: Reading) -> Results | None:
    """Those of a page: by setting for a cancer, by cancer elsewhere."""
    rows = [fact for fact in facts if isinstance(fact, Result)]
    if not rows:
        return None
    on_cancer = isinstance(content, CancerTypeContent)
    settings = Indication.Setting.values
    if not on_cancer:
        # The cancers that were studied most come first.
        studied = Counter(row.cancer.slug for row in rows)
        rows.sort(key=lambda row: (-studied[row.cancer.slug], reading.entry("cancer", row.cancer.slug).name))
    if isinstance(content, TherapyClassContent):
        rows = _one_each_first(rows)
        shown = rows[:MOST_ON_A_CLASS]
    else:
        shown = rows
    open_, rest = shown[:MOST_OPEN], shown[MOST_OPEN:]
    if on_cancer:
        rest = sorted(rest, key=lambda row: settings.index(row.setting))
    left_out = {row.cancer.slug: reading.entry("cancer", row.cancer.slug) for row in rows[len(shown) :]}
    open_folds = _folds(open_, reading, by_setting=on_cancer, are_open=True)
    told = {fold.heading for fold in open_folds}
    return Results(
        open_folds,
        [
            replace(fold, is_further=fold.heading in told)
            for fold in _folds(rest, reading, by_setting=on_cancer)
        ],
        not on_cancer,
        [cancer for cancer in left_out.values() if cancer.url],
    )


def _one_each_first(rows: list[Result]) -> list[Result]:
    """The first result of each cancer before the second of any."""
    seen: Counter[str] = Counter()
    turns = []
    for row in rows:
        turns.append((seen[row.cancer.slug], row))
        seen[row.cancer.slug] += 1
    return [row for _turn, row in sorted(turns, key=lambda turn: turn[0])]


def _folds(rows: list[Result], reading: Reading, *, by_setting: bool, are_open: bool = False) -> list[Fold]:
    folds: dict[str, Fold] = {}
    for row in rows:
        cancer = reading.entry("cancer", row.cancer.slug)
        heading, url = (
            (str(Indication.Setting(row.setting).label), "") if by_setting else (cancer.name, cancer.url)
        )
        if by_setting and are_open:
            heading = ""  # what they are about stands in each
        folds.setdefault(heading, Fold(heading, url, [])).rows.append(result_shown(row, reading))
    return list(folds.values())


def result_shown(row: Result, reading: Reading) -> ResultShown:
    text = row.text_in(reading.language)
    names = list(text.arm_names) if text else []
    arms = row.arm_rows
    of_arm = [names[place] if place < len(names) else "" for place in range(len(arms))]
    told = _told(row, text)
    pictures = _pictures(told)
    in_pictures = {(picture.kind, picture.what, picture.when) for picture in pictures}
    lines = [_line(one, of_arm) for one in told if one.outcome.status != ResultOutcome.Status.NOT_READ]
    others = [line for line in lines if (line.kind, line.what, line.when) not in in_pictures]
    months = next((line for line in others if line.unit == "months"), None) if not pictures else None
    harms = [one.outcome for one in told if one.outcome.kind == ResultOutcome.Kind.HARM]
    source = reading.source(row.source.key) if row.source else None
    return ResultShown(
        population=reading.words(text.population) if text else "",
        trial=row.trial,
        registry_id=row.registry_id,
        people=row.people,
        analysis=text.analysis if text else "",
        pictures=pictures,
        groups=[
            Group(of_arm[place], arm.people, [(picture.kind, picture.figures[place]) for picture in pictures])
            for place, arm in enumerate(arms)
        ],
        told=[line for line in lines if (line.kind, line.what, line.when) in in_pictures],
        lines=[line for line in others if line is not months],
        first_benefit=next((line for line in lines if line.kind == ResultOutcome.Kind.BENEFIT), None),
        months=months,
        differences=[reading.words(one) for one in _differences(pictures)],
        compares=(of_arm[0], of_arm[-1]) if len(arms) > 2 else None,
        harm_not_read=all(outcome.status == ResultOutcome.Status.NOT_READ for outcome in harms),
        is_alone=len(arms) == 1,
        is_randomized=row.randomized,
        source_numbers=reading.cite(row),
        publisher=source.publisher if source else "",
    )


class _Told(NamedTuple):
    """An outcome, and what was counted when in the words of the reader."""

    outcome: ResultOutcome
    what: str
    when: str


def _told(row: Result, text: ResultText | None) -> list[_Told]:
    words = list(zip(text.outcome_whats, text.outcome_whens, strict=False)) if text else []
    return [
        _Told(outcome, *(words[place] if place < len(words) else ("", "")))
        for place, outcome in enumerate(row.outcome_rows)
    ]


def _pictures(told: list[_Told]) -> list[Picture]:
    """Of each kind the first that was counted."""
    firsts: dict[str, _Told] = {}
    for one in told:
        if one.outcome.values:
            firsts.setdefault(one.outcome.kind, one)
    shown = (firsts[kind] for kind in ResultOutcome.Kind.values if kind in firsts)
    return [Picture(outcome.kind, what, when, _figures(outcome)) for outcome, what, when in shown]


def _figures(outcome: ResultOutcome) -> list[Figure]:
    ends = list(zip(outcome.low, outcome.high, strict=False)) or [(None, None)] * len(outcome.values)
    return [
        replace(figure_of(value), low=_whole(low), high=_whole(high))
        for value, (low, high) in zip(outcome.values, ends, strict=False)
    ]


def figure_of(value: float) -> Figure:
    """People are whole; what the source says more finely stays readable."""
    whole = _whole(value) or 0
    return Figure(whole, "" if whole == value else localize(value))


def _whole(value: float | None) -> int | None:
    """Halves go up, as people round."""
    return None if value is None else int(value + 0.5)


def _line(told: _Told, names: list[str]) -> Line:
    outcome, what, when = told
    if outcome.values:
        figures = [str(figure.people) for figure in map(figure_of, outcome.values)]
        return Line(outcome.kind, what, when, "people", list(zip(names, figures, strict=False)))
    months = [localize(value) for value in outcome.median_months]
    return Line(outcome.kind, what, when, "months", list(zip(names, months, strict=False)))


def _differences(pictures: list[Picture]) -> Iterator[str]:
    """The first group against the last, which is the comparison; in the whole numbers that stand in the table."""
    for picture in pictures:
        first, *others = picture.figures
        if not others or first.people == others[-1].people:
            continue
        said = {
            "what": f"{picture.what} {picture.when}".strip(),
            "number": abs(first.people - others[-1].people),
        }
        if first.people > others[-1].people:
            yield _("%(number)d more of 100: %(what)s") % said
        else:
            yield _("%(number)d fewer of 100: %(what)s") % said
