"""Makes the admin's groups match content/roles.py and consultations/roles.py."""

from __future__ import annotations

from django.core.management.base import BaseCommand, CommandError

from content import roles as library
from immuno_site.consultations import roles as room


class Command(BaseCommand):
    help = "Give each role's group exactly the permissions written in the two files of roles."

    def handle(self, *args: object, **options: object) -> None:
        roles = (*library.ROLES, *room.ROLES)
        missing = library.apply(roles)
        if missing:
            raise CommandError(f"These permissions do not exist: {', '.join(missing)}.")
        self.stdout.write(f"{len(roles)} roles in force.")
