"""Everything between a fresh checkout and a site in the browser. For a developer's machine only."""

import os
import secrets
import subprocess
import sys

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from content.models import Clinician
from immuno_site.accounts import second_factor

ACCOUNTS = (
    ("admin", "Administrator: everything", None),
    ("editor", "Editor: writes and publishes", "Editor"),
    ("reviewer", "Clinical reviewer (demo): reads and signs; its sign-offs never count", "Clinical reviewer"),
    ("coordinator", "Coordinator: answers requests", "Coordinator"),
    ("manager", "Manager: sees all requests, exports, erases", "Manager"),
)

HOW_TO_SIGN_IN = """
To work on the site: http://{address}/admin/ asks for the name, the password and then a code. The code comes from
any authenticator app (add the account by its otpauth:// line or the secret in it), or is one of the recovery
codes, each of which works once. Whoever is invited in the admin (Users) sets up a second factor of their own.\
"""


class Command(BaseCommand):
    help = "Prepare the database, the library, the pages and demo accounts, then serve on 127.0.0.1:8000."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-server", action="store_true", help="prepare only")
        parser.add_argument("--address", default="127.0.0.1:8000")

    def handle(self, *args: object, no_server: bool, address: str, **options: object) -> None:
        if not settings.DEVELOPMENT:
            raise CommandError("start_demo makes accounts with known names: it needs IMMUNO_ENV=development.")
        settings.STATIC_ROOT.mkdir(
            parents=True, exist_ok=True
        )  # empty here; WhiteNoise warns if it is missing
        self.step("Database", "migrate", verbosity=0)
        self.step("Roles", "apply_roles")
        self.step("Library", "import_library")
        self.step("Pages", "build_pages")
        self.step("Reply templates", "load_reply_templates")
        self.make_accounts()
        if no_server:
            return
        self.stdout.write(HOW_TO_SIGN_IN.format(address=address))
        self.stdout.write(
            self.style.SUCCESS(f"\nOpen http://{address}/ (admin: http://{address}/admin/). Stop: Ctrl-C.\n")
        )
        self.stdout.flush()
        # Letters appear in this terminal a few seconds after what they tell about, and end with the server.
        subprocess.Popen([sys.executable, sys.argv[0], "send_mail", "--end-with-parent"])  # noqa: S603
        # A new process, so that the server's reloader does not prepare everything again.
        os.execv(sys.executable, [sys.executable, sys.argv[0], "runserver", address])  # noqa: S606

    def step(self, title: str, command: str, **options: object) -> None:
        self.stdout.write(f"{title} ...", ending=" ")
        self.stdout.flush()
        call_command(command, stdout=self.stdout, stderr=self.stderr, **options)
        if options.get("verbosity") == 0:
            self.stdout.write("ready.")

    def make_accounts(self) -> None:
        """Random passwords and second factors, printed this once."""
        for username, what, role in ACCOUNTS:
            if User.objects.filter(username=username).exists():
                continue
            password = secrets.token_urlsafe(12)
            user = User.objects.create_user(
                username,
                f"{username}@example.org",  # letters are printed here: of a name without one nobody sees any
                password,
                is_staff=True,
                is_superuser=role is None,
            )
            if role:
                user.groups.set(Group.objects.filter(name=role))
            if username == "reviewer":
                Clinician.objects.create(
                    name="Demo account, not a clinician", role="Demo", user=user, is_demo=True, is_shown=False
                )
            app = second_factor.enroll(user)
            self.stdout.write(f"  account {username:<11} password {password}   {what}")
            self.stdout.write(f"    authenticator app   {app.link}")
            self.stdout.write(f"    or recovery codes   {' '.join(app.recovery_codes)}")
