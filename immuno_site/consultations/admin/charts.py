"""Charts drawn on the server: places and sizes of bars, for a template that writes them as SVG.

Attributes only, no styles: the content policy allows none inline. Each chart has the same numbers as a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from content.text.hints import Words

LYING, STANDING = 460, 940  # widths, so that the words come out as large as those around them
ROW, BAR = 30, 18
LABELS, NUMBERS = 210, 50  # room left and right of lying bars
HEIGHT, FOOT = 180, 28  # standing bars, and the dates below them


@dataclass(frozen=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    label: str
    value: int
    series: int = 0

    @property
    def end(self) -> float:
        """Where the number beside a lying bar stands."""
        return self.x + self.width + 8


@dataclass(frozen=True)
class Chart:
    """A picture and its words. `summary` says in one sentence what the picture shows."""

    name: str
    title: Words
    summary: str
    height: int
    bars: Sequence[Bar]
    columns: Sequence[Words]
    rows: Sequence[Sequence[str | int]]
    ticks: Sequence[Bar] = field(default_factory=tuple)
    series: Sequence[Words] = field(default_factory=tuple)  # what bars side by side are
    width: int = LYING

    @property
    def is_empty(self) -> bool:
        return not any(bar.value for bar in self.bars)


def lying(
    name: str,
    title: Words,
    pairs: Sequence[tuple[str, int]],
    *,
    columns: Sequence[Words],
    summary: str,
    rows: Sequence[Sequence[str | int]] | None = None,
) -> Chart:
    """One bar below the other, for names of any length."""
    most = max((value for _label, value in pairs), default=0) or 1
    room = LYING - LABELS - NUMBERS
    bars = [
        Bar(LABELS, place * ROW + (ROW - BAR) / 2, round(room * value / most, 1), BAR, label, value)
        for place, (label, value) in enumerate(pairs)
    ]
    height = max(1, len(pairs)) * ROW
    return Chart(name, title, summary, height, bars, columns, pairs if rows is None else rows)


def standing(
    name: str,
    title: Words,
    groups: Sequence[tuple[str, Sequence[int]]],
    *,
    series: Sequence[Words],
    columns: Sequence[Words],
    rows: Sequence[Sequence[str | int]],
    summary: str,
) -> Chart:
    """Groups of bars side by side, for weeks. The table may say more than the bars."""
    most = max((value for _label, values in groups for value in values), default=0) or 1
    step = STANDING / max(1, len(groups))
    width = round(step * 0.8 / len(series), 1)
    bars, ticks = [], []
    every = -(-len(groups) // 8)  # so many dates can stand side by side
    for place, (label, values) in enumerate(groups):
        left = place * step + step * 0.1
        if place % every == 0:
            ticks.append(Bar(round(left, 1), HEIGHT + FOOT - 8, 0, 0, label, 0))
        for number, value in enumerate(values):
            height = round((HEIGHT - 16) * value / most, 1)
            bars.append(
                Bar(round(left + number * width, 1), HEIGHT - height, width, height, label, value, number)
            )
    return Chart(name, title, summary, HEIGHT + FOOT, bars, columns, rows, ticks, series, STANDING)
