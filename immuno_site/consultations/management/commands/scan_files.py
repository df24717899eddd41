"""The worker that has files scanned."""

import datetime
import logging
import signal
from threading import Event

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from immuno_site.consultations import uploads
from immuno_site.consultations.files import antivirus
from immuno_site.consultations.presence import present

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Have the files of patients scanned by ClamAV, and go on with those that come."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="scan what waits and stop")
        parser.add_argument("--every", type=float, default=10, metavar="SECONDS", help="pause between looks")
        parser.add_argument(
            "--again-after",
            type=int,
            metavar="DAYS",
            help="with --once: also those scanned so long ago, for the signatures of today",
        )

    def handle(
        self, *args: object, once: bool, every: float, again_after: int | None, **options: object
    ) -> None:
        if not antivirus.is_configured():
            raise CommandError("Set CLAMD_ADDRESS. Until then files stay locked.")
        if once:
            self._scan_once(again_after)
            return
        is_over = Event()
        for number in (signal.SIGTERM, signal.SIGINT):  # the file in hand is finished first
            signal.signal(number, lambda *_: is_over.set())
        with present("scan_files") as still_here:
            while not is_over.wait(every):
                self._look()
                still_here()

    def _scan_once(self, again_after: int | None) -> None:
        now = timezone.now()
        before = None if again_after is None else now - datetime.timedelta(days=again_after)
        report = uploads.scan_waiting(again_before=before)
        self.stdout.write(
            f"{report.clean} clean, {report.infected} infected, {report.unscannable} not scannable, "
            f"{report.left} still waiting."
        )
        if not report.is_scanner_there:
            raise CommandError("ClamAV does not answer. Files stay locked until it does.")

    def _look(self) -> None:
        close_old_connections()
        try:
            report = uploads.scan_waiting()
        except DatabaseError as error:  # away for a while
            logger.warning("The list of files could not be read: %s.", type(error).__name__)
            return
        if report.left:
            logger.warning("%s files wait for the scanner.", report.left)
