"""Brings the rows of files and the files themselves together again."""

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from immuno_site.consultations import sweeping


class Command(BaseCommand):
    help = (
        f"Move files that no row knows to the trash, for {sweeping.KEEP_IN_TRASH.days} days, and mark rows whose "
        "file is gone. Run it daily."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--now",
            action="store_true",
            help="also files younger than a day; only while nobody sends anything",
        )
        parser.add_argument(
            "--many",
            action="store_true",
            help="also when many files have no row, many rows no file, or nothing shows that they belong together",
        )

    def handle(self, *args: object, many: bool, now: bool, **options: object) -> None:
        young = {"leave_alone": sweeping.LEAVE_ALONE * 0} if now else {}
        try:
            report = sweeping.sweep(now=timezone.now(), even_many=many, **young)
        except sweeping.Foreign as foreign:
            raise CommandError(f"{foreign} Nothing was changed.") from foreign
        except sweeping.Apart as apart:
            raise CommandError(
                f"{apart} Nothing was changed. Is this the right database, the newest one, and are these its "
                "files (DATABASE_URL, S3_BUCKET, DATA_DIR)? If they are: sweep_files --many."
            ) from apart
        except OSError as error:
            raise CommandError(f"The store of files cannot be read: {error}") from error
        self.stdout.write(
            f"{report.trashed} files without a row put into the trash, {report.young} left until tomorrow, "
            f"{report.deleted} deleted after {sweeping.KEEP_IN_TRASH.days} days in the trash."
        )
        if report.found:
            self.stdout.write(f"{report.found} files that were lost are there again.")
        if report.lost:
            raise CommandError(f"{report.lost} rows have lost their file. Restore the files from the backup.")
