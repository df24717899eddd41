"""Writes down that a backup was restored to see that it can be done; `watch` asks for it every month."""

import datetime
import os

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from immuno_site.backup import DRILL


class Command(BaseCommand):
    help = "Note that the drill of the handbook was done and passed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("day", nargs="?", type=datetime.date.fromisoformat, help="today, if left out")

    def handle(self, *args: object, day: datetime.date | None, **options: object) -> None:
        now = timezone.localtime()
        if day and day > now.date():
            raise CommandError(f"{day} has not come yet. Note a drill after it was done.")
        moment = datetime.datetime.combine(day, datetime.time(), now.tzinfo) if day else now
        settings.BACKUP_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        (settings.BACKUP_DIR / DRILL).touch()
        os.utime(settings.BACKUP_DIR / DRILL, (moment.timestamp(), moment.timestamp()))
        self.stdout.write(f"Noted: a drill on {moment:%d %B %Y}. The next one is due in a month.")
