"""What the operator leans on: units, error pages, the hourly look, the contact for security."""

from __future__ import annotations

import datetime
import io
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.core.management import CommandError, call_command, get_commands
from django.test import Client
from django.utils import timezone

from content.models import SiteProfile
from immuno_site import watch
from immuno_site.consultations.models import Attachment
from immuno_site.consultations.uploads import accept
from tests.consultations import sample_files
from tests.consultations.factories import create_mail, create_progress, create_request
from tests.deploy.nginx import DEPLOY

UNITS = DEPLOY / "systemd"
DAY = datetime.timedelta(days=1)
HOUR = datetime.timedelta(hours=1)


# --- systemd ----------------------------------------------------------------------------------------------


def _commands() -> dict[str, str]:
    """Each command of ours that a unit runs, and the unit."""
    commands = {}
    for path in UNITS.iterdir():
        if path.is_file():
            text = path.read_text()
            for name in re.findall(
                r"manage\.py ([a-z_]+)|^Unit=immuno-job@(\w+)\.service", text, re.MULTILINE
            ):
                commands[name[0] or name[1]] = path.name
    commands.update(dict.fromkeys(["send_mail", "scan_files"], "immuno-worker@.service"))
    return commands


@pytest.mark.parametrize(("command", "unit"), sorted(_commands().items()))
def test_units_run_commands_that_exist(command: str, unit: str) -> None:
    assert command in get_commands(), unit


def test_start_order_is_the_promised_one() -> None:
    text = (UNITS / "immuno-prepare@.service").read_text()
    order = ["migrate", "apply_roles", "import_library", "check --deploy"]
    assert sorted(order, key=text.index) == order
    script = (DEPLOY / "bin" / "immuno").read_text()
    steps = ['lay_out "$name"', 'prepare "$name"', 'hand_over "$name"', "clear_out\n    say"]
    assert sorted(steps, key=script.index) == steps


def test_door_outlives_the_web_server() -> None:
    """The new release stands at it before the old one leaves."""
    assert "Sockets=immuno-web.socket" in (UNITS / "immuno-web@.service").read_text()
    port = re.search(r"upstream immuno \{\s+server ([\d.:]+);", (DEPLOY / "nginx.conf").read_text())[1]
    assert f"ListenStream={port}\n" in (UNITS / "immuno-web.socket").read_text()


SCRIPTS = [
    DEPLOY / "install.sh", DEPLOY / "bin" / "immuno", DEPLOY / "container" / "part", DEPLOY / "container" / "proxy"
]  # fmt: skip


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_understood_by_every_shell(script: Path) -> None:
    assert subprocess.run(["sh", "-n", script]).returncode == 0


