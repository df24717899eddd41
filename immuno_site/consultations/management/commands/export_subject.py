"""Hands out everything we hold about one person."""

from pathlib import Path

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from immuno_site.consultations import subject, uploads
from immuno_site.consultations.management.subject_command import SubjectCommand


class Command(SubjectCommand):
    help = "Write a zip file with everything about a person: answers, notes, letters, looks, files."
    permission = "export_consultationrequest"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--to", type=Path, required=True, metavar="FILE", help="a zip file, not there yet"
        )

    def handle(
        self, *args: object, references: list[str], contact: bool, by: str, to: Path, **options: object
    ) -> None:
        user, requests = self.staff(by), self.found(references, asks_for_contact=contact)
        try:
            subject.export(requests, to, by=user, now=timezone.now())
        except FileExistsError as error:
            raise CommandError(f"{to} exists; choose another name.") from error
        except uploads.StorageUnavailable as error:
            raise CommandError(
                "The files cannot be read now. Nothing was written; try again later."
            ) from error
        self.stdout.write(
            f"{to}: {', '.join(map(str, requests))}. Not encrypted: hand it over and delete it."
        )
