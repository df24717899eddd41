"""Erases what is past its time. Runs every day."""

from django.apps import apps
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from immuno_site.consultations import retention

# Who tried to sign in, from where: long enough to look into a break-in.
KEEP_SIGN_INS = 90


class Command(BaseCommand):
    help = "Erase requests, answers never sent, letters, feedback and log lines whose time is over."

    def handle(self, *args: object, **options: object) -> None:
        warned = retention.warn_of_erasing(now=timezone.now())
        self.stdout.write(f"open requests erased soon: {warned} letters")
        for name, number in retention.erase_expired(now=timezone.now()).items():
            self.stdout.write(f"{name}: {number} erased")
        call_command("clearsessions")
        if apps.is_installed("axes"):
            call_command("axes_reset_logs", age=KEEP_SIGN_INS, stdout=self.stdout)
