"""A library to change."""

import shutil
from pathlib import Path

import pytest

from tests.stocks import SMALL


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the tests' library."""
    return Path(shutil.copytree(SMALL, tmp_path / "library"))
