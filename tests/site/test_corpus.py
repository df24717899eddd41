"""No case of the bad-input corpus is without a test, and no test covers a case that nobody described."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

from django.conf import settings

from tests.corpus import read_cases

# As many of each kind as were agreed on.
KINDS = {
    "F": 24, "D": 7, "U": 20, "B": 10, "N": 5, "A": 12, "C": 14, "H": 9, "R": 3, "S": 1, "X-S": 6, "P": 5,
}  # fmt: skip


def _named_by_tests() -> set[str]:
    """The cases in all marks `pytest.mark.corpus(...)`."""
    calls = (
        node
        for path in (Path(settings.ROOT) / "tests").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    )
    marks = (call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "corpus")
    return {word.value for mark in marks for word in mark.args if isinstance(word, ast.Constant)}


def test_corpus_holds_every_case_agreed_on():
    assert Counter(name.rstrip("0123456789") for name in read_cases()) == KINDS


def test_every_case_has_a_test():
    assert set(read_cases()) - _named_by_tests() == set()


def test_every_test_names_a_case_that_is_described():
    assert _named_by_tests() - set(read_cases()) == set()
