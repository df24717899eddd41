"""The bad-input corpus as a table: what is put in, what has to happen, which tests show it, and whether it holds.

A pytest plugin that only `make corpus` loads. The cases stand in corpus.toml; `tests/site/test_corpus.py` holds
that each of them has a test.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.db import connection

HERE = Path(__file__).parent


@dataclass
class Case:
    """One line of the corpus, with how often each of its tests ended in which way."""

    put_in: str
    expected: str
    outcomes: dict[str, Counter[str]] = field(default_factory=dict)

    @property
    def result(self) -> str:
        ended = {outcome for test in self.outcomes.values() for outcome in test}
        if not ended:
            return "no test"
        return "passed" if ended == {"passed"} else "FAILED"  # a skipped test shows nothing

    def lines(self, name: str) -> Iterator[str]:
        yield f"{name:5} {self.result:8} {self.put_in} -> {self.expected}"
        for test, outcomes in sorted(self.outcomes.items()):
            counted = "" if outcomes == {"passed": 1} else f" ({_counted(outcomes)})"
            yield f"{'':14} {test.removeprefix('tests/')}{counted}"


def _counted(outcomes: Counter[str]) -> str:
    return ", ".join(f"{number} {outcome}" for outcome, number in sorted(outcomes.items()))


def read_cases() -> dict[str, Case]:
    return {name: Case(*told) for name, told in tomllib.loads((HERE / "corpus.toml").read_text()).items()}


_cases = read_cases()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test's properties travel with its result, from whichever process ran it."""
    for item in items:
        item.user_properties += [
            ("corpus", name) for mark in item.iter_markers("corpus") for name in mark.args
        ]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" or report.outcome != "passed":
        test = report.nodeid.partition("[")[0]
        for name in (value for key, value in report.user_properties if key == "corpus"):
            _cases[name].outcomes.setdefault(test, Counter())[report.outcome] += 1


def pytest_sessionfinish(session: pytest.Session) -> None:
    in_charge = not hasattr(session.config, "workerinput")
    if in_charge and any(case.result != "passed" for case in _cases.values()):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.section(f"bad-input corpus on {connection.display_name}")
    for name, case in _cases.items():
        for line in case.lines(name):
            terminalreporter.write_line(line, red=case.result != "passed")
    hold = sum(case.result == "passed" for case in _cases.values())
    terminalreporter.write_line(
        f"{hold} of {len(_cases)} cases hold on {connection.display_name}.", bold=True
    )
