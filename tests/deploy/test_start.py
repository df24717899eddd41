"""Production starts only with what it needs, and says in a sentence what is missing."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from immuno_site import start_checks
from immuno_site.backup import database
from immuno_site.consultations.models import KeyCanary
from tests.deploy.databases import empty_postgresql
from tests.live.server import serving
from tests.live.site import COLLECT

pytestmark = [pytest.mark.django_db, pytest.mark.longest]
OTHER_KEY = "b3RoZXIga2V5IG90aGVyIGtleSBvdGhlciBrZXkgb3Q="
WRONG = {
    "EMAIL_URL": "",
    "BACKUP_RECIPIENTS": "",
    "CLINICAL_REVIEW": "required",
    "CONSULTATION_KEYS": OTHER_KEY,
    "CONSULTATION_INDEX_KEY": "another",
}
UNITS = Path(django_settings.ROOT) / "immuno_site" / "deploy" / "systemd"
CHECK = ("manage.py", "check", "--deploy", "--fail-level", "WARNING")
# Loads the site as the real start does, and stops.
GUNICORN = (
    "-m",
    "gunicorn",
    "--check-config",
    "-c",
    "immuno_site/deploy/gunicorn.conf.py",
    "immuno_site.wsgi",
)


@pytest.fixture(scope="module")
def copy_of_the_library(
    django_db_setup: None, django_db_blocker: object, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The tests' library as the database of a production machine; none of it is signed off."""
    copy = tmp_path_factory.mktemp("start") / database.file_name()
    with django_db_blocker.unblock():
        KeyCanary.leave()
        database.copy_to(copy)
        KeyCanary.objects.all().delete()
    if connection.vendor == "sqlite":
        yield f"sqlite:///{copy}"
        return
    with empty_postgresql() as url:
        subprocess.run(["pg_restore", "--no-owner", "--exit-on-error", f"--dbname={url}", copy], check=True)
        yield url


@pytest.fixture
def machine(copy_of_the_library: str, tmp_path: Path) -> dict[str, str]:
    """The environment of a production machine."""
    return {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": copy_of_the_library,
        "SECRET_KEY": "tests-only-" + "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGH",
        "SITE_URL": "https://www.example.org",
        "ALLOWED_HOSTS": "www.example.org",
        "CLINICAL_REVIEW": "label",
        "EMAIL_URL": "smtps://mail.example.org",
        "BACKUP_RECIPIENTS": "age1g87u5uj2vqspemymx76cwcguegweutmvggnx0sp5jm2wmfz9gyvqpfumx4",
        "CONSULTATION_KEYS": django_settings.CONSULTATION_KEYS[0],
        "CONSULTATION_INDEX_KEY": django_settings.CONSULTATION_INDEX_KEY,
    }


def _run(arguments: tuple[str, ...], environment: dict[str, str]) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=django_settings.ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_deploy_check_is_silent_in_production(machine: dict[str, str]) -> None:
    done = _run(CHECK, machine)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("System check identified no issues")


@pytest.mark.parametrize(
    "changed",
    [
        {"EMAIL_URL": "Set EMAIL_URL", "BACKUP_RECIPIENTS": "Set BACKUP_RECIPIENTS"},
        {
            "CLINICAL_REVIEW": "public versions have no valid sign-off",
            "CONSULTATION_KEYS": "CONSULTATION_KEYS cannot open what is stored",
        },
        {"CONSULTATION_INDEX_KEY": "CONSULTATION_INDEX_KEY is not the one of the last run"},
    ],
    ids=" ".join,
)
def test_deploy_check_says_what_is_missing(machine: dict[str, str], changed: dict[str, str]) -> None:
    """All that is wrong at once: the variables, each with the sentence it is told by."""
    done = _run(CHECK, machine | {name: WRONG[name] for name in changed})
    assert done.returncode == 1
    for sentence in changed.values():
        assert sentence in done.stderr


def test_server_starts_when_all_is_well(machine: dict[str, str]) -> None:
    assert _run(GUNICORN, machine).returncode == 0


