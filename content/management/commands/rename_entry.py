"""Gives an entry another address."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from content import renaming
from content.kinds import KINDS


class Command(BaseCommand):
    help = "Change the slug of an entry. The old address leads to the new one for good."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("kind", choices=sorted(KINDS))
        parser.add_argument("old", help="the slug it has")
        parser.add_argument("new", help="the slug it gets")

    def handle(self, *args: object, kind: str, old: str, new: str, **options: object) -> None:
        try:
            entry = renaming.rename(kind, old, new)
        except renaming.RenameRefused as refused:
            raise CommandError(refused.message) from refused
        self.stdout.write(f"/{entry.folder}/{old}/ now leads to /{entry.folder}/{new}/.")
        self.stdout.write(
            f"In the library's files, rename every {old}.* to {new}.* and put {new} for {old} in slugs.toml, in links "
            f"({kind}:{old}) and in facts; then run export_library and check_library."
        )
