"""Holds every content rule against the library's files."""

import sys
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from content.stock import files
from content.stock.figures import lines as in_figures
from content.stock.format import format_file
from content.stock.library import Library
from content.stock.regimens import lines as regimens_apart
from content.stock.sign_table import lines as signs_by_group


class Command(BaseCommand):
    help = "Checks the files of content/library. Fails if any of them could not be published."
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="*", help="Report on these files and folders only.")
        parser.add_argument("--fix", action="store_true", help="Rewrite files in canonical form first.")
        parser.add_argument("--quiet", action="store_true", help="Report only what blocks.")
        parser.add_argument("--figures", action="store_true", help="Say what the library holds, in figures.")
        parser.add_argument(
            "--regimens", action="store_true", help="Say where pages of cancers and their uses differ."
        )
        parser.add_argument("--signs", action="store_true", help="Print every sign by treatment group.")
        parser.add_argument("--library", type=Path, default=settings.LIBRARY, help="Another library.")

    def handle(
        self,
        *args: object,
        paths: list[str],
        library: Path,
        fix: bool,
        quiet: bool,
        figures: bool,
        regimens: bool,
        signs: bool,
        **options: object,
    ) -> None:
        folder = library.resolve()
        wanted = [_within(path, folder) for path in paths]
        stock = files.read(folder)
        if fix:
            self._fix(stock, folder, wanted)
            stock = files.read(folder)
        blocks = self._report(stock, wanted, quiet=quiet)
        tables = ((figures, in_figures), (regimens, regimens_apart), (signs, signs_by_group))
        for is_asked, lines in tables:
            if is_asked:
                self.stdout.writelines(f"{line}\n" for line in lines(stock))
        if blocks:
            sys.exit(1)

    def _fix(self, stock: Library, folder: Path, wanted: list[str]) -> None:
        for finding in stock.findings:
            if finding.rule == "canonical" and _is_wanted(finding.where, wanted):
                file = next(file for file in stock.files if str(file.path) == finding.where)
                (folder / file.path).write_text(format_file(file), encoding="utf-8", newline="\n")
                self.stdout.write(f"{finding.where}: rewritten")

    def _report(self, stock: Library, wanted: list[str], *, quiet: bool) -> int:
        """How many findings block."""
        found = list(stock.findings)
        progress = tqdm(
            files.check(stock), total=len(stock.files), desc="check", leave=False,
            disable=not sys.stderr.isatty(),
        )  # fmt: skip
        for _file, findings in progress:
            found += findings
        found = [finding for finding in found if _is_wanted(finding.where, wanted)]
        blocks = [finding for finding in found if finding.level == "block"]
        for finding in sorted(blocks if quiet else found, key=lambda one: one[2:4]):
            self.stdout.write(
                f"{finding.where}:{finding.line}: {finding.level} {finding.rule}: {finding.message}"
            )
        number = sum(_is_wanted(str(file.path), wanted) for file in stock.files) + len(stock.unread)
        if not quiet or blocks:
            self.stdout.write(f"{number} files, {len(blocks)} block, {len(found) - len(blocks)} warn")
        return len(blocks)


def _within(path: str, folder: Path) -> str:
    """The path as findings name it, whether given from here or from the library."""
    for candidate in (Path(path).resolve(), (folder / path).resolve()):
        if candidate.exists() and candidate.is_relative_to(folder):
            return candidate.relative_to(folder).as_posix()
    raise CommandError(f"{path} is not in {folder}.")


def _is_wanted(where: str, wanted: list[str]) -> bool:
    return not wanted or any(path in (".", where) or where.startswith(f"{path}/") for path in wanted)
