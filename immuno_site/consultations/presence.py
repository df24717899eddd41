"""A process says every minute that it runs, and under which key: `rotate_keys` waits for those left behind.

A web worker has a thread for it, a worker with a loop says it in passing.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection
from django.utils import timezone

from immuno_site.consultations.models import RunningProcess
from immuno_site.keyring import keyring

logger = logging.getLogger(__name__)
EVERY_SECONDS = 60


class Presence(threading.Thread):
    """Beside the work, not in it: no visitor's page waits for this, nor for what else is written once a minute."""

    def __init__(self, name: str, *, also: Callable[[], None]) -> None:
        super().__init__(name="presence", daemon=True)
        self._process, self._also, self._is_over = name, also, threading.Event()

    def run(self) -> None:
        while True:
            self._try(lambda: say(self._process))
            is_over = self._is_over.wait(EVERY_SECONDS)
            self._try(self._also)
            if is_over:
                self._try(say_goodbye)
                return

    def end(self) -> None:
        self._is_over.set()
        self.join(timeout=5)

    def _try(self, write: Callable[[], None]) -> None:
        try:
            _try(write)
        finally:
            connection.close()  # this thread's own


def _try(write: Callable[[], None]) -> None:
    try:
        write()
    except DatabaseError as error:  # away for a while; said again in a minute
        logger.info("Could not write what is written once a minute: %s.", type(error).__name__)


@contextmanager
def present(name: str) -> Iterator[Callable[[], None]]:
    """For a worker: it calls what this gives in each round of its loop, and it is said once a minute."""
    said_at = float("-inf")

    def still_here() -> None:
        nonlocal said_at
        if time.monotonic() - said_at >= EVERY_SECONDS:
            _try(lambda: say(name))
            said_at = time.monotonic()

    try:
        yield still_here
    finally:
        _try(say_goodbye)


def say(name: str) -> None:
    RunningProcess.objects.update_or_create(
        host=_host(),
        pid=os.getpid(),
        defaults={"name": name, "newest_key": keyring().fingerprint, "seen_at": timezone.now()},
    )


def say_goodbye() -> None:
    RunningProcess.objects.filter(host=_host(), pid=os.getpid()).delete()


def _host() -> str:
    return socket.gethostname()[:120]
