"""Writes the database back to the library's files."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from content.stock import slugs
from content.stock.export import export, unfinished


class Command(BaseCommand):
    help = (
        "Write the database back to library files, for review in git. Files of nothing in it are left alone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "folder", nargs="?", type=Path, default=settings.LIBRARY, help="where to (default: the library)"
        )
        parser.add_argument("--dry-run", action="store_true", help="only list the files that would change")

    def handle(self, *args: object, folder: Path, dry_run: bool, **options: object) -> None:
        changed = 0
        files = export()
        for relative, text in files.items():
            path = folder / relative
            if path.exists() and path.read_text(encoding="utf-8") == text:
                continue
            changed += 1
            self.stdout.write(str(relative))
            if not dry_run:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
        if text := slugs.changed_in(folder):
            changed += 1
            self.stdout.write(slugs.NAME)
            if not dry_run:
                (folder / slugs.NAME).write_text(text, encoding="utf-8")
        for sentence in unfinished():
            self.stdout.write(sentence)
        verb = "would change" if dry_run else "written"
        self.stdout.write(f"{len(files)} files, {changed} {verb}.")
