"""Writes the letters that only time writes, for whoever wants to do it by hand or by a timer of their own."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from immuno_site.consultations import reminding


class Command(BaseCommand):
    help = "Remind of promises, next steps and silent patients, once each. The worker send_mail does it every minute."

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write(f"{reminding.remind(now=timezone.now())} letters written.")
