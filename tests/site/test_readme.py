"""The README is true where a machine can tell: every path exists, every command too, no place is left out."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

ROOT = Path(settings.ROOT)
README = (ROOT / "README.md").read_text(encoding="utf-8")
COLUMNS = {"other_names", "db_default", "without_treatment"}  # named in rows, and no commands


def part(title: str) -> str:
    return README.split(f"## {title}\n")[1].split("\n## ")[0]


NAME = re.compile(r"(?<![\w/*<.-])[a-z_]+(?:/|\.(?:py|toml|md|example))")


def lines_of_the_map() -> list[tuple[str, str, list[str]]]:
    """(folder the line stands below, the name it begins with, other names it tells of)."""
    lines, folder = [], ""
    for line in part("The map").split("Arrows run")[0].splitlines():
        names = NAME.findall(line)
        if line.startswith("      ") and line[6] == " ":  # goes on from the line above
            lines.append((folder, "", names))
        elif names:
            folder = folder if line.startswith("      ") else ""
            lines.append((folder, names[0], names[1:]))
            folder = folder or names[0]
    return lines


def test_every_path_of_the_map_exists():
    lines = lines_of_the_map()
    missing = [folder + name for folder, name, _ in lines if name and not (ROOT / folder / name).exists()]
    missing += [more for _, _, others in lines for more in others if not is_somewhere(more)]
    assert len(lines) > 25
    assert missing == []


def is_somewhere(name: str) -> bool:
    return (ROOT / name).exists() or any(ROOT.glob(f"[!.]*/**/{name}"))


ROWS = [
    line.strip("|").split(" | ")
    for line in part("I want to change ...").splitlines()
    if line.startswith("| ") and not line.startswith("| change")
]


@pytest.mark.parametrize(("change", "touch"), [(row[0].strip(), row[1]) for row in ROWS])
def test_every_row_leads_somewhere(change: str, touch: str):
    named = re.findall(r"`([^`]+)`", touch)
    paths = [re.sub(r"<[a-z]+>", "*", name) for name in named if "/" in name and not name.startswith("/")]
    assert [path for path in paths if not any(ROOT.glob(path.rstrip("/")))] == []
    commands = {name for name in named if re.fullmatch(r"[a-z]+_[a-z]+", name)} - COLUMNS
    assert commands <= set(get_commands())


def test_row_of_a_language_names_every_file_that_knows_languages():
    """A module that holds what must be said in each language has a literal with he, ar and ru in it."""
    touch = next(row[1] for row in ROWS if row[0].strip() == "a further language")
    known = {
        path.relative_to(ROOT).as_posix()
        for folder in ("content", "immuno_site")
        for path in (ROOT / folder).rglob("*.py")
        if "/migrations/" not in path.as_posix() and _knows_languages(path)
    }
    assert {path for path in known if path not in touch} == set()


def _knows_languages(path: Path) -> bool:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    literals = [
        node for node in ast.walk(tree) if isinstance(node, ast.Dict | ast.List | ast.Tuple | ast.Set)
    ]
    return any(
        {"he", "ar", "ru"} <= {leaf.value for leaf in ast.walk(node) if isinstance(leaf, ast.Constant)}
        for node in literals
    )
