"""Brings a backup back onto an empty machine."""

import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.timesince import timesince

from immuno_site.backup import restoring


class Command(BaseCommand):
    help = (
        "Restore a backup into an empty database and empty storages, and compare it with its manifest. "
        "A drill: the same with a fresh DATA_DIR."
    )
    requires_system_checks = []  # they would make the database that has to be absent

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("backup", type=Path)
        parser.add_argument("--identity", type=Path, required=True, help="file with the private age key")
        parser.add_argument(
            "--unproven",
            action="store_true",
            help="take a backup that an earlier release made, without a proof that it is ours",
        )

    def handle(self, *args: object, backup: Path, identity: Path, unproven: bool, **options: object) -> None:
        begun = time.monotonic()
        try:
            restored = restoring.restore(backup, identity, is_unproven_taken=unproven)
        except (restoring.RestoreFailed, FileNotFoundError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"Restored the state of {restored.made_at:%Y-%m-%d %H:%M} UTC, {timesince(restored.made_at)} ago: "
            f"{restored.rows} rows in {restored.tables} tables, {restored.files} files, "
            f"in {time.monotonic() - begun:.0f} s; all as the manifest says. Is this the newest backup you have?\n"
            "Next: migrate; erase_again (whose requests were erased since: the list beside the backups)."
        )
