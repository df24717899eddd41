"""What this machine tells whoever watches it, on it: numbers, of nobody in particular."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.test import Client, RequestFactory
from django.utils import timezone

from immuno_site import metrics, watch
from tests.consultations.factories import create_mail, create_request

pytestmark = pytest.mark.django_db
ALERTS = Path(metrics.__file__).parent / "deploy" / "alerts.yml"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: object) -> None:
    settings.DATA_DIR, settings.BACKUP_DIR = tmp_path, tmp_path / "backups"


def _numbers(client: Client) -> dict[str, float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = (line.rsplit(" ", 1) for line in answer.content.decode().splitlines() if line[0] != "#")
    return {name: float(value) for name, value in lines}


def test_site_says_how_it_is_doing(client: Client) -> None:
    now = timezone.now()
    create_mail(now=now - timezone.timedelta(minutes=10))
    day = timezone.timedelta(days=1)
    for status in ("new", "suspected"):
        create_request(status=status, received_at=now - 2 * day, reply_due_at=now - day)
    numbers = _numbers(client)
    assert 600 <= numbers["immuno_letters_age_seconds"] < 660
    assert numbers["immuno_letters_waiting"] == 1
    assert numbers["immuno_requests_late"] == 2
    assert (numbers["immuno_requests_open"], numbers["immuno_requests_suspected"]) == (1, 1)
    assert numbers["immuno_disk_free_bytes"] > 0
    assert numbers["immuno_readings_failed"] == 0
    assert "immuno_backup_age_seconds" not in numbers  # there is none: no number says so, `watch` does


def test_age_of_backups_and_alarms_are_told(client: Client, settings: object) -> None:
    settings.BACKUP_DIR.mkdir()
    for name in ("immuno-2026-11-22T021000Z.tar.age", "copied", "drill"):
        (settings.BACKUP_DIR / name).touch()
    watch.remember({"letters": "3 letters have not left."})
    numbers = _numbers(client)
    for age in ("backup", "backup_copied", "drill", "watch"):
        assert 0 <= numbers[f"immuno_{age}_age_seconds"] < 60
    assert numbers['immuno_alarm{name="letters"}'] == 1


def test_database_that_is_away_costs_its_numbers_only(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object) -> None:
        raise OSError("no route to db.internal")

    monkeypatch.setattr(connection, "cursor", refuse)
    numbers = _numbers(client)
    assert numbers["immuno_readings_failed"] == 8
    assert numbers["immuno_disk_free_bytes"] > 0


@pytest.mark.parametrize("address", ["198.51.100.7", "2001:db8::1"])
def test_numbers_are_for_this_machine_alone(client: Client, address: str) -> None:
    assert client.get("/metrics", REMOTE_ADDR=address).status_code == 404
    assert client.get("/metrics", HTTP_X_FORWARDED_FOR=address).status_code == 404


@pytest.mark.usefixtures("one_connection")
def test_requests_are_counted_by_view_and_status_and_named_by_no_address(client: Client) -> None:
    asked = (
        ("immuno_requests_total", {"status": "200", "view": "content:drug-detail"}),
        ("immuno_requests_total", {"status": "200", "view": "kept page"}),
        ("immuno_requests_total", {"status": "404", "view": "content:drug-detail"}),
        ("immuno_request_seconds_count", {"view": "content:search"}),
    )

    def so_far() -> list[float]:
        """Other tests have asked in this process."""
        return [metrics._own.get_sample_value(*one) or 0 for one in asked]

    application, before = metrics.counted(WSGIHandler()), so_far()
    for path in ("/drugs/pembrolizumab/", "/drugs/pembrolizumab/", "/drugs/canary-1/", "/search/?q=canary-2"):
        environ = RequestFactory().get(path, HTTP_HOST="testserver").environ
        list(application(environ, lambda *args: None))
    assert so_far() == [number + 1 for number in before]
    text = client.get("/metrics").content.decode()
    assert "canary" not in text
    assert "pembrolizumab" not in text


def test_rules_ask_for_numbers_there_are(client: Client, settings: object) -> None:
    settings.BACKUP_DIR.mkdir()
    for name in ("immuno-2026-11-22T021000Z.tar.age", "copied"):
        (settings.BACKUP_DIR / name).touch()
    watch.remember({"letters": "3 letters have not left."})
    text = client.get("/metrics").content.decode() + "immuno_certificate_seconds"  # needs nginx
    asked = set(re.findall(r"immuno_[a-z_]+", ALERTS.read_text()))
    assert asked
    assert {name for name in asked if name.removesuffix("_bucket") not in text} == set()
