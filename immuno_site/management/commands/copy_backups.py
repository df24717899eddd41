"""Copies the backups off this machine, and looks whether they are there. Runs every hour."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from immuno_site.backup import copying


class Command(BaseCommand):
    help = "Copy what lies in BACKUP_DIR to COPY_TO with rsync, and compare what has arrived."

    def handle(self, *args: object, **options: object) -> None:
        if not settings.COPY_TO:
            raise CommandError("Set COPY_TO to where backups are copied: user@host:folder.")
        copying.note_erased(now=timezone.now())
        try:
            number = copying.copy()
        except copying.NotCopied as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{number} backups lie at COPY_TO as they do here.")
