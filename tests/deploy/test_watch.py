"""What an operator is told: once, and again when it is well; and what to do about it at 3 a.m."""

from __future__ import annotations

import datetime
import io
import re
import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone

from immuno_site import certificate, watch
from immuno_site.backup import copying
from immuno_site.consultations.models import ConsultationRequest
from tests.consultations.factories import create_mail, create_request
from tests.deploy.nginx import DEPLOY, NGINX, real_nginx

HOUR = datetime.timedelta(hours=1)
DAY = 24 * HOUR


@pytest.fixture
def site(db: None, tmp_path: Path, settings: object) -> Path:
    settings.DATA_DIR, settings.BACKUP_DIR = tmp_path, tmp_path / "backups"
    settings.BACKUP_RECIPIENTS, settings.COPY_TO = ["age1x"], str(tmp_path / "elsewhere")
    settings.CLAMD_ADDRESS = settings.CERTIFICATE_AT = settings.WATCH_PING_URL = ""
    settings.OPERATOR_EMAIL = ["operator@example.org"]
    private = {
        "BACKEND": "immuno_site.consultations.files.storage.PrivateDisk",
        "OPTIONS": {"location": tmp_path / "private"},
    }
    settings.STORAGES = {**settings.STORAGES, "private": private}
    settings.BACKUP_DIR.mkdir()
    (settings.BACKUP_DIR / "immuno-2026-11-22T021000Z.tar.age").write_bytes(b"sealed")
    (settings.BACKUP_DIR / "copied").touch()
    call_command("note_drill", stdout=io.StringIO())
    return tmp_path


def _tell() -> list[mail.EmailMessage]:
    before = len(mail.outbox)
    call_command("watch", tell=True, stdout=io.StringIO(), stderr=io.StringIO())
    return mail.outbox[before:]


def test_operator_is_told_once_and_again_when_it_is_well(site: Path) -> None:
    assert _tell() == []
    letter = create_mail(now=timezone.now() - HOUR)
    (told,) = _tell()
    assert told.to == ["operator@example.org"]
    assert told.subject.startswith("immuno: 1 letters have not left")
    assert "ALARMS.md, “letters”" in told.body
    assert _tell() == []
    letter.delete()
    (well,) = _tell()
    assert well.subject.startswith("immuno: Well again: 1 letters have not left")
    assert _tell() == []


def test_second_alarm_names_the_one_that_still_stands(site: Path) -> None:
    create_mail(now=timezone.now() - HOUR)
    _tell()
    (site / "backups" / "drill").unlink()
    (told,) = _tell()
    new, still = told.body.split("Still:")
    assert "can be restored" in new
    assert "letters have not left" in still


def test_operator_who_could_not_be_told_is_told_the_next_time(site: Path, settings: object) -> None:
    create_mail(now=timezone.now() - HOUR)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nobody there
    with pytest.raises(CommandError, match=r"could not be told.*\n1 letters have not left"):
        _tell()
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert len(_tell()) == 1


