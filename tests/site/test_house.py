"""The layout is the architecture: arrows run one way, one reader of the environment, nothing forgotten."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

ROOT = Path(settings.ROOT)
TOP_LEVEL = {
    "manage.py", "immuno_site", "content", "templates", "static", "tests", "pyproject.toml", "README.md",
    "Makefile", "requirements.lock",
}  # fmt: skip


def tracked() -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    return [Path(name) for name in names if name]


def python_files(folder: str) -> list[Path]:
    return [path for path in (ROOT / folder).rglob("*.py") if "/migrations/" not in str(path)]


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


def test_top_level_holds_what_was_agreed():
    top = {path.parts[0] for path in tracked()}
    assert {name for name in top if not name.startswith(".")} <= TOP_LEVEL


def test_arrows_run_one_way():
    """The contracts stand in pyproject.toml; imports for types alone count, too."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    held = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert held.returncode == 0, held.stdout


@pytest.mark.parametrize("path", python_files("immuno_site"), ids=str)
def test_house_does_not_lean_on_tests(path):
    assert not [name for name in imported(path) if name.split(".")[0] == "tests"]


def test_real_library_is_named_by_tests_that_are_marked_for_it():
    """All others begin with tests/library, so that they cost and say the same however much the library grows."""
    own = {"tests/stocks.py", "tests/conftest.py", "tests/site/test_house.py"}
    strangers = [
        path.relative_to(ROOT).as_posix()
        for path in python_files("tests")
        if re.search(r"\bREAL\b|content/library", text := path.read_text(encoding="utf-8"))
        and "pytest.mark.stock" not in text
    ]
    assert set(strangers) <= own


def test_every_test_of_the_stock_is_marked():
    unmarked = [
        path.name
        for path in python_files("tests/stock")
        if path.name.startswith("test_")
        and not re.search(r"^pytestmark = .*pytest\.mark\.stock", path.read_text(), re.MULTILINE)
    ]
    assert unmarked == []


def test_markdown_and_its_allowlist_have_one_caller():
    callers = {
        path.relative_to(ROOT).as_posix()
        for folder in ("content", "immuno_site")
        for path in python_files(folder)
        if {name.split(".")[0] for name in imported(path)} & {"markdown", "nh3"}
    }
    assert callers == {"content/text/prose.py"}


def test_signals_are_received_in_one_file():
    receivers = {
        path.relative_to(ROOT).as_posix()
        for path in python_files("content")
        if re.search(r"@receiver|\.connect\(", path.read_text(encoding="utf-8"))
    }
    assert receivers == {"content/hooks.py"}


def test_facts_are_approved_by_the_gate_and_the_import_only():
    """`FactQuerySet.approve` asks for no rule: these two have asked before."""
    callers = {
        path.relative_to(ROOT).as_posix()
        for folder in ("content", "immuno_site")
        for path in python_files(folder)
        if ".approve(" in path.read_text(encoding="utf-8")
    }
    assert callers == {"content/models/fact.py", "content/review/facts.py", "content/stock/importing.py"}


def test_environment_is_read_by_settings_only():
    # deploy/gunicorn.conf.py runs before Django exists; wsgi.py and manage.py name the settings.
    allowed = {"immuno_site/environment.py", "immuno_site/deploy/gunicorn.conf.py", "immuno_site/wsgi.py"}
    readers = {
        path.relative_to(ROOT).as_posix()
        for folder in ("content", "immuno_site")
        for path in python_files(folder)
        if re.search(r"os\.environ|os\.getenv", path.read_text(encoding="utf-8"))
    }
    assert readers <= allowed


def variables_read() -> set[str]:
    text = (ROOT / "immuno_site/settings.py").read_text(encoding="utf-8")
    text += (ROOT / "immuno_site/deploy/gunicorn.conf.py").read_text(encoding="utf-8")
    return set(re.findall(r'(?:env(?:_\w+)?|environ\.get)\(\s*"([A-Z_]+)"', text))


def test_environment_example_names_every_variable():
    example = (ROOT / "immuno_site/deploy/env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^#?\s?([A-Z_]+)=", example, re.MULTILINE)) == variables_read()


def start(**environment: str) -> subprocess.CompletedProcess:
    base = {"PATH": os.environ["PATH"], "DATA_DIR": os.environ["DATA_DIR"]}
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=base | environment,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({}, "Set the environment variable SECRET_KEY"),
        ({"IMMUNO_ENV": "staging"}, "IMMUNO_ENV is 'staging'; set it to one of: production, development."),
        ({"IMMUNO_ENV": "development", "DEBUG": "perhaps"}, "DEBUG is 'perhaps'; set it to yes or no."),
        ({"IMMUNO_ENV": "development", "CLINICAL_REVIEW": "maybe"}, "CLINICAL_REVIEW is 'maybe'"),
        ({"IMMUNO_ENV": "development", "DATABASE_URL": "oracle://x"}, "DATABASE_URL cannot be read"),
        ({"SECRET_KEY_FILE": "/nowhere"}, "SECRET_KEY_FILE points to /nowhere, which cannot be read"),
        ({"SECRET_KEY": "x"}, "Set the environment variable SITE_URL"),
        (
            {"SECRET_KEY": "x", "SITE_URL": "https://example.org"},
            "Set the environment variable ALLOWED_HOSTS",
        ),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_start_with_a_wrong_environment_stops_with_a_sentence(environment, sentence):
    stopped = start(**environment)
    assert stopped.returncode != 0
    assert sentence in stopped.stderr.splitlines()[-1]


@pytest.mark.django_db
def test_models_have_their_migrations():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_dependency_says_what_it_is_for():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    lists = re.findall(r"^(?:dependencies|test) = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    lines = [line for block in lists for line in block.splitlines() if line.strip().startswith('"')]
    assert len(lists) == 2
    assert [line for line in lines if "#" not in line] == []


def test_lock_files_name_no_index():
    for name in ("requirements.lock", "tests/requirements.lock"):
        assert "://" not in (ROOT / name).read_text(encoding="utf-8")


def test_every_component_is_used():
    templates = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "templates").rglob("*.html"))
    code = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("content", "immuno_site")
        for path in python_files(folder)
    )
    for path in (ROOT / "templates/components").glob("*.html"):
        name = f"components/{path.name}"
        built = f'Section("{path.stem}"' in code
        assert name in templates or name in code or built, name
