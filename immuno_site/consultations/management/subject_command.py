"""What the two commands about one person share: who asks, and about whom."""

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from immuno_site.consultations import subject
from immuno_site.consultations.models import ConsultationRequest


class SubjectCommand(BaseCommand):
    """References may stand on the command line; contacts may not, where history and process lists show them."""

    permission: str

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("references", nargs="*", metavar="REFERENCE", help="such as IM-7K3Q-94")
        parser.add_argument(
            "--contact", action="store_true", help="ask for an e-mail address or phone number"
        )
        parser.add_argument("--by", required=True, metavar="USERNAME", help="whose name goes into the log")

    def staff(self, username: str) -> User:
        user = User.objects.filter(username=username, is_active=True).first()
        if user is None or not user.has_perm(f"consultations.{self.permission}"):
            raise CommandError(f"{username} is no active account that may do this.")
        return user

    def found(self, references: list[str], *, asks_for_contact: bool) -> list[ConsultationRequest]:
        contact = input("E-mail address or phone number: ") if asks_for_contact else ""
        requests = list(subject.requests_of(references=references, contact=contact))
        if not requests:
            raise CommandError("No request was found.")
        return requests
