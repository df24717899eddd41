"""Each test of the private room has a storage of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from tests.consultations.clamav import INSTALLED, real_clamd


@pytest.fixture(autouse=True)
def private_folder(tmp_path: Path, settings: Settings) -> Path:
    """Where this test's encrypted files lie."""
    folder = tmp_path / "private"
    settings.STORAGES = {
        **settings.STORAGES,
        "private": {
            "BACKEND": "immuno_site.consultations.storage.PrivateDisk",
            "OPTIONS": {"location": folder},
        },
    }
    settings.CLAMD_ADDRESS = ""
    return folder


@pytest.fixture(scope="session")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real daemon."""
    if not INSTALLED:
        pytest.skip("needs ClamAV: apt-get install clamav-daemon")
    with real_clamd(tmp_path_factory.mktemp("clamav")) as address:
        yield address
