"""Erases everything we hold about one person, at their wish."""

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from immuno_site.consultations.management.subject_command import SubjectCommand


class Command(SubjectCommand):
    help = "Erase a person's requests with all files. A line with the reference stays in the log."
    permission = "erase_consultationrequest"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(
        self, *args: object, references: list[str], contact: bool, by: str, yes: bool, **options: object
    ) -> None:
        user, requests = self.staff(by), self.found(references, asks_for_contact=contact)
        names = ", ".join(map(str, requests))
        if not yes and input(f"Erase {names} for good? Type yes: ") != "yes":
            raise CommandError("Nothing was erased.")
        for request in requests:
            request.erase(by=user, now=timezone.now())
        self.stdout.write(
            f"Erased: {names}. Backups made before still hold it until they are deleted in turn."
        )
