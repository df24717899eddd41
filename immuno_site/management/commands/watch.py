"""Looks whether anything needs a person. By hand it says so; a timer lets it tell, once, and again when it is well."""

from __future__ import annotations

from contextlib import suppress
from smtplib import SMTPException
from urllib.request import urlopen

from django.conf import settings
from django.core.mail import send_mail
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from immuno_site import watch
from immuno_site.backup import copying

PAGE = "immuno_site/deploy/ALARMS.md"
PING_SECONDS = 10


class Command(BaseCommand):
    help = "Fail, with a sentence for each, if letters, files, erasing, backups or the disk need somebody."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--tell",
            action="store_true",
            help="write to OPERATOR_EMAIL what is new and what is well again, then call WATCH_PING_URL",
        )

    def handle(self, *args: object, tell: bool, **options: object) -> None:
        found = watch.problems(now=timezone.now())
        # For a way back on this machine, whether or not backups are copied elsewhere. A full disk stands in `found`.
        with suppress(OSError):
            copying.note_erased(now=timezone.now())
        if tell and settings.OPERATOR_EMAIL:
            self._tell(found)
            self._ping()
        elif found:
            raise CommandError("\n".join(found.values()))
        else:
            if not settings.OPERATOR_EMAIL:  # else the timer tells, and "well again" is still to be told
                watch.remember(found)
                self._ping()
            self.stdout.write("Nothing needs anybody.")

    def _tell(self, found: dict[str, str]) -> None:
        before = watch.told()
        if found.keys() != before.keys():
            try:
                send_mail(subject(found, before), text(found, before), None, settings.OPERATOR_EMAIL)
            except (OSError, SMTPException) as error:  # systemd then tells the root of this machine
                said = "\n".join(found.values())
                raise CommandError(
                    f"OPERATOR_EMAIL could not be told ({type(error).__name__}):\n{said}"
                ) from error
        watch.remember(found)
        self.stdout.write(f"{len(found)} alarms stand; what is new was told.")

    def _ping(self) -> None:
        if not settings.WATCH_PING_URL:
            return
        try:
            with urlopen(settings.WATCH_PING_URL, timeout=PING_SECONDS):  # noqa: S310 - the operator's own setting
                pass
        except OSError as error:  # who is not called raises the alarm
            self.stderr.write(f"WATCH_PING_URL could not be called: {type(error).__name__}.")


def subject(found: dict[str, str], before: dict[str, str]) -> str:
    new = [sentence for name, sentence in found.items() if name not in before]
    sentence = new[0] if new else f"Well again: {next(before[name] for name in before if name not in found)}"
    return f"immuno: {sentence.splitlines()[0]}"


def text(found: dict[str, str], before: dict[str, str]) -> str:
    """What is new, what is over, what still stands."""
    parts = {
        "New": {name: sentence for name, sentence in found.items() if name not in before},
        "Well again": {name: sentence for name, sentence in before.items() if name not in found},
        "Still": {name: sentence for name, sentence in found.items() if name in before},
    }
    lines = [f"{settings.SITE_URL}, {timezone.localtime():%d %B %Y %H:%M}"]
    for title, sentences in parts.items():
        if sentences:
            lines.append(f"\n{title}:")
        for name, sentence in sentences.items():
            todo = "" if title == "Well again" else f"\n  What to do: {PAGE}, “{name}”"
            lines.append(f"* {sentence}{todo}")
    return "\n".join(lines)
