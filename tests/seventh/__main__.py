"""Starts a site with the seventh kind, asks for every place where it must appear, and prints what it saw as JSON.

A process of its own, on a file of SQLite: kinds are known before addresses, admin and open data are made.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.seventh.settings"

import django

LIBRARY = Path(__file__).parent / "library"
PLACES = {
    "list": "/vaccines/",
    "page": "/vaccines/flu-vaccine/",
    "planned": "/vaccines/shingles-vaccine/",
    "search": "/search/?q=influenza+shot",
    "search among its kind": "/search/?q=flu&kind=vaccine",
    "sitemap": "/sitemap.xml",
    "link in prose": "/questions/",
    "open data, list": "/api/v1/vaccines/",
    "open data, entry": "/api/v1/vaccines/flu-vaccine/",
    "open data, form": "/api/v1/openapi.json",
}
ROOMS = {
    "admin, first page": "/admin/",
    "admin, list": "/admin/seventh/vaccine/?language=en",
    "admin, new": "/admin/seventh/vaccine/add/?language=en",
    "admin, form": "/admin/seventh/vaccine/{pk}/change/?language=en",
    "admin, text": "/admin/seventh/vaccine/{pk}/text/en/",
    "toolbar": "/vaccines/flu-vaccine/?toolbar_on",
}


def main() -> None:
    django.setup()
    from django.contrib.auth.models import Group
    from django.core.management import call_command
    from django.test import Client
    from django.test.utils import setup_test_environment

    from content.stock.export import export
    from tests import stocks
    from tests.seventh.models import Vaccine
    from tests.staff import create_staff

    setup_test_environment()
    call_command("makemigrations", "seventh", check_changes=True, dry_run=True, verbosity=0)
    stocks.take_kept_tables()
    call_command("migrate", verbosity=0)
    call_command("import_library", LIBRARY, stdout=sys.stderr)
    call_command("apply_roles", verbosity=0, stdout=sys.stderr)
    reader, editor = Client(), Client()
    editor.force_login(create_staff("editor"))
    Group.objects.get(name="Editor").user_set.add(editor.session["_auth_user_id"])
    rooms = {name: path.format(pk=Vaccine.objects.get(slug="flu-vaccine").pk) for name, path in ROOMS.items()}
    seen = {name: reader.get(path).content.decode() for name, path in PLACES.items()}
    seen |= {name: editor.get(path, follow=True).content.decode() for name, path in rooms.items()}
    seen |= {f"library/{path}": text for path, text in export().items()}
    json.dump(seen, sys.stdout)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="immuno-seventh-") as folder:
        os.environ["DATA_DIR"] = folder
        main()
