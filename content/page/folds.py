"""How much of a long list stands open, and what the line of something closed says of it."""

from __future__ import annotations

from collections.abc import Iterable

NOT_WORTH_A_TAP = 2  # A fold that would hide no more.
LONGEST_LINE = 90  # characters: about three lines on a phone


def number_open(lines: int, most: int) -> int:
    """Of so many lines, if at most so many are to stand open."""
    return most if lines > most + NOT_WORTH_A_TAP else lines


def named(inside: Iterable[str]) -> list[str]:
    """Of the names of what is inside the first ones, as many as a line holds; an ellipsis stands for the others."""
    said: list[str] = []
    for name in inside:
        if said and sum(map(len, said)) + len(name) > LONGEST_LINE:
            return [*said[:-1], f"{said[-1]}\u00a0…"]
        said.append(name)
    return said
