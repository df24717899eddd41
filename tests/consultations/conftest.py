"""Each test of the private room has a storage of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from content import roles as library_roles
from immuno_site.consultations import roles
from tests.consultations.clamav import INSTALLED, real_clamd
from tests.consultations.factories import NOW
from tests.staff import create_staff


@pytest.fixture(autouse=True)
def private_folder(tmp_path: Path, settings: Settings) -> Path:
    """Where this test's encrypted files lie."""
    folder = tmp_path / "private"
    settings.STORAGES = {
        **settings.STORAGES,
        "private": {
            "BACKEND": "immuno_site.consultations.files.storage.PrivateDisk",
            "OPTIONS": {"location": folder},
        },
    }
    settings.CLAMD_ADDRESS = ""
    return folder


@pytest.fixture
def bucket(settings: Settings) -> Iterator[object]:
    """An S3-compatible store with one bucket, and the site's private files in it."""
    import boto3
    from moto import mock_aws

    with mock_aws():
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
        boto3.client("s3", **keys).create_bucket(Bucket="private")
        settings.STORAGES = {
            **settings.STORAGES,
            "private": {
                "BACKEND": "immuno_site.consultations.files.storage_s3.PrivateS3",
                "OPTIONS": {
                    "bucket_name": "private",
                    "access_key": "test",
                    "secret_key": "test",
                    "region_name": "us-east-1",
                },
            },
        }
        yield boto3.resource("s3", **keys).Bucket("private")


@pytest.fixture(scope="session")
def clamd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real daemon."""
    if not INSTALLED:
        pytest.skip("needs ClamAV: apt-get install clamav-daemon")
    with real_clamd(tmp_path_factory.mktemp("clamav")) as address:
        yield address


# --- People of the inbox, each with exactly what their role says ------------------------------------------


def create_person(username: str, role: str, **fields: object) -> User:
    held = {known.name: known.permissions for known in (*roles.ROLES, *library_roles.ROLES)}
    return create_staff(username, *held[role], **fields)


@pytest.fixture
def coordinator(db: None) -> User:
    return create_person("ruth", "Coordinator", first_name="Ruth")


@pytest.fixture
def colleague(db: None) -> User:
    return create_person("boris", "Coordinator", first_name="Boris")


@pytest.fixture
def manager(db: None) -> User:
    return create_person("dana", "Manager", first_name="Dana")


@pytest.fixture
def library_editor(db: None) -> User:
    """Writes the library, and has no business in the inbox."""
    return create_person("miriam", "Editor")


@pytest.fixture
def working_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a Sunday, 11:00 in Israel."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def as_coordinator(working_hours: None, coordinator: User) -> Client:
    return _signed_in(coordinator)


@pytest.fixture
def as_colleague(working_hours: None, colleague: User) -> Client:
    return _signed_in(colleague)


@pytest.fixture
def as_manager(working_hours: None, manager: User) -> Client:
    return _signed_in(manager)


def _signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
