"""The worker that sends letters, and writes those that only time writes."""

import logging
import os
import signal
import time
from threading import Event

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from immuno_site.consultations import mail, reminding
from immuno_site.consultations.presence import present

REMIND_EVERY = 60  # seconds

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Remind of promises, send the letters of the outbox, and go on with what comes. Several may run at once."
    reminds_next = 0.0

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="send what is due and stop")
        parser.add_argument(
            "--end-with-parent", action="store_true", help="stop when the server that started it does"
        )
        parser.add_argument("--every", type=float, default=5, metavar="SECONDS", help="pause between looks")

    def handle(
        self, *args: object, once: bool, every: float, end_with_parent: bool, **options: object
    ) -> None:
        if once:
            reminding.remind(now=timezone.now())
            self.stdout.write(f"{mail.send_due()} letters sent.")
            return
        is_over = Event()
        for number in (signal.SIGTERM, signal.SIGINT):  # the letter in hand is finished first
            signal.signal(number, lambda *_: is_over.set())
        parent = os.getppid()
        with present("send_mail") as still_here:
            while not is_over.wait(every):
                if end_with_parent and os.getppid() != parent:
                    return
                self._look()
                still_here()

    def _look(self) -> None:
        close_old_connections()
        try:
            if time.monotonic() >= self.reminds_next:
                reminding.remind(now=timezone.now())
                self.reminds_next = time.monotonic() + REMIND_EVERY
            mail.send_due()
        except DatabaseError as error:  # away for a while: the letters are safe in it
            logger.warning("The outbox could not be read: %s.", type(error).__name__)
