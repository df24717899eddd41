"""Reads anew which texts link to which entries."""

from django.core.management.base import BaseCommand

from content.review import used


class Command(BaseCommand):
    help = "Read anew which texts link to which entries, for 'Where it is used'. Harmless at any time."

    def handle(self, *args: object, **options: object) -> None:
        number = used.rebuild_links()
        if options["verbosity"]:
            self.stdout.write(f"{number} texts read.")