@pytest.mark.skipif(not shutil.which("shellcheck"), reason="needs shellcheck")
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_clean(script: Path) -> None:
    done = subprocess.run(["shellcheck", "-e", "SC1091", script], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({}, "Set SITE"),
        ({"SITE": "www.example.org"}, "Set OPERATOR"),
        ({"SITE": "www.example.org", "OPERATOR": "you@example.org"}, "Set BACKUP_RECIPIENTS"),
    ],
)
def test_install_says_what_is_missing_before_it_touches_anything(
    variables: dict[str, str], sentence: str, tmp_path: Path
) -> None:
    text = (DEPLOY / "install.sh").read_text()
    text = text.replace("/etc/immuno", str(tmp_path)).replace('"$(id -u)"', "0")
    text = text.replace(". /etc/os-release", "ID=debian VERSION_ID=12")
    assert "apt-get" not in text.split(': "${EMAIL_URL')[0]
    done = subprocess.run(
        ["sh", "-s", "repository"],
        input=text,
        env={"PATH": "/usr/bin:/bin", **variables},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert sentence in done.stderr


def test_install_on_another_system_is_refused() -> None:
    text = (
        (DEPLOY / "install.sh")
        .read_text()
        .replace(". /etc/os-release", "ID=debian VERSION_ID=11 PRETTY_NAME=D11")
    )
    command = ["sh", "-s", "repository"]
    done = subprocess.run(command, input=text.replace('"$(id -u)"', "0"), capture_output=True, text=True)
    assert "This is D11; the script knows Debian 12 and 13." in done.stderr


def test_handbook_names_commands_that_exist() -> None:
    """`immuno ...` in handbook and page for the night."""
    own = {"release", "back", "restore-site", "certificate"}
    script = (DEPLOY / "bin" / "immuno").read_text()
    assert all(f"immuno {name}" in script for name in own)
    text = (DEPLOY / "README.md").read_text() + (DEPLOY / "ALARMS.md").read_text()
    named = set(re.findall(r"(?:^    |`|; |&& )immuno ([a-z_-]+)", text, re.MULTILINE))
    assert named >= {"release", "back", "restore-site", "watch"}
    assert named - own - set(get_commands()) == set()
    units = {path.name.partition(".")[0].rstrip("@") for path in UNITS.iterdir()} | {"immuno-by-hand"}
    assert (
        set(re.findall(r"\b(immuno-[a-z_]+)\b", text)) - units - {"immuno-headers", "immuno-brotli"} == set()
    )


def test_web_server_is_not_reloaded() -> None:
    """It is loaded once, keys included: HUP would start other workers with what was loaded then."""
    assert not any("ExecReload" in path.read_text() for path in UNITS.iterdir() if path.is_file())
    assert "preload_app = True" in (DEPLOY / "gunicorn.conf.py").read_text()


def test_everything_that_must_happen_has_a_timer() -> None:
    timers = {path.stem.removeprefix("immuno-") for path in UNITS.glob("*.timer")}
    assert timers == {
        "backup", "copy_backups", "erase_expired", "look_at_sources", "publish_scheduled", "rescan", "sweep_files",
        "watch", "write_open_data",
    }  # fmt: skip


def test_container_does_what_the_timers_say(tmp_path: Path) -> None:
    """cron takes none of its lines if it cannot read one of them."""
    part = (DEPLOY / "container" / "part").read_text()
    part = part.replace("=/srv/immuno/immuno_site/deploy/", f"={DEPLOY}/").replace("cd /srv/immuno\n", "")
    (tmp_path / "part").write_text(part)
    environment = {"PATH": os.environ["PATH"], "COPY_TO": "immuno@elsewhere:"}
    done = subprocess.run(
        ["/bin/sh", tmp_path / "part", "times"], env=environment, check=True, capture_output=True, text=True
    )
    line = re.compile(
        r"(\*/\d+|\d+) (\*|\d+) \* \* \* root /bin/sh \S+ job (/srv/immuno/[^%>]+) >/proc/1/fd/1 2>&1"
    )
    told = {
        match[3]: (match[1], match[2]) for match in map(line.fullmatch, done.stdout.splitlines()) if match
    }
    assert len(told) == len(done.stdout.splitlines()) == len(list(UNITS.glob("*.timer")))
    python = "/srv/immuno/.venv/bin/python manage.py"
    assert told[f"{python} backup"] == ("10", "2")
    assert told[f"{python} watch --tell"] == ("7", "*")
    assert told[f"{python} publish_scheduled"] == ("*/5", "*")


def test_secrets_come_as_credentials() -> None:
    text = (UNITS / "immuno-.service.d" / "common.conf").read_text()
    for name in ("SECRET_KEY", "CONSULTATION_KEYS", "CONSULTATION_INDEX_KEY", "EMAIL_URL"):
        assert f"LoadCredential={name.lower()}:" in text
        assert f"Environment={name}_FILE=%d/{name.lower()}" in text


@pytest.mark.corpus("P1")
def test_p1_no_process_of_ours_leaves_its_memory_on_the_disk() -> None:
    assert "LimitCORE=0" in (UNITS / "immuno-.service.d" / "common.conf").read_text()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd")
@pytest.mark.parametrize(
    "unit",
    [
        "immuno-web@current.service", "immuno-web.socket", "immuno-prepare@next.service", "immuno-watch.timer",
        "immuno-look_at_sources.service", "immuno-look_at_sources.timer",
    ],
)  # fmt: skip
def test_units_are_what_systemd_understands(unit: str, tmp_path: Path) -> None:
    shutil.copytree(UNITS, tmp_path / "units")
    for path in (tmp_path / "units").rglob("*"):
        if path.is_file():  # the programs are not on this machine
            path.write_text(
                re.sub(r"/srv/immuno/releases/[\w%]+/\.venv/bin/\w+", "/bin/sh", path.read_text())
            )
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(tmp_path / "units" / unit)],
        env={"SYSTEMD_UNIT_PATH": f"{tmp_path / 'units'}:", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")


# --- Pages without the site -------------------------------------------------------------------------------


@pytest.fixture
def error_pages(db: None, tmp_path: Path, settings: object) -> Path:
    settings.DATA_DIR = tmp_path
    values = {"phone": "+972 3 000 0000", "email": "clinic@example.org"}
    SiteProfile.objects.update_or_create(pk=1, defaults=values)
    call_command("write_error_pages", stdout=io.StringIO())
    return tmp_path / "errors"


@pytest.mark.parametrize("language", ["en", "he", "ar", "ru"])
@pytest.mark.parametrize("page", ["too_large", "too_many", "unavailable"])
def test_error_page_says_how_to_reach_us(error_pages: Path, language: str, page: str) -> None:
    text = (error_pages / language / f"{page}.html").read_text()
    assert "+972 3 000 0000" in text
    assert 'href="mailto:clinic@example.org"' in text
    assert "112" in text
    assert f'lang="{language}" dir="{"rtl" if language in ("he", "ar") else "ltr"}"' in text
    assert text.lstrip().startswith("<!doctype html>")
    assert ("You can also reach us here:" in text) == (language == "en")  # translated


@pytest.mark.parametrize("language", ["en", "he"])
def test_error_page_needs_nothing_inline(error_pages: Path, language: str) -> None:
    text = (error_pages / language / "unavailable.html").read_text()
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", text)
    ways = ["tel:+97230000000", "mailto:clinic@example.org", "tel:112", "tel:911", "tel:101", "tel:999"]
    assert re.findall(r'(?:src|href)="([^"]+)"', text) == ["/static/site.css", *ways]


# --- The hourly look --------------------------------------------------------------------------------------


@pytest.fixture
def quiet(db: None, tmp_path: Path, settings: object) -> Path:
    """A site on which all is well: with a backup of this night."""
    settings.BACKUP_RECIPIENTS, settings.BACKUP_DIR = ["age1x"], tmp_path / "backups"
    settings.CLAMD_ADDRESS = ""
    private = {
        "BACKEND": "immuno_site.consultations.files.storage.PrivateDisk",
        "OPTIONS": {"location": tmp_path / "private"},
    }
    settings.STORAGES = {**settings.STORAGES, "private": private}
    settings.BACKUP_DIR.mkdir()
    settings.COPY_TO, settings.DATA_DIR = "elsewhere", tmp_path
    for name in ("immuno-2026-11-22T021000Z.tar.age", "copied", "drill"):
        (settings.BACKUP_DIR / name).touch()
    return tmp_path


def _file() -> Attachment:
    assert storages["private"]
    upload = sample_files.upload("a.pdf", sample_files.pdf())
    return accept(upload, progress=create_progress()[0], now=timezone.now() - 2 * HOUR)


def test_nothing_is_said_when_all_is_well(quiet: Path) -> None:
    create_mail(now=timezone.now())
    _file()
    assert watch.problems(now=timezone.now()) == {}


def _old_letter(settings: object) -> None:
    create_mail(now=timezone.now() - HOUR)


def _old_backup(settings: object) -> None:
    for path in settings.BACKUP_DIR.iterdir():
        os.utime(path, (0, 0))


def _no_backup(settings: object) -> None:
    (settings.BACKUP_DIR / "immuno-2026-11-22T021000Z.tar.age").unlink()


def _copied_nowhere(settings: object) -> None:
    settings.COPY_TO = ""


def _no_recipients(settings: object) -> None:
    settings.BACKUP_RECIPIENTS = []


def _no_scanner(settings: object) -> None:
    settings.CLAMD_ADDRESS = "unix:/nowhere"


def _unscanned_file(settings: object) -> None:
    settings.CLAMD_ADDRESS = "unix:/nowhere"
    _file()


def _lost_file(settings: object) -> None:
    attachment = _file()
    storages["private"].delete(attachment.stored_as)
    attachment.found_lost()


def _store_away(settings: object) -> None:
    _file()
    shutil.rmtree(storages["private"].location)


def _not_erased(settings: object) -> None:
    now = timezone.now()
    create_request(received_at=now - 99 * DAY, reply_due_at=now - 98 * DAY, erase_after=now - 3 * DAY)


def _late(settings: object) -> None:
    now = timezone.now()
    for status in ("new", "suspected"):
        create_request(status=status, received_at=now - 2 * DAY, reply_due_at=now - DAY)


def _soon_erased(settings: object) -> None:
    now = timezone.now()
    create_request(received_at=now - 2 * DAY, reply_due_at=now + DAY, erase_after=now + 13 * DAY)


@pytest.mark.parametrize(
    ("happens", "sentence"),
    [
        (_old_letter, "1 letters have not left"),
        (_old_backup, "newest backup is older than a day"),
        (_no_backup, "There is no backup in"),
        (_copied_nowhere, "Backups are copied nowhere"),
        (_old_backup, "no backup has arrived at COPY_TO"),
        (_old_backup, "Nobody has tried for 40 days"),
        (_no_recipients, "No backups are made"),
        (_no_scanner, "ClamAV does not answer"),
        (_unscanned_file, "1 files wait for a scan"),
        (_lost_file, "1 files have a row, but no bytes"),
        (_store_away, "none of the 1 files of this database"),
        (_not_erased, "1 requests should have been erased"),
        (_late, "2 patients wait longer than they were promised"),
        (_soon_erased, "1 open requests are erased within 14 days"),
    ],
)
def test_what_needs_a_person_is_said(quiet: Path, settings: object, happens: object, sentence: str) -> None:
    happens(settings)
    with pytest.raises(CommandError, match=sentence):
        call_command("watch")


# --- security.txt -----------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_security_contact_is_found_where_people_look(client: Client, settings: object) -> None:
    settings.SECURITY_CONTACT = "security@example.org"
    answer = client.get("/.well-known/security.txt")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    lines = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert lines["Contact"] == "mailto:security@example.org"
    assert lines["Canonical"] == "https://testserver/.well-known/security.txt"
    expires = datetime.datetime.fromisoformat(lines["Expires"])
    assert 170 * DAY < expires - timezone.now() < 365 * DAY


@pytest.mark.django_db
def test_security_contact_is_not_made_up(client: Client, settings: object) -> None:
    settings.SECURITY_CONTACT = ""
    assert client.get("/.well-known/security.txt").status_code == 404
    SiteProfile.objects.update_or_create(pk=1, defaults={"email": "clinic@example.org"})
    assert b"mailto:clinic@example.org" in client.get("/.well-known/security.txt").content
