"""Reads the library's files into the database."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from content.rules import rows
from content.stock import files, importing
from content.stock.format import LibraryFile
from content.stock.library import Library


@contextmanager
def _seldom_tidied() -> Iterator[None]:
    """An import keeps most of what it makes: to look for what could go took Python a tenth of the time."""
    before = gc.get_threshold()
    gc.set_threshold(100 * before[0], *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


class Command(BaseCommand):
    help = (
        "Create and update entries and facts from library files. What an editor changed is kept and reported."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=settings.LIBRARY)
        parser.add_argument(
            "--overwrite", action="store_true", help="also replace what an editor has changed"
        )

    @_seldom_tidied()
    def handle(self, *args: object, folder: Path, overwrite: bool, **options: object) -> None:
        library, settled, stands = importing.read(folder, overwrite=overwrite)
        self._refuse_blocked(library)
        with rows.trusting(filter(None, map(files.entry_text, library.to_check))):
            try:
                report = importing.save(
                    library,
                    settled,
                    stands,
                    now=timezone.localdate(),
                    overwrite=overwrite,
                    progress=self._bar,
                )
            except importing.ImportRefused as refused:
                raise CommandError(f"{refused}\nNothing was written.") from refused
        self._tell(report)

    def _refuse_blocked(self, library: Library) -> None:
        """Every reason why the library, or some of it, must not be imported; then nothing is written."""
        # How a file is laid out is for check_library to mend; it says nothing wrong to a reader.
        blocks = [
            finding
            for finding in files.findings(library)
            if finding.level == "block" and finding.rule != "canonical"
        ]
        for finding in blocks:
            self.stderr.write(f"{finding.where}:{finding.line}: {finding.rule}: {finding.message}")
        if blocks:
            raise CommandError(f"{len(blocks)} findings block the import; nothing was written.")

    def _bar(self, given: list[LibraryFile]) -> tqdm:
        return tqdm(given, desc="Importing", unit="file", file=self.stderr, disable=None)

    def _tell(self, report: importing.Report) -> None:
        for path in report.kept:
            self.stdout.write(
                f"{path}: kept, because it was edited since the last import (--overwrite replaces it)"
            )
        for path in report.taken_off:
            self.stdout.write(f"{path}: left alone, because somebody took it off the site")
        for path in report.renamed:
            self.stdout.write(
                f"{path}: left alone, because its entry was renamed; give the file its new name"
            )
        for path in report.missing:
            self.stdout.write(f"{path}: in the database, but has no file (left alone)")
        self.stdout.write(
            f"{len(report.created)} created, {len(report.updated)} updated, {len(report.unchanged)} unchanged, "
            f"{len(report.kept)} kept."
        )
