"""A library to change, and an editor at her desk with a draft."""

import shutil
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from djangocms_versioning.models import Version

from tests.factories import create_draft
from tests.staff import create_staff
from tests.stocks import SMALL
from tests.stories import join


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the tests' library."""
    return Path(shutil.copytree(SMALL, tmp_path / "library"))


@pytest.fixture
def noa(db: None) -> User:
    return join(create_staff("noa", first_name="Noa", last_name="Levi", email="noa@example.org"), "Editor")


@pytest.fixture
def desk(noa: User) -> Client:
    client = Client()
    client.force_login(noa)
    return client


@pytest.fixture
def draft(noa: User) -> Version:
    return create_draft(by=noa)


def form_of(draft: Version) -> str:
    return f"/admin/content/drug/{draft.content.entry_id}/change/?language=en"
