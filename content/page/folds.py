"""How much of a long list stands open."""

NOT_WORTH_A_TAP = 2  # A fold that would hide no more.


def number_open(lines: int, most: int) -> int:
    """Of so many lines, if at most so many are to stand open."""
    return most if lines > most + NOT_WORTH_A_TAP else lines
