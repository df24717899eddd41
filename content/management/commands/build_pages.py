"""Builds the CMS pages that are missing."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from content.stock import pages
from content.stock.library import LIBRARY


class Command(BaseCommand):
    help = "Create the CMS pages of the library's files that do not exist yet. Existing pages are left alone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=LIBRARY, help="another library")

    def handle(self, *args: object, folder: Path, **options: object) -> None:
        try:
            report = pages.build(folder, now=timezone.localdate())
        except pages.PagesRefused as refused:
            for reason in refused.reasons:
                self.stderr.write(reason)
            raise CommandError(f"{len(refused.reasons)} findings; nothing was built.") from refused
        for name, reason in report.drafts.items():
            self.stdout.write(f"{name}: left as a draft. {reason}")
        self.stdout.write(
            f"{len(report.published)} published, {len(report.drafts)} drafts, {len(report.present)} present."
        )
