"""Writes an encrypted backup. Runs every day."""

import datetime
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from immuno_site.backup import making


class Command(BaseCommand):
    help = "Write database, patients' files and media into one file that only BACKUP_RECIPIENTS can open."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=settings.BACKUP_DIR)
        parser.add_argument("--keep-days", type=int, default=30, help="older ones are deleted (default: 30)")

    def handle(self, *args: object, folder: Path, keep_days: int, **options: object) -> None:
        now = timezone.now()
        try:
            made = making.make(folder, now=now)
        except (ImproperlyConfigured, making.BackupFailed) as error:
            raise CommandError(str(error)) from error
        size = made.path.stat().st_size / 1024**2
        self.stdout.write(
            f"{made.path}: {sum(made.tables.values())} rows, {len(made.files) - 1} files, {size:.1f} MB."
        )
        for path in making.delete_old(folder, before=now - datetime.timedelta(days=keep_days)):
            self.stdout.write(f"{path.name} is older than {keep_days} days and was deleted.")
