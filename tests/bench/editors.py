"""What the editors' pages cost in a library of many years: 10,000 entries, some of them drafts.

python -m tests.bench.editors [--entries 3000]     in a database of its own
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import tempfile
from pathlib import Path

from tests.bench.desk import cost, holds

ENTRIES, DRAFTS = 10_000, 20
MS, QUERIES = 60, 25
ENTRY = "/admin/content/drug/{pk}/"
PAGES = {
    "first page": "/admin/",
    "day": "/admin/day/",
    "list of drugs": "/admin/content/drug/",
    "list of drugs, by name": "/admin/content/drug/?o=1",
    "entry form": f"{ENTRY}change/",
    "where used": f"{ENTRY}used/",
}
# What no list costs less than, with our frame around it.
EMPTY = "/admin/content/drug/?text=planned"


class Bare:
    """Django's own form of the same columns in our frame: what no form of them costs less than."""

    def __init__(self, user: object) -> None:
        from django.contrib import admin
        from django.test import RequestFactory

        from content.models import DrugContent

        self.admin = admin.ModelAdmin(DrugContent, admin.site)
        self.admin.exclude = ("entry",)  # our form shows its address instead of a list of all
        self.request = RequestFactory().get("/admin/", headers={"host": "localhost"})
        self.request.user = user

    def get(self, pk: str) -> object:
        return self.admin.change_view(self.request, pk).render()


def fill() -> None:
    """An editor, and drafts of hers among the first of the list."""
    from django.db import connection
    from djangocms_versioning.models import Version

    from content.models import DrugContent
    from tests.staff import create_staff
    from tests.stories import join

    editor = join(create_staff("bench-editor"), "Editor")
    contents = DrugContent.objects.filter(language="en").order_by("entry__slug")
    for content in contents[:DRAFTS]:
        draft = Version.objects.get_for_content(content).copy(editor).content
        draft.change_note = "Says more about tests."  # without it the gate looks no further
        draft.save()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def measure() -> int:
    """How many of the figures miss their target."""
    from django.contrib.auth.models import User
    from django.test import Client

    from content.models import Drug

    client = Client(headers={"host": "localhost"})
    user = User.objects.get(username="bench-editor")
    client.force_login(user)
    gc.collect()
    gc.freeze()  # as gunicorn does before it makes its workers
    first = Drug.objects.order_by("slug").first()
    missed = sum(
        not holds(client, address.format(pk=first.pk), page, most_ms=MS, most_queries=QUERIES)
        for page, address in PAGES.items()
    )
    public = first.contents.get()  # of its versions the one that Django's manager knows
    floors = {"an empty list": (client, EMPTY), "Django's own form": (Bare(user), str(public.pk))}
    for name, (whoever, page) in floors.items():
        spent, asked = cost(whoever, page)
        print(f"{'beside it: ' + name:43} {spent:6.1f} CPU-ms {asked:3} queries")
    return missed


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--entries", type=int, default=ENTRIES, help=f"how many there are ({ENTRIES})")
    parser.add_argument("-v", action="store_true", help="print each query")
    options = parser.parse_args()
    from tests.live.server import run

    with tempfile.TemporaryDirectory() as folder:
        run(Path(folder), "manage.py", "migrate", "--verbosity", "0")
        run(Path(folder), "-m", "tests.synthetic", str(options.entries))
        os.environ |= {"DATA_DIR": folder, "DJANGO_SETTINGS_MODULE": "tests.settings"}
        import django
        from django.core.management import call_command

        django.setup()
        call_command("apply_roles", verbosity=0)
        fill()
        return 1 if measure() else 0


if __name__ == "__main__":
    sys.exit(main())
