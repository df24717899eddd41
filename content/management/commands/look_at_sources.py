"""Looks whether the sources still say what was read in them. A timer runs it; off until the operator turns it on."""

from __future__ import annotations

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from content.models import Source
from content.watch import fetching, looking


class Command(BaseCommand):
    help = "Open every source that was not looked at for a week, slowly, and note what has changed or gone."
    requires_system_checks: list[str] = []  # they ask for the keys of patients, which it does not get

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("keys", nargs="*", help="only these sources, however lately they were looked at")

    def handle(self, *args: object, keys: list[str], **options: object) -> None:
        if not settings.SOURCE_WATCH:
            self.stdout.write("Off: nothing was opened. SOURCE_WATCH=yes turns it on.")
            return
        if unknown := sorted(
            set(keys) - set(Source.objects.filter(key__in=keys).values_list("key", flat=True))
        ):
            raise CommandError(f"There is no source {', '.join(unknown)}.")
        chosen = Source.objects.filter(key__in=keys).select_related("look")
        sources = list(chosen) if keys else looking.due(timezone.now())
        report = looking.look_at(sources, fetch=fetching.fetch, clock=timezone.now)
        for row in report.told:
            self.stdout.write(f"{row.source.key}: {row.get_finding_display()}")
        self.stdout.write(
            f"{report.looked} looked at, {report.unanswered} did not answer, {len(report.told)} to tell of."
        )
