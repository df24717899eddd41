"""Makes the admin's groups match content/roles.py."""

from django.core.management.base import BaseCommand, CommandError

from content import roles


class Command(BaseCommand):
    help = "Give each role's group exactly the permissions written in content/roles.py."

    def handle(self, *args: object, **options: object) -> None:
        missing = roles.apply()
        if missing:
            raise CommandError(f"These permissions do not exist: {', '.join(missing)}.")
        self.stdout.write(f"{len(roles.ROLES)} roles in force.")
