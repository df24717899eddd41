"""A sign that became part of another leaves a list that only the import looks after."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from content.models import LayWords, Sign
from tests.content.changed_library import change, run

pytestmark = pytest.mark.django_db

migration = importlib.import_module("content.migrations.0038_signs_joined")


@pytest.fixture
def joined(monkeypatch):
    """Of the small library one that is there."""
    monkeypatch.setattr(migration, "JOINED", (("lungs", "new-cough"),))
    return lambda: migration.join(apps, connection.schema_editor())


def test_joined_sign_goes_and_the_import_takes_the_list_on(joined, folder: Path, capsys):
    text = (folder / "signs" / "lungs.toml").read_text(encoding="utf-8")
    start = text.index('[[sign]]\nkey = "new-cough"')
    end = text.find("[[sign]]", start + 1)
    rest = text[:start] + (text[end:] if end > 0 else "")
    (folder / "signs" / "lungs.toml").write_text(rest.rstrip("\n") + "\n", encoding="utf-8")
    joined()
    assert not Sign.objects.approved().filter(key="new-cough").exists()
    assert not LayWords.objects.filter(key="new-cough").exists()
    assert "kept" not in run(folder, capsys).replace("0 kept", "")
    change(folder, "signs/lungs.toml", '"short of breath"', '"out of puff"')
    assert "1 updated" in run(folder, capsys)


def test_list_that_a_person_changed_is_left_to_them(joined, editor):
    sign = Sign.objects.get(key="new-cough")
    Sign.objects.filter(pk=sign.pk).update(created_by=editor)
    joined()
    sign.refresh_from_db()
    assert sign.state == "approved"
