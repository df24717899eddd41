"""What tests do with a copy of the library: change a file, import it."""

from pathlib import Path

import pytest
from django.core.management import call_command


def change(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def run(folder: Path, capsys: pytest.CaptureFixture, *options: str) -> str:
    """What the import says."""
    call_command("import_library", str(folder), *options)
    return capsys.readouterr().out
