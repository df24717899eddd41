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
        parser.add_argument(
            "--many", action="store_true", help="also when many files have no row, or many rows no file"
        )

    def handle(self, *args: object, **options: object) -> None:
        young = {"leave_alone": uploads.LEAVE_ALONE * 0} if options["now"] else {}
        try:
            report = uploads.sweep(now=timezone.now(), even_many=options["many"], **young)
        except uploads.TooManyApart as error:
            raise CommandError(
                f"{error} Nothing was changed. Is this the right database, the newest one, and are these its "
                "files (DATABASE_URL, S3_BUCKET, DATA_DIR)? If they are: sweep_files --many."
            ) from error
        except uploads.StorageUnavailable as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{report.deleted} files without a row deleted, {report.young} left until tomorrow."
        )
        if report.lost:
            raise CommandError(f"{report.lost} rows have lost their file. Restore the files from the backup.")
