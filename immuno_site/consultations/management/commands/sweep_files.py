"""Brings the rows of files and the files themselves together again."""

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from immuno_site.consultations import uploads


class Command(BaseCommand):
    help = "Delete stored files that no row knows, and report rows whose file is gone. Run it daily."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--now",
            action="store_true",
            help="also files younger than a day; only while nobody sends anything",
        )

    def handle(self, *args: object, **options: object) -> None:
        young = {"leave_alone": uploads.LEAVE_ALONE * 0} if options["now"] else {}
        try:
            report = uploads.sweep(now=timezone.now(), **young)
        except uploads.StorageUnavailable as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{report.deleted} files without a row deleted, {report.young} left until tomorrow."
        )
        if report.lost:
            raise CommandError(f"{report.lost} rows have lost their file. Restore the files from the backup.")
