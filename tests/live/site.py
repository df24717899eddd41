"""A site in a folder of its own, run with the settings of production: web server, workers, logs."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.live.server import ROOT, Server, environment, serving

HOST = "www.example.org"
CLINIC = "clinic@example.org"
# Of no use to anybody: these sites live for minutes and hold made-up people.
PRODUCTION = {
    "IMMUNO_ENV": "production",
    "SITE_URL": f"https://{HOST}",
    "ALLOWED_HOSTS": HOST,
    "CLINICAL_REVIEW": "label",
    "SECRET_KEY": "live sites of tests only, 0123456789 abcdefghijklmnopqrstuvwxyz",
    "CONSULTATION_KEYS": "bGl2ZSBzaXRlcyBvZiB0ZXN0cyBvbmx5LCBvbmx5ISE=",
    "CONSULTATION_INDEX_KEY": "live sites of tests only",
}
# But for the files of toolbar, admin and API page: no patient asks for them, and compressing them takes minutes.
COLLECT = (
    "collectstatic",
    "--noinput",
    *(f"--ignore={name}" for name in ("cms", "admin", "djangocms_*", "ninja")),
)
# What deploy/systemd/immuno-prepare.service does before a site may start.
PREPARE = (
    ("migrate",),
    ("apply_roles",),
    ("import_library",),
    ("build_pages",),
    ("load_reply_templates",),
    COLLECT,
    ("write_error_pages",),
)
FILL_IN_PROFILE = (
    "from content.models import SiteProfile;"
    f"SiteProfile.objects.update_or_create(pk=1, defaults={{'email': '{CLINIC}', 'phone': '+1 555 010 0199'}})"
)
RESTART_SECONDS = 5  # RestartSec of deploy/systemd/immuno-worker@.service
AS_DEPLOYED = ("--max-requests", "0")  # gunicorn's other settings come from deploy/gunicorn.conf.py


@dataclass
class Site:
    """Everything it writes is below `folder`: what must not be there can be looked for there."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)
    code: Path = ROOT  # or that of another release

    def __post_init__(self) -> None:
        self.data, self.logs, self.temporary = (self.folder / name for name in ("data", "logs", "tmp"))
        for folder in (self.data, self.logs, self.temporary):
            folder.mkdir(parents=True, exist_ok=True)

    @property
    def environment(self) -> dict[str, str]:
        own = {"TMPDIR": str(self.temporary)} | PRODUCTION | self.variables
        return environment(self.data, **own)

    def run(self, *arguments: str, module: str = "", check: bool = True) -> subprocess.CompletedProcess[str]:
        """A command of manage.py, or a module, in this site."""
        start = ["-m", module] if module else ["manage.py"]
        done = subprocess.run(
            [sys.executable, "-W", "ignore", *start, *arguments],
            cwd=self.code,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        if check and done.returncode:
            raise RuntimeError(f"{' '.join([*start, *arguments])} failed:\n{done.stdout}\n{done.stderr}")
        return done

    def prepare(self) -> None:
        for command in PREPARE:
            self.run(*command)
        self.run("shell", "--command", FILL_IN_PROFILE)

    def copy(self, folder: Path, **variables: str) -> Site:
        """A prepared site again, elsewhere. A PostgreSQL database has to be copied by its server."""
        shutil.copytree(self.folder, folder)
        return Site(folder, self.variables | variables)

    @contextmanager
    def serving(
        self,
        *,
        application: str = "immuno_site.wsgi",
        arguments: Sequence[str] = (),
        workers: Sequence[Sequence[str]] = (),
        **more: str,
    ) -> Iterator[Server]:
        """The web server, and with it the commands that go on for ever (`workers`), restarted when they end."""
        own = self.environment | more
        own.pop("DATA_DIR")
        with ExitStack() as stack:
            log = stack.enter_context((self.logs / "web.log").open("ab", buffering=0))
            web = serving(
                self.data,
                application=application,
                arguments=[*AS_DEPLOYED, *arguments],
                log=log,
                code=self.code,
                **own,
            )
            server = stack.enter_context(web)
            for command in workers:
                stack.enter_context(self.worker(*command))
            yield server

    @contextmanager
    def worker(self, *command: str) -> Iterator[Worker]:
        worker = Worker(self, command)
        worker.start()
        try:
            yield worker
        finally:
            worker.stop()


class Worker(threading.Thread):
    """A command of manage.py that is started again whenever it ends, as systemd would."""

    def __init__(self, site: Site, command: Sequence[str]) -> None:
        super().__init__(daemon=True)
        self.starts = 0
        self._site, self._command = site, command
        self._is_over = threading.Event()
        self._process: subprocess.Popen | None = None

    def run(self) -> None:
        with (self._site.logs / f"{self._command[0]}.log").open("ab", buffering=0) as log:
            while not self._is_over.is_set():
                self._process = subprocess.Popen(
                    [sys.executable, "-W", "ignore", "manage.py", *self._command],
                    cwd=self._site.code,
                    env=self._site.environment,
                    stdout=log,
                    stderr=log,
                )
                self.starts += 1
                if self._is_over.is_set():  # stop() came before there was anything to stop
                    self._process.terminate()
                self._process.wait()
                self._is_over.wait(RESTART_SECONDS)

    def kill(self) -> None:
        if self._process:
            os.kill(self._process.pid, signal.SIGKILL)

    def stop(self) -> None:
        self._is_over.set()
        if self._process:
            self._process.terminate()
        self.join(90)
