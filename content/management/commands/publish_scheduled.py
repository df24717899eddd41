"""Publishes and takes off what was planned for now."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from content.review import schedule


class Command(BaseCommand):
    help = "Publishes texts, and takes texts off the site, at the times their editors planned."

    def handle(self, *args: object, **options: object) -> None:
        for line in schedule.run(now=timezone.now()):
            self.stdout.write(line)