def _ask(
    port: int, method: str, path: str, form: dict[str, str] | None = None, cookie: str = ""
) -> HTTPResponse:
    """As nginx would hand it on."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Host": "www.example.org", "X-Forwarded-Proto": "https", "Origin": "https://www.example.org"}
    headers |= {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    connection.request(method, path, urlencode(form or {}), headers)
    return connection.getresponse()


@pytest.mark.corpus("P1")
def test_p1_log_of_the_server_knows_no_word_of_a_patient(machine: dict[str, str], tmp_path: Path) -> None:
    words = {"name": "CANARY-name", "time_zone": "CANARY-zone", "phone": "+1 555 019 9837"}
    site = {**machine, "IMMUNO_ENV": "production"}
    assert _run(("manage.py", *COLLECT), site).returncode == 0
    with (tmp_path / "web.log").open("wb") as log, serving(tmp_path, arguments=(), log=log, **site) as server:
        page = _ask(server.port, "GET", "/callback/")
        fields = dict(re.findall(r'name="(csrfmiddlewaretoken|form)" value="([^"]+)"', page.read().decode()))
        cookie = page.headers["Set-Cookie"].partition(";")[0]
        choices = {"contact_by": "phone", "language": "en", "consent_use": "yes"}
        for form, status in (
            (words, 403),
            ({**fields, **words}, 422),
            ({**fields, **words, **choices}, 302),
        ):
            assert _ask(server.port, "POST", "/callback/", form, cookie).status == status
        assert _ask(server.port, "GET", "/search/?q=CANARY-question").status == 200
        numbers = _ask(server.port, "GET", "/metrics").read().decode()
    written = (tmp_path / "web.log").read_text()
    assert "Forbidden" in written  # it does write, and not what was typed
    assert "CANARY" not in written
    assert not re.search(r"019\D*9837", written)  # four digits alone may stand in a random name
    refused = next(line for line in map(json.loads, written.splitlines()) if "Forbidden" in line["message"])
    assert re.fullmatch("[0-9a-f]{32}", refused["request"])
    assert (
        'immuno_requests_total{status="422",view="consultations:callback"} 1.0' in numbers
    )  # of both workers
    assert "CANARY" not in numbers


def test_server_with_unsigned_public_versions_does_not_start_and_lists_them(machine: dict[str, str]) -> None:
    done = _run(GUNICORN, {**machine, "CLINICAL_REVIEW": "required"})
    assert done.returncode != 0
    assert "drug content: Pembrolizumab (en)" in done.stderr


def test_x14_server_with_wrong_keys_does_not_start(machine: dict[str, str]) -> None:
    done = _run(GUNICORN, {**machine, "CONSULTATION_KEYS": OTHER_KEY})
    assert done.returncode != 0
    assert "cannot open what is stored" in done.stderr


def test_unsigned_versions_are_refused_only_where_review_is_required(settings: object) -> None:
    settings.CLINICAL_REVIEW = "required"
    with pytest.raises(ImproperlyConfigured, match="have them signed off or unpublished"):
        start_checks.refuse_unsigned_versions()
    settings.CLINICAL_REVIEW = "label"
    start_checks.refuse_unsigned_versions()


def test_sqlite_that_can_damage_the_database_is_refused(
    monkeypatch: pytest.MonkeyPatch, is_sqlite: bool
) -> None:
    assert start_checks.sqlite_is_sound() == []
    if is_sqlite:
        monkeypatch.setattr(connection.Database, "sqlite_version_info", (3, 40, 1))
        assert start_checks.sqlite_is_sound()[0].id == "immuno_site.E001"


def test_watch_over_sources_runs_without_any_key(machine: dict[str, str], tmp_path: Path) -> None:
    """It opens pages of strangers: its unit hands it of the operator's variables what it needs, and nothing secret."""
    unit = UNITS / "immuno-look_at_sources.service.d" / "own-environment.conf"
    lines = unit.read_text().splitlines()
    assert unit.name > "common.conf"  # systemd reads them in this order
    for reset in ("EnvironmentFile=", "LoadCredential=", "Environment="):
        assert lines.index(reset) == min(
            number for number, line in enumerate(lines) if line.startswith(reset)
        )
    assert [line for line in lines if line.startswith("LoadCredential=")] == ["LoadCredential="]
    (told,) = (line for line in lines if line.startswith("ExecStartPre="))
    for name in ("operator", "sources"):
        (tmp_path / name).mkdir()
    stored = {**machine, "SOURCE_WATCH": "no", "S3_SECRET_KEY": "secret"}
    (tmp_path / "operator" / "env").write_text("".join(f"{name}={value}\n" for name, value in stored.items()))
    told = told.removeprefix("ExecStartPre=+").replace("/etc/immuno", str(tmp_path / "operator"))
    told = told.replace("/run/immuno-sources", str(tmp_path / "sources"))
    subprocess.run(["/bin/sh", "-c", told], check=True)
    handed = dict(line.split("=", 1) for line in (tmp_path / "sources" / "env").read_text().splitlines())
    secret = {"SECRET_KEY", "CONSULTATION_KEYS", "CONSULTATION_INDEX_KEY", "EMAIL_URL", "S3_SECRET_KEY"}
    assert not secret & set(handed)
    fixed = dict(
        line.removeprefix("Environment=").split("=", 1) for line in lines if re.match(r"Environment=\w", line)
    )
    assert {value for name, value in fixed.items() if name.endswith("_FILE")} == {"/dev/null"}
    environment = {"PATH": machine["PATH"], **handed, **fixed}
    done = _run(("manage.py", "look_at_sources"), environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert "SOURCE_WATCH=yes turns it on" in done.stdout
    done = _run(("manage.py", "look_at_sources", "unknown"), environment | {"SOURCE_WATCH": "yes"})
    assert "There is no source unknown" in done.stderr  # it reads its tables
