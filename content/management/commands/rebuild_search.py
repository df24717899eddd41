"""Makes the search index anew."""

from django.core.management.base import BaseCommand

from content.search import upkeep


class Command(BaseCommand):
    help = "Make the search index anew from everything that is public. Harmless at any time."

    def handle(self, *args: object, **options: object) -> None:
        count = upkeep.rebuild()
        if options["verbosity"]:
            self.stdout.write(f"{count} texts can be found.")
