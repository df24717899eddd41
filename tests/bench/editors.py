"""What the editors' pages cost in a library of many years: 10,000 entries, some of them drafts.

python -m tests.bench.editors [--entries 3000]     in a database of its own
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from tests.bench.desk import holds

ENTRIES, DRAFTS = 10_000, 20
MS, QUERIES = 60, 25
ENTRY = "/admin/content/drug/{pk}/"
PAGES = {
    "first page": "/admin/",
    "day": "/admin/day/",
    "list of drugs": "/admin/content/drug/",
    "entry form": f"{ENTRY}change/",
    "where used": f"{ENTRY}used/",
}


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
    client.force_login(User.objects.get(username="bench-editor"))
    pk = Drug.objects.order_by("slug").values_list("pk", flat=True)[0]
    return sum(
        not holds(client, address.format(pk=pk), page, most_ms=MS, most_queries=QUERIES)
        for page, address in PAGES.items()
    )


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