def test_database_that_is_away_is_all_that_is_told(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    create_mail(now=timezone.now() - HOUR)
    _tell()
    monkeypatch.setattr(watch, "database", _away)
    (told,) = _tell()
    assert told.subject == "immuno: The database does not answer."
    assert "Well again" not in told.body  # nobody knows


def _away(now: datetime.datetime) -> str:
    return "The database does not answer."


_away.__name__ = "database"


class _Switch(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.calls.append(self.path)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def switch(settings: object) -> Iterator[HTTPServer]:
    server = HTTPServer(("127.0.0.1", 0), _Switch)
    server.calls = []
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_somebody_outside_is_called_while_watch_runs(
    site: Path, switch: HTTPServer, settings: object
) -> None:
    settings.WATCH_PING_URL = f"http://127.0.0.1:{switch.server_port}/alive"
    _tell()
    assert switch.calls == ["/alive"]


def test_call_that_reaches_nobody_stops_nothing(site: Path, settings: object) -> None:
    settings.WATCH_PING_URL = "http://127.0.0.1:9/"
    create_mail(now=timezone.now() - HOUR)
    assert len(_tell()) == 1


# --- Copies of backups ------------------------------------------------------------------------------------

needs_rsync = pytest.mark.skipif(not shutil.which("rsync"), reason="needs rsync: apt-get install rsync")


@needs_rsync
def test_backups_are_copied_and_looked_at_where_they_arrived(site: Path) -> None:
    (site / "backups" / "copied").unlink()
    assert "has arrived" in watch.problems(now=timezone.now())["copies"]
    request = create_request()
    request.erase(by=None, now=timezone.now())
    call_command("copy_backups", stdout=io.StringIO())
    assert (site / "elsewhere" / "immuno-2026-11-22T021000Z.tar.age").read_bytes() == b"sealed"
    assert (site / "elsewhere" / "erased").read_text().endswith(f" {request.reference}\n")
    assert watch.problems(now=timezone.now()) == {}


@needs_rsync
def test_copy_that_rotted_is_noticed(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    call_command("copy_backups", stdout=io.StringIO())
    copy = site / "elsewhere" / "immuno-2026-11-22T021000Z.tar.age"
    moment = copy.stat().st_mtime
    copy.write_bytes(b"rotted")
    import os

    os.utime(copy, (moment, moment))  # as long, and of the same moment: rsync sees no difference
    with pytest.raises(CommandError, match=r"immuno-2026-11-22T021000Z\.tar\.age at COPY_TO are not"):
        call_command("copy_backups", stdout=io.StringIO())


@needs_rsync
def test_copy_that_cannot_be_made_says_why(site: Path, settings: object) -> None:
    settings.COPY_TO = str(site / "backups" / "drill" / "below-a-file")
    with pytest.raises(CommandError, match="rsync could not copy to COPY_TO: "):
        call_command("copy_backups")
    settings.COPY_TO = ""
    with pytest.raises(CommandError, match="Set COPY_TO"):
        call_command("copy_backups")


def test_list_of_erased_requests_outlives_the_database(site: Path) -> None:
    now = timezone.now()
    old, young = (now - 101 * DAY).isoformat(), (now - 99 * DAY).isoformat()
    (site / "backups" / "erased").write_text(f"{old} IM-AAAA-AA\n{young} IM-BBBB-BB\n")
    copying.note_erased(now=now)  # a restored database knows of neither
    assert list(copying.erased()) == ["IM-BBBB-BB"]


def test_restored_database_forgets_again_whom_the_list_names(site: Path) -> None:
    kept, erased = create_request(), create_request()
    (site / "backups" / "erased").write_text(f"{timezone.now().isoformat()} {erased.reference}\n")
    out = io.StringIO()
    call_command("erase_again", stdout=out)
    assert out.getvalue() == "1 requests that had been erased were erased again.\n"
    assert list(ConsultationRequest.objects.values_list("reference", flat=True)) == [kept.reference]


def test_drill_of_tomorrow_is_refused(site: Path) -> None:
    with pytest.raises(CommandError, match="has not come yet"):
        call_command("note_drill", str(timezone.localdate() + DAY))


def test_drill_of_last_quarter_is_due_again(site: Path) -> None:
    call_command("note_drill", str(timezone.localdate() - 41 * DAY), stdout=io.StringIO())
    assert "note_drill" in watch.problems(now=timezone.now())["drill"]


# --- The certificate --------------------------------------------------------------------------------------


@pytest.mark.skipif(not NGINX, reason="needs nginx: apt-get install nginx-light")
def test_certificate_that_visitors_are_shown_is_looked_at(
    site: Path, settings: object, tmp_path: Path
) -> None:
    with real_nginx(tmp_path / "nginx") as proxy:
        settings.CERTIFICATE_AT = f"127.0.0.1:{proxy.https}"
        settings.SITE_URL = "https://www.example.org"
        assert 0.9 * DAY < certificate.ends_at() - timezone.now() < DAY  # as the tests' nginx has it
        assert "ends in 0 days" in watch.problems(now=timezone.now())["certificate_days"]
        assert "certificate has ended" in watch.problems(now=timezone.now() + DAY)["certificate_days"]
    assert "Is nginx running?" in watch.problems(now=timezone.now())["certificate_days"]


# --- What to do at 3 a.m. ---------------------------------------------------------------------------------


def _alarms() -> set[str]:
    return {check.__name__ for check in (watch.database, *watch.CHECKS)}


def test_every_alarm_has_its_part_of_the_page() -> None:
    parts = re.findall(r"^## (\w+)\n\n\*\*Harm: ", (DEPLOY / "ALARMS.md").read_text(), re.MULTILINE)
    assert sorted(parts) == sorted(_alarms())


def test_every_rule_of_prometheus_names_an_alarm() -> None:
    pages = re.findall(r"page: (\w+)", (DEPLOY / "alerts.yml").read_text())
    assert pages
    assert set(pages) <= _alarms()
