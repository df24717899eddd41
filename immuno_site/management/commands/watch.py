"""Looks whether anything needs a person. A timer runs it; its failure is what tells somebody."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from immuno_site import watch


class Command(BaseCommand):
    help = "Fail, with a sentence for each, if letters, files, erasing, backups or the disk need somebody."

    def handle(self, *args: object, **options: object) -> None:
        if found := watch.problems(now=timezone.now()):
            raise CommandError("\n".join(found))
        self.stdout.write("Nothing needs anybody.")
