"""Writes all of open data into the one file that /api/v1/all.zip hands out."""

from django.core.management.base import BaseCommand

from content.web import open_data


class Command(BaseCommand):
    help = "Write DATA_DIR/open-data.zip: every public entry and fact as JSON, in every language."

    def handle(self, *args: object, **options: object) -> None:
        number = open_data.write_archive()
        self.stdout.write(f"{open_data.archive()}: {number} files.")
