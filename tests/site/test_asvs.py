"""Every requirement of the standard for web applications is answered: by tests that exist, or by a reason."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache

from django.conf import settings

TESTS = settings.ROOT / "tests"
NAMED_IN_A_REASON = re.compile(r"\w+/test_\w+\.py(?:::\w+)?")
# Section -> its requirements of level 1 and 2 (version 5.0.0), by their last number.
ASKED = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1, "3.2": 2, "3.3": 4,
    "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4, "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4, "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5,
    "7.5": 2, "7.6": 2, "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1, "9.1": 3, "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4,
    "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3, "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1,
    "12.1": 3, "12.2": 2, "12.3": 4, "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3,
    "15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1, "17.2": 4,
    "17.3": 2,
}  # fmt: skip


@cache
def functions_of(path: str) -> set[str]:
    tree = ast.parse((TESTS / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_requirement_has_its_tests_or_its_reason():
    answers = tomllib.loads((TESTS / "site" / "asvs.toml").read_text())
    asked = {f"{section}.{number}" for section, last in ASKED.items() for number in range(1, last + 1)}
    assert len(asked) == 253
    covered = {key: {one for one in asked if f"{one}.".startswith(f"{key}.")} for key in answers}
    assert [key for key, ids in covered.items() if not ids] == []
    assert asked - set().union(*covered.values()) == set()
    missing = []
    for key, answer in answers.items():
        is_reason = isinstance(answer, str)
        for test in NAMED_IN_A_REASON.findall(answer) if is_reason else answer:
            path, _, name = test.partition("::")
            if name not in functions_of(path) | ({""} if is_reason else set()):
                missing.append((key, test))
    assert missing == []
